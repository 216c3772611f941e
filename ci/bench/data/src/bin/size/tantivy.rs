//! Finds a word in a file with tantivy.

use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{STORED, STRING, Schema, TEXT};
use tantivy::{Index, IndexWriter, doc};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, word, folder] = &args[..] else { return Err("usage: size-tantivy FILE WORD FOLDER".into()) };
    let mut schema = Schema::builder();
    let (path, body) = (schema.add_text_field("path", STRING | STORED), schema.add_text_field("body", TEXT));
    let index = Index::create_in_dir(folder, schema.build())?;
    let mut writer: IndexWriter = index.writer_with_num_threads(1, 50_000_000)?;
    writer.add_document(doc!(path => file.as_str(), body => std::fs::read_to_string(file)?))?;
    writer.commit()?;
    let query = QueryParser::for_index(&index, vec![body]).parse_query(word)?;
    let found = index.reader()?.searcher().search(&query, &TopDocs::with_limit(10).order_by_score())?;
    println!("{}", !found.is_empty());
    Ok(())
}
