//! TLS-01: neither compression nor old protocols are compiled in, whatever another crate of the build asks for.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use std::process::Command;

use serde_json::Value;

/// Features of `mbedtls-sys-auto` that must stay off. They are among its defaults.
const FORBIDDEN: [&str; 3] = ["default", "zlib", "legacy_protocols"];

/// The features of each version of the crate that this workspace resolves to.
fn features(metadata: &Value) -> Vec<Vec<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let ours = nodes.iter().filter(|node| {
        let id = node["id"].as_str().unwrap();
        id.contains("#mbedtls-sys-auto@") || id.starts_with("mbedtls-sys-auto ")
    });
    let names = |node: &Value| {
        let list = node["features"].as_array().unwrap();
        list.iter().map(|name| name.as_str().unwrap().to_string()).collect()
    };
    ours.map(names).collect()
}

#[test]
fn tls_01_no_compression_and_no_old_protocol_is_resolved() {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let found = features(&serde_json::from_slice(&cargo.stdout).unwrap());
    assert!(!found.is_empty(), "mbedtls-sys-auto is a dependency");
    for features in found {
        for forbidden in FORBIDDEN {
            assert!(!features.iter().any(|name| name == forbidden), "{forbidden} is on: {features:?}");
        }
        assert!(features.iter().any(|name| name == "aesni") && features.iter().any(|name| name == "time"));
    }
}
