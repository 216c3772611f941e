//! The object identifiers of certificates. Those of keys are constants of [`Oid`].

use lws_gencrypto::der::Oid;

// Attributes of names.

/// commonName, CN: 2.5.4.3.
pub const COMMON_NAME: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x03]);
/// surname, SN: 2.5.4.4.
pub const SURNAME: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x04]);
/// serialNumber of a subject, not of a certificate: 2.5.4.5.
pub const SERIAL_NUMBER: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x05]);
/// countryName, C: 2.5.4.6.
pub const COUNTRY: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x06]);
/// localityName, L: 2.5.4.7.
pub const LOCALITY: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x07]);
/// stateOrProvinceName, ST: 2.5.4.8.
pub const STATE: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x08]);
/// streetAddress, STREET: 2.5.4.9.
pub const STREET: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x09]);
/// organizationName, O: 2.5.4.10.
pub const ORGANIZATION: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x0a]);
/// organizationalUnitName, OU: 2.5.4.11.
pub const ORGANIZATIONAL_UNIT: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x0b]);
/// title: 2.5.4.12.
pub const TITLE: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x0c]);
/// givenName, GN: 2.5.4.42.
pub const GIVEN_NAME: Oid<'static> = Oid::from_encoded(&[0x55, 0x04, 0x2a]);
/// domainComponent, DC: 0.9.2342.19200300.100.1.25.
pub const DOMAIN_COMPONENT: Oid<'static> =
    Oid::from_encoded(&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19]);
/// userId, UID: 0.9.2342.19200300.100.1.1.
pub const USER_ID: Oid<'static> =
    Oid::from_encoded(&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01]);
/// emailAddress (PKCS#9): 1.2.840.113549.1.9.1.
pub const EMAIL_ADDRESS: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01]);

// Extensions (RFC 5280 §4.2).

/// subjectKeyIdentifier: 2.5.29.14.
pub const SUBJECT_KEY_ID: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x0e]);
/// keyUsage: 2.5.29.15.
pub const KEY_USAGE: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x0f]);
/// subjectAltName: 2.5.29.17.
pub const SUBJECT_ALT_NAME: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x11]);
/// basicConstraints: 2.5.29.19.
pub const BASIC_CONSTRAINTS: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x13]);
/// nameConstraints: 2.5.29.30.
pub const NAME_CONSTRAINTS: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x1e]);
/// cRLDistributionPoints: 2.5.29.31.
pub const CRL_DISTRIBUTION_POINTS: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x1f]);
/// certificatePolicies: 2.5.29.32.
pub const CERTIFICATE_POLICIES: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x20]);
/// authorityKeyIdentifier: 2.5.29.35.
pub const AUTHORITY_KEY_ID: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x23]);
/// extKeyUsage: 2.5.29.37.
pub const EXTENDED_KEY_USAGE: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x25]);
/// authorityInfoAccess: 1.3.6.1.5.5.7.1.1.
pub const AUTHORITY_INFO_ACCESS: Oid<'static> =
    Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01]);

// Purposes of keys (RFC 5280 §4.2.1.12).

/// id-kp-serverAuth: TLS server: 1.3.6.1.5.5.7.3.1.
pub const SERVER_AUTH: Oid<'static> = Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]);
/// id-kp-clientAuth: TLS client: 1.3.6.1.5.5.7.3.2.
pub const CLIENT_AUTH: Oid<'static> = Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02]);
/// id-kp-codeSigning: 1.3.6.1.5.5.7.3.3.
pub const CODE_SIGNING: Oid<'static> = Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03]);
/// id-kp-emailProtection: 1.3.6.1.5.5.7.3.4.
pub const EMAIL_PROTECTION: Oid<'static> =
    Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04]);
/// id-kp-timeStamping: 1.3.6.1.5.5.7.3.8.
pub const TIME_STAMPING: Oid<'static> = Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08]);
/// id-kp-OCSPSigning: 1.3.6.1.5.5.7.3.9.
pub const OCSP_SIGNING: Oid<'static> = Oid::from_encoded(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09]);
/// anyExtendedKeyUsage: 2.5.29.37.0.
pub const ANY_PURPOSE: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x25, 0x00]);

// Signature algorithms (RFC 8017, RFC 5758, RFC 8410) and hashes.

/// md5WithRSAEncryption: 1.2.840.113549.1.1.4.
pub const MD5_WITH_RSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04]);
/// sha1WithRSAEncryption: 1.2.840.113549.1.1.5.
pub const SHA1_WITH_RSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05]);
/// sha256WithRSAEncryption: 1.2.840.113549.1.1.11.
pub const SHA256_WITH_RSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]);
/// sha384WithRSAEncryption: 1.2.840.113549.1.1.12.
pub const SHA384_WITH_RSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c]);
/// sha512WithRSAEncryption: 1.2.840.113549.1.1.13.
pub const SHA512_WITH_RSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d]);
/// id-RSASSA-PSS: 1.2.840.113549.1.1.10.
pub const RSA_PSS: Oid<'static> = Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a]);
/// id-mgf1: 1.2.840.113549.1.1.8.
pub const MGF1: Oid<'static> = Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08]);
/// ecdsa-with-SHA1: 1.2.840.10045.4.1.
pub const SHA1_WITH_ECDSA: Oid<'static> = Oid::from_encoded(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01]);
/// ecdsa-with-SHA256: 1.2.840.10045.4.3.2.
pub const SHA256_WITH_ECDSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
/// ecdsa-with-SHA384: 1.2.840.10045.4.3.3.
pub const SHA384_WITH_ECDSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]);
/// ecdsa-with-SHA512: 1.2.840.10045.4.3.4.
pub const SHA512_WITH_ECDSA: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04]);
/// id-sha1: 1.3.14.3.2.26.
pub const SHA1: Oid<'static> = Oid::from_encoded(&[0x2b, 0x0e, 0x03, 0x02, 0x1a]);
/// id-sha256: 2.16.840.1.101.3.4.2.1.
pub const SHA256: Oid<'static> = Oid::from_encoded(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]);
/// id-sha384: 2.16.840.1.101.3.4.2.2.
pub const SHA384: Oid<'static> = Oid::from_encoded(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]);
/// id-sha512: 2.16.840.1.101.3.4.2.3.
pub const SHA512: Oid<'static> = Oid::from_encoded(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03]);

