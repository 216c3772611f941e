//! AES in the modes without authentication.

use std::fmt;

use lws_gencrypto::{Aes, AesBits, AesMode, AesStream, Direction, Error, Misuse, Secret, wipe};
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::{CipherCtx, CipherCtxRef};

use super::failed;
use super::reuse::Reuse;

const BLOCK: usize = 16;

pub(super) struct Key {
    mode: AesMode,
    cipher: &'static CipherRef,
    key: Secret,
    encrypting: Reuse,
    decrypting: Reuse,
}

impl Key {
    pub(super) fn new(mode: AesMode, key: &[u8]) -> Result<Self, Error> {
        let bits = mode.check_key(key)?;
        let cipher = cipher(mode, bits)?;
        Ok(Self { mode, cipher, key: key.into(), encrypting: Reuse::new(), decrypting: Reuse::new() })
    }

    fn context(&self, direction: Direction) -> Result<CipherCtx, Error> {
        let mut context = CipherCtx::new().map_err(failed("AES"))?;
        let key = Some(self.key.expose());
        match direction {
            Direction::Encrypt => context.encrypt_init(Some(self.cipher), key, None),
            Direction::Decrypt => context.decrypt_init(Some(self.cipher), key, None),
        }
        .map_err(failed("AES"))?;
        context.set_padding(false);
        Ok(context)
    }

    fn run(&self, direction: Direction, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.mode.check_iv(iv)?;
        self.mode.check_data(data)?;
        let reuse = match direction {
            Direction::Encrypt => &self.encrypting,
            Direction::Decrypt => &self.decrypting,
        };
        reuse.with(
            || self.context(direction),
            |context| {
                begin(context, direction, iv)?;
                update(context, self.mode, data)
            },
        )
    }
}

impl Aes for Key {
    fn mode(&self) -> AesMode {
        self.mode
    }

    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.run(Direction::Encrypt, iv, data)
    }

    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.run(Direction::Decrypt, iv, data)
    }

    fn start_blocks(&self, direction: Direction, iv: &[u8]) -> Result<Box<dyn AesStream>, Error> {
        if self.mode == AesMode::Xts {
            return Err(Misuse::Mode.into());
        }
        self.mode.check_iv(iv)?;
        let mut context = self.context(direction)?;
        begin(&mut context, direction, iv)?;
        Ok(Box::new(Stream { mode: self.mode, context }))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes({}, {} bits)", self.mode, self.key.len() * 8)
    }
}

struct Stream {
    mode: AesMode,
    context: CipherCtx,
}

impl AesStream for Stream {
    fn process(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.mode.check_data(data)?;
        update(&mut self.context, self.mode, data)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesStream({})", self.mode)
    }
}

/// Begins a message with the key that is there. Starting anew also forgets where in a block the last one ended.
fn begin(context: &mut CipherCtxRef, direction: Direction, iv: &[u8]) -> Result<(), Error> {
    let iv = (!iv.is_empty()).then_some(iv);
    match direction {
        Direction::Encrypt => context.encrypt_init(None, None, iv),
        Direction::Decrypt => context.decrypt_init(None, None, iv),
    }
    .map_err(failed("AES"))
}

/// In place; `data` has a length that the mode takes.
fn update(context: &mut CipherCtxRef, mode: AesMode, data: &mut [u8]) -> Result<(), Error> {
    if data.is_empty() {
        return Ok(());
    }
    if !mode.in_blocks() {
        let len = data.len();
        return whole(context.cipher_update_inplace(data, len).map_err(failed("AES"))?, len);
    }
    // The crate `openssl` wants room for one block more than goes in: the last block takes a detour.
    let begin = data.len() - BLOCK;
    let written = context.cipher_update_inplace(data, begin).map_err(failed("AES"))?;
    whole(written, begin)?;
    let mut room = [0; 2 * BLOCK];
    room[..BLOCK].copy_from_slice(&data[begin..]);
    let written = context.cipher_update_inplace(&mut room, BLOCK).map_err(failed("AES"))?;
    data[begin..].copy_from_slice(&room[..BLOCK]);
    wipe(&mut room);
    whole(written, BLOCK)
}

/// Without padding as much comes out as goes in.
const fn whole(written: usize, wanted: usize) -> Result<(), Error> {
    if written == wanted { Ok(()) } else { Err(Error::Library("AES")) }
}

fn cipher(mode: AesMode, bits: AesBits) -> Result<&'static CipherRef, Error> {
    use AesBits::{B128, B192, B256};
    Ok(match (mode, bits) {
        (AesMode::Cbc, B128) => Cipher::aes_128_cbc(),
        (AesMode::Cbc, B192) => Cipher::aes_192_cbc(),
        (AesMode::Cbc, B256) => Cipher::aes_256_cbc(),
        (AesMode::Cfb128, B128) => Cipher::aes_128_cfb128(),
        (AesMode::Cfb128, B192) => Cipher::aes_192_cfb128(),
        (AesMode::Cfb128, B256) => Cipher::aes_256_cfb128(),
        (AesMode::Cfb8, B128) => Cipher::aes_128_cfb8(),
        (AesMode::Cfb8, B192) => Cipher::aes_192_cfb8(),
        (AesMode::Cfb8, B256) => Cipher::aes_256_cfb8(),
        (AesMode::Ctr, B128) => Cipher::aes_128_ctr(),
        (AesMode::Ctr, B192) => Cipher::aes_192_ctr(),
        (AesMode::Ctr, B256) => Cipher::aes_256_ctr(),
        (AesMode::Ecb, B128) => Cipher::aes_128_ecb(),
        (AesMode::Ecb, B192) => Cipher::aes_192_ecb(),
        (AesMode::Ecb, B256) => Cipher::aes_256_ecb(),
        (AesMode::Ofb, B128) => Cipher::aes_128_ofb(),
        (AesMode::Ofb, B192) => Cipher::aes_192_ofb(),
        (AesMode::Ofb, B256) => Cipher::aes_256_ofb(),
        (AesMode::Xts, B128) => Cipher::aes_128_xts(),
        (AesMode::Xts, B256) => Cipher::aes_256_xts(),
        (AesMode::Xts, B192) => return Err(lws_gencrypto::KeyFault::Length.into()),
    })
}
