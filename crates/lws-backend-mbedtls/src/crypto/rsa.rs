//! RSA.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lws_gencrypto::limits::{RSA_BITS_MAX, RSA_BITS_MIN};
use lws_gencrypto::{
    Error, Hash, KeyFault, Misuse, Operation, RsaCrt, RsaEncryption, RsaPrivate, RsaPrivateKey, RsaPublic,
    RsaPublicKey, RsaSignature, Secret, rsa_unpad_pkcs1, rsa_unpad_pkcs1_into,
};
use mbedtls::bignum::Mpi;
use mbedtls::pk::{Options, Pk, RsaPadding, RsaPrivateComponents, RsaPublicComponents};

use super::{failed, ffi, hashes, no_md5, unsupported};

/// The exponent of new keys.
const EXPONENT: u32 = 65_537;

/// The scheme's hash. MD5 is left out: the other libraries do not sign with it, and nobody should.
const fn hash_of(scheme: RsaSignature, operation: Operation) -> Result<Hash, Error> {
    match scheme {
        RsaSignature::Pkcs1(Hash::Md5) | RsaSignature::Pss(Hash::Md5) => Err(no_md5(operation)),
        RsaSignature::Pkcs1(hash) | RsaSignature::Pss(hash) => Ok(hash),
    }
}

const fn signing(scheme: RsaSignature) -> RsaPadding {
    match scheme {
        RsaSignature::Pkcs1(_) => RsaPadding::Pkcs1V15,
        RsaSignature::Pss(hash) => RsaPadding::Pkcs1V21 { mgf: hashes::kind(hash) },
    }
}

/// A key whose padding is set before each use.
struct Key(Mutex<Pk>);

impl Key {
    const fn new(key: Pk) -> Self {
        Self(Mutex::new(key))
    }

    fn with(&self, padding: RsaPadding) -> MutexGuard<'_, Pk> {
        let mut key = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        key.set_options(Options::Rsa { padding });
        key
    }
}

pub(super) struct Public {
    numbers: RsaPublic,
    key: Key,
}

impl Public {
    pub(super) fn new(numbers: &RsaPublic) -> Result<Self, Error> {
        let (n, e) = (number(numbers.n())?, number(numbers.e())?);
        let key = Pk::public_from_rsa_components(RsaPublicComponents { n: &n, e: &e });
        Ok(Self { numbers: numbers.clone(), key: Key::new(key.map_err(|_| KeyFault::Invalid)?) })
    }
}

impl RsaPublicKey for Public {
    fn public(&self) -> &RsaPublic {
        &self.numbers
    }

    fn verify(&self, scheme: RsaSignature, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let hash = hash_of(scheme, Operation::RsaVerify(scheme))?;
        // RFC 8017 §8.1.2, §8.2.2 step 1: the length of the modulus, no other.
        if signature.len() != self.numbers.modulus_len() {
            return Err(Error::Verify);
        }
        let digest = hashes::hash(hash, message)?;
        let mut key = self.key.with(signing(scheme));
        match scheme {
            RsaSignature::Pkcs1(_) => key.verify(hashes::kind(hash), &digest, signature),
            RsaSignature::Pss(_) => ffi::verify_pss(&mut key, hashes::kind(hash), &digest, signature),
        }
        .map_err(|_| Error::Verify)
    }

    fn encrypt(&self, scheme: RsaEncryption, message: &[u8]) -> Result<Vec<u8>, Error> {
        let len = self.numbers.modulus_len();
        if message.len() > scheme.message_max(len) {
            return Err(Misuse::MessageLength.into());
        }
        let padding = match scheme {
            RsaEncryption::Pkcs1 => RsaPadding::Pkcs1V15,
            RsaEncryption::Oaep(hash) => RsaPadding::Pkcs1V21 { mgf: hashes::kind(hash) },
        };
        let mut out = vec![0; len];
        match self.key.with(padding).encrypt(message, &mut out, &mut ffi::random()?) {
            Ok(written) if written == len => Ok(out),
            _ => Err(Error::Library("RSA encryption")),
        }
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPublicKey({} bits)", self.numbers.bits())
    }
}

pub(super) struct Private {
    numbers: RsaPrivate,
    public: Arc<Public>,
    key: Key,
}

impl Private {
    /// The library finds the primes from n, e and d, or fails if the three do not belong together; what else is given must
    /// be what follows from them.
    pub(super) fn new(given: &RsaPrivate) -> Result<Self, Error> {
        let (n, e) = (number(given.public().n())?, number(given.public().e())?);
        let d = number(given.d().expose())?;
        let components = RsaPrivateComponents::WithPrivateExponent { n: &n, d: &d, e: &e };
        let key = Pk::private_from_rsa_components(components).map_err(|_| KeyFault::Mismatch)?;
        let numbers = numbers(&key, given.public(), given.d(), given.factors())?;
        if given.crt().is_some_and(|crt| numbers.crt() != Some(crt)) {
            return Err(KeyFault::Mismatch.into());
        }
        Self::of(numbers, key)
    }

