//! A look into an X.509 certificate (RFC 5280): what policies and messages need, and no cryptography.
//!
//! ```text
//!   SEQUENCE { tbs SEQUENCE { [0] version, serial, signature, issuer, validity, subject, key, [3] extensions }, … }
//! ```
//! Whether a signature is right, and who issued what, the TLS library decides. This reads names, dates and uses, so that
//! every library's verdict can be explained, and tightened, in the same words. Everything is borrowed from the DER.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::der::{self, Der};
use crate::limits::{CERTIFICATE_MAX, CERTIFICATE_NAMES_MAX};
use crate::{CertificateFault, Date};

const OID_COMMON_NAME: &[u8] = &[0x55, 4, 3];
const OID_KEY_USAGE: &[u8] = &[0x55, 29, 15];
const OID_SUBJECT_ALT_NAME: &[u8] = &[0x55, 29, 17];
const OID_BASIC_CONSTRAINTS: &[u8] = &[0x55, 29, 19];
const OID_NAME_CONSTRAINTS: &[u8] = &[0x55, 29, 30];
const OID_EXTENDED_KEY_USAGE: &[u8] = &[0x55, 29, 37];
const OID_SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const OID_CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1];
/// md2, md5 and sha1 with RSA; sha1 with ECDSA; sha1 with DSA.
pub(crate) const WEAK_SIGNATURES: [&[u8]; 5] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 2],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 4],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 5],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1],
    &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3],
];

/// One certificate, borrowed from its DER.
///
/// ```
/// use lws_tls::{Certificate, CertificateFault};
///
/// assert_eq!(Certificate::parse(b"no certificate").unwrap_err(), CertificateFault::Malformed);
/// ```
#[derive(Clone, Copy, Debug)]
#[doc(alias = "lws_x509_cert")]
#[non_exhaustive]
pub struct Certificate<'a> {
    /// All of it.
    pub der: &'a [u8],
    /// 1, 2 or 3.
    pub version: u8,
    /// The issuer's name, in DER.
    pub issuer: &'a [u8],
    /// Its own name, in DER.
    pub subject: &'a [u8],
    /// Valid from then on.
    pub not_before: Date,
    /// Valid until then, that second included.
    pub not_after: Date,
    /// OID of the signature.
    signature: &'a [u8],
    key: Der<'a>,
    /// Contents of the sequence of extensions.
    extensions: Der<'a>,
}

/// What a certificate is for (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A server shows it.
    Server,
    /// A client shows it.
    Client,
}

/// A name in a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AltName<'a> {
    /// A host name, or `*.` and a domain.
    Dns(&'a str),
    /// An address.
    Ip(IpAddr),
}

impl<'a> Certificate<'a> {
    /// Reads one certificate.
    ///
    /// # Errors
    /// [`CertificateFault::Malformed`] if it is not one, has something behind it, or is longer than
    /// [`CERTIFICATE_MAX`](crate::limits::CERTIFICATE_MAX).
    pub fn parse(der: &'a [u8]) -> Result<Self, CertificateFault> {
        if der.len() > CERTIFICATE_MAX {
            return Err(CertificateFault::Malformed);
        }
        parse(der).ok_or(CertificateFault::Malformed)
    }

