//! The four parameters as text (RFC 7692 §7.1).

use core::fmt;

use lws_ws::handshake;

use crate::WindowBits;

const SERVER_RESETS: &str = "server_no_context_takeover";
const CLIENT_RESETS: &str = "client_no_context_takeover";
const SERVER_BITS: &str = "server_max_window_bits";
pub(super) const CLIENT_BITS: &str = "client_max_window_bits";

/// The parameters of one offer or one response: known, legal, and each at most once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Params {
    pub(super) server_resets: bool,
    pub(super) client_resets: bool,
    pub(super) server_bits: Option<WindowBits>,
    /// Without a value, in an offer, the largest.
    pub(super) client_bits: Option<WindowBits>,
}

impl Params {
    /// Those of an offer; `None` if they break the rules.
    pub(super) fn parse(list: handshake::Params<'_>) -> Option<Self> {
        Self::read(list, Some(WindowBits::MAX))
    }

    /// Those of a response; `None` if they break the rules.
    pub(super) fn parse_response(list: handshake::Params<'_>) -> Option<Self> {
        // RFC 7692 §7.1.2.2: in a response the parameter has a value.
        Self::read(list, None)
    }

    /// RFC 7692 §7.1: unknown names, illegal values and names that are repeated spoil the whole.
    fn read(list: handshake::Params<'_>, client_bits_without_value: Option<WindowBits>) -> Option<Self> {
        let mut params = Self::default();
        for param in list {
            let bits = || param.value.and_then(|value| WindowBits::parse(value.bytes()));
            // RFC 7692 §7.1.1: these two have no value.
            let flag = || param.value.is_none().then_some(true);
            let fresh = match param.name {
                SERVER_RESETS => !core::mem::replace(&mut params.server_resets, flag()?),
                CLIENT_RESETS => !core::mem::replace(&mut params.client_resets, flag()?),
                SERVER_BITS => params.server_bits.replace(bits()?).is_none(),
                CLIENT_BITS if param.value.is_none() => {
                    params.client_bits.replace(client_bits_without_value?).is_none()
                }
                CLIENT_BITS => params.client_bits.replace(bits()?).is_none(),
                _ => return None,
            };
            if !fresh {
                return None;
            }
        }
        Some(params)
    }
}

/// As they stand behind the extension's name.
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, set) in [(SERVER_RESETS, self.server_resets), (CLIENT_RESETS, self.client_resets)] {
            if set {
                write!(f, "; {name}")?;
            }
        }
        for (name, bits) in [(SERVER_BITS, self.server_bits), (CLIENT_BITS, self.client_bits)] {
            if let Some(bits) = bits {
                write!(f, "; {name}={bits}")?;
            }
        }
        Ok(())
    }
}
