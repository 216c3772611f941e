//! A request for a certificate, taken apart (PKCS#10, RFC 2986).

use lws_gencrypto::Provider;
use lws_gencrypto::der::{Reader, Tag};

use crate::error::InPart as _;
use crate::limits::CERTIFICATE_BYTES;
use crate::{AlgorithmId, Error, Extensions, Illegal, Name, PublicKey, PublicKeyInfo, SignatureScheme, oid};

/// A request for a certificate. All parts borrow from the bytes that were parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// All of it, encoded.
    pub der: &'a [u8],
    /// The part that is signed, encoded.
    pub signed: &'a [u8],
    /// Whom the certificate shall be about.
    pub subject: Name<'a>,
    /// The key it shall be about.
    pub public_key: PublicKeyInfo<'a>,
    /// The extensions that are asked for.
    pub extensions: Extensions<'a>,
    /// How it is signed.
    pub signature_algorithm: AlgorithmId<'a>,
    /// The signature over `signed`, in the form of its algorithm.
    pub signature: &'a [u8],
}

impl<'a> Request<'a> {
    /// Takes a request apart, the content of a PEM block `CERTIFICATE REQUEST`.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Illegal`] and [`Error::Limit`].
    pub fn parse(der: &'a [u8]) -> Result<Self, Error> {
        const PART: &str = "certificate request";
        if der.len() > CERTIFICATE_BYTES {
            return Err(Error::Limit("CERTIFICATE_BYTES"));
        }
        let mut input = Reader::new(der);
        let mut outer = input.sequence().part(PART)?;
        input.finish().part(PART)?;
        let signed = outer.value(Tag::SEQUENCE).part(PART)?;
        let signature_algorithm = AlgorithmId::read(&mut outer).part("signatureAlgorithm")?;
        let signature = outer.bit_string().and_then(|bits| bits.octets()).part("signature")?;
        outer.finish().part(PART)?;

        let mut info = Reader::new(signed.content);
        // RFC 2986 §4.1: the version is 0.
        if info.uint().part("version")? != 0 {
            return Err(Illegal::Version.into());
        }
        let subject = Name::read(&mut info).part("subject")?;
        let public_key = PublicKeyInfo::read(&mut info).part("subjectPKInfo")?;
        let attributes = info.value(Tag::explicit(0)).part("attributes")?;
        info.finish().part(PART)?;
        let extensions = requested(attributes.content)?;
        Ok(Self {
            der,
            signed: signed.whole,
            subject,
            public_key,
            extensions,
            signature_algorithm,
            signature,
        })
    }

    /// The key that the certificate shall be about.
    ///
    /// # Errors
    /// As [`PublicKey::from_der`].
    pub fn key(&self) -> Result<PublicKey, Error> {
        PublicKey::from_info(&self.public_key)
    }

    /// Checks that whoever made it has the private key.
    ///
    /// # Errors
    /// [`Error::Crypto`] if not, or if key or algorithm are not known.
    pub fn verify(&self, provider: &dyn Provider) -> Result<(), Error> {
        let scheme = SignatureScheme::from_id(&self.signature_algorithm).filter(|scheme| !scheme.is_weak());
        let scheme = scheme.ok_or(Error::Crypto(lws_gencrypto::Error::Verify))?;
        Ok(scheme.verify(provider, &self.key()?, self.signed, self.signature)?)
    }
}

/// The extensions among the attributes. Other attributes say nothing to us.
fn requested(content: &[u8]) -> Result<Extensions<'_>, Error> {
    const PART: &str = "attributes";
    let mut attributes = Reader::new(content);
    let mut found = None;
    while !attributes.is_empty() {
        let mut fields = attributes.sequence().part(PART)?;
        let kind = fields.oid().part(PART)?;
        let mut values = fields.set().part(PART)?;
        fields.finish().part(PART)?;
        if kind != oid::EXTENSION_REQUEST {
            continue;
        }
        let extensions = Extensions::read(&mut values)?;
        values.finish().part(PART)?;
        if found.replace(extensions).is_some() {
            return Err(Illegal::DuplicateExtension.into());
        }
    }
    Ok(found.unwrap_or_default())
}
