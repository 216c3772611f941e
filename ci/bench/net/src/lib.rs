//! What the programs share: servers as child processes, their CPU time and memory, load generators, and the report.

pub mod answer;
pub mod cpu;
pub mod crowd;
pub mod h2frame;
pub mod peer;
pub mod rate;
pub mod report;
pub mod ring;
pub mod strace;
pub mod tls;
pub mod wsframe;
