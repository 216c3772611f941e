//! All `unsafe` code of the cryptography half: what the safe `mbedtls` crate does not offer.
//!
//! * AES by its own functions: in place, without room for a block more, with one key schedule for all threads; CFB8, which
//!   the generic cipher does not know.
//! * GCM by its own functions: the generic cipher takes initialisation vectors of 16 bytes at most.
//! * PSS verification with a fixed length of salt: the safe one takes any.
//! * A random generator that is shared: the safe functions want a `&mut` of theirs.
#![allow(unsafe_code)] // FFI: ci/arch.toml says what for

use std::ffi::{c_int, c_uint};
use std::sync::Arc;

use lws_gencrypto::{AesMode, Direction, Error, Secret};
use mbedtls::error::{IntoResult as _, Result as LibraryResult};
use mbedtls::hash::{Md, Type};
use mbedtls::pk::Pk;
use mbedtls::rng::{CtrDrbg, Random, RngCallback};
use mbedtls_sys as sys;

use super::failed;

const BLOCK: usize = 16;

/// The generator of this program. It locks itself.
pub(super) fn random() -> Result<impl Random, Error> {
    let shared: Arc<CtrDrbg> = crate::provider::random().map_err(|_| Error::Library("random numbers"))?;
    // SAFETY: the library passes room for `len` bytes; the generator lives as long as the closure.
    Ok(move |data, len| unsafe { CtrDrbg::call(shared.data_ptr(), data, len) })
}

/// A hash whose state can be shared between threads, to be cloned from.
#[derive(Clone)]
pub(super) struct SharedMd(pub(super) Md);

// SAFETY: through a shared reference it can only be cloned, and the library's clone only reads.
unsafe impl Sync for SharedMd {}

/// An AES key with its schedule. The context keeps a pointer into itself: it must not move.
struct Schedule(Box<sys::aes_context>);

// SAFETY: the context is written when the key is set, before anybody shares it, and only read by the functions below.
unsafe impl Send for Schedule {}
// SAFETY: as above.
unsafe impl Sync for Schedule {}

impl Schedule {
    fn new(key: &[u8], direction: Direction) -> Result<Self, Error> {
        let mut schedule = Self(Box::default());
        let context = &raw mut *schedule.0;
        let bits = bits(key)?;
        // SAFETY: the context is initialised first; the key has as many bits as the call is told.
        let done = unsafe {
            sys::aes_init(context);
            match direction {
                Direction::Encrypt => sys::aes_setkey_enc(context, key.as_ptr(), bits),
                Direction::Decrypt => sys::aes_setkey_dec(context, key.as_ptr(), bits),
            }
        };
        done.into_result().map_err(failed("AES"))?;
        Ok(schedule)
    }

    /// For calls that want a `*mut` and do not write.
    fn context(&self) -> *mut sys::aes_context {
        (&raw const *self.0).cast_mut()
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        // SAFETY: it was initialised in `new`. This wipes the key.
        unsafe { sys::aes_free(&raw mut *self.0) }
    }
}

/// A key for the modes in which a message can be continued.
pub(super) struct AesKey {
    mode: AesMode,
    encrypting: Schedule,
    /// Only CBC and ECB run the cipher backwards.
    decrypting: Option<Schedule>,
}

/// Where in a message the cipher is.
pub(super) struct AesState {
    iv: [u8; BLOCK],
    /// How much of the current block of key stream is used.
    used: usize,
    stream: [u8; BLOCK],
}

impl AesState {
    /// At the beginning. ECB has no `iv`.
    pub(super) fn new(iv: &[u8]) -> Self {
        Self { iv: iv.try_into().unwrap_or_default(), used: 0, stream: [0; BLOCK] }
    }
}

impl Drop for AesState {
    fn drop(&mut self) {
        lws_gencrypto::wipe(&mut self.stream);
        lws_gencrypto::wipe(&mut self.iv);
    }
}

impl AesKey {
    pub(super) fn new(mode: AesMode, key: &[u8]) -> Result<Self, Error> {
        let encrypting = Schedule::new(key, Direction::Encrypt)?;
        let decrypting = mode.in_blocks().then(|| Schedule::new(key, Direction::Decrypt)).transpose()?;
        Ok(Self { mode, encrypting, decrypting })
    }

