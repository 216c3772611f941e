//! Name constraints (RFC 5280 §4.2.1.10).

use core::net::IpAddr;

use super::Fault;
use crate::host::wildcard;
use crate::limits::NAME_COMPARISONS;
use crate::{Certificate, GeneralName, NameConstraints, Subtree, oid};

/// Comparisons that may still be made: a certificate with many names below an authority with many constraints takes the
/// product of both.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(NAME_COMPARISONS)
    }

    fn spend(&mut self) -> Result<(), Fault> {
        self.0 = self.0.checked_sub(1).ok_or(Fault::Limit("NAME_COMPARISONS"))?;
        Ok(())
    }
}

/// A certificate whose names are constrained.
pub(super) struct Constrained<'c> {
    pub(super) certificate: &'c Certificate<'c>,
    /// Whether the common name counts as a host name, where there are no alternative names.
    pub(super) common_name: bool,
}

impl Constrained<'_> {
    /// Checks every name: the alternative ones, the subject, and the mail addresses in that.
    pub(super) fn check(&self, constraints: &NameConstraints<'_>, budget: &mut Budget) -> Result<(), Fault> {
        let certificate = self.certificate;
        let names = certificate.extensions.subject_alt_name;
        for name in names.iter().flat_map(|names| names.iter()) {
            check(&name, constraints, budget)?;
        }
        if !certificate.subject.is_empty() {
            check(&GeneralName::Directory(certificate.subject), constraints, budget)?;
        }
        for attribute in
            certificate.subject.attributes().filter(|attribute| attribute.oid == oid::EMAIL_ADDRESS)
        {
            check(
                &GeneralName::Email(&attribute.text().ok_or(Fault::NameConstraints)?),
                constraints,
                budget,
            )?;
        }
        // Who takes a common name for a host must not take one that a constraint excludes.
        let common_name = certificate.subject.common_name().filter(|_| self.common_name && names.is_none());
        if let Some(name) = common_name {
            let name = name.parse().map_or_else(|_| GeneralName::Dns(&name), GeneralName::Ip);
            check(&name, constraints, budget)?;
        }
        Ok(())
    }
}

/// One name lies in no excluded subtree, and in a permitted one if there are any of its kind.
fn check(
    name: &GeneralName<'_>,
    constraints: &NameConstraints<'_>,
    budget: &mut Budget,
) -> Result<(), Fault> {
    for subtree in constraints.excluded.iter() {
        budget.spend()?;
        // What cannot be compared may lie inside.
        if contains(&subtree, name, Side::Excluded).is_some_and(|inside| inside != Inside::No) {
            return Err(Fault::NameConstraints);
        }
    }
    let (mut any, mut inside) = (false, false);
    for subtree in constraints.permitted.iter() {
        budget.spend()?;
        let Some(found) = contains(&subtree, name, Side::Permitted) else { continue };
        any = true;
        inside |= found == Inside::Yes;
    }
    if any && !inside { Err(Fault::NameConstraints) } else { Ok(()) }
}

/// Which list a subtree is in: a wildcard lies in a permitted one with all it stands for, in an excluded one with any.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Permitted,
    Excluded,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Yes,
    No,
    /// The name or the subtree makes no sense.
    Unclear,
}

impl From<bool> for Inside {
    fn from(inside: bool) -> Self {
        if inside { Self::Yes } else { Self::No }
    }
}

/// Whether `name` lies in `subtree`; `None` if they are of different kinds.
fn contains(subtree: &Subtree<'_>, name: &GeneralName<'_>, side: Side) -> Option<Inside> {
    match (subtree, name) {
        (Subtree::Name(GeneralName::Dns(base)), GeneralName::Dns(name)) => Some(dns(base, name, side).into()),
        (Subtree::Name(GeneralName::Email(base)), GeneralName::Email(name)) => Some(email(base, name)),
        (Subtree::Name(GeneralName::Uri(base)), GeneralName::Uri(name)) => Some(uri(base, name)),
        (Subtree::Name(GeneralName::Directory(base)), GeneralName::Directory(name)) => {
            Some(name.starts_with(base).into())
        }
        (Subtree::Ip { address, mask }, GeneralName::Ip(name)) => Some(ip(address, mask, name).into()),
        // A constraint on a kind of name that is not understood, and such a name: RFC 5280 §4.2.1.10 says reject.
        (Subtree::Name(GeneralName::RegisteredId(_)), GeneralName::RegisteredId(_)) => Some(Inside::Unclear),
        (Subtree::Name(GeneralName::Other(base)), GeneralName::Other(name)) if base.tag == name.tag => {
            Some(Inside::Unclear)
        }
        _ => None,
    }
}

/// A name is in the subtree that it has added labels to, or none. A base that begins with a dot wants one at least.
fn dns(base: &str, name: &str, side: Side) -> bool {
    let Some(parent) = wildcard(name) else { return below(base, name) };
    match side {
        // `*.parent`: all names one label below the parent.
        Side::Permitted => {
            below(base, parent) || base.strip_prefix('.').is_some_and(|base| below(base, parent))
        }
        // It may stand for a name that is the base, or lies in it.
        Side::Excluded => {
            let base = base.strip_prefix('.').unwrap_or(base);
            let one_label_more =
                base.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent));
            below(base, parent) || one_label_more
        }
    }
}

