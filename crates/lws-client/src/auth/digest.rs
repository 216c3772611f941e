//! Digest authentication (RFC 7616): `qop=auth` with SHA-256 or MD5, with or without a session key.

use super::Auth;
use super::challenge::{Offer, parse};
use lws_head::{Fields, Method};
use md5::Md5;
use sha2::Sha256;
use sha2::digest::Digest;
use std::fmt::Write;

/// A server's challenge, and how often it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// The server says that the answer was right but for its age.
    pub(crate) stale: bool,
    /// Answers given to this nonce.
    count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Md5Sess,
    Sha256,
    Sha256Sess,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
        }
    }

    fn hash(self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self {
            Self::Md5 | Self::Md5Sess => hex(&Md5::digest(text.as_bytes())),
            Self::Sha256 | Self::Sha256Sess => hex(&Sha256::digest(text.as_bytes())),
        }
    }
}

impl Challenge {
    /// The strongest of the challenges that can be answered, of those in the fields of that name.
    pub(crate) fn choose(fields: Fields<'_>, name: &str) -> Option<Self> {
        let offers = parse(fields.all(name));
        offers.iter().filter_map(Self::read).max_by_key(|challenge| challenge.algorithm)
    }

    fn read(offer: &Offer) -> Option<Self> {
        if !offer.scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let known = [Algorithm::Md5, Algorithm::Md5Sess, Algorithm::Sha256, Algorithm::Sha256Sess];
        let algorithm = match offer.param("algorithm") {
            None => Algorithm::Md5,
            Some(name) => known.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))?,
        };
        // RFC 7616 §3.3: without qop this is RFC 2069, which neither counts nor mixes in anything of ours.
        let qop = offer.param("qop")?;
        if !qop.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")) {
            return None;
        }
        Some(Self {
            realm: offer.param("realm")?.into(),
            nonce: offer.param("nonce")?.into(),
            opaque: offer.param("opaque").map(Into::into),
            algorithm,
            stale: offer.param("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            count: 0,
        })
    }

    /// The value of `Authorization` or `Proxy-Authorization` for one more request.
    pub(crate) fn answer(&mut self, auth: &Auth, method: Method, target: &str, cnonce: &str) -> Vec<u8> {
        self.count = self.count.saturating_add(1);
        let nc = format!("{:08x}", self.count);
        let Self { realm, nonce, algorithm, .. } = self;
        let hash = |parts: &[&str]| algorithm.hash(parts);
        // RFC 7616 §3.4.2, §3.4.3.
        let mut a1 = hash(&[&auth.user, realm, &auth.password]);
        if matches!(algorithm, Algorithm::Md5Sess | Algorithm::Sha256Sess) {
            a1 = hash(&[&a1, nonce, cnonce]);
        }
        let a2 = hash(&[method.as_str(), target]);
        let response = hash(&[&a1, nonce, &nc, cnonce, "auth", &a2]);
        let (user, realm, nonce) = (quoted(&auth.user), quoted(realm), quoted(nonce));
        let mut value = format!(
            "Digest username={user}, realm={realm}, uri={}, algorithm={}, nonce={nonce}, nc={nc}, \
             cnonce=\"{cnonce}\", qop=auth, response=\"{response}\"",
            quoted(target),
            self.algorithm.name(),
        );
        if let Some(opaque) = &self.opaque {
            // RFC 7616 §3.4: it is given back as it was.
            value.extend([", opaque=", &quoted(opaque)]);
        }
        value.into_bytes()
    }

    /// Whether it was answered before.
    pub(crate) fn was_answered(&self) -> bool {
        self.count > 0
    }

    /// Whether this is another challenge than `other`, not the same one over again.
    pub(crate) fn is_news(&self, other: &Self) -> bool {
        self.nonce != other.nonce || self.realm != other.realm
    }
}

/// Bytes by chance, for `cnonce`.
pub(crate) fn cnonce() -> String {
    let mut bytes = [0; 16];
    crate::random(&mut bytes);
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 §3.9.1.
    #[test]
    fn the_example_of_the_rfc() {
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let field = format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            );
            let offers = parse([field.as_bytes()].into_iter());
            let mut challenge = Challenge::read(&offers[0]).unwrap();
            let auth = Auth::digest("Mufasa", "Circle of Life").unwrap();
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            let value = challenge.answer(&auth, Method::Get, "/dir/index.html", cnonce);
            let value = String::from_utf8(value).unwrap();
            assert!(value.contains(&format!("response=\"{response}\"")), "{value}");
            assert!(value.contains("nc=00000001") && value.contains("opaque=\"FQhe/qaU925"));
            let again = challenge.answer(&auth, Method::Get, "/dir/index.html", cnonce);
            assert!(String::from_utf8(again).unwrap().contains("nc=00000002"));
        }
    }

    #[test]
    fn the_strongest_that_is_known() {
        let choose =
            |field: &str| parse([field.as_bytes()].into_iter()).iter().filter_map(Challenge::read).count();
        for none in [
            "Basic realm=\"x\"",
            "Digest realm=\"x\", nonce=\"n\"",
            "Digest realm=\"x\", qop=\"auth-int\", nonce=\"n\"",
            "Digest realm=\"x\", qop=auth, nonce=\"n\", algorithm=SHA-512-256",
            "Digest realm=\"x\", qop=auth",
            "Digest qop=auth, nonce=n",
            "Digest realm=\"x\", realm=\"y\", qop=auth, nonce=n",
        ] {
            assert_eq!(choose(none), 0, "{none}");
        }
        assert_eq!(
            choose("Digest realm=x, qop=auth, nonce=n, Digest realm=x, qop=auth, nonce=n, algorithm=sha-256"),
            2
        );
        assert!(Algorithm::Sha256 > Algorithm::Md5Sess);
    }
}
