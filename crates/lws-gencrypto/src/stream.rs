//! AES over a message that comes in pieces of any length.

use alloc::boxed::Box;
use alloc::vec::Vec;

use zeroize::Zeroize;

use crate::aes::BLOCK;
use crate::padding::padding_len;
use crate::{AesStream, Direction, Error, Misuse};

/// A message on its way through AES. Made by [`Aes::start`](crate::Aes::start).
///
/// CBC and ECB: what does not fill a block waits here for more, and while decrypting with padding the last block waits
/// too, because the padding may be in it. The other modes give out as many bytes as they take.
#[derive(Debug)]
pub struct Stream {
    blocks: Box<dyn AesStream>,
    in_blocks: bool,
    direction: Direction,
    padded: bool,
    held: [u8; BLOCK],
    /// `0 <= held_len <= BLOCK`; `BLOCK` only while decrypting with padding
    held_len: usize,
}

impl Stream {
    pub(crate) const fn new(
        blocks: Box<dyn AesStream>,
        in_blocks: bool,
        direction: Direction,
        padded: bool,
    ) -> Self {
        Self { blocks, in_blocks, direction, padded, held: [0; BLOCK], held_len: 0 }
    }

    /// Takes the next piece and appends what comes out to `out`.
    ///
    /// # Errors
    /// [`Error::Library`].
    #[doc(alias = "lws_genaes_crypt")]
    pub fn update(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let begin = out.len();
        if !self.in_blocks {
            out.extend_from_slice(input);
            return self.blocks.process(&mut out[begin..]);
        }
        let total = self.held_len + input.len();
        let keep = self.to_hold(total);
        if keep == total {
            // Nothing is ready: `keep <= BLOCK`, so all of it has room.
            self.held[self.held_len..total].copy_from_slice(input);
            self.held_len = total;
            return Ok(());
        }
        // keep <= BLOCK <= what came now plus what was held; what was held always goes first.
        let ready = total - keep;
        let from_input = ready - self.held_len.min(ready);
        out.extend_from_slice(&self.held[..self.held_len.min(ready)]);
        out.extend_from_slice(&input[..from_input]);
        self.held[..keep].copy_from_slice(&input[from_input..]);
        self.held_len = keep;
        self.blocks.process(&mut out[begin..])
    }

    /// Ends the message: appends the last block, or checks and takes off the padding.
    ///
    /// # Errors
    /// [`Error::Decrypt`] if the padding is wrong or the ciphertext is no multiple of a block;
    /// [`Misuse::DataLength`] if unpadded plaintext is not; [`Error::Library`].
    #[doc(alias = "lws_genaes_destroy")]
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        match (self.padded, self.direction) {
            (false, _) if self.held_len == 0 => Ok(()),
            (false, Direction::Encrypt) => Err(Misuse::DataLength.into()),
            (true, Direction::Encrypt) => {
                let count = BLOCK - self.held_len;
                self.held[self.held_len..].fill(count as u8);
                self.blocks.process(&mut self.held)?;
                out.extend_from_slice(&self.held);
                Ok(())
            }
            (true, Direction::Decrypt) if self.held_len == BLOCK => {
                self.blocks.process(&mut self.held)?;
                let count = padding_len(&self.held).ok_or(Error::Decrypt)?;
                out.extend_from_slice(&self.held[..BLOCK - count]);
                Ok(())
            }
            (_, Direction::Decrypt) => Err(Error::Decrypt),
        }
    }

    /// How many of `total` bytes must wait.
    fn to_hold(&self, total: usize) -> usize {
        let rest = total % BLOCK;
        // The last whole block may hold the padding.
        if rest == 0 && total > 0 && self.padded && self.direction == Direction::Decrypt {
            BLOCK
        } else {
            rest
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Encrypts" by adding the number of the block; "decrypts" by taking it off.
    #[derive(Debug)]
    struct Count {
        number: u8,
        sign: u8,
    }

    impl AesStream for Count {
        fn process(&mut self, data: &mut [u8]) -> Result<(), Error> {
            assert!(data.len().is_multiple_of(BLOCK));
            for block in data.chunks_mut(BLOCK) {
                self.number = self.number.wrapping_add(1);
                block.iter_mut().for_each(|b| *b = b.wrapping_add(self.number.wrapping_mul(self.sign)));
            }
            Ok(())
        }
    }

    fn run(direction: Direction, padded: bool, input: &[u8], piece: usize) -> Result<Vec<u8>, Error> {
        let sign = if direction == Direction::Encrypt { 1 } else { 255 };
        let mut stream = Stream::new(Box::new(Count { number: 0, sign }), true, direction, padded);
        let mut out = Vec::new();
        for piece in input.chunks(piece) {
            stream.update(piece, &mut out)?;
        }
        stream.finish(&mut out)?;
        Ok(out)
    }

    #[test]
    fn every_length_at_every_piece() {
        let message: Vec<u8> = (0..70).collect();
        for len in 0..message.len() {
            let whole = run(Direction::Encrypt, true, &message[..len], 1000).unwrap();
            for piece in 1..=40 {
                assert_eq!(run(Direction::Encrypt, true, &message[..len], piece).unwrap(), whole);
                assert_eq!(run(Direction::Decrypt, true, &whole, piece).unwrap(), message[..len]);
            }
        }
    }

    #[test]
    fn unpadded_takes_whole_blocks_only() {
        assert_eq!(run(Direction::Encrypt, false, &[0; 32], 7).unwrap().len(), 32);
        assert_eq!(run(Direction::Encrypt, false, &[0; 33], 7), Err(Misuse::DataLength.into()));
        assert_eq!(run(Direction::Decrypt, false, &[0; 33], 7), Err(Error::Decrypt));
        assert_eq!(run(Direction::Decrypt, true, &[], 7), Err(Error::Decrypt));
        assert_eq!(run(Direction::Decrypt, true, &[0; 17], 7), Err(Error::Decrypt));
    }
}
