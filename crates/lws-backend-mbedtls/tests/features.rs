//! TLS-01: neither compression nor old protocols are compiled in, whatever another crate of the workspace asks for.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use std::collections::BTreeSet;
use std::process::Command;

/// Features of `mbedtls-sys-auto` that must stay off. They are among its defaults.
const FORBIDDEN: [&str; 3] = ["default", "zlib", "legacy_protocols"];

/// The features in lines such as `mbedtls-sys-auto feature "aesni"`.
fn features(tree: &str) -> BTreeSet<&str> {
    let lines = tree.lines().filter_map(|line| line.strip_prefix("mbedtls-sys-auto feature \""));
    lines.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn tls_01_no_compression_and_no_old_protocol_is_asked_for() {
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--workspace", "--edges", "features", "--prefix", "none"])
        .args(["--invert", "mbedtls-sys-auto"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let tree = String::from_utf8(cargo.stdout).unwrap();
    let found = features(&tree);
    assert!(found.contains("aesni") && found.contains("time"), "{found:?}");
    for forbidden in FORBIDDEN {
        assert!(!found.contains(forbidden), "{forbidden} is on:\n{tree}");
    }
}
