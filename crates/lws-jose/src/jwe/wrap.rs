//! The content key on its way to a recipient: RFC 7518 §4.

use alloc::string::String;
use alloc::vec::Vec;

use lws_gencrypto::{Hash, Provider, RsaEncryption, Secret};

use super::alg::{Alg, Enc, Kind};
use crate::error::Error;
use crate::json::{Object, Value};
use crate::jwk::{Curve, Jwk};
use crate::live::Encrypts;
use crate::{base64url, limits};

/// Bytes of a PBES2 salt that is made here. RFC 7518 §4.8.1.1 asks for eight or more.
const SALT: usize = 16;

/// One recipient of an encrypter.
pub(super) struct Recipient {
    pub(super) alg: Alg,
    pub(super) kid: Option<String>,
    pub(super) live: Encrypts,
    /// Bytes of a symmetric key or password, which `dir` and PBES2 need again.
    pub(super) bytes: Secret,
    pub(super) p2c: u32,
    pub(super) apu: Vec<u8>,
    pub(super) apv: Vec<u8>,
}

impl Recipient {
    pub(super) fn new(provider: &dyn Provider, alg: Alg, key: &Jwk) -> Result<Self, Error> {
        Ok(Recipient {
            alg,
            kid: key.kid().map(String::from),
            live: Encrypts::new(provider, key, alg)?,
            bytes: key.secret_bytes().map(Secret::from).unwrap_or_default(),
            p2c: limits::P2C_DEFAULT,
            apu: Vec::new(),
            apv: Vec::new(),
        })
    }

    /// The content key that this recipient has or agrees on, for `dir` and ECDH-ES.
    pub(super) fn own_content_key(
        &self,
        provider: &dyn Provider,
        enc: Enc,
        header: &mut Object<'static>,
    ) -> Result<Option<Secret>, Error> {
        match self.alg.kind() {
            Kind::Direct => Ok(Some(self.bytes.clone())),
            // RFC 7518 §4.6.2: AlgorithmID is `enc`, keydatalen its key's.
            Kind::Agree => self.agree(provider, enc.name(), enc.key_len(), header).map(Some),
            _ => Ok(None),
        }
    }

    /// The encrypted key; members that the recipient needs to undo it go to `header`.
    pub(super) fn encrypt_key(
        &self,
        provider: &dyn Provider,
        cek: &[u8],
        header: &mut Object<'static>,
    ) -> Result<Vec<u8>, Error> {
        match (&self.live, self.alg.kind()) {
            (Encrypts::Rsa(key), _) => Ok(key.encrypt(rsa_scheme(self.alg), cek)?),
            (Encrypts::Wrap(key), _) => {
                let mut wrapped = alloc::vec![0; cek.len() + 8];
                key.wrap(cek, &mut wrapped)?;
                Ok(wrapped)
            }
            (Encrypts::Gcm(key), _) => {
                // RFC 7518 §4.7: a fresh 96-bit IV, a 128-bit tag, empty AAD.
                let (mut iv, mut tag, mut encrypted) = ([0; 12], [0; 16], cek.to_vec());
                provider.random(&mut iv)?;
                key.seal(&iv, &[], &mut encrypted, &mut tag)?;
                header.set("iv", base64url::encode(&iv));
                header.set("tag", base64url::encode(&tag));
                Ok(encrypted)
            }
            (_, Kind::AgreeWrap) => {
                // RFC 7518 §4.6.2: AlgorithmID is `alg`, keydatalen that of the wrapping key.
                let kek = self.agree(provider, self.alg.name(), self.alg.wrap_len(), header)?;
                wrap_with(provider, kek.expose(), cek)
            }
            (Encrypts::Bytes, Kind::Password) => {
                let mut salt = [0; SALT];
                provider.random(&mut salt)?;
                let kek = password_key(provider, self.alg, self.bytes.expose(), &salt, self.p2c)?;
                header.set("p2s", base64url::encode(&salt));
                header.set("p2c", self.p2c);
                wrap_with(provider, kek.expose(), cek)
            }
            // RFC 7518 §4.5, §4.6: the empty octet sequence.
            _ => Ok(Vec::new()),
        }
    }

