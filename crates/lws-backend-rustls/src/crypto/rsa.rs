//! RSA by aws-lc.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
    Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaParameters,
    RsaPublicKeyComponents,
};
use lws_gencrypto::limits::{RSA_BITS_MAX, RSA_BITS_MIN};
use lws_gencrypto::{
    Error, Hash, KeyFault, Misuse, Operation, PrivateParts, PublicParts, RsaEncryption, RsaPrivate,
    RsaPrivateKey, RsaPublic, RsaPublicKey, RsaSignature, Secret, rsa_public_to_der,
};

use super::unsupported;

/// aws-lc-rs binds a parsed key to one scheme: this many, made when they are first used.
const SCHEMES: usize = 7;

/// The scheme's place among the parsed keys, and aws-lc-rs's name for it.
fn verifying(scheme: RsaSignature) -> Option<(usize, &'static RsaParameters)> {
    Some(match scheme {
        RsaSignature::Pkcs1(Hash::Sha1) => (0, &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        RsaSignature::Pkcs1(Hash::Sha256) => (1, &RSA_PKCS1_2048_8192_SHA256),
        RsaSignature::Pkcs1(Hash::Sha384) => (2, &RSA_PKCS1_2048_8192_SHA384),
        RsaSignature::Pkcs1(Hash::Sha512) => (3, &RSA_PKCS1_2048_8192_SHA512),
        RsaSignature::Pss(Hash::Sha256) => (4, &RSA_PSS_2048_8192_SHA256),
        RsaSignature::Pss(Hash::Sha384) => (5, &RSA_PSS_2048_8192_SHA384),
        RsaSignature::Pss(Hash::Sha512) => (6, &RSA_PSS_2048_8192_SHA512),
        RsaSignature::Pkcs1(Hash::Md5) | RsaSignature::Pss(Hash::Md5 | Hash::Sha1) => return None,
    })
}

fn signing(scheme: RsaSignature) -> Option<&'static dyn RsaEncoding> {
    Some(match scheme {
        RsaSignature::Pkcs1(Hash::Sha256) => &RSA_PKCS1_SHA256,
        RsaSignature::Pkcs1(Hash::Sha384) => &RSA_PKCS1_SHA384,
        RsaSignature::Pkcs1(Hash::Sha512) => &RSA_PKCS1_SHA512,
        RsaSignature::Pss(Hash::Sha256) => &RSA_PSS_SHA256,
        RsaSignature::Pss(Hash::Sha384) => &RSA_PSS_SHA384,
        RsaSignature::Pss(Hash::Sha512) => &RSA_PSS_SHA512,
        RsaSignature::Pkcs1(Hash::Md5 | Hash::Sha1) | RsaSignature::Pss(Hash::Md5 | Hash::Sha1) => {
            return None;
        }
    })
}

/// `Ok(None)`: PKCS#1 1.5.
fn oaep(scheme: RsaEncryption, operation: Operation) -> Result<Option<&'static OaepAlgorithm>, Error> {
    match scheme {
        RsaEncryption::Pkcs1 => Ok(None),
        RsaEncryption::Oaep(Hash::Sha1) => Ok(Some(&OAEP_SHA1_MGF1SHA1)),
        RsaEncryption::Oaep(Hash::Sha256) => Ok(Some(&OAEP_SHA256_MGF1SHA256)),
        RsaEncryption::Oaep(Hash::Sha384) => Ok(Some(&OAEP_SHA384_MGF1SHA384)),
        RsaEncryption::Oaep(Hash::Sha512) => Ok(Some(&OAEP_SHA512_MGF1SHA512)),
        RsaEncryption::Oaep(Hash::Md5) => Err(unsupported(operation, "use SHA-256")),
    }
}

/// aws-lc-rs's keys for the two ways to encrypt.
type Encrypting = (Pkcs1PublicEncryptingKey, OaepPublicEncryptingKey);

pub(super) struct Public {
    numbers: RsaPublic,
    parsed: [OnceLock<ParsedPublicKey>; SCHEMES],
    encrypting: OnceLock<Encrypting>,
}

impl Public {
    pub(super) fn new(numbers: &RsaPublic) -> Result<Self, Error> {
        let key = Self { numbers: numbers.clone(), parsed: Default::default(), encrypting: OnceLock::new() };
        // The most used scheme; and what aws-lc refuses is refused now.
        key.parsed(1, &RSA_PKCS1_2048_8192_SHA256)?;
        Ok(key)
    }

    fn parsed(&self, at: usize, scheme: &'static RsaParameters) -> Result<&ParsedPublicKey, Error> {
        match self.parsed[at].get() {
            Some(key) => Ok(key),
            None => {
                let key = ParsedPublicKey::new(scheme, rsa_public_to_der(&self.numbers));
                let key = key.map_err(|_| KeyFault::Invalid)?;
                Ok(self.parsed[at].get_or_init(|| key))
            }
        }
    }

    fn encrypting(&self) -> Result<&Encrypting, Error> {
        match self.encrypting.get() {
            Some(key) => Ok(key),
            None => {
                let der = PublicParts::Rsa(self.numbers.clone()).to_der();
                let key = PublicEncryptingKey::from_der(&der).map_err(|_| KeyFault::Invalid)?;
                let pkcs1 = Pkcs1PublicEncryptingKey::new(key.clone()).map_err(|_| KeyFault::Invalid)?;
                let oaep = OaepPublicEncryptingKey::new(key).map_err(|_| KeyFault::Invalid)?;
                Ok(self.encrypting.get_or_init(|| (pkcs1, oaep)))
            }
        }
    }
}

impl RsaPublicKey for Public {
    fn public(&self) -> &RsaPublic {
        &self.numbers
    }

