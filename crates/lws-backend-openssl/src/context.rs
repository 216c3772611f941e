//! From settings to OpenSSL's contexts.

use std::sync::Arc;

use lws_tls::limits::{CHAIN_ISSUERS_MAX, RSA_BITS_MIN};
use lws_tls::{Certificate, Certificates, CipherSuite, ConfigError, Error, Purpose, Version, files};
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    AlpnError, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslSessionCacheMode,
    SslVerifyMode, SslVersion, select_next_proto,
};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;

use crate::error::{library, words};
use crate::step;
use crate::verify::Policy;

/// 112 bits: RSA of 2 048 bits, no SHA-1.
const SECURITY_LEVEL: u32 = 2;

/// What a server and a client have in common.
pub(crate) struct Common<'a> {
    pub(crate) min: Version,
    pub(crate) max: Option<Version>,
    pub(crate) suites: &'a [CipherSuite],
    /// Whose certificates are checked, and how.
    pub(crate) verify: Option<(Arc<Policy>, SslVerifyMode)>,
}

/// A chain and the key that belongs to it.
pub(crate) struct Pair {
    pub(crate) chain: Vec<X509>,
    /// The same in DER.
    pub(crate) der: Vec<Vec<u8>>,
    pub(crate) key: PKey<Private>,
    names: String,
}

impl Pair {
    pub(crate) fn load(certificates: &Certificates) -> Result<Self, ConfigError> {
        let (der, names) = files::chain(certificates)?;
        let key_source = || certificates.key().to_string();
        let secret = files::private_key(certificates.key())?;
        let unfit =
            |reason: &str| ConfigError::BadCertificate { source: names.clone(), reason: reason.to_string() };
        let chain: Vec<X509> = der
            .iter()
            .map(|der| X509::from_der(der))
            .collect::<Result<_, _>>()
            .map_err(|_| unfit("it is not a well-formed X.509 certificate"))?;
        let key = PKey::private_key_from_der(secret.der())
            .map_err(|e| ConfigError::BadKey { source: key_source(), reason: words(&e) })?;
        let own = der.first().and_then(|der| Certificate::parse(der).ok());
        match own.as_ref().and_then(Certificate::rsa_bits) {
            Some(bits) if bits < RSA_BITS_MIN => {
                let reason = format!("it is an RSA key of {bits} bits");
                return Err(ConfigError::BadKey { source: key_source(), reason });
            }
            _ => {}
        }
        let public = chain.first().and_then(|own| own.public_key().ok());
        if !public.is_some_and(|public| public.public_eq(&key)) {
            return Err(ConfigError::Mismatch { chain: names, key: key_source() });
        }
        Ok(Self { chain, der, key, names })
    }

    pub(crate) fn install(&self, into: &mut SslContextBuilder) -> Result<(), Error> {
        let unfit = |e| ConfigError::BadCertificate { source: self.names.clone(), reason: words(&e) };
        let mut chain = self.chain.iter();
        if let Some(own) = chain.next() {
            into.set_certificate(own).map_err(unfit)?;
        }
        for issuer in chain {
            into.add_extra_chain_cert(issuer.clone()).map_err(unfit)?;
        }
        into.set_private_key(&self.key).map_err(unfit)?;
        Ok(())
    }
}

