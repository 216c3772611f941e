//! DER, the one encoding of ASN.1 that keys and certificates use (X.690): a strict reader and a small writer.
//!
//! Every value is tag, length, content. A [`Reader`] walks over the values of one level and lends their content
//! without copying; [`Reader::nested`] steps into one of them. A [`Writer`] appends values to a vector; the closure
//! given to [`Writer::nest`] writes what is inside.
//!
//! What DER forbids is refused: indefinite and non-minimal lengths, integers with needless leading bytes, booleans that
//! are neither 00 nor ff, unused bits that are set. So are tag numbers above 30 and lengths beyond 32 bits, which no key
//! or certificate has. What is left over is an error too, as soon as [`Reader::finish`] asks.
//!
//! No input panics, nothing recurses and nothing is allocated while reading.
//!
//! ```
//! use lws_gencrypto::der::{Oid, Reader, Writer};
//!
//! let mut writer = Writer::new();
//! writer.sequence(|inner| {
//!     inner.uint(1);
//!     inner.octet_string(b"key");
//!     inner.explicit(0, |choice| choice.oid(Oid::SECP256R1));
//! });
//! let bytes = writer.into_bytes();
//!
//! let mut outer = Reader::new(&bytes);
//! let mut inner = outer.sequence()?;
//! outer.finish()?;
//! assert_eq!(inner.uint()?, 1);
//! assert_eq!(inner.octet_string()?, b"key");
//! let mut choice = inner.explicit(0)?.expect("it was written");
//! assert_eq!(choice.oid()?, Oid::SECP256R1);
//! inner.finish()?;
//! # Ok::<(), lws_gencrypto::der::Error>(())
//! ```

mod error;
mod oid;
mod reader;
mod tag;
#[cfg(test)]
mod tests;
mod time;
mod writer;

pub use error::Error;
pub use oid::Oid;
pub use reader::{BitString, Reader, Value};
pub use tag::Tag;
pub use time::DateTime;
pub use writer::Writer;
