//! Scripts without spaces: does a search find the files that `grep -F` finds?

use std::collections::BTreeSet;

use lws_bench_data::pack;
use lws_bench_data::run::{Report, Task};

use crate::{folder_size, index};
use lws_bench_data::search::{Engine, text};

/// Of two, three, four and one characters: search, setting, file (Chinese), file (Japanese), full-text search, text.
const WORDS: [&str; 6] = ["検索", "設定", "文件", "ファイル", "全文検索", "文"];

pub fn measure<E: Engine>(task: &Task) -> Result<Report, String> {
    let folder = index::<E>(task)?;
    let mut engine = E::open(&folder)?;
    let mut reader = pack::Reader::open(task.corpus()?).map_err(text)?;
    let (mut content, mut bytes) = (String::new(), 0_u64);
    let mut wanted = vec![BTreeSet::new(); WORDS.len()];
    while let Some(path) = reader.next_text(&mut content).map_err(text)? {
        let path = path.to_owned();
        bytes += content.len() as u64;
        for (files, word) in wanted.iter_mut().zip(WORDS) {
            if content.contains(word) {
                files.insert(path.clone());
            }
        }
    }
    let (mut missed, mut extra, mut all) = (0, 0, 0);
    for (files, word) in wanted.iter().zip(WORDS) {
        let found: BTreeSet<String> = engine.containing(word)?.into_iter().collect();
        all += files.len();
        missed += files.difference(&found).count();
        extra += found.difference(files).count();
    }
    Ok(Report::new(all)
        .with("missed", missed as f64)
        .with("extra", extra as f64)
        .with("size", folder_size(&folder)? as f64 / bytes as f64))
}
