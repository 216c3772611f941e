//! What only a client does: opening streams.

use core::fmt;

use lws_hpack::Field;
use lws_wire::Out;

use super::Connection;
use crate::sender::Asked;
use crate::streams::{Flow, Stream};
use crate::{Side, limits};

/// Why a stream was not opened. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOpened {
    /// We are not a client.
    NotClient,
    /// The peer's limit on streams is reached: try again when one has ended.
    TooMany,
    /// The connection is going, or out of identifiers: open another connection.
    Going,
    /// There is no room for the head now; or never, if it is larger than a frame.
    Full,
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotClient => "a server opens no streams",
            Self::TooMany => "the peer takes no more streams at the moment",
            Self::Going => "the connection takes no more streams",
            Self::Full => "no room for the request's head",
        })
    }
}

impl core::error::Error for NotOpened {}

impl<T> Connection<T> {
    /// A client: whether more streams may be opened, now or when others have ended. If not, it is time for another
    /// connection.
    pub fn takes_requests(&self) -> bool {
        self.side == Side::Client
            && self.goaway.is_none()
            && self.peer_goaway.is_none()
            && self.next_id <= limits::STREAM_ID_MAX
    }

    /// A client: opens a stream with a request's head, pseudo-headers first, names in lower case; `ends`: without a
    /// body. Returns the stream's id.
    ///
    /// # Errors
    /// The stream could not be opened, for the reason given.
    pub fn request<'f, I>(
        &mut self,
        asked: Asked,
        fields: I,
        ends: bool,
        data: T,
        out: &mut Out<'_>,
    ) -> Result<u32, NotOpened>
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        if self.side != Side::Client {
            return Err(NotOpened::NotClient);
        }
        if !self.takes_requests() {
            return Err(NotOpened::Going);
        }
        if self.streams.len() >= self.peer.streams as usize {
            return Err(NotOpened::TooMany);
        }
        let id = self.next_id;
        let mut flow = Flow::new(id, self.peer.stream_window, self.local.stream_window);
        flow.asked = asked;
        if !self.sender.block(&mut flow, out, fields, ends) {
            return Err(NotOpened::Full);
        }
        self.next_id += 2;
        self.budgets.opened += 1;
        self.streams.push(Stream { flow, data });
        Ok(id)
    }
}
