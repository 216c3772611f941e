//! What the tests of cryptography share: the providers, and vectors read from files.

mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

use lws_gencrypto::Provider;

pub use run::{Outcome, run, test_rsa};

/// Every library, by its name.
pub fn providers() -> Vec<Arc<dyn Provider>> {
    vec![
        Arc::new(lws_backend_rustls::crypto()),
        Arc::new(lws_backend_openssl::crypto()),
        Arc::new(lws_backend_mbedtls::crypto()),
    ]
}

/// The bytes of hexadecimal digits; white space does not count.
///
/// # Panics
/// If it is something else: a fault in a test's data.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter(|c| !c.is_whitespace()).map(digit).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of digits: {text}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn digit(c: char) -> u8 {
    match c.to_digit(16) {
        Some(digit) => digit as u8,
        None => panic!("no hexadecimal digit: {c}"),
    }
}

/// One vector of a file: `name = value` lines up to an empty line. A `[section]` line sets names for all that follow, and
/// `#` begins a comment.
#[derive(Clone, Debug, Default)]
pub struct Vector(BTreeMap<String, String>);

impl Vector {
    /// A value as text.
    ///
    /// # Panics
    /// If it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    /// A value as bytes. `"text"` in quotes stands for itself, `hex * n` is repeated.
    ///
    /// # Panics
    /// If it is not there.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let value = self.text(name);
        if let Some(text) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            return text.as_bytes().to_vec();
        }
        match value.split_once('*') {
            Some((bytes, times)) => hex(bytes).repeat(times.trim().parse().expect("a number of times")),
            None => hex(value),
        }
    }

    /// A value as a number.
    ///
    /// # Panics
    /// If it is not there.
    pub fn number(&self, name: &str) -> u32 {
        self.text(name).parse().expect("a number")
    }

    /// Whether it is there.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// The vectors of a file's text.
///
/// # Panics
/// At a line that is none.
pub fn vectors(file: &str) -> Vec<Vector> {
    let (mut all, mut common, mut current) = (Vec::new(), Vector::default(), Vector::default());
    let mut section = false;
    for line in file.lines().chain([""]) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line == "[section]" {
            (common, current, section) = (Vector::default(), Vector::default(), true);
        } else if let Some((name, value)) = line.split_once('=') {
            current.0.insert(name.trim().into(), value.trim().into());
        } else if !line.is_empty() {
            panic!("neither name = value nor a comment: {line}");
        } else if section {
            (common, section) = (current, false);
            current = common.clone();
        } else if current.0.len() > common.0.len() {
            all.push(std::mem::replace(&mut current, common.clone()));
        }
    }
    all
}
