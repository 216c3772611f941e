//! AES over messages that come in pieces.
//!
//! CBC and ECB chain whole messages: the last ciphertext block is the next initialisation vector. The other modes keep
//! the place within a block, so aws-lc-rs's streaming keys do them; those write to another buffer than they read from,
//! so pieces go through a small one.

use std::fmt;

use aws_lc_rs::cipher::{
    DecryptingKey, EncryptingKey, StreamingDecryptingKey, StreamingEncryptingKey, UnboundCipherKey,
};
use lws_gencrypto::{Aes as _, AesMode, AesStream, Direction, Error, Misuse, wipe};

use super::aes_modes::{
    Key, decrypt, decrypting, decryption_context, encrypt, encrypting, encryption_context, failed,
};

const BLOCK: usize = 16;
/// How much goes through at a time, in bytes.
const PIECE: usize = 1024;

pub(super) fn start(key: &Key, direction: Direction, iv: &[u8]) -> Result<Box<dyn AesStream>, Error> {
    let mode = key.mode();
    mode.check_iv(iv)?;
    let unbound = key.unbound()?;
    if mode.in_blocks() {
        let mut chain = [0; BLOCK];
        chain[..iv.len()].copy_from_slice(iv);
        let key = match direction {
            Direction::Encrypt => BlockKey::Encrypt(encrypting(mode, unbound)?),
            Direction::Decrypt => BlockKey::Decrypt(decrypting(mode, unbound)?),
        };
        return Ok(Box::new(Blocks { mode, key, chain }));
    }
    let key = match direction {
        Direction::Encrypt => streaming_encrypt(mode, unbound, iv).map(ByteKey::Encrypt)?,
        Direction::Decrypt => streaming_decrypt(mode, unbound, iv).map(ByteKey::Decrypt)?,
    };
    Ok(Box::new(Bytes(key)))
}

fn streaming_encrypt(
    mode: AesMode,
    key: UnboundCipherKey,
    iv: &[u8],
) -> Result<StreamingEncryptingKey, Error> {
    let context = encryption_context(iv);
    match mode {
        AesMode::Ctr => StreamingEncryptingKey::less_safe_ctr(key, context),
        AesMode::Cfb128 => StreamingEncryptingKey::less_safe_cfb128(key, context),
        AesMode::Cfb8 => StreamingEncryptingKey::less_safe_cfb8(key, context),
        AesMode::Ofb => StreamingEncryptingKey::less_safe_ofb(key, context),
        AesMode::Cbc | AesMode::Ecb | AesMode::Xts => return Err(Misuse::Mode.into()),
    }
    .map_err(failed)
}

fn streaming_decrypt(
    mode: AesMode,
    key: UnboundCipherKey,
    iv: &[u8],
) -> Result<StreamingDecryptingKey, Error> {
    let context = decryption_context(iv);
    match mode {
        AesMode::Ctr => StreamingDecryptingKey::ctr(key, context),
        AesMode::Cfb128 => StreamingDecryptingKey::cfb128(key, context),
        AesMode::Cfb8 => StreamingDecryptingKey::cfb8(key, context),
        AesMode::Ofb => StreamingDecryptingKey::ofb(key, context),
        AesMode::Cbc | AesMode::Ecb | AesMode::Xts => return Err(Misuse::Mode.into()),
    }
    .map_err(failed)
}

enum BlockKey {
    Encrypt(EncryptingKey),
    Decrypt(DecryptingKey),
}

struct Blocks {
    mode: AesMode,
    key: BlockKey,
    chain: [u8; BLOCK],
}

impl AesStream for Blocks {
    fn process(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.mode.check_data(data)?;
        let Some(last) = data.last_chunk::<BLOCK>().copied() else { return Ok(()) };
        let iv = &self.chain[..self.mode.iv_len()];
        match &self.key {
            BlockKey::Encrypt(key) => {
                encrypt(key, data, encryption_context(iv))?;
                self.chain = *data.last_chunk().unwrap_or(&last);
            }
            BlockKey::Decrypt(key) => {
                decrypt(key, data, decryption_context(iv))?;
                self.chain = last;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesStream({})", self.mode)
    }
}

enum ByteKey {
    Encrypt(StreamingEncryptingKey),
    Decrypt(StreamingDecryptingKey),
}

struct Bytes(ByteKey);

impl AesStream for Bytes {
    fn process(&mut self, data: &mut [u8]) -> Result<(), Error> {
        let mut through = [0; PIECE];
        for piece in data.chunks_mut(PIECE) {
            let update = match &mut self.0 {
                ByteKey::Encrypt(key) => key.less_safe_update(piece, &mut through),
                ByteKey::Decrypt(key) => key.less_safe_update(piece, &mut through),
            };
            let update = update.map_err(failed)?;
            let written = update.written();
            // These modes give out as many bytes as they take.
            if written.len() != piece.len() {
                return Err(Error::Library("AES"));
            }
            piece.copy_from_slice(written);
        }
        wipe(&mut through);
        Ok(())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesStream")
    }
}
