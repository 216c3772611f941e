//! AES in the modes without authentication.

use std::fmt;
use std::sync::Arc;

use lws_gencrypto::{Aes, AesMode, AesStream, Direction, Error, Misuse};

use super::ffi::{AesKey, AesState, XtsKey};

pub(super) fn new(mode: AesMode, key: &[u8]) -> Result<Arc<dyn Aes>, Error> {
    mode.check_key(key)?;
    let bits = key.len() * 8;
    Ok(if mode == AesMode::Xts {
        Arc::new(Xts { key: XtsKey::new(key)?, bits })
    } else {
        Arc::new(Key { key: Arc::new(AesKey::new(mode, key)?), bits })
    })
}

struct Key {
    key: Arc<AesKey>,
    bits: usize,
}

impl Key {
    fn run(&self, direction: Direction, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.mode().check_iv(iv)?;
        self.key.run(direction, &mut AesState::new(iv), data)
    }
}

impl Aes for Key {
    fn mode(&self) -> AesMode {
        self.key.mode()
    }

    fn encrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.run(Direction::Encrypt, iv, data)
    }

    fn decrypt(&self, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        self.run(Direction::Decrypt, iv, data)
    }

    fn start_blocks(&self, direction: Direction, iv: &[u8]) -> Result<Box<dyn AesStream>, Error> {
        self.mode().check_iv(iv)?;
        Ok(Box::new(Stream { key: self.key.clone(), direction, state: AesState::new(iv) }))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes({}, {} bits)", self.mode(), self.bits)
    }
}

struct Stream {
    key: Arc<AesKey>,
    direction: Direction,
    state: AesState,
}

impl AesStream for Stream {
    fn process(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.key.run(self.direction, &mut self.state, data)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AesStream({})", self.key.mode())
    }
}

struct Xts {
    key: XtsKey,
    bits: usize,
}

impl Xts {
    fn run(&self, direction: Direction, iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
        let tweak = iv.try_into().map_err(|_| Misuse::IvLength)?;
        self.key.run(direction, tweak, data)
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

    fn start_blocks(&self, _direction: Direction, _iv: &[u8]) -> Result<Box<dyn AesStream>, Error> {
        Err(Misuse::Mode.into())
    }
}

impl fmt::Debug for Xts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aes({}, {} bits)", AesMode::Xts, self.bits)
    }
}
