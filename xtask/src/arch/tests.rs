//! The rule engine against small made-up workspaces.

use super::rules::{self, Package, Rules};
use std::path::PathBuf;

const ARCH: &str = r#"
[layers]
L0 = ["wire"]
L1 = ["codec", "head"]
L3 = ["role-a", "role-b", "http"]
L4 = ["core", "backend-x"]
L5 = ["mount-f", "mount-g"]
L6 = ["facade", "app"]
tools = ["xtask"]
[groups]
roles = ["role-*"]
apps = ["app"]
[[sideways]]
from = "codec"
to = "head"
why = "shared head"
[[never]]
from = ["core"]
to = ["@roles"]
why = "the engine knows no protocol"
help = "use the contract"
[[never]]
from = ["mount-*"]
to = ["core"]
why = "services speak to Cx"
help = "ask Cx"
[[never]]
from = ["*"]
to = ["backend-*"]
except = ["@apps"]
why = "providers are values"
help = "take it as an argument"
[[never]]
from = ["*"]
to = ["mio"]
except = ["core"]
why = "one crate touches sockets"
help = "ask core"
[[only]]
from = ["backend-*"]
to = ["wire"]
why = "traits only"
help = "move it down"
[[exception]]
crate = "head"
lacks = "no_std"
why = "a test of exceptions"
[[unsafe]]
path = "ci/a.rs"
why = "an entry point"
"#;

/// Every crate of `ARCH`; `edges` are written "from to".
fn workspace(edges: &[&str]) -> Vec<Package> {
    let names = "wire codec head role-a role-b http core backend-x mount-f mount-g facade app xtask";
    let base = "codec head"; // keeps the sideways entry in use
    let edges: Vec<(&str, &str)> = edges.iter().chain([&base]).filter_map(|e| e.split_once(' ')).collect();
    let package = |name: &str| Package {
        name: name.to_owned(),
        dependencies: edges.iter().filter(|e| e.0 == name).map(|e| e.1.to_owned()).collect(),
        lib: PathBuf::new(),
    };
    names.split(' ').map(package).collect()
}

/// Checks that the edges break exactly the rules whose messages start like `wanted`.
fn check(edges: &[&str], wanted: &[&str]) {
    let rules = Rules::parse(ARCH).unwrap();
    let found = rules::check(&rules, &workspace(edges));
    assert_eq!(found.len(), wanted.len(), "{edges:?}: {found:#?}");
    for start in wanted {
        let message = found.iter().find(|m| m.starts_with(start));
        assert!(message.is_some_and(|m| m.contains("\nhelp: ")), "{edges:?}: {found:#?}");
    }
}

#[test]
fn downward_edges_are_free() {
    check(&["codec wire", "role-a codec", "core wire", "mount-f http", "app facade-less"], &[]);
}

#[test]
fn layers_point_down() {
    check(&["wire codec"], &["wire -> codec: L0 may not depend on L1"]);
    check(&["http mount-f"], &["http -> mount-f: L3 may not depend on L5"]);
    check(&["role-a http"], &["role-a -> http: both are in L3"]);
    check(&["core xtask"], &["core -> xtask: nothing depends on a tool"]);
}

#[test]
fn never_rules_see_direct_edges_and_chains_of_ours() {
    check(&["core role-a"], &["core -> role-a: never, because the engine knows no protocol"]);
    check(&["core http", "http wire"], &[]);
    check(&["facade core", "core http", "mount-f wire"], &[]);
    check(
        &["mount-f mount-g", "mount-g core"],
        &[
            "mount-f -> mount-g: both",
            "mount-f -> mount-g -> core: never, because services speak to Cx",
            "mount-g -> core: never, because services speak to Cx",
        ],
    );
}

#[test]
fn third_party_targets_count_where_they_are_named() {
    check(&["core mio", "facade core"], &[]);
    check(&["role-b mio"], &["role-b -> mio: never, because one crate touches sockets"]);
}

#[test]
fn exempt_crates_may_and_others_may_not() {
    check(&["app backend-x"], &[]);
    check(&["facade backend-x"], &["facade -> backend-x: never, because providers are values"]);
}

#[test]
fn only_rules_close_the_list() {
    check(&["backend-x wire", "backend-x rustls"], &[]);
    check(&["backend-x codec"], &["backend-x -> codec: it may depend on wire only"]);
}

#[test]
fn the_lists_and_the_workspace_agree() {
    let rules = Rules::parse(ARCH).unwrap();
    let mut packages = workspace(&[]);
    packages.retain(|p| p.name != "http" && p.name != "codec");
    packages.push(Package { name: "newcomer".to_owned(), dependencies: Vec::new(), lib: PathBuf::new() });
    let found = rules::check(&rules, &packages).join("\n");
    for wanted in [
        "newcomer stands nowhere",
        "lists http, which is no crate",
        "allows codec -> head, which is not there",
    ] {
        assert!(found.contains(wanted), "{wanted} not in {found}");
    }
}

#[test]
fn low_crates_are_no_std_without_unsafe() {
    let rules = Rules::parse(ARCH).unwrap();
    let both = "//! Doc\n#![no_std]\n#![forbid(unsafe_code)]\n";
    assert!(rules::check_lib(&rules, "codec", both).is_empty());
    assert_eq!(rules::check_lib(&rules, "codec", "//! Doc\n").len(), 2);
    assert_eq!(rules::check_lib(&rules, "codec", "// #![no_std]\n#![forbid(unsafe_code)]").len(), 1);
    assert!(rules::check_lib(&rules, "head", "#![forbid(unsafe_code)]").is_empty());
    assert_eq!(rules::check_lib(&rules, "head", both).len(), 1, "an exception nobody needs");
    assert!(rules::check_lib(&rules, "core", "").is_empty());
}

#[test]
fn unsafe_stands_where_it_is_listed() {
    let rules = Rules::parse(ARCH).unwrap();
    let files = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert!(rules::check_unsafe(&rules, &files(&["ci/a.rs"])).is_empty());
    assert_eq!(rules::check_unsafe(&rules, &files(&["ci/a.rs", "crates/x.rs"])).len(), 1);
    assert_eq!(rules::check_unsafe(&rules, &files(&[])).len(), 1, "a listed file without unsafe");
}

#[test]
fn a_broken_file_is_an_error_that_names_the_place() {
    for (text, wanted) in [
        ("", "no [layers]"),
        ("[layers]\nL0 = [\"a\"]\nL1 = [\"a\"]", "a stands in two layers"),
        ("[layers]\nbase = [\"a\"]", "no such layer: base"),
        ("[layers]\n[[never]]\nfrom = [\"@x\"]\nto = []\nwhy = \"w\"\nhelp = \"h\"", "no group @x"),
        ("[layers]\n[[unsafe]]\npath = \"a.rs\"", "lacks `why`"),
    ] {
        let error = Rules::parse(text).err().unwrap_or_default();
        assert!(error.contains(wanted), "{text}: {error}");
    }
}
