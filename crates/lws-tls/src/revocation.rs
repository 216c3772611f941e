//! Lists of certificates that their issuers took back (RFC 5280 §5).
//!
//! ```text
//!   SEQUENCE { tbs SEQUENCE { version 1, signature, issuer, thisUpdate, nextUpdate, revoked, [0] extensions }, … }
//! ```
//! Whether a list is signed by its issuer, and whether a certificate is in it, the TLS library says. This reads what
//! decides whether there *is* a list, so that a missing or old one means the same with every library: refusal.
//!
//! Not here: partial, indirect and delta lists. They say so in a critical extension, and any of those is refused when the
//! list is read.

use alloc::vec::Vec;

use crate::certificate::{WEAK_SIGNATURES, date};
use crate::der::{self, Der};
use crate::{CertificateFault, Date};

/// Complete revocation lists, at most one of each issuer; none is "do not ask for any".
#[derive(Clone, Debug, Default)]
#[doc(alias = "X509_CRL")]
pub struct RevocationLists {
    lists: Vec<List>,
}

#[derive(Clone, Debug)]
struct List {
    der: Vec<u8>,
    /// Its issuer's name, in DER.
    issuer: Vec<u8>,
    this_update: Date,
    next_update: Date,
}

impl RevocationLists {
    /// Adds one list, in DER.
    ///
    /// # Errors
    /// In words: it is not a list, not a complete one, or the second one of its issuer.
    pub fn add(&mut self, der: Vec<u8>) -> Result<(), &'static str> {
        let (issuer, this_update, next_update) = parse(&der)?;
        if self.of(issuer).is_some() {
            return Err("there is another list of the same issuer");
        }
        let issuer = issuer.to_vec();
        self.lists.push(List { der, issuer, this_update, next_update });
        Ok(())
    }

    /// Nothing is asked for.
    pub const fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// All of them, in DER, in the order of their numbers.
    pub fn ders(&self) -> impl Iterator<Item = &[u8]> {
        self.lists.iter().map(|list| &*list.der)
    }

    /// The number of the list of an issuer, by its name in DER, if that list is in its time.
    ///
    /// # Errors
    /// [`CertificateFault::RevocationUnknown`].
    pub fn in_force(&self, issuer: &[u8], now: Date) -> Result<usize, CertificateFault> {
        let found = self.of(issuer).filter(|(_, list)| list.this_update <= now && now <= list.next_update);
        found.map(|(number, _)| number).ok_or(CertificateFault::RevocationUnknown)
    }

    fn of(&self, issuer: &[u8]) -> Option<(usize, &List)> {
        self.lists.iter().enumerate().find(|(_, list)| list.issuer == issuer)
    }
}

