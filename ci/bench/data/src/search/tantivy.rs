//! tantivy: one thread, 50 MB for its writer, its default tokenizer, positions, paths stored.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use crate::pack;
use tantivy::collector::{Count, DocSetCollector, TopDocs};
use tantivy::query::{BooleanQuery, PhraseQuery, Query, QueryParser, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

use super::{Ask, Built, Engine, text};

const WRITER_BYTES: usize = 50_000_000;

pub struct Tantivy {
    index: Index,
    // Keeps what the searcher sees.
    _reader: IndexReader,
    searcher: Searcher,
    path: Field,
    body: Field,
}

fn schema() -> Schema {
    let mut schema = Schema::builder();
    schema.add_text_field("path", STRING | STORED);
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("default")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    schema.add_text_field("body", TextOptions::default().set_indexing_options(indexing));
    schema.build()
}

fn fields(index: &Index) -> Result<(Field, Field), String> {
    let schema = index.schema();
    Ok((schema.get_field("path").map_err(text)?, schema.get_field("body").map_err(text)?))
}

fn document(path: Field, body: Field, name: &str, content: &str) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_text(path, name);
    document.add_text(body, content);
    document
}

impl Tantivy {
    fn word(&self, word: &str) -> Term {
        Term::from_field_text(self.body, word)
    }

    fn query(&self, ask: Ask<'_>) -> Box<dyn Query> {
        let one = |word: &str| -> Box<dyn Query> {
            Box::new(TermQuery::new(self.word(word), IndexRecordOption::WithFreqs))
        };
        match ask {
            Ask::Word(word) => one(word),
            Ask::Both(a, b) => Box::new(BooleanQuery::intersection(vec![one(a), one(b)])),
            Ask::Phrase(a, b) => Box::new(PhraseQuery::new(vec![self.word(a), self.word(b)])),
        }
    }

    fn path_of(&self, address: tantivy::DocAddress) -> Result<String, String> {
        let document: TantivyDocument = self.searcher.doc(address).map_err(text)?;
        let path = document.get_first(self.path).and_then(|value| value.as_str());
        path.map(str::to_owned).ok_or_else(|| "a document without a path".to_owned())
    }
}

impl Engine for Tantivy {
    fn build(reader: &mut pack::Reader, folder: &Path) -> Result<Built, String> {
        let index = Index::create_in_dir(folder, schema()).map_err(text)?;
        let (path, body) = fields(&index)?;
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES).map_err(text)?;
        let (mut built, mut content) = (Built::default(), String::new());
        while let Some(name) = reader.next_text(&mut content).map_err(text)? {
            built.files += 1;
            built.text_bytes += content.len() as u64;
            writer.add_document(document(path, body, name, &content)).map_err(text)?;
        }
        writer.commit().map_err(text)?;
        writer.wait_merging_threads().map_err(text)?;
        Ok(built)
    }

    fn optimize(folder: &Path) -> Result<(), String> {
        let index = Index::open_in_dir(folder).map_err(text)?;
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES).map_err(text)?;
        let segments = index.searchable_segment_ids().map_err(text)?;
        if segments.len() > 1 {
            writer.merge(&segments).wait().map_err(text)?;
        }
        writer.garbage_collect_files().wait().map_err(text)?;
        writer.wait_merging_threads().map_err(text)
    }

    fn open(folder: &Path) -> Result<Self, String> {
        let index = Index::open_in_dir(folder).map_err(text)?;
        let (path, body) = fields(&index)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(text)?;
        Ok(Self { searcher: reader.searcher(), index, _reader: reader, path, body })
    }

    fn best(&mut self, ask: Ask<'_>) -> Result<Vec<String>, String> {
        let collector = TopDocs::with_limit(10).order_by_score();
        let found = self.searcher.search(&*self.query(ask), &collector).map_err(text)?;
        found.into_iter().map(|(_, address)| self.path_of(address)).collect()
    }

    fn count(&mut self, ask: Ask<'_>) -> Result<u64, String> {
        Ok(self.searcher.search(&*self.query(ask), &Count).map_err(text)? as u64)
    }

    /// tantivy has no completion: the words of the range are streamed, and the ten in most files kept.
    fn complete(&mut self, prefix: &str) -> Result<Vec<String>, String> {
        let mut best = BinaryHeap::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.body).map_err(text)?;
            let mut words = inverted.terms().range().ge(prefix);
            if let Some(after) = after(prefix) {
                words = words.lt(after);
            }
            let mut words = words.into_stream().map_err(text)?;
            while words.advance() {
                let files = words.value().doc_freq;
                if best.len() < 10 || best.peek().is_some_and(|Reverse((least, _))| files > *least) {
                    best.push(Reverse((files, words.key().to_vec())));
                    if best.len() > 10 {
                        best.pop();
                    }
                }
            }
        }
        let mut words: Vec<_> = best.into_iter().map(|Reverse(word)| word).collect();
        words.sort_by(|a, b| b.cmp(a));
        words.into_iter().map(|(_, word)| String::from_utf8(word).map_err(text)).collect()
    }

    fn containing(&mut self, part: &str) -> Result<Vec<String>, String> {
        let query = QueryParser::for_index(&self.index, vec![self.body]).parse_query(part).map_err(text)?;
        let found = self.searcher.search(&*query, &DocSetCollector).map_err(text)?;
        found.into_iter().map(|address| self.path_of(address)).collect()
    }

    type Updater = (IndexWriter, Field, Field);

    fn updater(folder: &Path, _corpus: &Path) -> Result<Self::Updater, String> {
        let index = Index::open_in_dir(folder).map_err(text)?;
        let (path, body) = fields(&index)?;
        Ok((index.writer_with_num_threads(1, WRITER_BYTES).map_err(text)?, path, body))
    }

    fn add((writer, path, body): &mut Self::Updater, name: &str, content: &str) -> Result<(), String> {
        writer.add_document(document(*path, *body, name, content)).map_err(text)?;
        writer.commit().map(drop).map_err(text)
    }
}

/// The first text that is greater than all that start with `prefix`; `None` where all are greater.
fn after(prefix: &str) -> Option<Vec<u8>> {
    let mut bytes = prefix.as_bytes().to_vec();
    *bytes.last_mut()? += 1; // a byte of UTF-8 is never 255
    Some(bytes)
}
