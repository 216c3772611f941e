//! lws-fts.

use std::path::{Path, PathBuf};

use lws_bench_data::pack;
use lws_fts::limits::DEFAULT_BUDGET;
use lws_fts::{Builder, FileSink, FileSource, Index, Query, Search, Store, TempFiles};

use lws_bench_data::search::{Ask, Built, Engine, text};

pub struct Ours(Index<FileSource>);

fn file(folder: &Path) -> PathBuf {
    folder.join("index.fts")
}

/// Builds with `budget` bytes of memory.
pub fn build(reader: &mut pack::Reader, folder: &Path, budget: usize) -> Result<Built, String> {
    let out = FileSink::create(file(folder)).map_err(text)?;
    let mut builder = Builder::with_budget(out, TempFiles::in_folder(folder), budget).map_err(text)?;
    while let Some((path, _)) = reader.next_document().map_err(text)? {
        builder.begin(path, 0).map_err(text)?;
        while let Some(piece) = reader.next_piece().map_err(text)? {
            builder.write(piece).map_err(text)?;
        }
    }
    let (out, summary) = builder.finish().map_err(text)?;
    out.sync().map_err(text)?;
    Ok(Built { files: summary.files.into(), text_bytes: summary.text_bytes })
}

/// FNV-1a of the index.
pub fn checksum(folder: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file(folder)).map_err(text)?;
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    Ok(format!("{} bytes, {hash:016x}", bytes.len()))
}

fn query(ask: Ask<'_>) -> Result<Query, String> {
    match ask {
        Ask::Word(word) => Query::parse(word),
        Ask::Both(one, other) => Query::parse(&format!("{one} {other}")),
        Ask::Phrase(one, other) => Query::parse(&format!("\"{one} {other}\"")),
    }
    .map_err(text)
}

impl Engine for Ours {
    fn build(reader: &mut pack::Reader, folder: &Path) -> Result<Built, String> {
        build(reader, folder, DEFAULT_BUDGET)
    }

    fn optimize(_folder: &Path) -> Result<(), String> {
        Ok(()) // what is built is one segment
    }

    fn line_bytes(folder: &Path) -> Result<Option<u64>, String> {
        let [lines, ..] = Self::open(folder)?.0.stats().part_bytes;
        Ok(Some(lines))
    }

    fn open(folder: &Path) -> Result<Self, String> {
        Index::open(FileSource::open(file(folder)).map_err(text)?).map(Ours).map_err(text)
    }

    fn best(&mut self, ask: Ask<'_>) -> Result<Vec<String>, String> {
        let found = self.0.search(&query(ask)?, &Search::default()).map_err(text)?;
        found.hits.iter().map(|hit| self.0.file(hit.file).map(|file| file.path).map_err(text)).collect()
    }

    fn count(&mut self, ask: Ask<'_>) -> Result<u64, String> {
        Ok(self.0.search(&query(ask)?, &Search::default()).map_err(text)?.total)
    }

    fn complete(&mut self, prefix: &str) -> Result<Vec<String>, String> {
        let found = self.0.complete(prefix, 10).map_err(text)?;
        Ok(found.into_iter().map(|suggestion| suggestion.term).collect())
    }

    fn lines(&mut self, word: &str) -> Result<Option<usize>, String> {
        let query = query(Ask::Word(word))?;
        let found = self.0.search(&query, &Search::default()).map_err(text)?;
        let mut lines = 0;
        for hit in &found.hits {
            self.0.file(hit.file).map_err(text)?;
            lines += self.0.lines(&query, hit.file, 10).map_err(text)?.len();
        }
        Ok(Some(lines))
    }

    fn containing(&mut self, part: &str) -> Result<Vec<String>, String> {
        let found = self
            .0
            .search(&Query::parse(part).map_err(text)?, &Search::default().limit(10_000))
            .map_err(text)?;
        found.hits.iter().map(|hit| self.0.file(hit.file).map(|file| file.path).map_err(text)).collect()
    }

    fn reads(&self) -> Option<u64> {
        Some(self.0.pages_read())
    }

    type Updater = Store;

    fn updater(folder: &Path, corpus: &Path) -> Result<Store, String> {
        let folder = folder.join("store");
        let fresh = !folder.exists();
        let mut store = Store::open(folder).map_err(text)?;
        if fresh {
            let mut reader = pack::Reader::open(corpus).map_err(text)?;
            let mut update = store.update(DEFAULT_BUDGET).map_err(text)?;
            while let Some((path, _)) = reader.next_document().map_err(text)? {
                update.begin(path, 0).map_err(text)?;
                while let Some(piece) = reader.next_piece().map_err(text)? {
                    update.write(piece).map_err(text)?;
                }
            }
            update.commit(|_| {}).map_err(text)?;
        }
        Ok(store)
    }

    fn add(store: &mut Store, path: &str, content: &str) -> Result<(), String> {
        let mut update = store.update(DEFAULT_BUDGET).map_err(text)?;
        update.begin(path, 0).map_err(text)?;
        update.write(content.as_bytes()).map_err(text)?;
        update.commit(|_| {}).map(drop).map_err(text)
    }
}
