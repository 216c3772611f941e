//! h2load, whose exit code says nothing: its report is read.

use crate::server::Url;
use crate::sh;
use std::process::Command;

/// One run: requests, connections and further options.
pub(super) struct Load {
    requests: u32,
    connections: u32,
    options: &'static [&'static str],
}

const fn load(requests: u32, connections: u32, options: &'static [&'static str]) -> Load {
    Load { requests, connections, options }
}

/// The runs that must not fail a single request.
pub(super) const LOADS: [Load; 9] = [
    load(10_000, 1, &[]),
    load(10_000, 10, &[]),
    load(100_000, 100, &[]),
    load(10_000, 1, &["-m100"]),
    load(10_000, 10, &["-m100"]),
    load(100_000, 100, &["-m100"]),
    load(10_000, 1, &["--h1"]),
    load(10_000, 10, &["--h1"]),
    load(100_000, 100, &["--h1"]),
];

impl Load {
    /// As on the command line.
    pub(super) fn name(&self) -> String {
        let Load { requests, connections, options } = self;
        format!("h2load -n{requests} -c{connections} {}", options.join(" ")).trim_end().to_owned()
    }

    /// Runs it; an error where one request was not answered with 200.
    pub(super) fn run(&self, url: &Url) -> Result<(), String> {
        let mut command = Command::new("h2load");
        command.arg(format!("-n{}", self.requests)).arg(format!("-c{}", self.connections));
        command.args(self.options).arg(format!("https://{}{}", url.authority, url.path));
        judge(&sh::output(&mut command)?, self.requests)
    }
}

/// Reads `requests: 10 total, 10 started, 10 done, 10 succeeded, 0 failed, 0 errored, 0 timeout` and
/// `status codes: 10 2xx, 0 3xx, 0 4xx, 0 5xx`.
fn judge(report: &str, wanted: u32) -> Result<(), String> {
    let number = |start: &str, word: &str| -> Option<u32> {
        let line = report.lines().find_map(|l| l.strip_prefix(start))?;
        line.split(',').find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
    };
    let all = [("requests: ", "succeeded"), ("status codes: ", "2xx")];
    let none = [("requests: ", "failed"), ("requests: ", "errored"), ("requests: ", "timeout")];
    let good = all.iter().all(|(start, word)| number(start, word) == Some(wanted))
        && none.iter().all(|(start, word)| number(start, word) == Some(0));
    if good { Ok(()) } else { Err(report.lines().rev().take(12).collect::<Vec<_>>().join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::judge;

    const GOOD: &str = "starting benchmark...\n\
        requests: 10 total, 10 started, 10 done, 10 succeeded, 0 failed, 0 errored, 0 timeout\n\
        status codes: 10 2xx, 0 3xx, 0 4xx, 0 5xx\n";

    #[test]
    fn only_a_report_of_full_success_is_good() {
        assert_eq!(judge(GOOD, 10), Ok(()));
        for (from, to) in [
            ("10 succeeded, 0 failed", "9 succeeded, 1 failed"),
            ("0 errored", "1 errored"),
            ("0 timeout", "1 timeout"),
            ("10 2xx, 0 3xx, 0 4xx", "9 2xx, 0 3xx, 1 4xx"),
            ("requests: 10 total", "finished"),
        ] {
            let bad = GOOD.replace(from, to);
            assert_ne!(bad, GOOD);
            assert!(judge(&bad, 10).is_err(), "{bad}");
        }
        assert!(judge(GOOD, 11).is_err());
    }
}