    fn verify(&self, scheme: RsaSignature, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let Some((at, parameters)) = verifying(scheme) else {
            return Err(unsupported(Operation::RsaVerify(scheme), "use SHA-256"));
        };
        self.parsed(at, parameters)?.verify_sig(message, signature).map_err(|_| Error::Verify)
    }

    fn encrypt(&self, scheme: RsaEncryption, message: &[u8]) -> Result<Vec<u8>, Error> {
        let oaep = oaep(scheme, Operation::RsaEncrypt(scheme))?;
        let len = self.numbers.modulus_len();
        if message.len() > scheme.message_max(len) {
            return Err(Misuse::MessageLength.into());
        }
        let (by_pkcs1, by_oaep) = self.encrypting()?;
        let mut out = vec![0; len];
        let written = match oaep {
            None => by_pkcs1.encrypt(message, &mut out),
            Some(algorithm) => by_oaep.encrypt(algorithm, message, &mut out, None),
        };
        match written {
            Ok(written) if written.len() == len => Ok(out),
            _ => Err(Error::Library("RSA encryption")),
        }
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bits)", self.numbers.bits())
    }
}

/// aws-lc-rs's keys for the two ways to decrypt.
type Decrypting = (Pkcs1PrivateDecryptingKey, OaepPrivateDecryptingKey);

/// aws-lc-rs has one type for signing and two for decrypting; the latter are made when they are first used.
pub(super) struct Private {
    numbers: RsaPrivate,
    public: Arc<Public>,
    signing: RsaKeyPair,
    decrypting: OnceLock<Decrypting>,
}

impl Private {
    /// From numbers that are all there.
    pub(super) fn new(numbers: RsaPrivate) -> Result<Self, Error> {
        let ((p, q), crt) = numbers.factors().zip(numbers.crt()).ok_or(KeyFault::Invalid)?;
        let components = aws_lc_rs::rsa::KeyPairComponents {
            public_key: RsaPublicKeyComponents { n: numbers.public().n(), e: numbers.public().e() },
            d: numbers.d().expose(),
            p: p.expose(),
            q: q.expose(),
            dP: crt.dp.expose(),
            dQ: crt.dq.expose(),
            qInv: crt.qi.expose(),
        };
        // aws-lc checks that they belong together.
        let signing = RsaKeyPair::from_components(&components).map_err(|_| KeyFault::Mismatch)?;
        Self::of(numbers, signing)
    }

    pub(super) fn generate(bits: usize) -> Result<Self, Error> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            RSA_BITS_MAX => KeySize::Rsa8192,
            _ if bits < RSA_BITS_MIN => return Err(KeyFault::TooSmall.into()),
            _ if bits > RSA_BITS_MAX => return Err(KeyFault::TooLarge.into()),
            _ => {
                return Err(unsupported(Operation::RsaGenerate(bits), "use 2048, 3072, 4096 or 8192 bits"));
            }
        };
        let failed = |_| Error::Library("RSA key generation");
        let signing = RsaKeyPair::generate(size).map_err(failed)?;
        let der = signing.as_der().map_err(failed)?;
        match PrivateParts::from_der(der.as_ref())? {
            PrivateParts::Rsa(numbers) => Self::of(numbers, signing),
            _ => Err(Error::Library("RSA key generation")),
        }
    }

    fn of(numbers: RsaPrivate, signing: RsaKeyPair) -> Result<Self, Error> {
        let public = Arc::new(Public::new(numbers.public())?);
        Ok(Self { numbers, public, signing, decrypting: OnceLock::new() })
    }

    fn decrypting(&self) -> Result<&Decrypting, Error> {
        match self.decrypting.get() {
            Some(key) => Ok(key),
            None => {
                let der = PrivateParts::Rsa(self.numbers.clone()).to_der()?;
                let key = PrivateDecryptingKey::from_pkcs8(der.expose()).map_err(|_| KeyFault::Invalid)?;
                let pkcs1 = Pkcs1PrivateDecryptingKey::new(key.clone()).map_err(|_| KeyFault::Invalid)?;
                let oaep = OaepPrivateDecryptingKey::new(key).map_err(|_| KeyFault::Invalid)?;
                Ok(self.decrypting.get_or_init(|| (pkcs1, oaep)))
            }
        }
    }
}

impl RsaPrivateKey for Private {
    fn public(&self) -> &RsaPublic {
        self.numbers.public()
    }

    fn public_key(&self) -> Arc<dyn RsaPublicKey> {
        self.public.clone()
    }

    fn sign(&self, scheme: RsaSignature, message: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        let Some(encoding) = signing(scheme) else {
            return Err(unsupported(Operation::RsaSign(scheme), "sign with SHA-256"));
        };
        let len = self.public().modulus_len();
        let out = out.get_mut(..len).ok_or(Misuse::OutputLength)?;
        let signed = self.signing.sign(encoding, &SystemRandom::new(), message, out);
        signed.map_err(|_| Error::Library("RSA signature"))?;
        Ok(len)
    }

    fn decrypt(&self, scheme: RsaEncryption, ciphertext: &[u8]) -> Result<Secret, Error> {
        let oaep = oaep(scheme, Operation::RsaDecrypt(scheme))?;
        let (by_pkcs1, by_oaep) = self.decrypting()?;
        let mut out = Secret::zeroed(self.public().modulus_len());
        let written = match oaep {
            None => by_pkcs1.decrypt(ciphertext, out.expose_mut()),
            Some(algorithm) => by_oaep.decrypt(algorithm, ciphertext, out.expose_mut(), None),
        };
        let len = written.map_err(|_| Error::Decrypt)?.len();
        out.truncate(len);
        Ok(out)
    }

    fn export_private(&self) -> Result<RsaPrivate, Error> {
        Ok(self.numbers.clone())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey({} bits)", self.public().bits())
    }
}
