//! The "socket" that OpenSSL sees: one record to read, and memory to write to.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::mem;

thread_local! {
    /// Buffers that the sessions of this thread lend to OpenSSL while it runs; idle ones own none.
    static SPARE: Cell<[Vec<u8>; 2]> = const { Cell::new([Vec::new(), Vec::new()]) };
}

/// A larger spare buffer is given back to the system.
const SPARE_MAX: usize = 256 * 1_024;

#[derive(Debug, Default)]
pub(crate) struct Pipe {
    input: Vec<u8>,
    at: usize,
    output: Vec<u8>,
}

impl Pipe {
    /// Takes buffers, with `record` to be read.
    pub(crate) fn fill(&mut self, record: &[u8]) {
        let [input, output] = SPARE.take();
        (self.input, self.output, self.at) = (input, output, 0);
        self.input.extend_from_slice(record);
    }

    /// Hands over what OpenSSL has written, and gives the buffers back.
    pub(crate) fn empty(&mut self, written: impl FnOnce(&[u8])) {
        written(&self.output);
        let clear = |mut buffer: Vec<u8>| {
            buffer.clear();
            if buffer.capacity() > SPARE_MAX { Vec::new() } else { buffer }
        };
        SPARE.set([clear(mem::take(&mut self.input)), clear(mem::take(&mut self.output))]);
    }
}

impl Read for Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.input.get(self.at..).unwrap_or_default();
        if rest.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

impl Write for Pipe {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.output.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
