//! JSON Web Signatures: RFC 7515, RFC 7797 (unencoded payloads), RFC 8037 §3.1.
//!
//! ```text
//!   compact      BASE64URL(header) . BASE64URL(payload) . BASE64URL(signature)
//!   detached     BASE64URL(header) .                    . BASE64URL(signature)    the payload travels otherwise
//!   flattened    {"payload":…, "protected":…, "header":{…}, "signature":…}
//!   general      {"payload":…, "signatures":[{"protected":…, "header":{…}, "signature":…}, …]}
//! ```
//! A [`Verifier`] takes what its list of algorithms and its keys allow, in this order: the form of the token, its
//! header, its algorithm, which keys can be meant, whether they are for that algorithm, and only then the signature.
//! Where a header names a `kid`, keys of that name are tried, and those without a name; where it names none, all that
//! fit, up to [`TRIES_MAX`](crate::limits::TRIES_MAX).
//!
//! `none` is no algorithm here: [`unsecured`] and [`read_unsecured`] are for the rare case where something else
//! protects the token, and they never see a key.

mod alg;
mod encode;
mod sign;
mod unsecured;
mod verify;

pub use alg::Alg;
pub use sign::{Signer, general};
pub use unsecured::{read_unsecured, unsecured};
pub use verify::{Need, Signed, Verified, Verifier};

pub(crate) use verify::nearness;
