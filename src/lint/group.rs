use crate::diag::Code;

/// What the rules of one hundred codes are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the title says it")]
pub enum Group {
    Input,
    Authorization,
    Peer,
    Request,
    Destination,
    Mesh,
    Certificates,
    Legacy,
    Ambient,
    Hygiene,
}

impl Group {
    /// Every group, by code.
    pub const ALL: [Self; 10] = [
        Self::Input,
        Self::Authorization,
        Self::Peer,
        Self::Request,
        Self::Destination,
        Self::Mesh,
        Self::Certificates,
        Self::Legacy,
        Self::Ambient,
        Self::Hygiene,
    ];

    /// The group of a code, which is its first digit.
    #[must_use]
    pub fn of(code: Code) -> Self {
        let digit = code.0.as_bytes().get(2).copied().unwrap_or(b'0').saturating_sub(b'0');
        Self::ALL.get(usize::from(digit)).copied().unwrap_or(Self::Input)
    }

    /// One word: `authorization`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Authorization => "authorization",
            Self::Peer => "peer",
            Self::Request => "request",
            Self::Destination => "destination",
            Self::Mesh => "mesh",
            Self::Certificates => "certificates",
            Self::Legacy => "legacy",
            Self::Ambient => "ambient",
            Self::Hygiene => "hygiene",
        }
    }

    /// A heading: `Authorization policies`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Input => "Reading manifests",
            Self::Authorization => "AuthorizationPolicy",
            Self::Peer => "PeerAuthentication",
            Self::Request => "RequestAuthentication",
            Self::Destination => "DestinationRule",
            Self::Mesh => "The mesh as a whole",
            Self::Certificates => "Certificates and keys",
            Self::Legacy => "What is no longer supported",
            Self::Ambient => "Ambient mode",
            Self::Hygiene => "Order and clarity",
        }
    }
}
