//! A certificate in words.

use core::fmt;

use crate::{Certificate, SignatureScheme, Version};

/// Several lines, as in lws's tool: names, dates, serial number, algorithms and extensions. Whatever the certificate
/// says, it can neither end a line nor begin one.
impl fmt::Display for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = &self.extensions;
        writeln!(f, "subject:     {}", self.subject)?;
        writeln!(f, "issuer:      {}", self.issuer)?;
        writeln!(f, "valid from:  {}", self.not_before)?;
        writeln!(f, "valid to:    {}", self.not_after)?;
        writeln!(f, "serial:      {}", Hex(self.serial))?;
        let version = match self.version {
            Version::V1 => 1,
            Version::V2 => 2,
            Version::V3 => 3,
        };
        writeln!(f, "version:     {version}")?;
        match self.key() {
            Ok(key) => writeln!(f, "key:         {key}")?,
            Err(error) => writeln!(f, "key:         {} ({error})", self.public_key.algorithm.oid)?,
        }
        match SignatureScheme::from_id(&self.signature_algorithm) {
            Some(scheme) => write!(f, "signed with: {scheme}")?,
            None => write!(f, "signed with: {}", self.signature_algorithm.oid)?,
        }
        for name in said.subject_alt_name.iter().flat_map(|names| names.iter()) {
            write!(f, "\nname:        {name}")?;
        }
        if let Some(constraints) = said.basic_constraints {
            write!(f, "\nauthority:   {}", if constraints.ca { "yes" } else { "no" })?;
            if let Some(length) = constraints.path_len {
                write!(f, ", with at most {length} below")?;
            }
        }
        if let Some(usage) = said.key_usage {
            write!(f, "\nkey usage:   {usage}")?;
        }
        for purpose in said.extended_key_usage.iter().flat_map(|list| list.iter()) {
            match crate::oid::PURPOSES.iter().find(|(oid, _)| *oid == purpose) {
                Some((_, name)) => write!(f, "\npurpose:     {name}")?,
                None => write!(f, "\npurpose:     {purpose}")?,
            }
        }
        if let Some(id) = said.subject_key_id {
            write!(f, "\nkey id:      {}", Hex(id))?;
        }
        if let Some(id) = said.authority_key_id.and_then(|authority| authority.key_id) {
            write!(f, "\nissuer's id: {}", Hex(id))?;
        }
        Ok(())
    }
}

/// Bytes as `ab:cd:ef`.
pub(crate) struct Hex<'h>(pub(crate) &'h [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.0.iter();
        if let Some(first) = bytes.next() {
            write!(f, "{first:02x}")?;
        }
        bytes.try_for_each(|byte| write!(f, ":{byte:02x}"))
    }
}