    pub(super) fn generate(bits: usize) -> Result<Self, Error> {
        if bits < RSA_BITS_MIN {
            return Err(KeyFault::TooSmall.into());
        }
        if bits > RSA_BITS_MAX {
            return Err(KeyFault::TooLarge.into());
        }
        if !bits.is_multiple_of(2) {
            return Err(unsupported(Operation::RsaGenerate(bits), "use an even number of bits"));
        }
        let what = failed("RSA key generation");
        let size = u32::try_from(bits).map_err(|_| KeyFault::TooLarge)?;
        let key = Pk::generate_rsa(&mut ffi::random()?, size, EXPONENT).map_err(&what)?;
        let n = key.rsa_public_modulus().and_then(|n| n.to_binary()).map_err(&what)?;
        let d = Secret::from(key.rsa_private_exponent().and_then(|d| d.to_binary()).map_err(&what)?);
        let public = RsaPublic::new(&n, &EXPONENT.to_be_bytes())?;
        let numbers = numbers(&key, &public, &d, None)?;
        Self::of(numbers, key)
    }

    fn of(numbers: RsaPrivate, key: Pk) -> Result<Self, Error> {
        let public = Arc::new(Public::new(numbers.public())?);
        Ok(Self { numbers, public, key: Key::new(key) })
    }

    /// The bare operation (RFC 8017 §5.1.2), blinded by the library: the padded block, as long as the modulus.
    fn bare(&self, ciphertext: &[u8]) -> Result<Secret, Error> {
        let mut block = Secret::zeroed(self.modulus_len());
        if ciphertext.len() != block.len() {
            return Err(Error::Decrypt);
        }
        let mut random = ffi::random()?;
        let done = self.key.with(RsaPadding::None).decrypt(ciphertext, block.expose_mut(), &mut random);
        done.map(|_| block).map_err(|_| Error::Decrypt)
    }

    fn modulus_len(&self) -> usize {
        self.numbers.public().modulus_len()
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
        let hash = hash_of(scheme, Operation::RsaSign(scheme))?;
        let len = self.modulus_len();
        let out = out.get_mut(..len).ok_or(Misuse::OutputLength)?;
        let digest = hashes::hash(hash, message)?;
        let mut random = ffi::random()?;
        // The library's salt is as long as the digest if there is room, and there is from 2048 bits on.
        match self.key.with(signing(scheme)).sign(hashes::kind(hash), &digest, out, &mut random) {
            Ok(written) if written == len => Ok(len),
            _ => Err(Error::Library("RSA")),
        }
    }

    fn decrypt(&self, scheme: RsaEncryption, ciphertext: &[u8]) -> Result<Secret, Error> {
        let hash = match scheme {
            RsaEncryption::Pkcs1 => return rsa_unpad_pkcs1(self.bare(ciphertext)?.expose()),
            RsaEncryption::Oaep(hash) => hash,
        };
        let mut message = Secret::zeroed(self.modulus_len());
        if ciphertext.len() != message.len() {
            return Err(Error::Decrypt);
        }
        let mut random = ffi::random()?;
        let padding = RsaPadding::Pkcs1V21 { mgf: hashes::kind(hash) };
        let len = self.key.with(padding).decrypt(ciphertext, message.expose_mut(), &mut random);
        message.truncate(len.map_err(|_| Error::Decrypt)?);
        Ok(message)
    }

    fn decrypt_pkcs1_into(&self, ciphertext: &[u8], out: &mut [u8]) -> Result<(), Error> {
        // Whether the length and the number are in range everybody can see; everything else shows only in `out`.
        if let Ok(block) = self.bare(ciphertext) {
            rsa_unpad_pkcs1_into(block.expose(), out);
        }
        Ok(())
    }

    fn export_private(&self) -> Result<RsaPrivate, Error> {
        Ok(self.numbers.clone())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaPrivateKey({} bits)", self.numbers.public().bits())
    }
}

/// All numbers of `key`, with the primes in the order in which they were given.
fn numbers(
    key: &Pk,
    public: &RsaPublic,
    d: &Secret,
    given: Option<&(Secret, Secret)>,
) -> Result<RsaPrivate, Error> {
    let read = |number: mbedtls::Result<Mpi>| {
        number.and_then(|number| number.to_binary()).map(Secret::from).map_err(failed("RSA"))
    };
    let (mut p, mut q) = (read(key.rsa_private_prime1())?, read(key.rsa_private_prime2())?);
    let (mut dp, mut dq) = (read(key.rsa_crt_dp())?, read(key.rsa_crt_dq())?);
    let mut qi = read(key.rsa_crt_qp())?;
    if let Some((first, second)) = given {
        if *first != p {
            std::mem::swap(&mut p, &mut q);
            std::mem::swap(&mut dp, &mut dq);
            let inverse =
                || number(q.expose()).ok()?.modinv(&number(p.expose()).ok()?).ok()?.to_binary().ok();
            qi = Secret::from(inverse().ok_or(Error::Library("RSA"))?);
        }
        if (first, second) != (&p, &q) {
            return Err(KeyFault::Mismatch.into());
        }
    }
    let crt = RsaCrt { dp, dq, qi };
    RsaPrivate::new(public.clone(), d.expose())?.with_factors(p.expose(), q.expose())?.with_crt(
        crt.dp.expose(),
        crt.dq.expose(),
        crt.qi.expose(),
    )
}

fn number(bytes: &[u8]) -> Result<Mpi, Error> {
    Mpi::from_binary(bytes).map_err(failed("memory"))
}