    /// Its names (RFC 5280 §4.2.1.6), host names and addresses only; those that are malformed are left out.
    pub fn names(&self) -> impl Iterator<Item = AltName<'a>> {
        let mut names = self.extension(OID_SUBJECT_ALT_NAME).map(Der).unwrap_or(Der(&[]));
        let mut names = Der(names.expect(der::SEQUENCE).unwrap_or_default());
        core::iter::from_fn(move || names.next()).filter_map(|(tag, contents, _)| {
            match (tag, contents.len()) {
                (tag, _) if tag == der::context(2) => core::str::from_utf8(contents).ok().map(AltName::Dns),
                (tag, 4) if tag == der::context(7) => {
                    <[u8; 4]>::try_from(contents).ok().map(|ip| AltName::Ip(ip.into()))
                }
                (tag, 16) if tag == der::context(7) => {
                    <[u8; 16]>::try_from(contents).ok().map(|ip| AltName::Ip(ip.into()))
                }
                _ => None,
            }
        })
    }

    /// The last common name of its subject, if it is text of one byte per character or UTF-8.
    pub fn common_name(&self) -> Option<&'a str> {
        let mut name = Der(Der(self.subject).expect(der::SEQUENCE)?);
        let mut found = None;
        while let Some((der::SET, set, _)) = name.next() {
            let mut set = Der(set);
            while let Some((der::SEQUENCE, pair, _)) = set.next() {
                let mut pair = Der(pair);
                if pair.expect(der::OID) == Some(OID_COMMON_NAME) {
                    // UTF8String, PrintableString, IA5String; others are rare and not text to us.
                    found = match pair.next() {
                        Some((0x0c | 0x13 | 0x16, text, _)) => core::str::from_utf8(text).ok(),
                        _ => found,
                    };
                }
            }
        }
        found
    }

    /// A short name for people: the common name, else the first of its names, else `unnamed`. Control characters are
    /// replaced, and it is cut at 64 characters.
    pub fn short_name(&self) -> String {
        let name = self.common_name().map(ToString::to_string);
        let name = name.or_else(|| self.names().next().map(|name| name.to_string()));
        let name = name.unwrap_or_else(|| "unnamed".to_owned());
        name.chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    }

    /// Its names for a message, no more than
    /// [`CERTIFICATE_NAMES_MAX`](crate::limits::CERTIFICATE_NAMES_MAX); empty if it has none.
    pub fn shown_names(&self) -> Vec<String> {
        let clean = |name: AltName<'_>| {
            name.to_string().chars().take(253).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
        };
        self.names().take(CERTIFICATE_NAMES_MAX).map(clean).collect()
    }

    /// Whether it is for `asked`, a host name or an address (RFC 9525 §6.3): case does not matter, `*` stands for one
    /// whole leftmost label with at least two behind it, and the common name does not count.
    pub fn is_for(&self, asked: &str) -> bool {
        if let Ok(ip) = asked.parse::<IpAddr>() {
            return self.names().any(|name| name == AltName::Ip(ip));
        }
        let asked = asked.strip_suffix('.').unwrap_or(asked);
        self.names().any(|name| matches!(name, AltName::Dns(name) if dns_matches(name, asked)))
    }

    /// Issuer and subject are the same.
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// Whether it may issue others (RFC 5280 §4.2.1.9).
    pub fn is_ca(&self) -> bool {
        let constraints = self.extension(OID_BASIC_CONSTRAINTS);
        let contents = constraints.and_then(|c| Der(c).expect(der::SEQUENCE));
        contents.is_some_and(|c| Der(c).expect(der::BOOLEAN) == Some(&[0xff]))
    }

    /// Whether its key usage, if it has one, lets it sign certificates (RFC 5280 §4.2.1.3).
    pub fn may_sign(&self) -> bool {
        let Some(usage) = self.extension(OID_KEY_USAGE) else { return true };
        // The number of unused bits, then the bits from the left: keyCertSign is the sixth.
        matches!(Der(usage).expect(der::BIT_STRING), Some([_, bits, ..]) if bits & 0b0000_0100 != 0)
    }

    /// Whether its key usage, if it has one, lets it sign revocation lists (RFC 5280 §4.2.1.3).
    pub fn may_sign_lists(&self) -> bool {
        let Some(usage) = self.extension(OID_KEY_USAGE) else { return true };
        // cRLSign is the seventh.
        matches!(Der(usage).expect(der::BIT_STRING), Some([_, bits, ..]) if bits & 0b0000_0010 != 0)
    }

    /// Whether its extended key usage, if it has one, allows this (RFC 5280 §4.2.1.12). `anyExtendedKeyUsage` does not.
    pub fn allows(&self, purpose: Purpose) -> bool {
        let Some(usage) = self.extension(OID_EXTENDED_KEY_USAGE) else { return true };
        let wanted = match purpose {
            Purpose::Server => OID_SERVER_AUTH,
            Purpose::Client => OID_CLIENT_AUTH,
        };
        let mut usages = Der(Der(usage).expect(der::SEQUENCE).unwrap_or_default());
        core::iter::from_fn(|| usages.expect(der::OID)).any(|oid| oid == wanted)
    }

    /// Whether it has a critical extension that nobody here understands (RFC 5280 §4.2).
    pub fn has_unknown_critical(&self) -> bool {
        const KNOWN: [&[u8]; 5] = [
            OID_KEY_USAGE,
            OID_SUBJECT_ALT_NAME,
            OID_BASIC_CONSTRAINTS,
            OID_NAME_CONSTRAINTS,
            OID_EXTENDED_KEY_USAGE,
        ];
        self.each_extension().any(|(oid, critical, _)| critical && !KNOWN.contains(&oid))
    }

    /// Whether it is signed with a hash that can be forged: MD2, MD5, SHA-1.
    pub fn has_weak_signature(&self) -> bool {
        WEAK_SIGNATURES.contains(&self.signature)
    }

    /// The size of its RSA key in bits; `None` for other keys.
    pub fn rsa_bits(&self) -> Option<usize> {
        let mut key = self.key;
        let mut algorithm = Der(key.expect(der::SEQUENCE)?);
        if algorithm.expect(der::OID)? != OID_RSA {
            return None;
        }
        // A bit string begins with the number of bits that do not count: none.
        let key = key.expect(der::BIT_STRING)?.strip_prefix(&[0])?;
        let modulus = Der(Der(key).expect(der::SEQUENCE)?).expect(der::INTEGER)?;
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        let modulus = modulus.get(zeros..)?;
        let first = modulus.first()?;
        Some(modulus.len() * 8 - first.leading_zeros() as usize)
    }

    fn extension(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.each_extension().find(|(oid, ..)| *oid == wanted).map(|(.., value)| value)
    }

    /// OID, critical, value.
    fn each_extension(&self) -> impl Iterator<Item = (&'a [u8], bool, &'a [u8])> {
        let mut extensions = self.extensions;
        core::iter::from_fn(move || {
            let mut extension = Der(extensions.expect(der::SEQUENCE)?);
            let oid = extension.expect(der::OID)?;
            let critical = extension.expect(der::BOOLEAN).is_some_and(|value| value != [0]);
            Some((oid, critical, extension.expect(der::OCTET_STRING)?))
        })
    }
}

