//! Whole bodies that a handler hands over.

use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};

/// A whole body that the carrier sends as room appears. The memory is the handler's own or shared; nothing is copied
/// until it goes out.
#[derive(Clone, Debug)]
pub enum Body {
    /// Lives as long as the program.
    Static(&'static [u8]),
    /// Made for this reply.
    Owned(Box<[u8]>),
    /// Shared by several replies of this loop.
    Shared(Rc<[u8]>),
}

impl Body {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Static(b) => b,
            Self::Owned(b) => b,
            Self::Shared(b) => b,
        }
    }
}

impl From<&'static str> for Body {
    fn from(s: &'static str) -> Self {
        Self::Static(s.as_bytes())
    }
}
impl From<&'static [u8]> for Body {
    fn from(b: &'static [u8]) -> Self {
        Self::Static(b)
    }
}
impl<const N: usize> From<&'static [u8; N]> for Body {
    fn from(b: &'static [u8; N]) -> Self {
        Self::Static(b)
    }
}
impl From<String> for Body {
    fn from(s: String) -> Self {
        Self::Owned(s.into_bytes().into())
    }
}
impl From<Vec<u8>> for Body {
    fn from(b: Vec<u8>) -> Self {
        Self::Owned(b.into())
    }
}
impl From<Rc<[u8]>> for Body {
    fn from(b: Rc<[u8]>) -> Self {
        Self::Shared(b)
    }
}
