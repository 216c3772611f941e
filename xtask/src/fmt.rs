//! `cargo xtask fmt [--check]`: rustfmt over everything, also the packages outside the workspace.

use crate::{files, sh};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let outside = |f: &files::Entry| {
        let package = f.name.starts_with("ci/") || f.name.starts_with("minimal-examples/");
        package && f.name.ends_with("/Cargo.toml")
    };
    let mut commands = vec![sh::cargo()];
    commands[0].args(["fmt", "--all"]);
    for file in files::all(&root)?.iter().filter(|f| outside(f)) {
        let mut cargo = sh::cargo();
        cargo.args(["fmt", "--manifest-path"]).arg(&file.path);
        commands.push(cargo);
    }
    let mut failed = 0;
    for mut command in commands {
        let status = command
            .args(args)
            .args(["--", "--color", "never"])
            .status()
            .map_err(|e| format!("cannot start cargo fmt: {e}"))?;
        failed += usize::from(!status.success());
    }
    if failed == 0 {
        Ok(())
    } else {
        Err("some files are not formatted\nhelp: run `cargo xtask fmt`".to_owned())
    }
}
