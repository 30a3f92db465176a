use std::fmt;

/// Something odd in a bundle's text that does not stop it from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A PEM block of another kind.
    OtherBlock {
        /// Where it starts.
        line: usize,
        /// What it is.
        label: String,
    },
    /// An authority was there before.
    Repeated {
        /// The line, or the key.
        place: String,
    },
    /// A top-level member that no bundle has.
    UnknownMember {
        /// Its name.
        name: String,
    },
    /// A key without `use`, or with one that bundles do not have.
    UnknownUse {
        /// Which key.
        key: String,
        /// What it says.
        usage: Option<String>,
    },
    /// A key without `kty`, or with one that cannot be verified with.
    UnknownType {
        /// Which key.
        key: String,
        /// What it says.
        kind: Option<String>,
    },
    /// A key that is a shared secret.
    Secret {
        /// Which key.
        key: String,
    },
    /// An `x509-svid` key without a certificate.
    NoCertificate {
        /// Which key.
        key: String,
    },
    /// An `x509-svid` key with more than one certificate.
    MoreCertificates {
        /// Which key.
        key: String,
        /// How many.
        count: usize,
    },
    /// An `x509-svid` key with a key identifier.
    KeyId {
        /// Which key.
        key: String,
    },
    /// An `x509-svid` key that lacks its numbers.
    NoNumber {
        /// Which key.
        key: String,
        /// The member that is missing.
        member: &'static str,
    },
    /// A `jwt-svid` key without a key identifier.
    NoKeyId {
        /// Which key.
        key: String,
    },
    /// A second `jwt-svid` key of one identifier.
    SameKeyId {
        /// Which key.
        key: String,
        /// The identifier.
        id: String,
    },
    /// A `jwt-svid` key that Envoy could not verify with.
    UnusableKey {
        /// Which key.
        key: String,
        /// Why not.
        why: String,
    },
    /// A key with private parts.
    Private {
        /// Which key.
        key: String,
    },
    /// There is no X.509 authority.
    NoAuthority,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherBlock { line, label } if label.ends_with("PRIVATE KEY") => {
                write!(
                    f,
                    "line {line}: a private key stands here; a bundle is given to everyone, so take the key out and replace it"
                )
            }
            Self::OtherBlock { line, label } => write!(f, "line {line}: `{label}` is no certificate, ignored"),
            Self::Repeated { place } => write!(f, "{place}: the same authority again, ignored"),
            Self::UnknownMember { name } => write!(f, "`{name}` is no member of a bundle, ignored"),
            Self::UnknownUse { key, usage: None } => write!(f, "`{key}` has no `use`, ignored"),
            Self::UnknownUse { key, usage: Some(usage) } => {
                write!(f, "`{key}` has the use `{usage}`, neither `x509-svid` nor `jwt-svid`: ignored")
            }
            Self::UnknownType { key, kind } => match kind {
                None => write!(f, "`{key}` has no `kty`, ignored; go-spiffe and istiod refuse the whole bundle"),
                Some(kind) => {
                    write!(f, "`{key}` is of the type `{kind}`, ignored; go-spiffe and istiod refuse the whole bundle")
                }
            },
            Self::Secret { key } => {
                write!(
                    f,
                    "`{key}` is a shared secret, ignored; a bundle is given to everyone, so whoever has read it can sign with it"
                )
            }
            Self::NoCertificate { key } => {
                write!(f, "`{key}` has no certificate in `x5c`, ignored; go-spiffe and istiod refuse the whole bundle")
            }
            Self::MoreCertificates { key, count } => write!(
                f,
                "`{key}` has {count} certificates in `x5c`, the first is used; go-spiffe and istiod refuse the whole bundle"
            ),
            Self::KeyId { key } => write!(f, "`{key}` has a `kid`, which an `x509-svid` key must not have"),
            Self::NoNumber { key, member } => {
                write!(
                    f,
                    "`{key}` has no `{member}`, so only its certificate says which key it is; go-spiffe and istiod refuse the whole bundle"
                )
            }
            Self::NoKeyId { key } => {
                write!(f, "`{key}` has no `kid`, which a `jwt-svid` key must have: ignored; go-spiffe refuses the whole bundle")
            }
            Self::SameKeyId { key, id } => write!(f, "`{key}` takes the place of an earlier key with the `kid` `{id}`"),
            Self::UnusableKey { key, why } => write!(f, "`{key}` cannot be verified with: {why}"),
            Self::Private { key } => {
                write!(f, "`{key}` holds private parts, left out here; a bundle is given to everyone, so replace the key")
            }
            Self::NoAuthority => f.write_str(
                "there is no X.509 authority: no X509-SVID of the trust domain is valid, and istiod refuses the bundle",
            ),
        }
    }
}
