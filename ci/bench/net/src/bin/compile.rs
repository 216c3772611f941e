//! What it costs to have an echo server with TLS at all: CPU seconds to compile it, crates, bytes of the program.

use lws_bench_net::report::{self, Asked, Report};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

fn main() -> Result<(), Box<dyn Error>> {
    report::main(run)
}

fn run(asked: &Asked) -> Result<Report, Box<dyn Error>> {
    lws_bench_net::cpu::pin(None);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (package, feature, program) = match asked.contender.as_str() {
        "lws" => {
            let echo = "../../../minimal-examples/ws-server/minimal-ws-server-echo";
            (here.join(echo), None, "minimal-ws-server-echo")
        }
        "tokio-tungstenite" => (here.join("peers"), Some("tokio-tungstenite"), "tokio-tungstenite"),
        "fastwebsockets" => (here.join("peers"), Some("fastwebsockets"), "fastwebsockets"),
        other => return Err(format!("no contender `{other}`").into()),
    };
    let target = asked.scratch.join("fresh");
    let _ = fs::remove_dir_all(&target);
    let features = feature.map_or(vec![], |feature| vec!["--features", feature]);
    let cargo = |words: &[&str]| -> Result<String, Box<dyn Error>> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(words).arg("--manifest-path").arg(package.join("Cargo.toml")).args(&features);
        let output = cargo.env("CARGO_TARGET_DIR", &target).stdin(Stdio::null()).output()?;
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout)?),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
        }
    };
    let tree = cargo(&["tree", "-e", "normal", "--prefix", "none"])?;
    // Crates of the project have a path.
    let foreign = tree.lines().filter(|line| !line.is_empty() && !line.contains("(/"));
    let crates: BTreeSet<Vec<&str>> = foreign.map(|line| line.split(' ').take(2).collect()).collect();
    let before = children_ticks()?;
    cargo(&["build", "--release"])?;
    let seconds = (children_ticks()? - before) as f64 / rustix::param::clock_ticks_per_second() as f64;
    let built = target.join("release").join(program);
    let stripped = asked.scratch.join("stripped");
    let done = Command::new("strip").arg("-o").arg(&stripped).arg(&built).status()?;
    if !done.success() {
        return Err("strip failed".into());
    }
    let bytes = fs::metadata(&stripped)?.len();
    let _ = fs::remove_dir_all(&target);
    let report = Report::new("built").with("s", seconds).with("crates", crates.len() as f64);
    Ok(report.with("kib", bytes as f64 / 1024.0))
}

/// CPU time of all children that have ended, in ticks.
fn children_ticks() -> Result<u64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold anything; the fields behind it count from 3.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let field = |number: usize| fields.get(number - 3).and_then(|f| f.parse::<u64>().ok()).ok_or("no times");
    Ok(field(16)? + field(17)?)
}
