//! Which extension the two ends use, and with which parameters (RFC 7692 §7.1).
//!
//! ```text
//!   client                                                 server
//!   offer(&[Options]) ── Sec-WebSocket-Extensions ──▶      Options::accept ──▶ None: no compression
//!   check(&[Options]) ◀── Sec-WebSocket-Extensions ──      Options::accept ──▶ Grant { agreed, field }
//!     │
//!     └▶ Ok(Some(Agreed)) · Ok(None): no compression · Err(Failure): fail the connection
//! ```
//! The two functions in the middle are where the same [`Options`] mean different things:
//!
//! | option | a server | a client |
//! |---|---|---|
//! | `server_no_context_takeover` | it says so, asked or not | asks for it, and takes no answer without |
//! | `client_no_context_takeover` | asks for it | says so: it may be relied upon |
//! | `server_max_window_bits` | its compressor's window is not larger | asks for it, and takes no larger one |
//! | `client_max_window_bits` | asks for it if the client lets itself be asked | its compressor's window is not larger |

mod params;

use alloc::string::String;
use core::fmt::{self, Write as _};

use lws_ws::Side;
use lws_ws::handshake::{Extensions, Malformed};

use crate::limits::{LEVELS, MIN_MESSAGE};
use crate::{Engine, Inbound, Outbound, WindowBits};
use params::{CLIENT_BITS, Params};

/// The extension's name (RFC 7692 §7).
pub const NAME: &str = "permessage-deflate";

/// What one end wants, or allows.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Who compresses and decompresses.
    pub engine: Engine,
    /// How hard to try, from 1 to 9; 1 by default. It is of no concern to the peer.
    #[doc(alias = "compression_level")]
    pub level: u8,
    /// Messages of fewer bytes are sent as they are; [`MIN_MESSAGE`] by default. Of no concern to the peer.
    pub min_message: usize,
    /// The server forgets each message it sent before it compresses the next one. It does, by default: then
    /// connections of a loop share one compressor, instead of one for each of them (330 KiB).
    pub server_no_context_takeover: bool,
    /// The same for what the client sends; the server then needs no decompressor for each connection (45 KiB).
    pub client_no_context_takeover: bool,
    /// The largest window of what the server sends; 15 by default.
    pub server_max_window_bits: WindowBits,
    /// The largest window of what the client sends; 15 by default.
    pub client_max_window_bits: WindowBits,
}

#[cfg(feature = "zlib-rs")]
impl Default for Options {
    fn default() -> Self {
        Self::new(Engine::ZlibRs)
    }
}

impl Options {
    /// No context takeover, the largest windows, the fastest level.
    pub const fn new(engine: Engine) -> Self {
        Self {
            engine,
            level: *LEVELS.start(),
            min_message: MIN_MESSAGE,
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: WindowBits::MAX,
            client_max_window_bits: WindowBits::MAX,
        }
    }

    /// Sets how hard to try, from 1 to 9.
    #[must_use]
    pub const fn level(self, level: u8) -> Self {
        Self { level, ..self }
    }

    /// Sets from how many bytes on a message is compressed.
    #[must_use]
    pub const fn min_message(self, min_message: usize) -> Self {
        Self { min_message, ..self }
    }

    /// Sets whether the server forgets each message it sent.
    #[must_use]
    pub const fn server_no_context_takeover(self, server_no_context_takeover: bool) -> Self {
        Self { server_no_context_takeover, ..self }
    }

    /// Sets whether the client forgets each message it sent.
    #[must_use]
    pub const fn client_no_context_takeover(self, client_no_context_takeover: bool) -> Self {
        Self { client_no_context_takeover, ..self }
    }

    /// Sets the largest window of what the server sends. A server whose [`Engine`] cannot compress with so small a
    /// one uses the smallest it can.
    #[must_use]
    pub const fn server_max_window_bits(self, server_max_window_bits: WindowBits) -> Self {
        Self { server_max_window_bits, ..self }
    }

    /// Sets the largest window of what the client sends. A client whose [`Engine`] cannot compress with so small a
    /// one uses the smallest it can.
    #[must_use]
    pub const fn client_max_window_bits(self, client_max_window_bits: WindowBits) -> Self {
        Self { client_max_window_bits, ..self }
    }

