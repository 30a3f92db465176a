use crate::jose::Algorithm;
use crate::jose::Cause;
use crate::jose::Diagnosis;
use crate::jose::strict::refusal::quoted;

/// What is wrong with a header (RFC 7515 section 4, RFC 8725 section 3.1).
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are what was wanted and what was seen")]
pub enum HeaderRefusal {
    /// No `alg`.
    AlgorithmMissing,
    /// `none`, or a name that is none of the algorithms.
    AlgorithmUnknown { name: String },
    /// The caller does not allow it.
    AlgorithmNotAllowed { seen: Algorithm, allowed: Vec<Algorithm> },
    /// A header member of the wrong type.
    HeaderType { member: &'static str, seen: &'static str },
    /// `crit` or `b64`.
    Critical { problem: String },
    /// `zip`.
    Compressed,
    /// Another kind of token.
    TokenType { wanted: String, seen: Option<String> },
}

impl HeaderRefusal {
    pub(super) fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::AlgorithmMissing => Diagnosis::new(
                Cause::Algorithm,
                "header alg",
                "an algorithm",
                "nothing",
                "the header names no `alg`",
                "issue the token again",
            ),
            Self::AlgorithmUnknown { name } if name.eq_ignore_ascii_case("none") => Diagnosis::new(
                Cause::Algorithm,
                "header alg",
                "a signature",
                format!("`{name}`"),
                format!("`alg` is `{name}`: the token is not signed"),
                "never accept it: anyone can write such a token",
            ),
            Self::AlgorithmUnknown { name } => Diagnosis::new(
                Cause::Algorithm,
                "header alg",
                "RS, PS, ES or HS with 256, 384 or 512, or EdDSA",
                format!("`{name}`"),
                format!("`alg` is `{name}`, which is no algorithm known here"),
                match name.as_str() {
                    "ES521" => "the algorithm of the curve P-521 is called ES512",
                    _ => "names are case-sensitive; let the issuer sign with RS256 or ES256",
                },
            ),
            Self::AlgorithmNotAllowed { seen, allowed } => Diagnosis::new(
                Cause::Algorithm,
                "header alg",
                quoted(&allowed.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>()),
                format!("`{seen}`"),
                format!("the token is signed with {seen}, which is not allowed"),
                "allow it with `--alg`, or let the issuer sign with an allowed one",
            ),
            Self::HeaderType { member, seen } => Diagnosis::new(
                Cause::Malformed,
                format!("header {member}"),
                "a string",
                *seen,
                format!("`{member}` in the header is {seen}"),
                "issue the token again",
            ),
            Self::Critical { problem } => Diagnosis::new(
                Cause::CriticalHeader,
                "header crit",
                "no extension",
                problem.as_str(),
                format!("the token must be refused by whoever does not understand it: {problem}"),
                "let the issuer leave the extension out (RFC 7515 section 4.1.11)",
            ),
            Self::Compressed => Diagnosis::new(
                Cause::CriticalHeader,
                "header zip",
                "no compression",
                "`zip`",
                "the header says that the payload is compressed, which a signed token never is",
                "issue the token again",
            ),
            Self::TokenType { wanted, seen } => Diagnosis::new(
                Cause::Kind,
                "header typ",
                format!("`{wanted}`"),
                seen.as_ref().map_or_else(|| "nothing".to_owned(), |seen| format!("`{seen}`")),
                "it is another kind of token",
                "ask the issuer for the right kind: an ID token is no access token",
            ),
        }
    }

    pub(super) fn envoy_view(&self) -> Option<&'static str> {
        match self {
            Self::Critical { .. } => Some("Envoy ignores `crit` and `b64`"),
            Self::Compressed => Some("Envoy ignores `zip`"),
            Self::TokenType { .. } => Some("Envoy ignores `typ`"),
            Self::AlgorithmNotAllowed { .. } => Some("Envoy takes every algorithm of the keys"),
            Self::AlgorithmMissing | Self::AlgorithmUnknown { .. } | Self::HeaderType { .. } => None,
        }
    }
}
