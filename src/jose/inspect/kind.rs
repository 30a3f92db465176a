use std::fmt;

use crate::jose::ExactJson;
use crate::jose::inspect::form::Form;
use crate::jose::inspect::form::Part;

/// What a token is for, by its looks: type header, issuer, claims. Nothing of it is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// A workload's identity (JWT-SVID).
    JwtSvid,
    /// A workload's identity with its key (WIT-SVID).
    WitSvid,
    /// A Kubernetes service account token with an expiry, projected or requested.
    KubernetesBound,
    /// A Kubernetes service account token out of a Secret.
    KubernetesLegacy,
    /// A refresh token of Keycloak; only Keycloak can verify it.
    KeycloakRefresh,
    /// An ID token of Firebase.
    Firebase,
    /// A token for signing in to Firebase, signed by a service account.
    FirebaseCustom,
    /// A token of Google's accounts.
    Google,
    /// An ID token (OpenID Connect Core section 2).
    IdToken,
    /// An access token (RFC 9068, or an issuer that says so).
    AccessToken,
    /// A logout token (OpenID Connect Back-Channel Logout).
    LogoutToken,
    /// A `DPoP` proof (RFC 9449).
    DpopProof,
    /// Some JSON Web Token.
    Jwt,
    /// Signed, but the payload is no JSON object: not a JWT.
    Jws,
    /// A token inside a token (`cty: JWT`).
    Nested,
    /// Encrypted: what it holds is unknown.
    Jwe,
}

impl TokenKind {
    pub(super) fn of(form: Form, header: &Part, payload: &Part) -> Self {
        if matches!(form, Form::Encrypted | Form::EncryptedJson) {
            return Self::Jwe;
        }
        let text = |part: &Part, name: &str| part.member(name).and_then(ExactJson::as_str).unwrap_or_default().to_owned();
        if is_media_type(&text(header, "cty"), "jwt") {
            return Self::Nested;
        }
        if payload.object().is_none() {
            return Self::Jws;
        }
        let typ = text(header, "typ");
        for (name, kind) in [
            ("wit+jwt", Self::WitSvid),
            ("at+jwt", Self::AccessToken),
            ("logout+jwt", Self::LogoutToken),
            ("dpop+jwt", Self::DpopProof),
        ] {
            if is_media_type(&typ, name) {
                return kind;
            }
        }
        let (issuer, subject) = (text(payload, "iss"), text(payload, "sub"));
        let has = |name: &str| payload.member(name).is_some();
        if subject.starts_with("spiffe://") {
            return Self::JwtSvid;
        }
        if has("kubernetes.io") {
            return Self::KubernetesBound;
        }
        if issuer == "kubernetes/serviceaccount" {
            return Self::KubernetesLegacy;
        }
        if issuer.starts_with("https://securetoken.google.com/") {
            return Self::Firebase;
        }
        if text(payload, "aud").contains("google.identity.identitytoolkit") {
            return Self::FirebaseCustom;
        }
        if matches!(issuer.as_str(), "https://accounts.google.com" | "accounts.google.com") {
            return Self::Google;
        }
        match text(payload, "typ").as_str() {
            "Refresh" | "Offline" => return Self::KeycloakRefresh,
            "ID" => return Self::IdToken,
            "Bearer" => return Self::AccessToken,
            _ => {}
        }
        if has("nonce") || has("at_hash") || has("c_hash") {
            return Self::IdToken;
        }
        if has("scope") || has("scp") || has("client_id") {
            return Self::AccessToken;
        }
        Self::Jwt
    }

    /// A short name for scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::JwtSvid => "jwt-svid",
            Self::WitSvid => "wit-svid",
            Self::KubernetesBound => "kubernetes-bound",
            Self::KubernetesLegacy => "kubernetes-legacy",
            Self::KeycloakRefresh => "keycloak-refresh",
            Self::Firebase => "firebase",
            Self::FirebaseCustom => "firebase-custom",
            Self::Google => "google",
            Self::IdToken => "id-token",
            Self::AccessToken => "access-token",
            Self::LogoutToken => "logout-token",
            Self::DpopProof => "dpop-proof",
            Self::Jwt => "jwt",
            Self::Jws => "jws",
            Self::Nested => "nested",
            Self::Jwe => "jwe",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JwtSvid => "JWT-SVID, the identity of a workload",
            Self::WitSvid => "WIT-SVID, the identity of a workload with its key",
            Self::KubernetesBound => "Kubernetes service account token, bound",
            Self::KubernetesLegacy => "Kubernetes service account token out of a Secret",
            Self::KeycloakRefresh => "Keycloak refresh token, which only Keycloak can verify",
            Self::Firebase => "Firebase ID token",
            Self::FirebaseCustom => "Firebase custom token, signed by a service account and not by Firebase",
            Self::Google => "Google account token",
            Self::IdToken => "ID token, meant for the application that signed the user in",
            Self::AccessToken => "access token",
            Self::LogoutToken => "logout token",
            Self::DpopProof => "DPoP proof",
            Self::Jwt => "JSON Web Token",
            Self::Jws => "signed text that is no JSON Web Token: the payload is no JSON object",
            Self::Nested => "a token inside a signed token: inspect the payload",
            Self::Jwe => "encrypted token (JWE): the claims cannot be inspected without the recipient's key",
        })
    }
}

/// Media types are compared without case, and `application/` may be left out (RFC 7515 section 4.1.9).
pub(in crate::jose) fn is_media_type(found: &str, wanted: &str) -> bool {
    let found = found.to_ascii_lowercase();
    found.strip_prefix("application/").unwrap_or(&found) == wanted
}
