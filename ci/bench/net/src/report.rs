//! What a program answers: one line of JSON, the last it writes.

use std::error::Error;
use std::path::PathBuf;

/// What the runner asks for: `PROGRAM ARGUMENT CONTENDER --scratch DIR [--quick]`.
pub struct Asked {
    pub argument: String,
    pub contender: String,
    pub scratch: PathBuf,
    pub quick: bool,
}

impl Asked {
    /// # Errors
    /// How it should have been called.
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let scratch = args.iter().position(|a| a == "--scratch").and_then(|at| args.get(at + 1));
        match (args.first(), args.get(1), scratch) {
            (Some(argument), Some(contender), Some(scratch)) => Ok(Self {
                argument: argument.clone(),
                contender: contender.clone(),
                scratch: scratch.into(),
                quick: args.iter().any(|a| a == "--quick"),
            }),
            _ => Err("usage: PROGRAM ARGUMENT CONTENDER --scratch DIR [--quick]".into()),
        }
    }

    /// A number in the argument: `c100` in `plain-c100-m10`.
    pub fn number(&self, letter: char) -> Option<u64> {
        self.argument.split('-').find_map(|part| part.strip_prefix(letter)?.parse().ok())
    }

    /// Whether a word stands in the argument.
    pub fn has(&self, word: &str) -> bool {
        self.argument.split('-').any(|part| part == word)
    }
}

/// Writes the report: microseconds of server CPU for each of `count` requests.
pub fn per_request(answer: &str, ns: u64, count: u64) {
    println!("{{\"answer\":\"{answer}\",\"us\":{:.4}}}", ns as f64 / 1000.0 / count.max(1) as f64);
}