/// The issuer's name in DER, this update, and the next one.
fn parse(input: &[u8]) -> Result<(&[u8], Date, Date), &'static str> {
    const MALFORMED: &str = "it is not a well-formed revocation list";
    let mut outer = Der(input);
    let list = outer.expect(der::SEQUENCE).filter(|_| outer.is_empty()).ok_or(MALFORMED)?;
    let mut tbs = Der(Der(list).expect(der::SEQUENCE).ok_or(MALFORMED)?);
    // RFC 5280 §5.1.2.1: version 2 (the number 1) where there are extensions, and §5.2 demands some.
    if tbs.expect(der::INTEGER) != Some(&[1]) {
        return Err("it is not a revocation list of version 2");
    }
    let algorithm = tbs.expect(der::SEQUENCE).and_then(|algorithm| Der(algorithm).expect(der::OID));
    if WEAK_SIGNATURES.contains(&algorithm.ok_or(MALFORMED)?) {
        return Err("it is signed with SHA-1 or MD5");
    }
    let issuer = tbs.expect_whole(der::SEQUENCE).ok_or(MALFORMED)?;
    let this_update = date(&mut tbs).ok_or(MALFORMED)?;
    // RFC 5280 §5.1.2.5: nextUpdate MUST be there.
    let next_update = date(&mut tbs).ok_or("it does not say when the next one comes")?;
    let _revoked = tbs.expect(der::SEQUENCE);
    if let Some(extensions) = tbs.expect(der::explicit(0)) {
        let mut extensions = Der(Der(extensions).expect(der::SEQUENCE).ok_or(MALFORMED)?);
        while let Some(extension) = extensions.expect(der::SEQUENCE) {
            let mut extension = Der(extension);
            extension.expect(der::OID).ok_or(MALFORMED)?;
            if extension.expect(der::BOOLEAN).is_some_and(|critical| critical != [0]) {
                return Err("it is partial, indirect or only a difference (it has a critical extension)");
            }
        }
    }
    Ok((issuer, this_update, next_update))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let contents = parts.concat();
        let mut element = Vec::from([tag, u8::try_from(contents.len()).unwrap()]);
        element.extend(contents);
        element
    }

    /// A list whose signature nobody looks at here.
    fn list(version: u8, times: &[&[u8]], critical: u8) -> Vec<u8> {
        let algorithm = element(der::SEQUENCE, &[&element(der::OID, &[&[0x2a]])]);
        let times: Vec<_> = times.iter().map(|time| element(der::UTC_TIME, &[time])).collect();
        let extension = [
            element(der::OID, &[&[0x55, 29, 28]]),
            element(der::BOOLEAN, &[&[critical]]),
            element(der::OCTET_STRING, &[&[5, 0]]),
        ];
        let extension = element(der::SEQUENCE, &[&extension.concat()]);
        let extensions = element(der::explicit(0), &[&element(der::SEQUENCE, &[&extension])]);
        let issuer = element(der::SEQUENCE, &[b""]);
        let version = element(der::INTEGER, &[&[version]]);
        let tbs = element(der::SEQUENCE, &[&version, &algorithm, &issuer, &times.concat(), &extensions]);
        element(der::SEQUENCE, &[&tbs, &algorithm, &element(der::BIT_STRING, &[&[0]])])
    }

    const TIMES: [&[u8]; 2] = [b"200101000000Z", b"200102000000Z"];

    #[test]
    fn tls_10_only_complete_lists_of_version_2() {
        let add = |der: Vec<u8>| RevocationLists::default().add(der);
        assert_eq!(add(list(1, &TIMES, 0)), Ok(()));
        assert_eq!(add(list(0, &TIMES, 0)), Err("it is not a revocation list of version 2"));
        assert_eq!(add(list(1, &TIMES[..1], 0)), Err("it does not say when the next one comes"));
        assert!(add(list(1, &TIMES, 0xff)).unwrap_err().starts_with("it is partial"));
        let whole = list(1, &TIMES, 0);
        for len in 0..whole.len() {
            assert!(add(whole[..len].to_vec()).is_err(), "{len} bytes");
        }
        assert!(add([&whole[..], &[0]].concat()).is_err(), "something behind it");
    }

    #[test]
    fn tls_10_one_list_for_each_issuer_and_only_in_its_time() {
        let mut lists = RevocationLists::default();
        assert!(lists.is_empty());
        lists.add(list(1, &TIMES, 0)).unwrap();
        assert_eq!(lists.add(list(1, &TIMES, 0)), Err("there is another list of the same issuer"));
        let issuer: &[u8] = &[0x30, 0];
        // 2020-01-01 is 18 262 days after 1970-01-01.
        let first = 18_262 * 86_400;
        assert_eq!(lists.in_force(issuer, Date(first)), Ok(0));
        assert_eq!(lists.in_force(issuer, Date(first + 86_400)), Ok(0));
        for (who, now) in [(issuer, first - 1), (issuer, first + 86_401), (&[0x30, 1, 0], first)] {
            assert_eq!(lists.in_force(who, Date(now)), Err(CertificateFault::RevocationUnknown), "{now}");
        }
        assert_eq!(lists.ders().count(), 1);
    }
}