impl core::fmt::Display for AltName<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

fn parse(input: &[u8]) -> Option<Certificate<'_>> {
    let mut outer = Der(input);
    let mut certificate = Der(outer.expect(der::SEQUENCE)?);
    let mut tbs = Der(certificate.expect(der::SEQUENCE)?);
    if !outer.is_empty() {
        return None;
    }
    let version = match tbs.expect(der::explicit(0)) {
        None => 1,
        Some(version) => match Der(version).expect(der::INTEGER)? {
            [n @ 0..=2] => n + 1,
            _ => return None,
        },
    };
    let _serial = tbs.expect(der::INTEGER)?;
    let signature = Der(tbs.expect(der::SEQUENCE)?).expect(der::OID)?;
    let issuer = tbs.expect_whole(der::SEQUENCE)?;
    let mut validity = Der(tbs.expect(der::SEQUENCE)?);
    let not_before = date(&mut validity)?;
    let not_after = date(&mut validity)?;
    let subject = tbs.expect_whole(der::SEQUENCE)?;
    let key = Der(tbs.expect(der::SEQUENCE)?);
    // Unique identifiers of version 2: not looked at.
    for n in 1..=2 {
        let _ = tbs.expect(der::context(n));
    }
    let extensions = match tbs.expect(der::explicit(3)) {
        Some(extensions) => Der(extensions).expect(der::SEQUENCE)?,
        None => &[],
    };
    let _algorithm = certificate.expect(der::SEQUENCE)?;
    let _signature = certificate.expect(der::BIT_STRING)?;
    let extensions = Der(extensions);
    let der = input;
    Some(Certificate { der, version, issuer, subject, not_before, not_after, signature, key, extensions })
}

/// RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` afterwards.
pub(crate) fn date(from: &mut Der<'_>) -> Option<Date> {
    let (tag, text, _) = from.next()?;
    let (year, rest) = match (tag, text.len()) {
        (der::UTC_TIME, 13) => {
            let year = number(text.get(..2)?)?;
            (if year < 50 { 2_000 + year } else { 1_900 + year }, text.get(2..)?)
        }
        (der::GENERALIZED_TIME, 15) => (number(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let two = |at: usize| number(rest.get(at..at + 2)?);
    if rest.get(10..) != Some(b"Z") {
        return None;
    }
    Date::from_civil([year, two(0)?, two(2)?], [two(4)?, two(6)?, two(8)?])
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |n, digit| digit.is_ascii_digit().then(|| n * 10 + i64::from(digit - b'0')))
}

/// Whether a name in a certificate stands for a host name.
fn dns_matches(name: &str, asked: &str) -> bool {
    match name.strip_prefix("*.") {
        None => !name.is_empty() && name.eq_ignore_ascii_case(asked),
        Some(domain) => {
            // RFC 9525 §6.3: the wildcard is the whole leftmost label, and matches one. `*.com` is for nobody.
            let Some((label, rest)) = asked.split_once('.') else { return false };
            let whole = domain.contains('.') && !domain.contains('*') && !label.is_empty();
            whole && domain.eq_ignore_ascii_case(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_one_whole_label() {
        for (name, asked, fits) in [
            ("a.example.com", "A.Example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.com", "example.com", false),
            ("*.*.com", "a.b.com", false),
            ("w*.example.com", "www.example.com", false),
            ("*", "com", false),
            ("", "", false),
        ] {
            assert_eq!(dns_matches(name, asked), fits, "{name} {asked}");
        }
    }

    #[test]
    fn dates_of_both_kinds() {
        let read = |tag, text: &str| {
            let mut der = Vec::from([tag, u8::try_from(text.len()).unwrap()]);
            der.extend(text.bytes());
            date(&mut Der(&der))
        };
        assert_eq!(read(der::UTC_TIME, "700101000000Z"), Some(Date(0)));
        assert_eq!(read(der::UTC_TIME, "491231235959Z"), Date::from_civil([2049, 12, 31], [23, 59, 59]));
        assert_eq!(read(der::UTC_TIME, "500101000000Z"), Date::from_civil([1950, 1, 1], [0, 0, 0]));
        assert_eq!(read(der::GENERALIZED_TIME, "20500101000000Z"), Date::from_civil([2050, 1, 1], [0, 0, 0]));
        for (tag, text) in [
            (der::UTC_TIME, "700101000000+"),
            (der::UTC_TIME, "7001010000Z"),
            (der::UTC_TIME, "70010100 000Z"),
            (der::GENERALIZED_TIME, "20500101000000.5Z"),
            (der::GENERALIZED_TIME, "20501301000000Z"),
            (der::INTEGER, "700101000000Z"),
        ] {
            assert_eq!(read(tag, text), None, "{text}");
        }
    }
}
