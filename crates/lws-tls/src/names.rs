//! Which of several values answers to a server name.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

use crate::ConfigError;

/// Values by server name, with one that answers when no name fits.
///
/// An exact name wins over a wildcard; a wildcard (`*.example.com`) stands for exactly one label
/// (RFC 6125 §6.4.3). Names compare without regard to case.
#[derive(Clone, Debug)]
pub struct NameTable<T> {
    default: T,
    exact: BTreeMap<String, T>,
    /// Keyed by what follows the `*.`.
    wildcard: BTreeMap<String, T>,
}

impl<T> NameTable<T> {
    /// A table that answers `default` to any name, and to none.
    pub const fn new(default: T) -> Self {
        Self { default, exact: BTreeMap::new(), wildcard: BTreeMap::new() }
    }

    /// Adds a host name or `*.` and a domain.
    ///
    /// # Errors
    /// [`ConfigError::BadName`] if it is neither, or is there already.
    pub fn insert(&mut self, name: &str, value: T) -> Result<(), ConfigError> {
        let bad = || ConfigError::BadName { name: name.to_string() };
        let lower = name.to_ascii_lowercase();
        let (table, key) = match lower.strip_prefix("*.") {
            Some(domain) => (&mut self.wildcard, domain),
            None => (&mut self.exact, lower.as_str()),
        };
        if !is_host_name(key) || table.contains_key(key) {
            return Err(bad());
        }
        table.insert(key.to_string(), value);
        Ok(())
    }

    /// The value for the name a client asked for.
    pub fn choose(&self, name: Option<&str>) -> &T {
        name.and_then(|name| self.named(&name.to_ascii_lowercase())).unwrap_or(&self.default)
    }

    fn named(&self, lower: &str) -> Option<&T> {
        let wild = || {
            let (label, domain) = lower.split_once('.')?;
            if label.is_empty() { None } else { self.wildcard.get(domain) }
        };
        self.exact.get(lower).or_else(wild)
    }
}

/// Whether this can be a host name: labels of letters, digits, `-` and `_`, 253 bytes in all.
pub fn is_host_name(name: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= 253 && name.split('.').all(label_ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> NameTable<&'static str> {
        let mut table = NameTable::new("default");
        for name in ["example.com", "www.Example.com", "*.example.com", "*.b.example.com"] {
            table.insert(name, name).unwrap();
        }
        table
    }

    #[test]
    fn exact_then_one_label_wildcard_then_default() {
        for (asked, answer) in [
            (None, "default"),
            (Some("example.com"), "example.com"),
            (Some("WWW.example.COM"), "www.Example.com"),
            (Some("mail.example.com"), "*.example.com"),
            (Some("a.b.example.com"), "*.b.example.com"),
            (Some("a.mail.example.com"), "default"),
            (Some(".example.com"), "default"),
            (Some("example.org"), "default"),
            (Some(""), "default"),
        ] {
            assert_eq!(*table().choose(asked), answer, "{asked:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_name_and_duplicates() {
        for name in
            ["", "*", "*.", "a..b", "a.*.b", "**.a", "a b", "é.example", "EXAMPLE.com", "*.Example.com"]
        {
            let error = table().insert(name, "x").unwrap_err();
            assert_eq!(error, ConfigError::BadName { name: name.to_string() });
        }
    }
}