// Attributes of requests (RFC 2985).

/// extensionRequest: 1.2.840.113549.1.9.14.
pub const EXTENSION_REQUEST: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e]);
/// challengePassword: 1.2.840.113549.1.9.7.
pub const CHALLENGE_PASSWORD: Oid<'static> =
    Oid::from_encoded(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07]);

/// What purposes are called.
pub(crate) const PURPOSES: [(Oid<'static>, &str); 7] = [
    (SERVER_AUTH, "TLS server"),
    (CLIENT_AUTH, "TLS client"),
    (CODE_SIGNING, "code signing"),
    (EMAIL_PROTECTION, "mail"),
    (TIME_STAMPING, "time stamping"),
    (OCSP_SIGNING, "OCSP"),
    (ANY_PURPOSE, "any"),
];

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn they_are_what_they_are_said_to_be() {
        for (oid, dotted) in [
            (COMMON_NAME, "2.5.4.3"),
            (SURNAME, "2.5.4.4"),
            (SERIAL_NUMBER, "2.5.4.5"),
            (COUNTRY, "2.5.4.6"),
            (LOCALITY, "2.5.4.7"),
            (STATE, "2.5.4.8"),
            (STREET, "2.5.4.9"),
            (ORGANIZATION, "2.5.4.10"),
            (ORGANIZATIONAL_UNIT, "2.5.4.11"),
            (TITLE, "2.5.4.12"),
            (GIVEN_NAME, "2.5.4.42"),
            (DOMAIN_COMPONENT, "0.9.2342.19200300.100.1.25"),
            (USER_ID, "0.9.2342.19200300.100.1.1"),
            (EMAIL_ADDRESS, "1.2.840.113549.1.9.1"),
            (SUBJECT_KEY_ID, "2.5.29.14"),
            (KEY_USAGE, "2.5.29.15"),
            (SUBJECT_ALT_NAME, "2.5.29.17"),
            (BASIC_CONSTRAINTS, "2.5.29.19"),
            (NAME_CONSTRAINTS, "2.5.29.30"),
            (CRL_DISTRIBUTION_POINTS, "2.5.29.31"),
            (CERTIFICATE_POLICIES, "2.5.29.32"),
            (AUTHORITY_KEY_ID, "2.5.29.35"),
            (EXTENDED_KEY_USAGE, "2.5.29.37"),
            (AUTHORITY_INFO_ACCESS, "1.3.6.1.5.5.7.1.1"),
            (SERVER_AUTH, "1.3.6.1.5.5.7.3.1"),
            (CLIENT_AUTH, "1.3.6.1.5.5.7.3.2"),
            (CODE_SIGNING, "1.3.6.1.5.5.7.3.3"),
            (EMAIL_PROTECTION, "1.3.6.1.5.5.7.3.4"),
            (TIME_STAMPING, "1.3.6.1.5.5.7.3.8"),
            (OCSP_SIGNING, "1.3.6.1.5.5.7.3.9"),
            (ANY_PURPOSE, "2.5.29.37.0"),
            (MD5_WITH_RSA, "1.2.840.113549.1.1.4"),
            (SHA1_WITH_RSA, "1.2.840.113549.1.1.5"),
            (SHA256_WITH_RSA, "1.2.840.113549.1.1.11"),
            (SHA384_WITH_RSA, "1.2.840.113549.1.1.12"),
            (SHA512_WITH_RSA, "1.2.840.113549.1.1.13"),
            (RSA_PSS, "1.2.840.113549.1.1.10"),
            (MGF1, "1.2.840.113549.1.1.8"),
            (SHA1_WITH_ECDSA, "1.2.840.10045.4.1"),
            (SHA256_WITH_ECDSA, "1.2.840.10045.4.3.2"),
            (SHA384_WITH_ECDSA, "1.2.840.10045.4.3.3"),
            (SHA512_WITH_ECDSA, "1.2.840.10045.4.3.4"),
            (SHA1, "1.3.14.3.2.26"),
            (SHA256, "2.16.840.1.101.3.4.2.1"),
            (SHA384, "2.16.840.1.101.3.4.2.2"),
            (SHA512, "2.16.840.1.101.3.4.2.3"),
            (EXTENSION_REQUEST, "1.2.840.113549.1.9.14"),
            (CHALLENGE_PASSWORD, "1.2.840.113549.1.9.7"),
        ] {
            assert_eq!(oid.to_string(), dotted);
            assert_eq!(Oid::from_content(oid.content()), Ok(oid));
        }
    }
}