fn below(base: &str, name: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let Some((front, end)) = name.len().checked_sub(base.len()).and_then(|at| name.split_at_checked(at))
    else {
        return false;
    };
    let whole_labels = front.is_empty() || base.starts_with('.') || front.ends_with('.');
    let more = !base.starts_with('.') || !front.is_empty();
    end.eq_ignore_ascii_case(base) && whole_labels && more
}

/// A host, or with a leading dot the hosts below one.
fn host(base: &str, host: &str) -> bool {
    if base.starts_with('.') || base.is_empty() { below(base, host) } else { base.eq_ignore_ascii_case(host) }
}

/// A mailbox, a host, or with a leading dot the hosts below one.
fn email(base: &str, name: &str) -> Inside {
    let Some((local, at)) = name.rsplit_once('@') else { return Inside::Unclear };
    match base.rsplit_once('@') {
        // RFC 5280 §7.5: the local part counts as it is, the host without regard to case.
        Some((base_local, base_host)) => (base_local == local && base_host.eq_ignore_ascii_case(at)).into(),
        None => host(base, at).into(),
    }
}

/// RFC 5280 §4.2.1.10: the host of the URI; one without, or with an address, cannot be judged.
fn uri(base: &str, name: &str) -> Inside {
    let Some((_, rest)) = name.split_once("://") else { return Inside::Unclear };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let behind_user = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let name = behind_user.split_once(':').map_or(behind_user, |(host, _)| host);
    if name.is_empty() || behind_user.starts_with('[') || name.parse::<IpAddr>().is_ok() {
        return Inside::Unclear;
    }
    host(base, name).into()
}

fn ip(address: &[u8], mask: &[u8], name: &IpAddr) -> bool {
    let masked = |octets: &[u8]| {
        let same =
            octets.iter().zip(address).zip(mask).all(|((octet, base), mask)| octet & mask == base & mask);
        octets.len() == address.len() && same
    };
    match name {
        IpAddr::V4(name) => masked(&name.octets()),
        IpAddr::V6(name) => masked(&name.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        for (base, name, permitted, excluded) in [
            ("example.test", "example.test", true, true),
            ("example.test", "EXAMPLE.Test", true, true),
            ("example.test", "a.b.example.test", true, true),
            ("example.test", "badexample.test", false, false),
            ("example.test", "test", false, false),
            ("example.test", "", false, false),
            (".example.test", "example.test", false, false),
            (".example.test", "a.example.test", true, true),
            (".example.test", ".example.test", false, false),
            ("", "anything", true, true),
            ("example.test", "*.example.test", true, true),
            (".example.test", "*.example.test", true, true),
            ("a.example.test", "*.example.test", false, true),
            (".a.example.test", "*.example.test", false, true),
            ("b.a.example.test", "*.example.test", false, false),
            ("other.test", "*.example.test", false, false),
            ("a.test", "é.test", false, false),
        ] {
            assert_eq!(dns(base, name, Side::Permitted), permitted, "{name} permitted by {base}");
            assert_eq!(dns(base, name, Side::Excluded), excluded, "{name} excluded by {base}");
        }
    }

    /// `Some` if it can be told.
    fn told(inside: Inside) -> Option<bool> {
        match inside {
            Inside::Yes => Some(true),
            Inside::No => Some(false),
            Inside::Unclear => None,
        }
    }

    #[test]
    fn mail_addresses() {
        for (base, name, expected) in [
            ("a@b.test", "a@b.test", Some(true)),
            ("a@b.test", "a@B.TEST", Some(true)),
            ("a@b.test", "A@b.test", Some(false)),
            ("b.test", "anybody@b.test", Some(true)),
            ("b.test", "a@c.b.test", Some(false)),
            (".b.test", "a@c.b.test", Some(true)),
            (".b.test", "a@b.test", Some(false)),
            ("b.test", "\"@b.test\"@c.test", Some(false)),
            ("b.test", "b.test", None),
        ] {
            assert_eq!(told(email(base, name)), expected, "{name} in {base}");
        }
    }

    #[test]
    fn uris() {
        for (base, name, expected) in [
            ("b.test", "https://b.test/", Some(true)),
            ("b.test", "https://B.test:443/x", Some(true)),
            ("b.test", "https://user@b.test?x", Some(true)),
            ("b.test", "https://b.test@evil.test/", Some(false)),
            ("b.test", "https://a.b.test", Some(false)),
            (".b.test", "https://a.b.test#x", Some(true)),
            ("b.test", "urn:b.test", None),
            ("b.test", "https:///x", None),
            ("b.test", "https://192.0.2.1/", None),
            ("b.test", "https://[::1]/", None),
        ] {
            assert_eq!(told(uri(base, name)), expected, "{name} in {base}");
        }
    }

    #[test]
    fn addresses() {
        let v4 = |name: &str| ip(&[192, 0, 2, 0], &[255, 255, 255, 0], &name.parse().unwrap());
        assert!(v4("192.0.2.0") && v4("192.0.2.255") && !v4("192.0.3.0") && !v4("::192.0.2.1"));
        let v6 = |name: &str| ip(&[0; 16], &[0; 16], &name.parse().unwrap());
        assert!(v6("::1") && v6("2001:db8::1") && !v6("0.0.0.0"));
    }
}
