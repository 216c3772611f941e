//! SQLite with FTS5: a table without the texts, positions included, paths in a table of their own.

use std::marker::PhantomData;
use std::path::Path;

use crate::pack;
use rusqlite::{Connection, OptionalExtension, Params, params};

use super::{Ask, Built, Engine, text};

/// How FTS5 cuts words.
pub trait Tokenizer {
    const NAME: &'static str;
}

/// As its documentation recommends for words: Unicode's letters and digits, folded.
pub struct Words;
impl Tokenizer for Words {
    const NAME: &'static str = "unicode61";
}

/// For substrings: each three characters.
pub struct Trigrams;
impl Tokenizer for Trigrams {
    const NAME: &'static str = "trigram";
}

pub type Sqlite = Fts5<Words>;
pub type Trigram = Fts5<Trigrams>;

pub struct Fts5<T> {
    connection: Connection,
    tokenizer: PhantomData<T>,
}

fn connect(folder: &Path) -> Result<Connection, String> {
    Connection::open(folder.join("index.sqlite")).map_err(text)
}

fn add(connection: &Connection, path: &str, content: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("INSERT INTO paths(path) VALUES (?)")?.execute(params![path])?;
    let row = connection.last_insert_rowid();
    connection
        .prepare_cached("INSERT INTO texts(rowid, body) VALUES (?, ?)")?
        .execute(params![row, content])?;
    Ok(())
}

fn matching(ask: Ask<'_>) -> String {
    match ask {
        Ask::Word(word) => format!("\"{word}\""),
        Ask::Both(a, b) => format!("\"{a}\" AND \"{b}\""),
        Ask::Phrase(a, b) => format!("\"{a} {b}\""),
    }
}

impl<T: Tokenizer> Fts5<T> {
    fn strings(&self, sql: &str, params: impl Params) -> Result<Vec<String>, String> {
        let mut statement = self.connection.prepare_cached(sql).map_err(text)?;
        let rows = statement.query_map(params, |row| row.get(0)).map_err(text)?;
        rows.collect::<rusqlite::Result<_>>().map_err(text)
    }
}

impl<T: Tokenizer> Engine for Fts5<T> {
    fn build(reader: &mut pack::Reader, folder: &Path) -> Result<Built, String> {
        let connection = connect(folder)?;
        // A new index that is lost in a crash is built again.
        let make = format!(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             CREATE TABLE paths(id INTEGER PRIMARY KEY, path TEXT NOT NULL);
             CREATE VIRTUAL TABLE texts USING fts5(body, content = '', tokenize = '{}');
             CREATE VIRTUAL TABLE words USING fts5vocab(texts, row);
             BEGIN",
            T::NAME
        );
        connection.execute_batch(&make).map_err(text)?;
        let (mut built, mut content) = (Built::default(), String::new());
        while let Some(path) = reader.next_text(&mut content).map_err(text)? {
            built.files += 1;
            built.text_bytes += content.len() as u64;
            add(&connection, path, &content).map_err(text)?;
        }
        connection.execute_batch("COMMIT").map_err(text)?;
        Ok(built)
    }

    fn optimize(folder: &Path) -> Result<(), String> {
        let merge = "INSERT INTO texts(texts) VALUES ('optimize'); VACUUM";
        connect(folder)?.execute_batch(merge).map_err(text)
    }

    fn open(folder: &Path) -> Result<Self, String> {
        let connection = connect(folder)?;
        connection.execute_batch("PRAGMA mmap_size = 2000000000").map_err(text)?;
        Ok(Self { connection, tokenizer: PhantomData })
    }

    fn best(&mut self, ask: Ask<'_>) -> Result<Vec<String>, String> {
        let sql =
            "SELECT path FROM (SELECT rowid AS found FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 10)
                   JOIN paths ON id = found";
        self.strings(sql, [matching(ask)])
    }

    fn count(&mut self, ask: Ask<'_>) -> Result<u64, String> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*) FROM texts WHERE texts MATCH ?").map_err(text)?;
        let count: Option<i64> =
            statement.query_row([matching(ask)], |row| row.get(0)).optional().map_err(text)?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    fn complete(&mut self, prefix: &str) -> Result<Vec<String>, String> {
        let sql = "SELECT term FROM words WHERE term >= ?1 AND term < ?1 || char(0x10ffff) ORDER BY cnt DESC LIMIT 10";
        self.strings(sql, [prefix])
    }

    fn containing(&mut self, part: &str) -> Result<Vec<String>, String> {
        self.strings(
            "SELECT path FROM texts JOIN paths ON id = texts.rowid WHERE texts MATCH ?",
            [format!("\"{part}\"")],
        )
    }

    type Updater = Connection;

    fn updater(folder: &Path, _corpus: &Path) -> Result<Connection, String> {
        let connection = connect(folder)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").map_err(text)?;
        Ok(connection)
    }

    fn add(connection: &mut Connection, path: &str, content: &str) -> Result<(), String> {
        let transaction = connection.transaction().map_err(text)?;
        add(&transaction, path, content).map_err(text)?;
        transaction.commit().map_err(text)
    }
}
