//! The provider value, and what all its sessions share.

use std::fmt;
use std::sync::{Arc, OnceLock};

use lws_tls::{
    Acceptor, CipherSuite, ClientSettings, ConfigError, Connector, Date, Error, Provider, ServerSettings,
    Version, files,
};
use mbedtls::pk::EcGroupId;
use mbedtls::rng::{CtrDrbg, OsEntropy};
use mbedtls::ssl::Config;
use mbedtls::ssl::config::{Endpoint, NullTerminatedStrList, Preset, Transport};

use crate::acceptor::MbedtlsAcceptor;
use crate::connector::MbedtlsConnector;
use crate::error::{library, unsupported, words};
use crate::ffi;

/// Mbed TLS.
///
/// The first call in a program probes the processor and seeds the random numbers. Make it before other threads use the
/// library: it keeps what it found out in variables without a lock (CVE-2025-52496).
pub fn provider() -> Mbedtls {
    // An error shows when the value is used.
    let _ = random();
    Mbedtls { clock: files::now }
}

/// Mbed TLS 2.28, as a value. Cheap to clone.
#[derive(Clone)]
pub struct Mbedtls {
    clock: fn() -> Date,
}

impl Mbedtls {
    /// With another clock, which tells whether certificates are in their time, and ticket keys have long been idle. That
    /// of the system tells the library when to change keys that are in use.
    #[must_use]
    pub const fn with_clock(mut self, clock: fn() -> Date) -> Self {
        self.clock = clock;
        self
    }
}

impl Provider for Mbedtls {
    fn server(&self, settings: ServerSettings) -> Result<Arc<dyn Acceptor>, Error> {
        Ok(Arc::new(MbedtlsAcceptor::new(settings, self.clock)?))
    }

    fn client(&self, settings: &ClientSettings) -> Result<Arc<dyn Connector>, Error> {
        Ok(Arc::new(MbedtlsConnector::new(settings, self.clock)?))
    }
}

impl fmt::Debug for Mbedtls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mbedtls")
    }
}

/// The random numbers of this program, seeded by the system, reseeded by the library every 10 000 calls. It locks itself.
///
/// Whoever calls it first also has the processor's AES instructions looked for: the generator is made of AES.
pub(crate) fn random() -> Result<Arc<CtrDrbg>, String> {
    static RANDOM: OnceLock<Result<Arc<CtrDrbg>, String>> = OnceLock::new();
    let seeded = || CtrDrbg::new(Arc::new(OsEntropy::new()), None).map(Arc::new).map_err(|e| words(&e));
    RANDOM.get_or_init(seeded).clone()
}

/// What a [`Config`] is made of, checked once.
#[derive(Clone)]
pub(crate) struct Policy {
    random: Arc<CtrDrbg>,
    /// Zero at the end.
    suites: Arc<Vec<i32>>,
    /// `None` at the end.
    groups: Arc<Vec<u32>>,
    alpn: Option<Arc<NullTerminatedStrList>>,
}

/// In this order: AES has instructions of its own on most processors.
const SUITES: [CipherSuite; 6] = [
    CipherSuite(0xc02b),
    CipherSuite(0xc02f),
    CipherSuite(0xc02c),
    CipherSuite(0xc030),
    CipherSuite(0xcca9),
    CipherSuite(0xcca8),
];

/// P-256 first: the library's arithmetic for it is faster than its X25519.
const GROUPS: [EcGroupId; 5] = [
    EcGroupId::SecP256R1,
    EcGroupId::Curve25519,
    EcGroupId::SecP384R1,
    EcGroupId::SecP521R1,
    EcGroupId::None,
];

impl Policy {
    pub(crate) fn new(
        min_version: Version,
        max_version: Option<Version>,
        wanted: &[CipherSuite],
        alpn: &[Vec<u8>],
    ) -> Result<Self, Error> {
        // TLS-01: features add up over a program; another crate may have asked for TLS compression (CRIME).
        if ffi::compiled_in(c"MBEDTLS_ZLIB_SUPPORT") {
            return Err(unsupported(
                "Mbed TLS was built with compression (the feature `zlib` of mbedtls-sys-auto)",
            )
            .into());
        }
        if min_version > Version::Tls12 || max_version.is_some_and(|max| max < Version::Tls12) {
            return Err(unsupported("Mbed TLS 2.28 has TLS 1.2 only").into());
        }
        let suites: Vec<CipherSuite> = if wanted.is_empty() {
            SUITES.to_vec()
        } else {
            wanted.iter().filter(|suite| SUITES.contains(suite)).copied().collect()
        };
        if suites.is_empty() {
            return Err(unsupported("Mbed TLS 2.28 has none of the cipher suites").into());
        }
        let suites = suites.iter().map(|suite| i32::from(suite.0)).chain([0]).collect();
        let groups = GROUPS.into_iter().map(Into::into).collect();
        let random = random().map_err(Error::Library)?;
        Ok(Self { random, suites: Arc::new(suites), groups: Arc::new(groups), alpn: protocols(alpn)? })
    }

    /// The same with other application protocols.
    pub(crate) fn offering(&self, alpn: &[Vec<u8>]) -> Result<Self, Error> {
        Ok(Self { alpn: protocols(alpn)?, ..self.clone() })
    }

    pub(crate) fn random(&self) -> &Arc<CtrDrbg> {
        &self.random
    }

    /// A configuration without certificates. One is made for each connection: it holds what is looked at during that
    /// handshake, and is small.
    pub(crate) fn config(&self, endpoint: Endpoint) -> Result<Config, Error> {
        use mbedtls::ssl::config::Version::Tls1_2;
        let mut config = Config::new(endpoint, Transport::Stream, Preset::Default);
        config.set_rng(self.random.clone());
        config.set_min_version(Tls1_2).map_err(library)?;
        config.set_max_version(Tls1_2).map_err(library)?;
        config.set_ciphersuites(self.suites.clone());
        config.set_curves(self.groups.clone());
        if let Some(alpn) = &self.alpn {
            config.set_alpn_protocols(alpn.clone()).map_err(library)?;
        }
        ffi::harden(&mut config);
        Ok(config)
    }
}

/// RFC 7301 §3.1: a protocol name has 1 to 255 bytes.
fn protocols(names: &[Vec<u8>]) -> Result<Option<Arc<NullTerminatedStrList>>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    let mut list = Vec::new();
    for name in names {
        if !(1..=255).contains(&name.len()) {
            return Err(ConfigError::BadAlpn.into());
        }
        let text = std::str::from_utf8(name).ok().filter(|text| !text.contains('\0'));
        list.push(
            text.ok_or_else(|| unsupported("Mbed TLS takes names of application protocols that are text"))?,
        );
    }
    let list = NullTerminatedStrList::new(&list).map_err(library)?;
    Ok(Some(Arc::new(list)))
}