    /// A server's choice among what a client offers: the first offer that can be served, or none.
    ///
    /// RFC 7692 §5: a client lists alternatives in its order of preference. Offers of other extensions, and offers
    /// of this one that break its rules or ask for the impossible, are declined, which is not an error.
    ///
    /// # Errors
    /// [`Malformed`]: the field is not a list of extensions; the request has to be refused (RFC 6455 §9.1).
    pub fn accept(&self, offers: Extensions<'_>) -> Result<Option<Grant>, Malformed> {
        let mut granted = None;
        // The whole list is read, because it has to be one to its end.
        for offer in offers {
            let offer = offer?;
            if granted.is_none() && offer.name() == NAME {
                granted = Params::parse(offer.params()).and_then(|params| self.grant(&params));
            }
        }
        Ok(granted)
    }

    /// Serves one offer, unless that is impossible.
    fn grant(&self, offer: &Params) -> Option<Grant> {
        let least = self.engine.least_window_bits();
        let own = self.server_max_window_bits.max(least);
        // RFC 7692 §7.1.2.1: a server accepts an offer with the same or a smaller value.
        let server_bits = offer.server_bits.map_or(own, |asked| asked.min(own));
        if server_bits < least {
            return None;
        }
        // RFC 7692 §7.1.2.2: without the parameter in the offer it MUST NOT be in the response.
        let client_bits = offer.client_bits.map(|most| most.min(self.client_max_window_bits));
        let agreed = Agreed {
            engine: self.engine,
            level: self.level,
            min_message: self.min_message,
            // RFC 7692 §7.1.1.1: a server accepts an offer with the parameter by sending it back.
            server_resets: offer.server_resets || self.server_no_context_takeover,
            client_resets: offer.client_resets || self.client_no_context_takeover,
            server_bits,
            client_bits: client_bits.unwrap_or(WindowBits::MAX),
        };
        let answer = Params {
            server_resets: agreed.server_resets,
            client_resets: agreed.client_resets,
            server_bits: (offer.server_bits.is_some() || server_bits < WindowBits::MAX)
                .then_some(server_bits),
            client_bits: client_bits.filter(|bits| *bits < WindowBits::MAX),
        };
        let mut field = String::from(NAME);
        write!(field, "{answer}").expect("a String takes everything");
        Some(Grant { agreed, field })
    }

    /// The window that a client compresses with, at most.
    fn client_bits(&self) -> WindowBits {
        self.client_max_window_bits.max(self.engine.least_window_bits())
    }

    /// Whether a client lets the server choose the window.
    fn offers_client_bits(&self) -> bool {
        self.engine.least_window_bits() < WindowBits::MAX
    }

    /// Appends a client's offer to `field`.
    fn put(&self, field: &mut String) -> fmt::Result {
        let params = Params {
            server_resets: self.server_no_context_takeover,
            client_resets: self.client_no_context_takeover,
            server_bits: Some(self.server_max_window_bits).filter(|bits| *bits < WindowBits::MAX),
            client_bits: None,
        };
        write!(field, "{NAME}{params}")?;
        match self.client_bits() {
            _ if !self.offers_client_bits() => Ok(()),
            // RFC 7692 §7.1.2.2: without a value it only says that the client understands the parameter.
            WindowBits::MAX => write!(field, "; {CLIENT_BITS}"),
            bits => write!(field, "; {CLIENT_BITS}={bits}"),
        }
    }

    /// What `response` means if it is the answer to this offer, as far as that can be.
    fn agree(&self, response: &Params) -> Option<Agreed> {
        let server_bits = response.server_bits.unwrap_or(WindowBits::MAX);
        // RFC 7692 §7.1.1.1, §7.1.2.1: a server accepts these by sending them back, the window not enlarged.
        if self.server_no_context_takeover && !response.server_resets
            || server_bits > self.server_max_window_bits
        {
            return None;
        }
        let client_bits = match response.client_bits {
            None => self.client_bits(),
            // RFC 7692 §7.1.2.2: only if it was offered, and not more than was offered.
            Some(bits) if self.offers_client_bits() && bits <= self.client_bits() => bits,
            Some(_) => return None,
        };
        Some(Agreed {
            engine: self.engine,
            level: self.level,
            min_message: self.min_message,
            server_resets: response.server_resets,
            // RFC 7692 §7.1.1.2: the client may do so by itself.
            client_resets: response.client_resets || self.client_no_context_takeover,
            server_bits,
            client_bits,
        })
    }
}

