//! AES-XTS (IEEE 1619-2018 §5) over the crate `aes`, which aws-lc-rs does not offer.
//!
//! The blocks of a chunk are masked, encrypted together (eight or more fit the processor's pipeline) and masked again.
//! Measured at 16 KiB: 5.3 GB/s; over aws-lc-rs's AES-ECB 3.0, with the crate `xts-mode` 0.3.

use std::fmt;

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit, consts::U16};
use aes::{Aes128, Aes256};
use lws_gencrypto::{Aes, AesBits, AesMode, AesStream, Direction, Error, KeyFault, Misuse};

const BLOCK: usize = 16;
/// How many blocks are done together.
const BATCH: usize = 32;

type Block = Array<u8, U16>;

/// The key for data and the key for tweaks.
pub(super) enum Xts {
    B128(Box<(Aes128, Aes128)>),
    B256(Box<(Aes256, Aes256)>),
}

impl Xts {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let bits = AesMode::Xts.check_key(key)?;
        let (data, tweak) = key.split_at(key.len() / 2);
        match bits {
            AesBits::B128 => Ok(Self::B128(Box::new((cipher(data)?, cipher(tweak)?)))),
            AesBits::B256 => Ok(Self::B256(Box::new((cipher(data)?, cipher(tweak)?)))),
            AesBits::B192 => Err(KeyFault::Length.into()),
        }
    }

    fn run(&self, direction: Direction, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        AesMode::Xts.check_data(data)?;
        let iv: [u8; BLOCK] = iv.try_into().map_err(|_| Misuse::IvLength)?;
        match self {
            Self::B128(keys) => unit(&keys.0, &keys.1, direction, iv, data),
            Self::B256(keys) => unit(&keys.0, &keys.1, direction, iv, data),
        }
        Ok(())
    }
}

impl Aes for Xts {
    fn mode(&self) -> AesMode {
        AesMode::Xts
    }

    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.run(Direction::Encrypt, iv, data)
    }

    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.run(Direction::Decrypt, iv, data)
    }

    fn start_blocks(&self, _: Direction, _: &[u8]) -> Result<Box<dyn AesStream>, Error> {
        Err(Misuse::Mode.into())
    }
}

impl fmt::Debug for Xts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::B128(_) => "Aes(XTS, 128 bits)",
            Self::B256(_) => "Aes(XTS, 256 bits)",
        })
    }
}

fn cipher<C: KeyInit>(key: &[u8]) -> Result<C, Error> {
    C::new_from_slice(key).map_err(|_| KeyFault::Length.into())
}

/// IEEE 1619 §5.3.2 and §5.4.2: one data unit, at least a block.
fn unit<C: BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt<BlockSize = U16>>(
    key: &C,
    tweak_key: &C,
    direction: Direction,
    iv: [u8; BLOCK],
    data: &mut [u8],
) {
    let mut first = Block::from(iv);
    tweak_key.encrypt_block(&mut first);
    let mut tweak = u128::from_le_bytes(first.into());

    let rest = data.len() % BLOCK;
    // With a rest, the last whole block is swapped with it (ciphertext stealing) and done apart.
    let whole = data.len() - rest - if rest > 0 { BLOCK } else { 0 };
    let (plain, tail) = data.split_at_mut(whole);
    let (blocks, _) = Block::slice_as_chunks_mut(plain);
    for batch in blocks.chunks_mut(BATCH) {
        let begin = tweak;
        tweak = mask(batch, begin);
        match direction {
            Direction::Encrypt => key.encrypt_blocks(batch),
            Direction::Decrypt => key.decrypt_blocks(batch),
        }
        mask(batch, begin);
    }
    if rest > 0 {
        steal(key, direction, tweak, tail);
    }
}

/// Adds the tweaks from `tweak` on to the blocks; returns the one that follows.
fn mask(blocks: &mut [Block], mut tweak: u128) -> u128 {
    for block in blocks {
        let masked = u128::from_le_bytes((*block).into()) ^ tweak;
        *block = masked.to_le_bytes().into();
        tweak = double(tweak);
    }
    tweak
}

/// IEEE 1619 §5.2: times the primitive element; the carry comes back as x^7 + x^2 + x + 1. No branch: it is secret.
const fn double(tweak: u128) -> u128 {
    (tweak << 1) ^ ((tweak >> 127) * 0x87)
}

/// IEEE 1619 §5.3.2: the last whole block and the rest, `tail`, 17 to 31 bytes. Decrypting uses the tweaks in the
/// opposite order (§5.4.2).
fn steal<C: BlockCipherEncrypt<BlockSize = U16> + BlockCipherDecrypt<BlockSize = U16>>(
    key: &C,
    direction: Direction,
    tweak: u128,
    tail: &mut [u8],
) {
    let (first_tweak, second_tweak) = match direction {
        Direction::Encrypt => (tweak, double(tweak)),
        Direction::Decrypt => (double(tweak), tweak),
    };
    let one = |tweak: u128, bytes: &[u8]| {
        let mut block = Block::default();
        block.copy_from_slice(bytes);
        let mut block = [block];
        mask(&mut block, tweak);
        match direction {
            Direction::Encrypt => key.encrypt_block(&mut block[0]),
            Direction::Decrypt => key.decrypt_block(&mut block[0]),
        }
        mask(&mut block, tweak);
        block[0]
    };
    let (last, rest) = tail.split_at_mut(BLOCK);
    let stolen = one(first_tweak, last);
    let mut filled = stolen;
    filled[..rest.len()].copy_from_slice(rest);
    rest.copy_from_slice(&stolen[..rest.len()]);
    last.copy_from_slice(&one(second_tweak, &filled));
}
