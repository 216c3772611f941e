//! What is forgiven.

/// One thing that a strict verifier refuses and a lenient one lets pass. Each stands on its own.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leniency {
    /// A leaf that is signed with its own key and not among the trust anchors: anybody can make one.
    #[doc(alias = "LCCSCF_ALLOW_SELFSIGNED")]
    SelfSigned,
    /// A leaf for which nobody trusted vouches: anybody can make one.
    #[doc(alias = "LCCSCF_ALLOW_INSECURE")]
    UnknownIssuer,
    /// Certificates before or after their time.
    #[doc(alias = "LCCSCF_ALLOW_EXPIRED")]
    Expired,
    /// A leaf that is about another host: any other host can pose as this one.
    #[doc(alias = "LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK")]
    WrongHost,
    /// A leaf without alternative names, whose common name is the host (RFC 2818 §3.1).
    CommonName,
    /// A leaf of version 1 or 2.
    OldVersion,
    /// A leaf whose key may sign certificates too.
    AuthorityAsLeaf,
    /// RSA signatures over SHA-1: whoever pays for a collision can forge them.
    Sha1,
}

impl Leniency {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::SelfSigned,
        Self::UnknownIssuer,
        Self::Expired,
        Self::WrongHost,
        Self::CommonName,
        Self::OldVersion,
        Self::AuthorityAsLeaf,
        Self::Sha1,
    ];
}

/// A set of [`Leniency`]s. The default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy(u16);

impl Policy {
    /// Forgives nothing: what the Web PKI demands today.
    #[must_use]
    pub const fn strict() -> Self {
        Self(0)
    }

    /// Takes what OpenSSL takes when lws uses it, without flags: common names, version 1, and leaves that are
    /// authorities. RSA keys below 2048 bits and SHA-1 stay refused, as they are by OpenSSL's security level 2.
    #[must_use]
    pub const fn lws() -> Self {
        Self::strict().with(Leniency::CommonName).with(Leniency::OldVersion).with(Leniency::AuthorityAsLeaf)
    }

    /// Forgives this too.
    #[must_use]
    pub const fn with(self, leniency: Leniency) -> Self {
        Self(self.0 | 1 << leniency as u16)
    }

    /// Whether this is forgiven.
    #[must_use]
    pub const fn forgives(self, leniency: Leniency) -> bool {
        self.0 & 1 << leniency as u16 != 0
    }
}
