//! AES-GCM (SP 800-38D §7) for every length of nonce and tag: GHASH of the crate `ghash`, AES of aws-lc-rs.

use ghash::universal_hash::UniversalHash;
use ghash::{Block, GHash, Key as GHashKey};
use lws_gencrypto::{Aes as _, AesMode, Error, constant_time_eq, wipe};

use super::aes_modes::Key;

const BLOCK: usize = 16;

pub(super) struct GcmAny {
    ecb: Key,
    ctr: Key,
    hash: GHash,
}

impl GcmAny {
    pub(super) fn new(key: &[u8]) -> Result<Self, Error> {
        let ecb = Key::new(AesMode::Ecb, key)?;
        // SP 800-38D §7.1 step 1: H is the encryption of zero.
        let mut h = [0; BLOCK];
        ecb.encrypt(&[], &mut h)?;
        let mut key_of_hash = GHashKey::from(h);
        let hash = GHash::new(&key_of_hash);
        wipe(&mut h);
        wipe(&mut key_of_hash);
        Ok(Self { ecb, ctr: Key::new(AesMode::Ctr, key)?, hash })
    }

    /// Encrypts in place. `tag` has a length that is allowed.
    pub(super) fn seal(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag: &mut [u8]) -> Result<(), Error> {
        let first = self.first_counter(iv);
        self.counter_mode(first, data)?;
        let full = self.tag(first, aad, data)?;
        tag.copy_from_slice(&full[..tag.len()]);
        Ok(())
    }

    /// Decrypts in place if the tag is right, otherwise wipes.
    pub(super) fn open(&self, iv: &[u8], aad: &[u8], data: &mut [u8], tag: &[u8]) -> Result<(), Error> {
        let first = self.first_counter(iv);
        let full = self.tag(first, aad, data)?;
        if constant_time_eq(&full[..tag.len()], tag) {
            return self.counter_mode(first, data);
        }
        wipe(data);
        Err(Error::Decrypt)
    }

    /// SP 800-38D §7.1 step 2: J0, from 96 bits as they are, from any other length by GHASH.
    fn first_counter(&self, iv: &[u8]) -> [u8; BLOCK] {
        if let Ok(iv) = <[u8; 12]>::try_from(iv) {
            let mut first = [0; BLOCK];
            first[..12].copy_from_slice(&iv);
            first[BLOCK - 1] = 1;
            return first;
        }
        let mut hash = self.hash.clone();
        hash.update_padded(iv);
        hash.update(&[lengths(0, iv.len())]);
        hash.finalize().into()
    }

    /// SP 800-38D §6.5 GCTR, from the counter after `first` on. Only its last 32 bits count, and wrap around; AES-CTR
    /// of the library counts in all 128, so it is started anew where they wrap.
    fn counter_mode(&self, first: [u8; BLOCK], data: &mut [u8]) -> Result<(), Error> {
        let [fixed @ .., a, b, c, d] = first;
        let mut count = u32::from_be_bytes([a, b, c, d]).wrapping_add(1);
        let mut rest = data;
        while !rest.is_empty() {
            let blocks_to_wrap = (1 << 32) - u64::from(count);
            let bytes = usize::try_from(blocks_to_wrap * BLOCK as u64).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at_mut(bytes);
            let mut counter = [0; BLOCK];
            counter[..12].copy_from_slice(&fixed);
            counter[12..].copy_from_slice(&count.to_be_bytes());
            self.ctr.encrypt(&counter, now)?;
            count = 0;
            rest = later;
        }
        Ok(())
    }

    /// SP 800-38D §7.1 steps 5 and 6.
    fn tag(&self, first: [u8; BLOCK], aad: &[u8], ciphertext: &[u8]) -> Result<[u8; BLOCK], Error> {
        let mut hash = self.hash.clone();
        hash.update_padded(aad);
        hash.update_padded(ciphertext);
        hash.update(&[lengths(aad.len(), ciphertext.len())]);
        let mut tag = first;
        self.ecb.encrypt(&[], &mut tag)?;
        tag.iter_mut().zip(hash.finalize()).for_each(|(tag, hash)| *tag ^= hash);
        Ok(tag)
    }
}

/// Two lengths in bits, 64 bits each.
fn lengths(first: usize, second: usize) -> Block {
    let bits = |bytes: usize| (bytes as u64 * 8).to_be_bytes();
    let mut block = Block::default();
    block[..8].copy_from_slice(&bits(first));
    block[8..].copy_from_slice(&bits(second));
    block
}
