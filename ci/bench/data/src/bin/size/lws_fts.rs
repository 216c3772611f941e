//! Finds a word in a file with lws-fts.

use lws_fts::{Builder, FileSink, FileSource, Index, Query, Search, TempFiles};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, word, folder] = &args[..] else { return Err("usage: size-lws-fts FILE WORD FOLDER".into()) };
    let path = format!("{folder}/index");
    let mut builder = Builder::new(FileSink::create(&path)?, TempFiles::in_folder(folder))?;
    builder.begin(file, 0)?;
    builder.write(&std::fs::read(file)?)?;
    builder.finish()?.0.sync()?;
    let index = Index::open(FileSource::open(&path)?)?;
    let found = index.search(&Query::parse(word)?, &Search::default())?;
    println!("{} {:?}", !found.hits.is_empty(), index.complete(word, 10)?);
    Ok(())
}
