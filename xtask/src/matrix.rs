//! `cargo xtask matrix [--quick] [name...]`: the configurations of `ci/matrix.toml`, each built by itself.
//!
//! A configuration is good where it builds, its tests or its self-test pass, and its dependencies have what must be there
//! and nothing that must not.

mod plan;

use crate::{examples, sh};
use plan::{Configuration, What};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let quick = args.iter().any(|a| a == "--quick");
    let names: Vec<&String> = args.iter().filter(|a| *a != "--quick").collect();
    let path = sh::root().join("ci/matrix.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let all = plan::parse(&text).map_err(|e| format!("ci/matrix.toml: {e}"))?;
    if let Some(unknown) = names.iter().find(|n| all.iter().all(|c| c.name != ***n)) {
        let known: Vec<&str> = all.iter().map(|c| c.name.as_str()).collect();
        return Err(format!("no configuration `{unknown}`; there are: {}", known.join(", ")));
    }
    let wanted = |c: &&Configuration| (names.is_empty() || names.contains(&&c.name)) && (!quick || c.quick);
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for configuration in all.iter().filter(wanted) {
        let start = Instant::now();
        let name = &configuration.name;
        if let Some(missing) = configuration.needs.iter().find(|n| !sh::have(n)) {
            skipped += 1;
            sh::line("SKIP", name, start.elapsed(), &format!("skipped: no {missing}"));
            continue;
        }
        match check(configuration) {
            Ok(()) => {
                passed += 1;
                sh::line("PASS", name, start.elapsed(), &configuration.about);
            }
            Err(why) => {
                failed += 1;
                sh::line("FAIL", name, start.elapsed(), &why);
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { Ok(()) } else { Err(String::new()) }
}

fn check(configuration: &Configuration) -> Result<(), String> {
    dependencies(configuration)?;
    match &configuration.what {
        What::Packages { names, build } => {
            let mut cargo = sh::cargo();
            cargo.arg(if *build { "build" } else { "test" });
            for name in names {
                cargo.args(["--package", name]);
            }
            cargo.args(configuration.options());
            sh::must(&format!("matrix-{}", configuration.name), &mut cargo).map(drop)
        }
        What::Examples { paths, args, runs } => {
            let options = configuration.options();
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            paths.iter().try_for_each(|path| {
                let done = examples::check(&folder(path), &options, args, *runs);
                done.map(drop).map_err(|why| format!("{path}: {why}"))
            })
        }
    }
}

/// Compares what `cargo tree` shows with what must and must not be there.
fn dependencies(configuration: &Configuration) -> Result<(), String> {
    let (What::Packages { names: of, .. } | What::Examples { paths: of, .. }) = &configuration.what;
    for one in of {
        let mut cargo: Command = sh::cargo();
        cargo.args(["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
        if let What::Examples { .. } = configuration.what {
            sh::lend_lock(&folder(one))?;
            cargo.arg("--manifest-path").arg(folder(one).join("Cargo.toml"));
        } else {
            cargo.args(["--package", one]);
        }
        let tree = sh::output(cargo.args(configuration.options()))?;
        let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        plan::judge(configuration, &names).map_err(|why| format!("{one}: {why}"))?;
    }
    Ok(())
}

fn folder(example: &str) -> PathBuf {
    sh::root().join("minimal-examples").join(example)
}
