//! Which algorithm, and which public key.

use lws_gencrypto::der::{self, Oid, Reader, Value};

use crate::Error;
use crate::error::InPart as _;

/// An AlgorithmIdentifier (RFC 5280 §4.1.1.2). Two are equal if their encodings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmId<'a> {
    /// The algorithm.
    pub oid: Oid<'a>,
    /// What it needs to know beyond that.
    pub parameters: Option<Value<'a>>,
}

impl<'a> AlgorithmId<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, der::Error> {
        let mut fields = reader.sequence()?;
        let oid = fields.oid()?;
        let parameters = if fields.is_empty() { None } else { Some(fields.any()?) };
        fields.finish()?;
        Ok(Self { oid, parameters })
    }

    /// Whether the parameters are absent or NULL: RSA must have NULL and often has nothing (RFC 4055 §5).
    #[must_use]
    pub fn without_parameters(&self) -> bool {
        self.parameters.is_none_or(|value| value.whole == [0x05, 0x00])
    }
}

/// A public key as certificates have it: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeyInfo<'a> {
    /// The kind of key.
    pub algorithm: AlgorithmId<'a>,
    /// The key, in the form of its kind.
    pub key: &'a [u8],
    /// All of it, encoded: what PEM calls `PUBLIC KEY`.
    pub der: &'a [u8],
}

impl<'a> PublicKeyInfo<'a> {
    /// Takes one apart.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(der: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(der);
        let info = Self::read(&mut reader).part("public key")?;
        reader.finish().part("public key")?;
        Ok(info)
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, der::Error> {
        let mut ahead = *reader;
        let mut fields = reader.sequence()?;
        let algorithm = AlgorithmId::read(&mut fields)?;
        let key = fields.bit_string()?.octets()?;
        fields.finish()?;
        Ok(Self { algorithm, key, der: ahead.any()?.whole })
    }
}
