//! `cargo xtask peers [h2|http|ws|jose [--backend NAME]]`: other people's programs against ours. Each needs what it names below;
//! what is not there is skipped and said so.
//!
//! | peer | what it does |
//! |---|---|
//! | h2load | 10 000 to 100 000 requests on 1, 10 and 100 connections, one or 100 at a time, over h2 and HTTP/1 |
//! | curl, nghttp | GET, a POST of 50 MB, 100 streams at once, trailers; by ALPN and with prior knowledge |
//! | Python h2, httpx | the same, and all that a field list may have |
//! | nghttpd, nginx, h2o | serve our HTTP client: versions, TLS, one connection or many, posts, a server that stops |
//! | npm's ws, Python's websockets | talk permessage-deflate with our server and our client; a relay sees that they do |
//! | jwcrypto, joserfc, npm's jose, Debian's jose | take our tokens and keys, and make some for us |
//!
//! Of JOSE a part is tried, on each cryptographic library; with `--backend` all there is, on that one.

mod h2;
mod h2load;
mod python;
mod scripts;

use crate::sh;
use std::time::Instant;

/// One peer's outcome.
enum Outcome {
    Passed,
    Skipped(String),
}

/// What has been checked so far.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Tally {
    /// Runs one check and prints its line.
    fn check(&mut self, name: &str, check: impl FnOnce() -> Result<Outcome, String>) {
        let start = Instant::now();
        match check() {
            Ok(Outcome::Passed) => {
                self.passed += 1;
                sh::line("PASS", name, start.elapsed(), "");
            }
            Ok(Outcome::Skipped(why)) => {
                self.skipped += 1;
                sh::line("SKIP", name, start.elapsed(), &why);
            }
            Err(why) => {
                self.failed += 1;
                sh::line("FAIL", name, start.elapsed(), &why);
            }
        }
    }
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let mut tally = Tally::default();
    match args {
        [] => {
            h2::run(&mut tally)?;
            scripts::http(&mut tally)?;
            scripts::ws(&mut tally)?;
            scripts::jose(&mut tally, None)?;
        }
        [only] if only == "h2" => h2::run(&mut tally)?,
        [only] if only == "http" => scripts::http(&mut tally)?,
        [only] if only == "ws" => scripts::ws(&mut tally)?,
        [only] if only == "jose" => scripts::jose(&mut tally, None)?,
        [only, option, backend] if only == "jose" && option == "--backend" => {
            scripts::jose(&mut tally, Some(backend))?;
        }
        [other, ..] => {
            return Err(format!("peers knows h2, http, ws and jose [--backend NAME], not `{other}`"));
        }
    }
    println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    if tally.failed == 0 { Ok(()) } else { Err(String::new()) }
}