    pub(super) const fn mode(&self) -> AesMode {
        self.mode
    }

    /// Processes `data` in place. Its length is one that the mode takes.
    pub(super) fn run(
        &self,
        direction: Direction,
        state: &mut AesState,
        data: &mut [u8],
    ) -> Result<(), Error> {
        self.mode.check_data(data)?;
        let way = match direction {
            Direction::Encrypt => sys::AES_ENCRYPT,
            Direction::Decrypt => sys::AES_DECRYPT,
        };
        let key = match (&self.decrypting, direction) {
            (Some(decrypting), Direction::Decrypt) => decrypting.context(),
            _ => self.encrypting.context(),
        };
        let (len, data, iv) = (data.len(), data.as_mut_ptr(), state.iv.as_mut_ptr());
        let (used, stream) = (&raw mut state.used, state.stream.as_mut_ptr());
        // SAFETY: `data` has `len` bytes, `iv` and `stream` have 16; the functions allow input and output to be the same.
        // ECB is called for whole blocks within `len`, which `check_data` has seen to be a multiple.
        let done = unsafe {
            match self.mode {
                AesMode::Cbc => sys::aes_crypt_cbc(key, way, len, iv, data, data),
                AesMode::Cfb128 => sys::aes_crypt_cfb128(key, way, len, used, iv, data, data),
                AesMode::Cfb8 => sys::aes_crypt_cfb8(key, way, len, iv, data, data),
                AesMode::Ctr => sys::aes_crypt_ctr(key, len, used, iv, stream, data, data),
                AesMode::Ofb => sys::aes_crypt_ofb(key, len, used, iv, data, data),
                AesMode::Ecb => (0..len / BLOCK)
                    .map(|block| data.add(block * BLOCK))
                    .map(|block| sys::aes_crypt_ecb(key, way, block, block))
                    .find(|done| *done != 0)
                    .unwrap_or(0),
                AesMode::Xts => return Err(lws_gencrypto::Misuse::Mode.into()),
            }
        };
        done.into_result().map_err(failed("AES")).map(|_| ())
    }
}

/// An AES-XTS key. The contexts in it keep pointers into themselves: they must not move.
pub(super) struct XtsKey {
    encrypting: Box<sys::aes_xts_context>,
    decrypting: Box<sys::aes_xts_context>,
}

// SAFETY: the contexts are written when the key is set, before anybody shares them, and only read afterwards.
unsafe impl Send for XtsKey {}
// SAFETY: as above.
unsafe impl Sync for XtsKey {}

impl XtsKey {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let mut both = Self { encrypting: Box::default(), decrypting: Box::default() };
        let bits = bits(key)?;
        // SAFETY: the contexts are initialised first; the key has as many bits as the calls are told.
        let done = unsafe {
            sys::aes_xts_init(&raw mut *both.encrypting);
            sys::aes_xts_init(&raw mut *both.decrypting);
            sys::aes_xts_setkey_enc(&raw mut *both.encrypting, key.as_ptr(), bits)
                | sys::aes_xts_setkey_dec(&raw mut *both.decrypting, key.as_ptr(), bits)
        };
        done.into_result().map_err(failed("AES-XTS"))?;
        Ok(both)
    }

    /// Processes one unit in place: 16 bytes at least.
    pub(super) fn run(&self, direction: Direction, tweak: [u8; BLOCK], data: &mut [u8]) -> Result<(), Error> {
        AesMode::Xts.check_data(data)?;
        let (key, way) = match direction {
            Direction::Encrypt => (&self.encrypting, sys::AES_ENCRYPT),
            Direction::Decrypt => (&self.decrypting, sys::AES_DECRYPT),
        };
        // The last, partial block cannot be done in place: the library reads it after it has written there.
        let input = Secret::from(&data[..]);
        // SAFETY: the call does not write to the context; input and output have as many bytes as it is told.
        let done = unsafe {
            let key = (&raw const **key).cast_mut();
            let input = input.expose();
            sys::aes_crypt_xts(key, way, input.len(), tweak.as_ptr(), input.as_ptr(), data.as_mut_ptr())
        };
        done.into_result().map_err(failed("AES-XTS")).map(|_| ())
    }
}

