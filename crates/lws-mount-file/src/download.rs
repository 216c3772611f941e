//! A body on its way out.
//!
//! ```text
//!   text (multipart only) ──▶ run of the file ──▶ next text ──▶ next run ──▶ … ──▶ done
//! ```
//! Invariant: what is still to come is exactly what the head promised, less what was sent. If the file no longer
//! has it, the reply is broken off (PATH-08).

use std::io;

use lws_http::{Phase, Reply};

use crate::multipart::Multipart;
use crate::root::{Content, OpenFile};

/// What a [`FileMount`](crate::FileMount) keeps for each exchange: nothing, or an open file and how far it was sent.
#[derive(Debug, Default)]
pub struct Download(Option<Sending>);

#[derive(Debug)]
struct Sending {
    file: Content,
    /// `at <= end`: what remains of this run.
    at: u64,
    end: u64,
    parts: Option<Box<Parts>>,
}

#[derive(Debug)]
struct Parts {
    frame: Multipart,
    /// Number of the current text.
    number: usize,
    text: Vec<u8>,
    /// `text_at <= text.len()`: how much of it was sent.
    text_at: usize,
}

/// Why sending stopped.
enum Stop {
    /// No more room.
    Full,
    Done,
}

impl Download {
    /// One run of a file.
    pub(crate) fn run(file: OpenFile, at: u64, len: u64) -> Self {
        let file = file.into_content();
        Self(Some(Sending { file, at, end: at.saturating_add(len), parts: None }))
    }

    /// Several runs of a file, framed.
    pub(crate) fn parts(file: OpenFile, frame: Multipart) -> Self {
        let text = frame.text(0);
        let (at, end) = frame.range(0).map_or((0, 0), |r| (r.first(), r.last() + 1));
        let parts = Box::new(Parts { frame, number: 0, text, text_at: 0 });
        Self(Some(Sending { file: file.into_content(), at, end, parts: Some(parts) }))
    }

    /// Sends what there is room for, and asks for more room if that was not all.
    pub(crate) fn pump(&mut self, reply: &mut Reply<'_>) {
        let Some(sending) = &mut self.0 else { return };
        if reply.phase() == Phase::Body {
            match sending.pump(reply) {
                Ok(Stop::Full) => return reply.want_write(),
                Ok(Stop::Done) => {}
                Err(e) => {
                    log::warn!("a file could not be sent to its end: {e}");
                    reply.abort();
                }
            }
        }
        self.0 = None; // closes the file
    }
}

impl Sending {
    fn pump(&mut self, reply: &mut Reply<'_>) -> io::Result<Stop> {
        loop {
            if let Some(parts) = &mut self.parts {
                parts.text_at += reply.write(parts.text.get(parts.text_at..).unwrap_or_default());
                if parts.text_at < parts.text.len() {
                    return Ok(Stop::Full);
                }
            }
            if let Stop::Full = self.pump_run(reply)? {
                return Ok(Stop::Full);
            }
            let Some(parts) = &mut self.parts else { return Ok(Stop::Done) };
            if parts.frame.range(parts.number).is_none() {
                return Ok(Stop::Done);
            }
            parts.number += 1;
            (parts.text, parts.text_at) = (parts.frame.text(parts.number), 0);
            (self.at, self.end) =
                parts.frame.range(parts.number).map_or((0, 0), |r| (r.first(), r.last() + 1));
        }
    }

    /// `pread` straight into the room that the carrier lends.
    fn pump_run(&mut self, reply: &mut Reply<'_>) -> io::Result<Stop> {
        while self.at < self.end {
            let Self { file, at, end, .. } = self;
            let mut read = Ok(0);
            let n = reply.fill(|room| {
                let most = usize::try_from(*end - *at).map_or(room.len(), |left| room.len().min(left));
                read = match file.read_at(&mut room[..most], *at) {
                    Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it shrank meanwhile")),
                    other => other,
                };
                *read.as_ref().unwrap_or(&0)
            });
            read?;
            if n == 0 {
                return Ok(Stop::Full);
            }
            self.at += n as u64;
        }
        Ok(Stop::Done)
    }
}
