//! What a search engine adds to a program.
//!
//! The programs `size-*` each index a file and answer a question; `size-none` does the same without an index. Stripped, and
//! compiled as all others here.

use std::process::ExitCode;

use lws_bench_data::run::{self, Report};

fn main() -> ExitCode {
    run::main(|task| {
        let name = match task.contender.as_str() {
            "lws-fts" => "size-lws-fts",
            "tantivy" => "size-tantivy",
            "SQLite FTS5" => "size-fts5",
            _ => return task.unknown(),
        };
        let here = std::env::current_exe().map_err(|e| e.to_string())?;
        let size = |name: &str| {
            let path = here.with_file_name(name);
            std::fs::metadata(&path).map(|m| m.len()).map_err(|e| format!("{}: {e}", path.display()))
        };
        let added = size(name)? as f64 - size("size-none")? as f64;
        Ok(Report::new("").with("added_kib", added / 1024.0))
    })
}
