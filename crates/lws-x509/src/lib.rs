//! X.509 over any lws-gencrypto provider: parse, verify, create; PEM.
//!
//! * [`pem`]: text with `-----BEGIN …-----` in it, from and to DER.
//! * [`Certificate`]: a certificate, taken apart without copying it.
//! * [`PublicKey`], [`PrivateKey`]: keys in files and certificates, to and from the numbers of lws-gencrypto.
//! * [`Verify`]: whether to trust a certificate, strictly or with a [`Leniency`].
//! * [`HostName`]: whether a certificate is about a host.
//! * [`Template`]: making certificates and [`Request`]s for them.
//!
//! Nothing here has cryptography of its own, reads a clock or a file. One implementation serves every cryptographic
//! library, so that all of them give the same verdict on the same certificate.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod algorithm;
mod certificate;
mod create;
mod error;
mod extensions;
mod general_name;
mod host;
mod key;
pub mod limits;
mod name;
pub mod oid;
pub mod pem;
mod request;
mod show;
mod signature;
mod verify;

pub use algorithm::{AlgorithmId, PublicKeyInfo};
pub use certificate::{Certificate, Version};
pub use create::{AltName, DistinguishedName, MoreExtension, Template};
pub use error::{Error, Illegal};
pub use extensions::{
    AuthorityKeyId, BasicConstraints, ExtendedKeyUsage, Extension, Extensions, KeyUsage, NameConstraints,
    Subtree, Subtrees,
};
pub use general_name::{GeneralName, GeneralNames};
pub use host::HostName;
pub use key::{PrivateKey, PublicKey};
pub use name::{Attribute, Name};
pub use request::Request;
pub use signature::{SignatureScheme, SigningKey};
pub use verify::{Fault, Leniency, Policy, Position, Purpose, Rejected, Verified, Verify};

/// The example of the README, compiled.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
