//! Finds a word in a file by looking through it: what the other programs here do without an index.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(word)) = (args.next(), args.next()) else {
        return Err("usage: size-none FILE WORD".into());
    };
    println!("{}", std::fs::read_to_string(file)?.contains(&word));
    Ok(())
}
