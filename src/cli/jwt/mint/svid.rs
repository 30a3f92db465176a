//! JWT-SVIDs: the identity of a workload as a token, signed by the mesh's own key.

use aws_lc_rs::rand::SystemRandom;
use clap::Args;
use jiff::SignedDuration;

use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::cli::jwt::mint::MintArgs;
use crate::cli::jwt::mint::lifetime;
use crate::cli::jwt::mint::print;
use crate::cli::passphrase::Passphrase;
use crate::jose::Algorithm;
use crate::jose::KeyFileError;
use crate::jose::SigningKey;
use crate::jose::TokenDraft;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::PrivateKey;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;
use crate::store::Home;
use crate::store::JwtKeyId;
use crate::store::StoreError;

/// How long a JWT-SVID is valid by default, as in SPIRE.
const DEFAULT_TTL: SignedDuration = SignedDuration::from_mins(5);
/// A workload's token is renewed within the hour.
const LONG_SECONDS: i64 = 3600;

/// A workload's identity instead of a key file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Workload")]
pub(super) struct SvidArgs {
    /// Mint a JWT-SVID, signed by the mesh's own key, which is made when there is none
    #[arg(long, requires = "spiffe_id", conflicts_with_all = ["key", "secret_file", "allow_hmac", "kid", "alg", "sub", "headers", "never_expires"])]
    svid: bool,
    /// The workload's SPIFFE ID, in the trust domain of this authority
    #[arg(long, value_name = "ID", requires = "svid")]
    spiffe_id: Option<String>,
    #[command(flatten)]
    home: HomeArgs,
}

impl SvidArgs {
    pub(super) fn is_wanted(&self) -> bool {
        self.svid
    }
}

impl MintArgs {
    /// By the profile JWT-SVID: `sub`, `aud` and `exp` are there, and the header holds `alg`, `kid` and `typ` only.
    pub(super) fn mint_svid(&self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if self.aud.is_empty() || self.aud.iter().any(String::is_empty) {
            return Err(Error::question("a JWT-SVID names its audience", "say who is to accept it with `--aud`".to_owned()));
        }
        for text in self.claims.iter().chain(&self.claim_json) {
            let name = text.split_once('=').map_or("", |(name, _)| name);
            if matches!(name, "sub" | "aud" | "exp") {
                return Err(Error::question(format!("the claim `{name}` of a JWT-SVID has a flag of its own"), None));
            }
        }
        let mut home = self.svid.home.open(env)?;
        let settings = home.ledger().settings()?;
        let id = identity(self.svid.spiffe_id.as_deref().unwrap_or_default(), &settings.trust_domain)?;
        let passphrase = settings.are_keys_encrypted.then(|| self.passphrase.existing(env)).transpose()?;
        let key = signing_key(&mut home, passphrase.as_ref(), env)?;
        let claims = self.all_claims(Some(id.as_str()), DEFAULT_TTL, env.now, &mut SystemEntropy::new())?;
        let key_id = key.key_id().map(str::to_owned);
        let draft = TokenDraft { algorithm: Algorithm::Es256, key_id, header: self.header_members()?, claims };
        print(&draft, &key, |draft, _| warnings(draft), env)
    }
}

fn warnings(draft: &TokenDraft) -> Vec<String> {
    let is_long = lifetime(draft).is_some_and(|seconds| seconds > LONG_SECONDS);
    if is_long { vec!["it lives for more than an hour: a workload's token cannot be revoked".to_owned()] } else { Vec::new() }
}

fn identity(text: &str, trust_domain: &TrustDomain) -> Result<SpiffeId, Error> {
    let id: SpiffeId = text.parse().map_err(|error| {
        let help = "write it as `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT`".to_owned();
        Error::question(format!("`--spiffe-id {text}`: {error}"), help)
    })?;
    if id.trust_domain() != trust_domain.as_str() {
        return Err(Error::question(
            format!("`{id}` is of another trust domain than this authority, `{trust_domain}`"),
            "name an identity of its own trust domain".to_owned(),
        ));
    }
    if id.as_istio_principal() == trust_domain.as_str() {
        return Err(Error::question(format!("`{id}` names a trust domain, not a workload"), None));
    }
    Ok(id)
}

/// The mesh's key, made when there is none: on the disk first, then in the ledger.
fn signing_key(home: &mut Home, passphrase: Option<&Passphrase>, env: &mut Env<'_>) -> Result<SigningKey, Error> {
    let passphrase = passphrase.map(|passphrase| passphrase.as_str());
    if let Some(known) = home.ledger().signing_jwt_key()? {
        return open(home, &known.id, passphrase);
    }
    let private = PrivateKey::generate(KeyType::EcdsaP256, &SystemRandom::new()).map_err(StoreError::from)?;
    let encryption = passphrase.map_or(KeyEncryption::Plain, KeyEncryption::Passphrase);
    let pem = private.to_pem(&encryption, &mut SystemEntropy::new()).map_err(StoreError::from)?;
    let unusable = |error: KeyFileError| Error::question(format!("the new JWT key cannot be used: {error}"), None);
    let key = SigningKey::read(pem.as_bytes(), passphrase).map_err(unusable)?;
    let id: JwtKeyId = key.thumbprint().parse()?;
    home.write_jwt_key(&id, &pem)?;
    let public = published(&key, &id);
    let now = env.now;
    let is_first = home.ledger_mut().transaction(|transaction| {
        // Another process may have been first; then its key signs, and this one is swept away.
        if transaction.signing_jwt_key()?.is_some() {
            return Ok::<_, StoreError>(false);
        }
        transaction.insert_jwt_key(&id, &public, now)?;
        transaction.advance_bundle()?;
        Ok(true)
    })?;
    if is_first {
        let note = format!("the mesh has a new JWT key `{id}`: give its verifiers the bundle (`meshsec bundle convert`)");
        writeln!(env.stderr, "{} {note}", env.style.note("note:"))?;
        return named(key, &id);
    }
    let known = home.ledger().signing_jwt_key()?.ok_or_else(|| Error::question("the mesh has no JWT key", None))?;
    open(home, &known.id, passphrase)
}

fn open(home: &Home, id: &JwtKeyId, passphrase: Option<&str>) -> Result<SigningKey, Error> {
    let pem = home.read_jwt_key(id)?;
    let key = SigningKey::read(pem.as_bytes(), passphrase).map_err(|error| match error {
        KeyFileError::PassphraseMissing => StoreError::PassphraseMissing(format!("JWT key {id}")).into(),
        KeyFileError::PassphraseWrong => StoreError::PassphraseWrong(format!("JWT key {id}")).into(),
        other => Error::question(format!("`{}`: {other}", home.jwt_key_path(id).display()), None),
    })?;
    named(key, id)
}

fn named(key: SigningKey, id: &JwtKeyId) -> Result<SigningKey, Error> {
    key.with_identity(Some(id.to_string()), Some(Algorithm::Es256)).map_err(|error| Error::question(error.to_string(), None))
}

/// The public JWK as a SPIFFE bundle holds it.
fn published(key: &SigningKey, id: &JwtKeyId) -> String {
    let public = key.public_jwk().map(|jwk| jwk.with_key_id(Some(id.to_string())).with_key_use(Some("jwt-svid".to_owned())));
    let members = public.and_then(|jwk| jwk.public_members()).unwrap_or_default();
    serde_json::Value::Object(members).to_string()
}
