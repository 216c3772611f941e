//! What a request carries.
//!
//! ```text
//!   Body ─┬─ nothing
//!         ├─ bytes, in memory
//!         └─ a Source: pulled whenever there is room, so that only what is on its way is in memory
//! ```

use lws_role::{Handle, Hub};
use lws_role_h1::client::{Framing, Supply};
use lws_wire::Out;
use std::fmt;
use std::rc::Rc;

/// The body of a request.
#[derive(Default)]
pub struct Body(Inner);

#[derive(Default)]
enum Inner {
    #[default]
    None,
    Bytes {
        bytes: Rc<[u8]>,
        /// `0 <= sent <= bytes.len()`
        sent: usize,
    },
    Source {
        source: Box<dyn Source>,
        /// It has been asked for something.
        begun: bool,
    },
}

/// A body that is made while it is sent.
#[doc(alias = "LWS_CALLBACK_CLIENT_HTTP_WRITEABLE")]
#[doc(alias = "lws_client_http_body_pending")]
pub trait Source: 'static {
    /// How many bytes there are, if that is known beforehand: exactly so many must come. Else the body ends when
    /// [`Source::send`] says so. Asked once for each time that the body is sent.
    fn length(&self) -> Option<u64> {
        None
    }

    /// Fills room with what comes next. After [`Supply::Wait`], waking `connection` brings the next call; after
    /// [`Supply::Fail`] the request fails.
    fn send(&mut self, hub: &mut Hub, connection: Handle, out: &mut Out<'_>) -> Supply;

    /// Begins again: for a redirect that keeps the body, a server that wants to know who is asking, and another try.
    /// False if that is not possible; then the request fails.
    fn rewind(&mut self) -> bool {
        false
    }
}

impl Body {
    /// A body that is made while it is sent.
    pub fn source(source: impl Source) -> Self {
        Self(Inner::Source { source: Box::new(source), begun: false })
    }

    pub(crate) fn framing(&self) -> Framing {
        match &self.0 {
            Inner::None => Framing::None,
            Inner::Bytes { bytes, .. } => Framing::Length(bytes.len() as u64),
            Inner::Source { source, .. } => source.length().map_or(Framing::Chunked, Framing::Length),
        }
    }

    pub(crate) fn send(&mut self, hub: &mut Hub, connection: Handle, out: &mut Out<'_>) -> Supply {
        match &mut self.0 {
            Inner::None => Supply::End,
            Inner::Bytes { bytes, sent } => {
                *sent += out.put_some(bytes.get(*sent..).unwrap_or_default());
                if *sent == bytes.len() { Supply::End } else { Supply::More }
            }
            Inner::Source { source, begun } => {
                *begun = true;
                source.send(hub, connection, out)
            }
        }
    }

    /// Begins again; false if that is not possible.
    pub(crate) fn rewind(&mut self) -> bool {
        match &mut self.0 {
            Inner::None => true,
            Inner::Bytes { sent, .. } => {
                *sent = 0;
                true
            }
            Inner::Source { source, begun } => !*begun || source.rewind(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({:?})", self.framing())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Inner::Bytes { bytes: bytes.into(), sent: 0 })
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}
