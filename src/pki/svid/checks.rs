//! Every check by name, with its severity and the rule behind it. Names are a contract: added, never changed.

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Against a rule that peers do not enforce.
    Warning,
    /// The standard's validation, or a peer, refuses it.
    Error,
}

impl Severity {
    /// The word in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable name in kebab case.
    pub name: &'static str,
    /// How bad it is when it does not hold.
    pub severity: Severity,
    /// Where the rule stands.
    pub rule: &'static str,
}

macro_rules! checks {
    ($($constant:ident $name:literal $severity:ident $rule:literal)*) => {
        /// The checks as constants.
        pub(in crate::pki) mod named {
            use super::Check;
            use super::Severity;
            $(pub(in crate::pki) static $constant: Check = Check { name: $name, severity: Severity::$severity, rule: $rule };)*
        }

        /// Every check.
        pub static ALL: &[&Check] = &[$(&named::$constant),*];
    };
}

checks! {
    // The identity.
    NO_SPIFFE_ID "no-spiffe-id" Error "X509-SVID 2"
    SEVERAL_URIS "several-uris" Error "X509-SVID 2"
    INVALID_SPIFFE_ID "invalid-spiffe-id" Error "SPIFFE-ID 2"
    NO_WORKLOAD_PATH "no-workload-path" Error "X509-SVID 2"
    RESERVED_PATH "reserved-path" Note "SPIRE reserves /spire"
    // A workload's certificate.
    LEAF_IS_AUTHORITY "leaf-is-authority" Error "X509-SVID 4.1"
    LEAF_NAME_CONSTRAINTS "leaf-name-constraints" Error "X509-SVID 4.2"
    KEY_USAGE_MISSING "key-usage-missing" Error "X509-SVID 4.3"
    KEY_USAGE_NOT_CRITICAL "key-usage-not-critical" Warning "X509-SVID 4.3"
    DIGITAL_SIGNATURE_MISSING "digital-signature-missing" Error "X509-SVID 4.3"
    LEAF_SIGNS "leaf-signs" Error "X509-SVID 4.3"
    EXTENDED_KEY_USAGE_INCOMPLETE "extended-key-usage-incomplete" Error "X509-SVID 4.4"
    EXTENDED_KEY_USAGE_ABSENT "extended-key-usage-absent" Note "X509-SVID 4.4"
    NAMES_NOT_CRITICAL "names-not-critical" Warning "RFC 5280 4.1.2.6"
    DNS_NAME_MALFORMED "dns-name-malformed" Warning "RFC 5280 4.2.1.6"
    // Any certificate.
    VERSION "version-not-3" Error "RFC 5280 4.1.2.1"
    SERIAL_NOT_POSITIVE "serial-not-positive" Error "RFC 5280 4.1.2.2"
    SERIAL_TOO_LONG "serial-too-long" Error "RFC 5280 4.1.2.2"
    ISSUER_EMPTY "issuer-empty" Error "RFC 5280 4.1.2.4"
    WEAK_SIGNATURE "weak-signature" Error "RFC 9155, RFC 6151"
    WEAK_KEY "weak-key" Error "NIST SP 800-131A"
    KEY_NOT_TAKEN "key-not-taken" Error "Envoy 1.40"
    UNKNOWN_CRITICAL_EXTENSION "unknown-critical-extension" Error "RFC 5280 4.2"
    EXPIRED "expired" Error "RFC 5280 4.1.2.5"
    NOT_YET_VALID "not-yet-valid" Error "RFC 5280 4.1.2.5"
    NEVER_VALID "never-valid" Error "RFC 5280 4.1.2.5"
    NOT_BACKDATED "not-backdated" Warning "RFC 5280 4.1.2.5"
    AUTHORITY_KEY_IDENTIFIER_MISSING "authority-key-identifier-missing" Warning "RFC 5280 4.2.1.1"
    AUTHORITY_KEY_IDENTIFIER_MISMATCH "authority-key-identifier-mismatch" Error "RFC 5280 4.2.1.1"
    // A signing certificate.
    NOT_AN_AUTHORITY "not-an-authority" Error "RFC 5280 4.2.1.9"
    BASIC_CONSTRAINTS_NOT_CRITICAL "basic-constraints-not-critical" Warning "RFC 5280 4.2.1.9"
    AUTHORITY_KEY_USAGE_MISSING "authority-key-usage-missing" Warning "X509-SVID 4.3"
    AUTHORITY_KEY_USAGE_NOT_CRITICAL "authority-key-usage-not-critical" Warning "X509-SVID 4.3"
    CERTIFICATE_SIGNING_MISSING "certificate-signing-missing" Error "RFC 5280 4.2.1.3"
    CRL_SIGNING_MISSING "crl-signing-missing" Note "RFC 5280 4.2.1.3"
    SUBJECT_KEY_IDENTIFIER_MISSING "subject-key-identifier-missing" Warning "RFC 5280 4.2.1.2"
    SUBJECT_EMPTY "subject-empty" Error "RFC 5280 4.1.2.6"
    AUTHORITY_URI "authority-uri" Warning "X509-SVID 3.2"
    OTHER_TRUST_DOMAIN "other-trust-domain" Warning "X509-SVID 3.2"
    AUTHORITY_EXTENDED_KEY_USAGE "authority-extended-key-usage" Error "RFC 5280 4.2.1.12"
    SPIRE_UPSTREAM "spire-upstream" Note "SPIRE CA validation"
    // The chain.
    LEAF_NOT_FIRST "leaf-not-first" Error "RFC 8446 4.4.2"
    BROKEN_CHAIN "broken-chain" Error "RFC 5280 6.1"
    PATH_TOO_LONG "path-too-long" Error "RFC 5280 4.2.1.9"
    NAME_NOT_PERMITTED "name-not-permitted" Error "RFC 5280 4.2.1.10"
    OUTLIVES_SIGNER "outlives-signer" Warning "RFC 5280 6.1.3"
    ROOT_IN_CHAIN "root-in-chain" Note "RFC 8446 4.4.2"
    // The private key beside it.
    KEY_MISMATCH "key-mismatch" Error "X509-SVID 5"
    // What only a verification can find.
    EMPTY_CHAIN "empty-chain" Error "X509-SVID 5.1"
    NO_BUNDLE "no-bundle" Error "X509-SVID 5.1"
    UNKNOWN_AUTHORITY "unknown-authority" Error "RFC 5280 6.1"
    SIGNATURE_INVALID "signature-invalid" Error "RFC 5280 6.1.3"
    USAGE_NOT_PERMITTED "usage-not-permitted" Error "RFC 5280 4.2.1.12"
    PATH_REFUSED "path-refused" Error "RFC 5280 6.1"
    REVOKED "revoked" Error "RFC 5280 6.3"
    CRL_MISSING "crl-missing" Error "RFC 5280 6.3.3"
    CRL_NOT_CURRENT "crl-not-current" Error "RFC 5280 6.3.3"
    CRL_SIGNATURE "crl-signature" Error "RFC 5280 6.3.3"
    CRL_NOT_ALLOWED "crl-not-allowed" Error "RFC 5280 6.3.3"
    CRL_EXTENSION "crl-extension" Error "RFC 5280 5.2"
    UNEXPECTED_IDENTITY "unexpected-identity" Error "X509-SVID 5.2"
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let mut seen = Vec::new();
        for check in ALL {
            let is_kebab = check.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(is_kebab && !seen.contains(&check.name), "{}", check.name);
            seen.push(check.name);
        }
    }
}
