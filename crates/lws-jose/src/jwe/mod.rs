//! JSON Web Encryption: RFC 7516, RFC 7518 §4 and §5, RFC 8037 §3.2.
//!
//! ```text
//!   compact      header . encrypted key . iv . ciphertext . tag                  all in base64url
//!   flattened    {"protected":…, "unprotected":{…}, "header":{…}, "encrypted_key":…, "aad":…, "iv":…, "ciphertext":…, "tag":…}
//!   general      {"protected":…, "unprotected":{…}, "recipients":[{"header":{…}, "encrypted_key":…}, …], "aad":…, …}
//! ```
//! The content is encrypted with a content key ([`Enc`]), which each recipient gets in the way of an [`Alg`]. A
//! [`Decrypter`] takes what its two lists and its keys allow. Whatever fails once cryptography has begun is
//! [`TokenError::Undecryptable`](crate::TokenError::Undecryptable), without detail: telling why is an oracle.
//!
//! * Content keys and initialisation vectors are random and made here, each once.
//! * `zip` is refused in both directions.
//! * RSA1_5 is decrypted only when asked by an unsafe name, and then without telling whether the padding was right
//!   (RFC 7516 §11.5).

mod alg;
mod content;
mod decrypt;
mod encrypt;
mod parts;
mod unwrap;
mod wrap;

pub use alg::{Alg, Enc};
pub use decrypt::{Decrypted, Decrypter};
pub use encrypt::{Encrypter, general};

pub(crate) use alg::Kind;
