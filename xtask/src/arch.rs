//! `cargo xtask arch`: the shape of the project, checked.
//!
//! `cargo metadata` gives the edges, `ci/arch.toml` gives layers and rules, [`rules`] compares them. This module also
//! looks at the sources: `#![no_std]` and `#![forbid(unsafe_code)]` up to L3, and `unsafe` only where it is listed.
//!
//! Not checked here: third-party types in public signatures (that needs rustdoc's JSON).

mod rules;
#[cfg(test)]
mod tests;

use crate::{files, scan, sh};
use rules::{Package, Rules};
use serde_json::Value;
use std::path::Path;

pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let rules = load(&root)?;
    let packages = packages()?;
    let sources = files::all(&root)?;
    let mut wrong = rules::check(&rules, &packages);
    for package in &packages {
        let lib = std::fs::read_to_string(&package.lib).unwrap_or_default();
        wrong.extend(rules::check_lib(&rules, &package.name, &lib));
    }
    let unsafe_files: Vec<String> =
        sources.iter().filter(|f| f.is("rs") && has_unsafe(f)).map(|f| f.name.clone()).collect();
    wrong.extend(rules::check_unsafe(&rules, &unsafe_files));
    for message in &wrong {
        println!("{message}\n");
    }
    match wrong.len() {
        0 => {
            println!("arch: {} crates keep to ci/arch.toml", packages.len());
            Ok(())
        }
        n => Err(format!("{n} breaches of ci/arch.toml")),
    }
}

/// The rules of `ci/arch.toml`.
pub(crate) fn load(root: &Path) -> Result<Rules, String> {
    let path = root.join("ci/arch.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    Rules::parse(&text).map_err(|e| format!("ci/arch.toml: {e}"))
}

/// The crates of the lowest layers, by name, in order: those that must do without std.
pub(crate) fn no_std_crates(rules: &Rules) -> Vec<&str> {
    rules
        .layers
        .iter()
        .filter(|(name, layer)| rules.must("no_std", name, **layer))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// The workspace's members with their normal and build dependencies.
fn packages() -> Result<Vec<Package>, String> {
    let json = sh::output(sh::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&json).map_err(|e| format!("cargo metadata: {e}"))?;
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let package = |p: &Value| Package {
        name: text(p, "name"),
        dependencies: list(p, "dependencies")
            .iter()
            .filter(|d| d["kind"].as_str() != Some("dev"))
            .map(|d| text(d, "name"))
            .collect(),
        lib: list(p, "targets")
            .iter()
            .find(|t| t["kind"].as_array().is_some_and(|k| k.iter().any(|k| k == "lib")))
            .map(|t| text(t, "src_path"))
            .unwrap_or_default()
            .into(),
    };
    Ok(list(&metadata, "packages").iter().map(package).collect())
}

fn has_unsafe(file: &files::Entry) -> bool {
    file.text().is_some_and(|text| !scan::words(&scan::code(&text), "unsafe").is_empty())
}
