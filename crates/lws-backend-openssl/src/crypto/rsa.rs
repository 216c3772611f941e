//! RSA.

use std::fmt;
use std::sync::Arc;

use lws_gencrypto::limits::{RSA_BITS_MAX, RSA_BITS_MIN};
use lws_gencrypto::{
    Error, Hash, KeyFault, Misuse, Operation, RsaEncryption, RsaPrivate, RsaPrivateKey, RsaPublic,
    RsaPublicKey, RsaSignature, Secret, rsa_unpad_pkcs1, rsa_unpad_pkcs1_into,
};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::pkey::{PKey, Private as PrivateOf, Public as PublicOf};
use openssl::pkey_ctx::{PkeyCtx, PkeyCtxRef};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::RsaPssSaltlen;

use super::{failed, forget_errors, hashes, unsupported};

fn md(hash: Hash) -> &'static MdRef {
    match hash {
        Hash::Md5 => Md::md5(),
        Hash::Sha1 => Md::sha1(),
        Hash::Sha256 => Md::sha256(),
        Hash::Sha384 => Md::sha384(),
        Hash::Sha512 => Md::sha512(),
    }
}

/// The scheme's hash. MD5 is left out: the other libraries do not sign with it, and nobody should.
const fn hash_of(scheme: RsaSignature, operation: Operation) -> Result<Hash, Error> {
    match scheme {
        RsaSignature::Pkcs1(Hash::Md5) | RsaSignature::Pss(Hash::Md5) => {
            Err(unsupported(operation, "use SHA-256; MD5 is broken"))
        }
        RsaSignature::Pkcs1(hash) | RsaSignature::Pss(hash) => Ok(hash),
    }
}

fn set_signature<T>(context: &mut PkeyCtxRef<T>, scheme: RsaSignature) -> Result<(), ErrorStack> {
    match scheme {
        // PKCS#1 1.5 is what a new context does.
        RsaSignature::Pkcs1(hash) => context.set_signature_md(md(hash)),
        RsaSignature::Pss(hash) => {
            context.set_rsa_padding(Padding::PKCS1_PSS)?;
            context.set_signature_md(md(hash))?;
            // RFC 7518 §3.5: the salt is as long as the hash, MGF1 uses the same one.
            context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            context.set_rsa_mgf1_md(md(hash))
        }
    }
}

fn set_oaep<T>(context: &mut PkeyCtxRef<T>, hash: Hash) -> Result<(), ErrorStack> {
    context.set_rsa_padding(Padding::PKCS1_OAEP)?;
    context.set_rsa_oaep_md(md(hash))?;
    context.set_rsa_mgf1_md(md(hash))
}

pub(super) struct Public {
    numbers: RsaPublic,
    rsa: Rsa<PublicOf>,
    key: PKey<PublicOf>,
}

impl Public {
    pub(super) fn new(numbers: &RsaPublic) -> Result<Self, Error> {
        let number = |bytes| BigNum::from_slice(bytes).map_err(failed("memory"));
        let rsa = Rsa::from_public_components(number(numbers.n())?, number(numbers.e())?);
        let rsa = rsa.map_err(|_| KeyFault::Invalid)?;
        let key = PKey::from_rsa(rsa.clone()).map_err(failed("memory"))?;
        Ok(Self { numbers: numbers.clone(), rsa, key })
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
        let mut context = PkeyCtx::new(&self.key).map_err(failed("RSA"))?;
        context.verify_init().map_err(failed("RSA"))?;
        set_signature(&mut context, scheme).map_err(failed("RSA"))?;
        let right = context.verify(&digest, signature);
        forget_errors();
        if matches!(right, Ok(true)) { Ok(()) } else { Err(Error::Verify) }
    }

