//! `cargo xtask nostd`: proves that the L0-L3 crates need no std.
//!
//! `ci/nostd` is a program without std that names each of them. This command checks that none is missing there, builds
//! it, runs it, and then builds it with std let in: that must fail, or the proof proves nothing.

use crate::{arch, sh};
use std::process::Command;

const PACKAGE: &str = "ci/nostd";
/// What rustc says when a second panic handler, std's, comes in.
const REFUSAL: &str = "panic_impl";

pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let rules = arch::load(&root)?;
    let crates = arch::no_std_crates(&rules);
    let read = |name: &str| {
        std::fs::read_to_string(root.join(PACKAGE).join(name)).map_err(|e| format!("{PACKAGE}/{name}: {e}"))
    };
    let missing = missing(&crates, &read("Cargo.toml")?, &read("src/main.rs")?);
    if !missing.is_empty() {
        return Err(format!(
            "{PACKAGE} does not cover every crate of L0-L3\nhelp: add\n{}",
            missing.join("\n")
        ));
    }
    sh::lend_lock(&root.join(PACKAGE))?;
    sh::must("nostd-build", &mut build(&[]))?;
    sh::must("nostd-run", &mut Command::new(sh::target_dir().join("nostd/debug/nostd")))?;
    let leak = sh::logged("nostd-leak", &mut build(&["--features", "leak"]))?;
    if leak.ok || !sh::text(&leak.log).contains(REFUSAL) {
        return Err(format!("{PACKAGE} would not notice std: see {}", leak.log.display()));
    }
    println!("nostd: {} crates link without std, and letting std in is refused", crates.len());
    Ok(())
}

fn build(options: &[&str]) -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["build", "--manifest-path"]).arg(sh::root().join(PACKAGE).join("Cargo.toml"));
    cargo.arg("--target-dir").arg(sh::target_dir().join("nostd")).args(options);
    cargo
}

/// The lines that `ci/nostd` lacks to cover `crates`.
fn missing(crates: &[&str], manifest: &str, main: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for name in crates {
        let dependency = format!("{name} = {{ path = \"../../crates/{name}\" }}");
        let mention = format!("use {} as _;", name.replace('-', "_"));
        for (file, text, line) in [("Cargo.toml", manifest, dependency), ("src/main.rs", main, mention)] {
            if !text.lines().any(|l| l == line) {
                lines.push(format!("  {file}: {line}"));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_must_be_both_a_dependency_and_named() {
        let manifest =
            "lws-a = { path = \"../../crates/lws-a\" }\nlws-b = { path = \"../../crates/lws-b\" }\n";
        let main = "use lws_a as _;\n// use lws_b as _;\n";
        assert!(missing(&["lws-a"], manifest, main).is_empty());
        assert_eq!(missing(&["lws-a", "lws-b"], manifest, main), ["  src/main.rs: use lws_b as _;"]);
        assert_eq!(missing(&["lws-c"], manifest, main).len(), 2);
    }
}
