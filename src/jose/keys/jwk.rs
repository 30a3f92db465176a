use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroize;
use zeroize::Zeroizing;

use crate::jose::Algorithm;
use crate::jose::JwkError;
use crate::jose::keys::asn1;
use crate::jose::keys::jwk_members;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::material::KeyMaterial;
use crate::jose::keys::reading::Reading;
use crate::jose::keys::reading::Strictness;
use crate::jose::keys::thumbprint;
use crate::jose::keys::thumbprint::ThumbprintHash;
use crate::jose::parse_strict_object;

/// One key with what is said about it (RFC 7517 section 4).
///
/// Its numbers belong together, and its members do not contradict each other. Private members are wiped when it is dropped and reach
/// a text only through [`Jwk::private_text`].
#[derive(Clone)]
pub struct Jwk {
    pub(super) material: KeyMaterial,
    pub(super) key_id: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) key_use: Option<String>,
    pub(super) operations: Option<Vec<String>>,
    /// Certificates in DER, the key's own first.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Members that are not interpreted, kept when it is written again.
    pub(super) others: Map<String, Value>,
    pub(super) notes: Vec<JwkNote>,
}

impl Jwk {
    /// Reads the text of one JWK.
    ///
    /// # Errors
    /// With the first thing that the specification does not allow.
    pub fn parse(text: &[u8]) -> Result<Self, JwkError> {
        Self::parse_with(text, Strictness::Strict)
    }

    /// Reads the text of one JWK; with [`Strictness::Repair`] defects of spelling that leave no doubt about the key become notes.
    ///
    /// # Errors
    /// With the first thing that is not allowed.
    pub fn parse_with(text: &[u8], strictness: Strictness) -> Result<Self, JwkError> {
        let mut members = parse_strict_object(text)?;
        let result = Self::from_members(&members, strictness);
        wipe(&mut members);
        result
    }

    /// Reads the members of one JWK.
    ///
    /// # Errors
    /// With the first thing that is not allowed.
    pub fn from_members(members: &Map<String, Value>, strictness: Strictness) -> Result<Self, JwkError> {
        jwk_members::read(members, &mut Reading::new(strictness))
    }

    pub(super) fn of_material(material: KeyMaterial) -> Self {
        Self {
            material,
            key_id: None,
            algorithm: None,
            key_use: None,
            operations: None,
            certificates: Vec::new(),
            others: Map::new(),
            notes: Vec::new(),
        }
    }