    fn encrypt(&self, scheme: RsaEncryption, message: &[u8]) -> Result<Vec<u8>, Error> {
        let len = self.numbers.modulus_len();
        if message.len() > scheme.message_max(len) {
            return Err(Misuse::MessageLength.into());
        }
        let mut out = vec![0; len];
        let written = match scheme {
            RsaEncryption::Pkcs1 => self.rsa.public_encrypt(message, &mut out, Padding::PKCS1),
            // OpenSSL's older functions know this hash only, and look nothing up for each call.
            RsaEncryption::Oaep(Hash::Sha1) => {
                self.rsa.public_encrypt(message, &mut out, Padding::PKCS1_OAEP)
            }
            RsaEncryption::Oaep(hash) => {
                let mut context = PkeyCtx::new(&self.key).map_err(failed("RSA"))?;
                context.encrypt_init().map_err(failed("RSA"))?;
                set_oaep(&mut context, hash).map_err(failed("RSA"))?;
                context.encrypt(message, Some(&mut out))
            }
        };
        match written {
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
    rsa: Rsa<PrivateOf>,
    key: PKey<PrivateOf>,
}

impl Private {
    /// From numbers that are all there and belong together.
    pub(super) fn new(numbers: RsaPrivate) -> Result<Self, Error> {
        let ((p, q), crt) = numbers.factors().zip(numbers.crt()).ok_or(KeyFault::Invalid)?;
        let number = |bytes: &[u8]| BigNum::from_slice(bytes).map_err(failed("memory"));
        let rsa = Rsa::from_private_components(
            number(numbers.public().n())?,
            number(numbers.public().e())?,
            number(numbers.d().expose())?,
            number(p.expose())?,
            number(q.expose())?,
            number(crt.dp.expose())?,
            number(crt.dq.expose())?,
            number(crt.qi.expose())?,
        );
        Self::of(numbers, rsa.map_err(|_| KeyFault::Mismatch)?)
    }

    pub(super) fn generate(bits: usize) -> Result<Self, Error> {
        if bits < RSA_BITS_MIN {
            return Err(KeyFault::TooSmall.into());
        }
        if bits > RSA_BITS_MAX {
            return Err(KeyFault::TooLarge.into());
        }
        let bits = u32::try_from(bits).map_err(|_| KeyFault::TooLarge)?;
        let rsa = Rsa::generate(bits).map_err(failed("RSA key generation"))?;
        let public = RsaPublic::new(&rsa.n().to_vec(), &rsa.e().to_vec())?;
        let bytes = |number: Option<&openssl::bn::BigNumRef>| {
            number.map(|number| Secret::from(number.to_vec())).ok_or(Error::Library("RSA key generation"))
        };
        let [d, p, q] = [bytes(Some(rsa.d()))?, bytes(rsa.p())?, bytes(rsa.q())?];
        let [dp, dq, qi] = [bytes(rsa.dmp1())?, bytes(rsa.dmq1())?, bytes(rsa.iqmp())?];
        let numbers = RsaPrivate::new(public, d.expose())?.with_factors(p.expose(), q.expose())?.with_crt(
            dp.expose(),
            dq.expose(),
            qi.expose(),
        )?;
        Self::of(numbers, rsa)
    }

    fn of(numbers: RsaPrivate, rsa: Rsa<PrivateOf>) -> Result<Self, Error> {
        let public = Arc::new(Public::new(numbers.public())?);
        let key = PKey::from_rsa(rsa.clone()).map_err(failed("memory"))?;
        Ok(Self { numbers, public, rsa, key })
    }

    /// The bare operation (RFC 8017 §5.1.2), blinded by OpenSSL: the padded block, as long as the modulus.
    fn bare(&self, ciphertext: &[u8]) -> Result<Secret, Error> {
        let len = self.public().modulus_len();
        if ciphertext.len() != len {
            return Err(Error::Decrypt);
        }
        let mut block = Secret::zeroed(len);
        match self.rsa.private_decrypt(ciphertext, block.expose_mut(), Padding::NONE) {
            Ok(written) if written == len => Ok(block),
            _ => Err(Error::Decrypt),
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
        let hash = hash_of(scheme, Operation::RsaSign(scheme))?;
        let len = self.public().modulus_len();
        let out = out.get_mut(..len).ok_or(Misuse::OutputLength)?;
        let digest = hashes::hash(hash, message)?;
        let mut context = PkeyCtx::new(&self.key).map_err(failed("RSA"))?;
        context.sign_init().map_err(failed("RSA"))?;
        set_signature(&mut context, scheme).map_err(failed("RSA"))?;
        match context.sign(&digest, Some(out)) {
            Ok(written) if written == len => Ok(len),
            _ => Err(Error::Library("RSA signature")),
        }
    }

    fn decrypt(&self, scheme: RsaEncryption, ciphertext: &[u8]) -> Result<Secret, Error> {
        match scheme {
            RsaEncryption::Pkcs1 => rsa_unpad_pkcs1(self.bare(ciphertext)?.expose()),
            RsaEncryption::Oaep(hash) => {
                let mut out = Secret::zeroed(self.public().modulus_len());
                if ciphertext.len() != out.len() {
                    return Err(Error::Decrypt);
                }
                if hash == Hash::Sha1 {
                    // As for encryption.
                    let len = self.rsa.private_decrypt(ciphertext, out.expose_mut(), Padding::PKCS1_OAEP);
                    out.truncate(len.map_err(|_| Error::Decrypt)?);
                    return Ok(out);
                }
                let mut context = PkeyCtx::new(&self.key).map_err(failed("RSA"))?;
                context.decrypt_init().map_err(failed("RSA"))?;
                set_oaep(&mut context, hash).map_err(failed("RSA"))?;
                let len = context.decrypt(ciphertext, Some(out.expose_mut())).map_err(|_| Error::Decrypt)?;
                out.truncate(len);
                Ok(out)
            }
        }
    }

    // The padding is read in constant time, and nothing says whether it was right.
    fn decrypt_pkcs1_into(&self, ciphertext: &[u8], out: &mut [u8]) -> Result<(), Error> {
        // Whether the number is in range is no secret: the peer made it.
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
        write!(f, "RsaPrivateKey({} bits)", self.public().bits())
    }
}
