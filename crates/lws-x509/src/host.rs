//! Whom a client means, and whether a certificate is about it (RFC 9525, which replaces RFC 6125).

use core::fmt;
use core::net::IpAddr;

use crate::limits::{HOST_NAME_BYTES, LABEL_BYTES};
use crate::{Certificate, Error, GeneralName};

/// A host by the name or address that a client asked for.
///
/// International names are given in their ASCII form (`xn--…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostName<'a>(Kind<'a>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'a> {
    /// Well formed, without a final dot.
    Dns(&'a str),
    Ip(IpAddr),
}

impl<'a> HostName<'a> {
    /// A host name, with or without a final dot, or an address, IPv6 with or without brackets.
    ///
    /// # Errors
    /// [`Error::HostName`] if it is neither.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Ok(address) = bare.unwrap_or(text).parse() {
            return Ok(Self(Kind::Ip(address)));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        // A name whose last label is a number is an address gone wrong (RFC 1123 §2.1).
        let number =
            name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if is_host_name(name) && !number { Ok(Self(Kind::Dns(name))) } else { Err(Error::HostName) }
    }

    /// Whether this host is the one that `name` is about.
    #[must_use]
    pub fn is_named_by(&self, name: &GeneralName<'_>) -> bool {
        match (self.0, name) {
            (Kind::Dns(host), GeneralName::Dns(presented)) => dns_matches(presented, host),
            // RFC 9525 §6.5: an address is compared with addresses only, and as a whole.
            (Kind::Ip(host), GeneralName::Ip(presented)) => host == *presented,
            _ => false,
        }
    }

    /// Whether the certificate has this host among its alternative names. The common name does not count
    /// (RFC 9525 §2).
    #[must_use]
    pub fn is_named_in(&self, certificate: &Certificate<'_>) -> bool {
        let names = certificate.extensions.subject_alt_name;
        names.is_some_and(|names| names.iter().any(|name| self.is_named_by(&name)))
    }

    /// Whether the certificate has this host as its common name *and* no alternative names at all, as certificates were
    /// made before 2000 (RFC 2818 §3.1).
    #[must_use]
    pub fn is_common_name_of(&self, certificate: &Certificate<'_>) -> bool {
        let old = certificate.extensions.subject_alt_name.is_none();
        let Some(name) = certificate.subject.common_name().filter(|_| old) else { return false };
        match self.0 {
            Kind::Dns(host) => dns_matches(&name, host),
            Kind::Ip(host) => name.parse() == Ok(host),
        }
    }
}

impl fmt::Display for HostName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Dns(name) => f.write_str(name),
            Kind::Ip(address) => address.fmt(f),
        }
    }
}

/// Labels of letters, digits, hyphens and underscores, in the lengths of the DNS.
pub(crate) fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        let legal = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        legal && (1..=LABEL_BYTES).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= HOST_NAME_BYTES && name.split('.').all(label)
}

/// The name behind `*.`, if `presented` is a wildcard that is allowed: the whole first label, above two more at least, so
/// that nobody owns `*.com`.
pub(crate) fn wildcard(presented: &str) -> Option<&str> {
    let base = presented.strip_prefix("*.")?;
    (base.contains('.') && is_host_name(base)).then_some(base)
}

/// RFC 9525 §6.3: without regard to case; a wildcard stands for exactly one label, the first.
fn dns_matches(presented: &str, host: &str) -> bool {
    match wildcard(presented) {
        Some(base) => host.split_once('.').is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(base)),
        None => is_host_name(presented) && presented.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_matched() {
        for (presented, host, expected) in [
            ("example.com", "example.com", true),
            ("EXAMPLE.com", "example.COM", true),
            ("example.com", "example.com.", true),
            ("example.com.", "example.com", false),
            ("example.com", "www.example.com", false),
            ("www.example.com", "example.com", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "WWW.Example.Com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "xn--bcher-kva.example.com", true),
            ("*.*.example.com", "a.b.example.com", false),
            ("a.*.example.com", "a.b.example.com", false),
            ("w*.example.com", "www.example.com", false),
            ("*w.example.com", "www.example.com", false),
            ("xn--*.example.com", "xn--a.example.com", false),
            ("*", "example", false),
            ("*.", "example.", false),
            ("*.com", "example.com", false),
            ("*.co.uk", "example.co.uk", true),
            ("*..com", "example..com", false),
            (".example.com", "www.example.com", false),
            ("", "example.com", false),
            ("example.com\0.evil.org", "example.com", false),
            ("example.com\0", "example.com", false),
            (" example.com", "example.com", false),
            ("my_host.example.com", "my_host.example.com", true),
            ("10.0.0.1", "10.0.0.1", false),
        ] {
            let Ok(host) = HostName::parse(host) else {
                assert!(!expected, "{host}");
                continue;
            };
            assert_eq!(host.is_named_by(&GeneralName::Dns(presented)), expected, "{presented} for {host}");
        }
    }

    #[test]
    fn addresses_are_compared_as_a_whole() {
        let ip = |text: &str| GeneralName::Ip(text.parse().unwrap());
        let host = |text| HostName::parse(text).unwrap();
        assert!(host("10.0.0.1").is_named_by(&ip("10.0.0.1")));
        assert!(!host("10.0.0.1").is_named_by(&ip("10.0.0.2")));
        assert!(host("[::1]").is_named_by(&ip("::1")) && host("::1").is_named_by(&ip("0:0:0:0:0:0:0:1")));
        assert!(!host("::ffff:10.0.0.1").is_named_by(&ip("10.0.0.1")), "another family is another address");
        assert!(!host("10.0.0.1").is_named_by(&GeneralName::Dns("10.0.0.1")));
        assert!(!host("10.0.0.1").is_named_by(&GeneralName::Dns("*.0.0.1")));
        assert!(!host("example.com").is_named_by(&GeneralName::Email("example.com")));
    }

    #[test]
    fn hosts_that_are_no_hosts() {
        let long_label = "a".repeat(64);
        let long_name = ["a".repeat(63).as_str(); 4].join(".");
        for bad in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "-a.b",
            "a-.b",
            "a b",
            "a\0b",
            "*.example.com",
            "ä.de",
            "1.2.3",
            "256.1.1.1",
            "[a]",
        ] {
            assert_eq!(HostName::parse(bad), Err(Error::HostName), "{bad:?}");
        }
        assert!(HostName::parse(&long_label).is_err() && HostName::parse(&long_name).is_err());
        assert!(HostName::parse(&long_name[..HOST_NAME_BYTES]).is_ok());
        assert!(HostName::parse("localhost").is_ok());
    }
}
