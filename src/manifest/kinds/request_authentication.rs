use crate::diag::Spanned;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;

/// `RequestAuthentication` of security.istio.io, v1 and v1beta1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestAuthentication {
    /// `selector`.
    pub selector: Option<Selector>,
    /// `targetRef`, the legacy single form.
    pub target_ref: Option<TargetRef>,
    /// `targetRefs`.
    pub target_refs: Vec<TargetRef>,
    /// `jwtRules`.
    pub jwt_rules: Vec<JwtRule>,
}

/// One entry of `jwtRules`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JwtRule {
    /// `issuer`; empty when absent.
    pub issuer: Spanned<String>,
    /// `audiences`.
    pub audiences: Vec<Spanned<String>>,
    /// `jwksUri` (or `jwks_uri`).
    pub jwks_uri: Option<Spanned<String>>,
    /// `jwks`: the key set itself.
    pub jwks: Option<Spanned<String>>,
    /// `fromHeaders`.
    pub from_headers: Vec<HeaderLocation>,
    /// `fromParams`.
    pub from_params: Vec<Spanned<String>>,
    /// `fromCookies`.
    pub from_cookies: Vec<Spanned<String>>,
    /// `outputPayloadToHeader`.
    pub output_payload_to_header: Option<Spanned<String>>,
    /// `forwardOriginalToken`.
    pub forward_original_token: bool,
    /// `outputClaimToHeaders`.
    pub output_claim_to_headers: Vec<ClaimToHeader>,
    /// `spaceDelimitedClaims`.
    pub space_delimited_claims: Vec<Spanned<String>>,
    /// `timeout`, as written.
    pub timeout: Option<Spanned<String>>,
    /// Where the rule stands.
    pub place: Place,
}

/// One entry of `fromHeaders`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderLocation {
    /// Header name.
    pub name: Spanned<String>,
    /// What stands before the token; empty when absent.
    pub prefix: String,
}

/// One entry of `outputClaimToHeaders`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimToHeader {
    /// Header to write.
    pub header: Spanned<String>,
    /// Claim to read, dots walk into objects.
    pub claim: Spanned<String>,
}