impl Common<'_> {
    /// A context with everything but certificates of its own.
    pub(crate) fn builder(&self, method: SslMethod) -> Result<SslContextBuilder, Error> {
        let mut builder = SslContext::builder(method).map_err(|e| library(&e))?;
        self.fill(&mut builder).map_err(|e| ConfigError::Unsupported { reason: words(&e) })?;
        let (min, max) = self.versions()?;
        let set = |b: &mut SslContextBuilder| {
            b.set_min_proto_version(Some(min))?;
            b.set_max_proto_version(Some(max))
        };
        set(&mut builder).map_err(|e| ConfigError::Unsupported { reason: words(&e) })?;
        Ok(builder)
    }

    fn fill(&self, builder: &mut SslContextBuilder) -> Result<(), openssl::error::ErrorStack> {
        builder.set_mode(SslMode::RELEASE_BUFFERS | SslMode::AUTO_RETRY);
        // TLS-01. 0-RTT is off unless a context asks for it.
        builder.set_options(SslOptions::NO_RENEGOTIATION | SslOptions::NO_COMPRESSION);
        builder.clear_options(SslOptions::IGNORE_UNEXPECTED_EOF);
        builder.set_security_level(SECURITY_LEVEL);
        // Tickets replace the session cache: no memory per client.
        builder.set_session_cache_mode(SslSessionCacheMode::OFF);
        let all = CipherSuite::ALL;
        let suites = if self.suites.is_empty() { &all[..] } else { self.suites };
        let names = |tls13: bool| {
            let chosen = suites.iter().filter(|suite| suite.is_tls13() == tls13);
            chosen.filter_map(|suite| suite.openssl_name()).collect::<Vec<_>>().join(":")
        };
        if suites.iter().any(|suite| !suite.is_tls13()) {
            builder.set_cipher_list(&names(false))?;
        }
        if suites.iter().any(|suite| suite.is_tls13()) {
            builder.set_ciphersuites(&names(true))?;
        }
        if let Some((policy, mode)) = &self.verify {
            let mut store = X509StoreBuilder::new()?;
            for root in &policy.roots {
                // A bundle of the system may hold certificates that this library does not understand.
                if let Ok(root) = X509::from_der(root) {
                    store.add_cert(root)?;
                }
            }
            store.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::TRUSTED_FIRST)?;
            if policy.purpose == Purpose::Client {
                // RFC 8446 §4.2.4: tells clients which of their certificates will do.
                for root in &policy.roots {
                    if let Ok(root) = X509::from_der(root) {
                        builder.add_client_ca(&root)?;
                    }
                }
            }
            builder.set_cert_store(store.build());
            // TLS-08.
            builder.set_verify_depth(CHAIN_ISSUERS_MAX);
            let policy = policy.clone();
            builder.set_verify_callback(*mode, move |ok, context| policy.verify(ok, context));
        }
        Ok(())
    }

    /// The versions for which there is a suite.
    fn versions(&self) -> Result<(SslVersion, SslVersion), ConfigError> {
        let any =
            |tls13: bool| self.suites.is_empty() || self.suites.iter().any(|suite| suite.is_tls13() == tls13);
        let old = self.min == Version::Tls12 && any(false);
        let new = self.max != Some(Version::Tls12) && any(true);
        match (old, new) {
            (true, true) => Ok((SslVersion::TLS1_2, SslVersion::TLS1_3)),
            (true, false) => Ok((SslVersion::TLS1_2, SslVersion::TLS1_2)),
            (false, true) => Ok((SslVersion::TLS1_3, SslVersion::TLS1_3)),
            (false, false) => {
                let reason = "no version is left between the oldest, the newest and the cipher suites";
                Err(ConfigError::Unsupported { reason: reason.to_string() })
            }
        }
    }
}

/// Makes a server's context answer to ALPN with what [`step::alpn`] says.
pub(crate) fn select_alpn(builder: &mut SslContextBuilder) {
    builder.set_alpn_select_callback(|_, offered| match step::alpn() {
        None => Err(AlpnError::NOACK),
        // RFC 7301 §3.2: nothing in common is a fatal alert.
        Some(ours) => select(&ours, offered).ok_or(AlpnError::ALERT_FATAL),
    });
}

/// The first of ours that was offered. OpenSSL's own function answers with the client's bytes or ours; they are equal.
fn select<'a>(ours: &[u8], offered: &'a [u8]) -> Option<&'a [u8]> {
    let chosen = select_next_proto(ours, offered)?.to_vec();
    let mut rest = offered;
    while let Some((&len, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(len))?;
        if name == chosen {
            return Some(name);
        }
        rest = after;
    }
    None
}

/// RFC 7301 §3.1: names of 1 to 255 bytes, each behind its length; `None` if there are none.
pub(crate) fn alpn_wire<P: AsRef<[u8]>>(protocols: &[P]) -> Result<Option<Arc<[u8]>>, ConfigError> {
    let mut wire = Vec::new();
    for name in protocols {
        let name = name.as_ref();
        let len = u8::try_from(name.len()).ok().filter(|len| *len > 0).ok_or(ConfigError::BadAlpn)?;
        wire.push(len);
        wire.extend_from_slice(name);
    }
    Ok((!wire.is_empty()).then(|| wire.into()))
}

/// The certificates of `roots`, of which at least one must be one.
pub(crate) fn roots(sources: &[lws_tls::Source]) -> Result<Vec<Vec<u8>>, ConfigError> {
    for source in sources {
        if !files::certificates(source)?.iter().any(|der| X509::from_der(der).is_ok()) {
            return Err(ConfigError::NoRoots { source: source.to_string() });
        }
    }
    files::roots(sources)
}