    /// ECDH-ES with a key made for this token alone.
    fn agree(
        &self,
        provider: &dyn Provider,
        algorithm: &str,
        len: usize,
        header: &mut Object<'static>,
    ) -> Result<Secret, Error> {
        let (shared, epk) = match &self.live {
            Encrypts::Ec(curve, point) => {
                let ephemeral = provider.ec_generate(*curve)?;
                let own = ephemeral.point();
                let epk = Object::new()
                    .with("kty", "EC")
                    .with("crv", curve.name())
                    .with("x", base64url::encode(own.x()))
                    .with("y", base64url::encode(own.y()));
                (ephemeral.agree(point)?, epk)
            }
            Encrypts::X25519(peer) => {
                let ephemeral = provider.x25519_generate()?;
                let epk = Object::new()
                    .with("kty", "OKP")
                    .with("crv", Curve::X25519.name())
                    .with("x", base64url::encode(ephemeral.public_bytes()));
                (ephemeral.agree(peer)?, epk)
            }
            _ => return Err(Error::Misuse("this key cannot agree on another")),
        };
        header.set("epk", Value::Object(epk));
        for (name, party) in [("apu", &self.apu), ("apv", &self.apv)] {
            if !party.is_empty() {
                header.set(name, base64url::encode(party));
            }
        }
        agreed_key(provider, shared.expose(), algorithm, &self.apu, &self.apv, len)
    }
}

pub(super) fn rsa_scheme(alg: Alg) -> RsaEncryption {
    match alg {
        Alg::RsaOaep => RsaEncryption::Oaep(Hash::Sha1),
        Alg::RsaOaep256 => RsaEncryption::Oaep(Hash::Sha256),
        _ => RsaEncryption::Pkcs1,
    }
}

/// RFC 7518 §4.6.2: Concat KDF with SHA-256.
pub(super) fn agreed_key(
    provider: &dyn Provider,
    shared: &[u8],
    algorithm: &str,
    apu: &[u8],
    apv: &[u8],
    len: usize,
) -> Result<Secret, Error> {
    let counted = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let bits = u32::try_from(len * 8).unwrap_or(u32::MAX).to_be_bytes();
    let info: [&[u8]; 7] = [
        &counted(algorithm.as_bytes()),
        algorithm.as_bytes(),
        &counted(apu),
        apu,
        &counted(apv),
        apv,
        &bits, // SuppPubInfo; SuppPrivInfo is empty
    ];
    let mut key = Secret::zeroed(len);
    provider.concat_kdf(Hash::Sha256, shared, &info, key.expose_mut())?;
    Ok(key)
}

/// RFC 7518 §4.8: PBKDF2 with the salt UTF8(alg) || 0 || p2s.
pub(super) fn password_key(
    provider: &dyn Provider,
    alg: Alg,
    password: &[u8],
    p2s: &[u8],
    p2c: u32,
) -> Result<Secret, Error> {
    let hash = match alg {
        Alg::Pbes2Hs256A128Kw => Hash::Sha256,
        Alg::Pbes2Hs384A192Kw => Hash::Sha384,
        _ => Hash::Sha512,
    };
    let salt = [alg.name().as_bytes(), &[0], p2s].concat();
    let mut key = Secret::zeroed(alg.wrap_len());
    provider.pbkdf2(hash, password, &salt, p2c, key.expose_mut())?;
    Ok(key)
}

fn wrap_with(provider: &dyn Provider, kek: &[u8], cek: &[u8]) -> Result<Vec<u8>, Error> {
    let mut wrapped = alloc::vec![0; cek.len() + 8];
    provider.aes_kw(kek)?.wrap(cek, &mut wrapped)?;
    Ok(wrapped)
}
