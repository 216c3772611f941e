//! A program that is killed while it writes its cookies (CLI-07, F-07).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws_cookies::{Jar, Place};
use std::process::{Command, Stdio};
use std::time::Duration;

const PLACE: Place<'static> = Place { host: "a.example.com", path: "/", secure: true };
const COOKIES: usize = 45;

/// Who finds this in the environment writes that file over and over.
const WRITER: &str = "LWS_COOKIES_TEST_FILE";

fn jar(generation: usize) -> Jar {
    let mut jar = Jar::new();
    for i in 0..COOKIES {
        let field = format!("c{i}={generation}-{}; Max-Age=100000", "x".repeat(2000));
        jar.store(&PLACE, field.as_bytes(), 10).unwrap();
    }
    jar
}

#[test]
fn cli_07_killed_while_writing() {
    if let Ok(path) = std::env::var(WRITER) {
        for generation in 0.. {
            jar(generation).save(&path).unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jar");
    jar(0).save(&path).unwrap();
    let mut written = 0;
    for round in 0..40u64 {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cli_07_killed_while_writing"])
            .env(WRITER, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(5000 + 4731 * (round % 17)));
        writer.kill().unwrap();
        writer.wait().unwrap();
        // All of one generation, whichever.
        let mut seen = Jar::new();
        seen.load(&path, 10).unwrap();
        assert_eq!(seen.len(), COOKIES);
        let generation = |value: &str| value.split('-').next().unwrap().to_string();
        let first = generation(&seen.iter().next().unwrap().value);
        written += usize::from(first != "0");
        assert!(seen.iter().all(|c| generation(&c.value) == first && c.value.len() > 2000));
    }
    assert!(written > 0, "no writer came to write");
}
