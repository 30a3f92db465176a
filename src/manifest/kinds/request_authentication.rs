use crate::diag::Spanned;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
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

impl RequestAuthentication {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let authentication = Self {
            selector: fields.fields(decoder, "selector").map(|selector| Selector::decode(selector, decoder)),
            target_ref: fields.fields(decoder, "targetRef").map(|target| TargetRef::decode(target, decoder)),
            target_refs: fields.each(decoder, "targetRefs", TargetRef::decode),
            jwt_rules: fields.each(decoder, "jwtRules", JwtRule::decode),
        };
        fields.finish(decoder);
        authentication
    }
}

impl JwtRule {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let place = fields.place();
        let jwks_uri = fields.string(decoder, "jwksUri");
        let older_jwks_uri = fields.string(decoder, "jwks_uri");
        let rule = Self {
            issuer: fields.string(decoder, "issuer").unwrap_or(Spanned::new(String::new(), place.span)),
            audiences: fields.strings(decoder, "audiences"),
            jwks_uri: jwks_uri.or(older_jwks_uri),
            jwks: fields.string(decoder, "jwks"),
            from_headers: fields.each(decoder, "fromHeaders", HeaderLocation::decode),
            from_params: fields.strings(decoder, "fromParams"),
            from_cookies: fields.strings(decoder, "fromCookies"),
            output_payload_to_header: fields.string(decoder, "outputPayloadToHeader"),
            forward_original_token: fields.flag(decoder, "forwardOriginalToken"),
            output_claim_to_headers: fields.each(decoder, "outputClaimToHeaders", ClaimToHeader::decode),
            space_delimited_claims: fields.strings(decoder, "spaceDelimitedClaims"),
            timeout: fields.string(decoder, "timeout"),
            place,
        };
        fields.finish(decoder);
        rule
    }
}

impl HeaderLocation {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let name = fields.required_string(decoder, "name");
        let prefix = fields.string(decoder, "prefix").map(|prefix| prefix.value).unwrap_or_default();
        fields.finish(decoder);
        Self { name, prefix }
    }
}

impl ClaimToHeader {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let header = fields.required_string(decoder, "header");
        let claim = fields.required_string(decoder, "claim");
        fields.finish(decoder);
        Self { header, claim }
    }
}