/// The value of a client's `Sec-WebSocket-Extensions`: alternatives, the best one first. Empty if there are none:
/// then the field is left out.
pub fn offer(alternatives: &[Options]) -> String {
    let mut field = String::new();
    for options in alternatives {
        if !field.is_empty() {
            field.push_str(", ");
        }
        options.put(&mut field).expect("a String takes everything");
    }
    field
}

/// What a server's answer means to a client that offered these alternatives. `None`: no compression.
///
/// # Errors
/// [`Failure`]: the connection has to be failed.
pub fn check(alternatives: &[Options], response: Extensions<'_>) -> Result<Option<Agreed>, Failure> {
    let mut agreed = None;
    for extension in response {
        let extension = extension.map_err(|Malformed| Failure::Malformed)?;
        // RFC 6455 §4.1: an extension that was not in the client's handshake fails the connection.
        if extension.name() != NAME || alternatives.is_empty() {
            return Err(Failure::NotOffered);
        }
        if agreed.is_some() {
            return Err(Failure::Twice);
        }
        // RFC 7692 §7.1: unknown, repeated or illegal parameters MUST fail the connection.
        let answer = Params::parse_response(extension.params()).ok_or(Failure::Parameters)?;
        // RFC 7692 §7.1: and so must parameters that do not answer the offer.
        agreed = alternatives.iter().find_map(|options| options.agree(&answer));
        if agreed.is_none() {
            return Err(Failure::Parameters);
        }
    }
    Ok(agreed)
}

/// A server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What holds from here on.
    pub agreed: Agreed,
    /// The value of `Sec-WebSocket-Extensions` that says so.
    pub field: String,
}

/// What both ends have agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    pub(crate) engine: Engine,
    pub(crate) level: u8,
    pub(crate) min_message: usize,
    pub(crate) server_resets: bool,
    pub(crate) client_resets: bool,
    pub(crate) server_bits: WindowBits,
    pub(crate) client_bits: WindowBits,
}

impl Agreed {
    /// Whether the server forgets each message it sent.
    pub const fn server_no_context_takeover(&self) -> bool {
        self.server_resets
    }

    /// Whether the client forgets each message it sent.
    pub const fn client_no_context_takeover(&self) -> bool {
        self.client_resets
    }

    /// The largest window of what the server sends.
    pub const fn server_max_window_bits(&self) -> WindowBits {
        self.server_bits
    }

    /// The largest window of what the client sends.
    pub const fn client_max_window_bits(&self) -> WindowBits {
        self.client_bits
    }

    /// The compressing half of one connection, at this end.
    pub fn outbound(&self, side: Side) -> Outbound {
        let (window, resets) = match side {
            Side::Server => (self.server_bits, self.server_resets),
            Side::Client => (self.client_bits, self.client_resets),
        };
        Outbound::new(self, window, resets)
    }

    /// The decompressing half of one connection, at this end. `max_message` bounds a message once it is inflated, in
    /// bytes.
    pub fn inbound(&self, side: Side, max_message: u64) -> Inbound {
        let resets = match side {
            Side::Server => self.client_resets,
            Side::Client => self.server_resets,
        };
        Inbound::new(self.engine, resets, max_message)
    }
}

/// Why a server's answer fails the connection.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It is not a list of extensions.
    Malformed,
    /// An extension that was not offered.
    NotOffered,
    /// This extension, twice.
    Twice,
    /// A parameter that is unknown, repeated, without a legal value, or that answers no offer.
    Parameters,
}

impl core::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed list of extensions",
            Self::NotOffered => "the server uses an extension that was not offered",
            Self::Twice => "the server uses permessage-deflate twice",
            Self::Parameters => "the server's parameters of permessage-deflate do not answer the offer",
        })
    }
}

#[cfg(test)]
mod tests;
