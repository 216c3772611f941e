//! System calls of a server while it is under load, counted by `strace`.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Strace {
    child: Child,
    table: std::path::PathBuf,
}

impl Strace {
    /// Attaches to a process; `None` where there is no `strace`, or it may not.
    pub fn attach(pid: u32, scratch: &Path) -> Option<Self> {
        let table = scratch.join("strace.txt");
        let _ = fs::remove_file(&table);
        let mut command = Command::new("strace");
        command.args(["-c", "-f", "-qq", "-p", &pid.to_string(), "-o"]).arg(&table);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        // It says nothing once it is attached; the kernel does.
        for _ in 0..200 {
            if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return None;
            }
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            if status.lines().any(|l| l.starts_with("TracerPid:") && l.trim_end() != "TracerPid:\t0") {
                return Some(Self { child, table });
            }
            std::thread::sleep(Duration::from_millis(10)); // nothing else to wait for
        }
        None
    }

    /// Detaches; how many calls there were.
    ///
    /// # Errors
    /// It wrote no table.
    pub fn count(mut self) -> Result<u64, Box<dyn Error>> {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.ok_or("no process")?, rustix::process::Signal::INT)?;
        self.child.wait()?;
        total(&fs::read_to_string(&self.table)?).ok_or_else(|| "strace counted nothing".into())
    }
}

/// `100.00    0.001  1  1234  5 total`: the fourth number, or the third where no call failed.
fn total(table: &str) -> Option<u64> {
    let line = table.lines().find(|line| line.trim_end().ends_with("total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_total_is_found() {
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
                     ------ ----------- ----------- --------- --------- ----------------\n \
                     60.00    0.000500           1       300           sendto\n\
                     100.00    0.000900           1       600         3 total\n";
        assert_eq!(super::total(table), Some(600));
        assert_eq!(super::total(""), None);
    }
}
