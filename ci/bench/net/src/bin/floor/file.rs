//! A file by `sendfile`: its head and the call.

use crate::looper::Serve;
use rustix::fs::sendfile;
use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use std::error::Error;
use std::fs::File;
use std::net::TcpStream;

/// One file, open from the start.
pub struct SendFile {
    file: File,
    size: u64,
    head: Vec<u8>,
}

/// What is left to send: whole answers after the current one, and of that one.
#[derive(Default)]
pub struct Progress {
    answers: usize,
    /// Where in the file; `None`: between two answers.
    at: Option<u64>,
}

impl SendFile {
    pub fn new(path: &str) -> Result<Self, Box<dyn Error>> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size, head: crate::head(usize::try_from(size)?).into_bytes() })
    }
}

impl Serve for SendFile {
    type State = Progress;

    fn open(&mut self) -> Progress {
        Progress::default()
    }

    fn ready(&mut self, stream: &TcpStream, progress: &mut Progress, input: &[u8]) -> rustix::io::Result<()> {
        progress.answers += crate::requests(input);
        loop {
            let Some(at) = &mut progress.at else {
                if progress.answers == 0 {
                    return Ok(());
                }
                progress.answers -= 1;
                // The socket is empty between two answers, so the head fits.
                send(stream, &self.head, SendFlags::NOSIGNAL | SendFlags::MORE)?;
                progress.at = Some(0);
                continue;
            };
            if *at == self.size {
                progress.at = None;
                continue;
            }
            let left = usize::try_from(self.size - *at).unwrap_or(usize::MAX);
            match sendfile(stream, &self.file, Some(at), left) {
                Ok(_) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
    }
}
