//! CPU time of other processes, in nanoseconds, their memory, and where they run.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};
use std::fs;
use std::io;
use std::process::{Child, Command};

/// Where servers run.
pub const SERVER_CORE: usize = 1;
/// Where the load is made.
pub const LOAD_CORE: usize = 0;

/// What the scheduler has counted for all threads of a process and of its children.
///
/// # Errors
/// The process has ended.
pub fn spent_ns(pid: u32) -> io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?.path();
        // A thread may end between the listing and the reading.
        let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
        sum += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
        let children = fs::read_to_string(task.join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|c| c.parse().ok()) {
            sum += spent_ns(child).unwrap_or(0);
        }
    }
    Ok(sum)
}

/// Resident memory of a process and of its children, in bytes.
///
/// # Errors
/// The process has ended.
pub fn resident_bytes(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|c| c.parse().ok());
    Ok(kib * 1024 + children.map(|child| resident_bytes(child).unwrap_or(0)).sum::<u64>())
}

/// File descriptors of a process and of its children.
///
/// # Errors
/// The process has ended.
pub fn descriptors(pid: u32) -> io::Result<usize> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|c| c.parse().ok());
    let of_children: usize = children.map(|child| descriptors(child).unwrap_or(0)).sum();
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count() + of_children)
}

/// Keeps this thread, and what it starts from now on, on one core; `None`: on all there are.
pub fn pin(core: Option<usize>) {
    let count = fs::read_to_string("/sys/devices/system/cpu/present").map_or(1, |text| cores(&text));
    let mut set = CpuSet::new();
    for each in 0..count {
        if core.is_none_or(|core| core % count == each) {
            set.set(each);
        }
    }
    // Where that is forbidden the figures are noisier, nothing else.
    let _ = sched_setaffinity(None, &set);
}

/// `0-3` are four.
fn cores(present: &str) -> usize {
    present.trim().rsplit(['-', ',']).next().and_then(|last| last.parse::<usize>().ok()).map_or(1, |n| n + 1)
}

/// Starts a process on a core, where it and all its threads stay.
///
/// # Errors
/// It cannot be started.
pub fn spawn_on(core: Option<usize>, command: &mut Command) -> io::Result<Child> {
    pin(core);
    let child = command.spawn();
    pin(Some(LOAD_CORE));
    child
}

/// As many file descriptors as the system allows, for this process and what it starts.
pub fn raise_fd_limit() {
    let limit = getrlimit(Resource::Nofile);
    // What is possible is possible; who needs more says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}