impl Drop for XtsKey {
    fn drop(&mut self) {
        // SAFETY: they were initialised in `new`. This wipes the keys.
        unsafe {
            sys::aes_xts_free(&raw mut *self.encrypting);
            sys::aes_xts_free(&raw mut *self.decrypting);
        }
    }
}

/// A context of AES-GCM with its key, for one message at a time.
pub(super) struct GcmContext(Box<sys::gcm_context>);

// SAFETY: it owns what it points to, and all use is through `&mut`.
unsafe impl Send for GcmContext {}

impl GcmContext {
    pub(super) fn new(key: &Secret) -> Result<Self, Error> {
        let mut context = Self(Box::default());
        let bits = bits(key.expose())?;
        // SAFETY: the context is initialised first; the key has as many bits as the call is told.
        let done = unsafe {
            sys::gcm_init(&raw mut *context.0);
            sys::gcm_setkey(&raw mut *context.0, sys::CIPHER_ID_AES, key.expose().as_ptr(), bits)
        };
        done.into_result().map_err(failed("AES-GCM"))?;
        Ok(context)
    }

    pub(super) fn seal(
        &mut self,
        iv: &[u8],
        aad: &[u8],
        data: &mut [u8],
        tag: &mut [u8],
    ) -> LibraryResult<()> {
        let (len, data) = (data.len(), data.as_mut_ptr());
        // SAFETY: every pointer has as many bytes as the call is told; encrypting in place is allowed.
        unsafe {
            sys::gcm_crypt_and_tag(
                &raw mut *self.0,
                sys::GCM_ENCRYPT as c_int,
                len,
                iv.as_ptr(),
                iv.len(),
                aad.as_ptr(),
                aad.len(),
                data,
                data,
                tag.len(),
                tag.as_mut_ptr(),
            )
        }
        .into_result_discard()
    }

    /// `out` has the length of `ciphertext`; if the tag is wrong it is zero afterwards.
    pub(super) fn open(
        &mut self,
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
        out: &mut [u8],
    ) -> LibraryResult<()> {
        assert_eq!(ciphertext.len(), out.len(), "the caller has compared the lengths");
        // SAFETY: every pointer has as many bytes as the call is told; `out` does not overlap `ciphertext`.
        unsafe {
            sys::gcm_auth_decrypt(
                &raw mut *self.0,
                ciphertext.len(),
                iv.as_ptr(),
                iv.len(),
                aad.as_ptr(),
                aad.len(),
                tag.as_ptr(),
                tag.len(),
                ciphertext.as_ptr(),
                out.as_mut_ptr(),
            )
        }
        .into_result_discard()
    }
}

impl Drop for GcmContext {
    fn drop(&mut self) {
        // SAFETY: it was initialised in `new`. This wipes the key.
        unsafe { sys::gcm_free(&raw mut *self.0) }
    }
}

/// RSASSA-PSS verification, the salt as long as the digest. `signature` is as long as the modulus of `key`, an RSA key.
pub(super) fn verify_pss(key: &mut Pk, hash: Type, digest: &[u8], signature: &[u8]) -> LibraryResult<()> {
    let key: *mut sys::pk_context = key.into();
    let hash: sys::md_type_t = hash.into();
    let len = c_uint::try_from(digest.len()).unwrap_or_default();
    let salt = c_int::try_from(digest.len()).unwrap_or_default();
    // SAFETY: the caller's key is RSA, so its context is an `rsa_context`; a public operation needs no random numbers; the
    // library reads as many bytes of the signature as the modulus has.
    unsafe {
        sys::rsa_rsassa_pss_verify_ext(
            (*key).pk_ctx.cast(),
            None,
            std::ptr::null_mut(),
            sys::RSA_PUBLIC as c_int,
            hash,
            len,
            digest.as_ptr(),
            hash,
            salt,
            signature.as_ptr(),
        )
    }
    .into_result_discard()
}

fn bits(key: &[u8]) -> Result<c_uint, Error> {
    c_uint::try_from(key.len() * 8).map_err(|_| lws_gencrypto::KeyFault::Length.into())
}
