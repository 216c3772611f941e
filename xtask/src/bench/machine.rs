//! Where a run took place: what a reader needs to know before comparing it with another one.

use crate::sh;
use serde_json::{Value, json};
use std::process::Command;

/// What stays the same during a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_kib: u64,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    /// `-dirty` behind it where files differ from the commit.
    pub(crate) commit: String,
    /// How the contenders were compiled.
    pub(crate) flags: String,
    /// When the run began, in UTC.
    pub(crate) date: String,
}

impl Machine {
    pub(crate) fn look() -> Machine {
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let first = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
        // What is not known stays empty: the run is worth something without it.
        let output =
            |command: &mut Command| first(sh::output(command.current_dir(sh::root())).unwrap_or_default());
        Machine {
            cpu: field(&file("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_kib: field(&file("/proc/meminfo"), "MemTotal")
                .trim_end_matches(" kB")
                .parse()
                .unwrap_or(0),
            kernel: first(file("/proc/sys/kernel/osrelease")),
            rustc: output(Command::new("rustc").arg("--version")),
            commit: output(Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"])),
            flags: format!("--release RUSTFLAGS={:?}", std::env::var("RUSTFLAGS").unwrap_or_default()),
            date: output(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"])),
        }
    }

    /// Name and value of everything, for people.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        vec![
            ("date", self.date.clone()),
            ("commit", self.commit.clone()),
            ("processor", format!("{} cores, {}", self.cores, self.cpu)),
            ("memory", format!("{} MiB", self.memory_kib / 1024)),
            ("kernel", self.kernel.clone()),
            ("compiler", self.rustc.clone()),
            ("flags", self.flags.clone()),
        ]
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "cpu": self.cpu, "cores": self.cores, "memory_kib": self.memory_kib, "kernel": self.kernel,
            "rustc": self.rustc, "commit": self.commit, "flags": self.flags, "date": self.date,
        })
    }
}

/// The load average of the last minute; 0 where the system does not tell.
pub(crate) fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0.0)
}

/// The first value of `name : value`.
fn field(text: &str, name: &str) -> String {
    let values = text.lines().filter_map(|line| line.split_once(':')).filter(|(n, _)| n.trim() == name);
    values.map(|(_, value)| value.trim().to_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_name() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 2: GHz\nmodel name\t: other\n";
        assert_eq!(field(text, "model name"), "Some CPU @ 2: GHz");
        assert_eq!(field(text, "model"), "");
    }

    #[test]
    fn this_machine_has_cores_and_a_load() {
        let machine = Machine::look();
        assert!(machine.cores > 0 && machine.rustc.starts_with("rustc "), "{machine:?}");
        assert_eq!(machine.json()["cores"], machine.cores);
        assert!(load() >= 0.0);
    }
}
