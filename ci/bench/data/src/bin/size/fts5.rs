//! Finds a word in a file with SQLite's FTS5.

use rusqlite::Connection;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, word, folder] = &args[..] else { return Err("usage: size-fts5 FILE WORD FOLDER".into()) };
    let connection = Connection::open(format!("{folder}/index"))?;
    connection.execute_batch("CREATE VIRTUAL TABLE texts USING fts5(path UNINDEXED, body)")?;
    let text = std::fs::read_to_string(file)?;
    connection.execute("INSERT INTO texts VALUES (?, ?)", [file, &text])?;
    let found: i64 =
        connection.query_row("SELECT count(*) FROM texts WHERE texts MATCH ?", [word], |row| row.get(0))?;
    println!("{}", found > 0);
    Ok(())
}
