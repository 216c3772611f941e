//! CPU time of other processes, in nanoseconds, and where they run.

use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_setaffinity};
use std::fs;
use std::io;

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

/// Keeps a process and what it starts on one core, if there are two.
pub fn pin(pid: u32, core: usize) {
    if std::thread::available_parallelism().is_ok_and(|n| n.get() > core)
        && let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw)
    {
        let mut set = CpuSet::new();
        set.set(core);
        // Where that is forbidden the figures are noisier, nothing else.
        let _ = sched_setaffinity(Some(pid), &set);
    }
}

/// Where servers run.
pub const SERVER_CORE: usize = 0;
/// Where the load is made.
pub const LOAD_CORE: usize = 1;
