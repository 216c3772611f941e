//! What the programs share: servers as child processes, their CPU time, and the report.

pub mod cpu;
pub mod peer;
pub mod report;