    /// `kty`.
    #[must_use]
    pub fn key_type(&self) -> &'static str {
        self.material.key_type()
    }

    /// Kind and size in words: `RSA 2048`, `EC P-256`.
    #[must_use]
    pub fn description(&self) -> String {
        self.material.description()
    }

    /// `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// `alg` as written; it need not be a signature algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// `use`.
    #[must_use]
    pub fn key_use(&self) -> Option<&str> {
        self.key_use.as_deref()
    }

    /// `key_ops`.
    #[must_use]
    pub fn operations(&self) -> Option<&[String]> {
        self.operations.as_deref()
    }

    /// The certificates of `x5c` in DER.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// What is allowed but worth knowing about it.
    #[must_use]
    pub fn notes(&self) -> &[JwkNote] {
        &self.notes
    }

    /// Whether it holds what must stay with its owner; a secret always does.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.material.is_private()
    }

    /// Whether it is a shared secret (`kty: oct`).
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.material, KeyMaterial::Oct(_))
    }

    /// The signature algorithms it may be used with, the usual one first: what the numbers allow, narrowed by `alg`, `use` and
    /// `key_ops`. Empty for keys of other purposes and for keys below the minimum sizes of RFC 7518.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let is_for_signing = self.key_use.as_deref().is_none_or(|key_use| matches!(key_use, "sig" | "jwt-svid"))
            && self
                .operations
                .as_ref()
                .is_none_or(|operations| operations.iter().any(|operation| matches!(operation.as_str(), "sign" | "verify")));
        if !is_for_signing {
            return Vec::new();
        }
        let possible = self.material.algorithms().iter().copied();
        match &self.algorithm {
            None => possible.collect(),
            Some(name) => possible.filter(|algorithm| is_name_of(name, *algorithm)).collect(),
        }
    }

    /// Whether it is below the minimum size of RFC 7518 sections 3.2 and 3.3.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.notes.iter().any(|note| matches!(note, JwkNote::Weak { .. }))
            || match &self.material {
                KeyMaterial::Rsa(key) => key.bits() < 2048,
                KeyMaterial::Oct(secret) => secret.len() < 32,
                KeyMaterial::Ec(_) | KeyMaterial::Okp(_) => false,
            }
    }

    /// The JWK thumbprint (RFC 7638, RFC 8037 section 2) in base64url. Both halves of a key have the same.
    #[must_use]
    pub fn thumbprint(&self, hash: ThumbprintHash) -> String {
        thumbprint::of(&self.material, hash)
    }

    /// The `kid` that Kubernetes' API server gives the key: SHA-256 of its `SubjectPublicKeyInfo` in base64url.
    #[must_use]
    pub fn kubernetes_key_id(&self) -> Option<String> {
        let info = asn1::write_spki(&self.material)?;
        Some(base64url(digest::digest(&digest::SHA256, &info).as_ref()))
    }

    /// The text that the thumbprint is the digest of. For a secret it holds the secret.
    #[must_use]
    pub fn thumbprint_input(&self) -> Zeroizing<String> {
        thumbprint::input(&self.material)
    }

    /// The same with another `kid`.
    #[must_use]
    pub fn with_key_id(mut self, key_id: Option<String>) -> Self {
        self.key_id = key_id;
        self
    }

    /// The same with another `use`; `key_ops` goes, because the two should not stand together (RFC 7517 section 4.3).
    #[must_use]
    pub fn with_key_use(mut self, key_use: Option<String>) -> Self {
        self.key_use = key_use;
        self.operations = None;
        self
    }

    /// The same for one algorithm.
    ///
    /// # Errors
    /// When such a key cannot do it.
    pub fn with_algorithm(mut self, algorithm: Option<Algorithm>) -> Result<Self, JwkError> {
        if let Some(algorithm) = algorithm.filter(|algorithm| !jwk_members::fits(&self.material, *algorithm)) {
            return Err(JwkError::Algorithm { algorithm: algorithm.to_string(), key: self.description() });
        }
        self.algorithm = algorithm.map(|algorithm| algorithm.name().to_owned());
        Ok(self)
    }

    /// The public half: no private member, and the operations of the other side. A secret has none.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        let operations = self.operations.as_ref().map(|operations| {
            operations
                .iter()
                .filter_map(|operation| match operation.as_str() {
                    "sign" => Some("verify"),
                    "decrypt" => Some("encrypt"),
                    "unwrapKey" => Some("wrapKey"),
                    "deriveKey" | "deriveBits" => None,
                    other => Some(other),
                })
                .fold(Vec::new(), |mut list: Vec<String>, operation| {
                    if !list.iter().any(|known| known == operation) {
                        list.push(operation.to_owned());
                    }
                    list
                })
        });
        Some(Self { material: self.material.public()?, operations, notes: Vec::new(), ..self.clone() })
    }

    /// The public members, in the usual order; nothing for a secret.
    #[must_use]
    pub fn public_members(&self) -> Option<Map<String, Value>> {
        Some(jwk_members::write(&self.public()?))
    }

    /// The whole JWK as text, private members included, indented by two blanks. Its name says what it is: for a file of its owner.
    #[must_use]
    pub fn private_text(&self) -> Zeroizing<String> {
        let mut members = jwk_members::write(self);
        let text = jwk_members::pretty(&members);
        wipe(&mut members);
        text
    }
}

/// Whether an `alg` value names the algorithm. RFC 9864 writes `Ed25519` for `EdDSA` on that curve.
fn is_name_of(name: &str, algorithm: Algorithm) -> bool {
    name == algorithm.name() || (algorithm == Algorithm::EdDsa && name == "Ed25519")
}

/// Overwrites the texts of the members that may be private.
fn wipe(members: &mut Map<String, Value>) {
    for name in jwk_members::PRIVATE {
        if let Some(Value::String(text)) = members.get_mut(*name) {
            text.zeroize();
        }
    }
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn standard_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let private = if self.is_private() { ", private" } else { "" };
        write!(f, "Jwk({}{private}, kid {:?})", self.description(), self.key_id)
    }
}
