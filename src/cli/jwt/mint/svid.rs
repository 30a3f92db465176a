//! `--svid`: a JWT-SVID, signed by the mesh's own key.

use jiff::SignedDuration;

use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::jwt::mint::MintArgs;
use crate::cli::svid::identity;
use crate::jose::Algorithm;
use crate::jose::SigningKey;
use crate::pki::Entropy;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::store::Home;
use crate::store::JwtKeyRecord;

/// Life of a JWT-SVID when nothing is said, as SPIRE's: it is a bearer token.
const DEFAULT_TTL: SignedDuration = SignedDuration::from_mins(5);

/// `use` of the key in the trust bundle.
const KEY_USE: &str = "jwt-svid";

impl MintArgs {
    /// Fills in what the profile asks for (JWT-SVID sections 2 and 3), and returns the mesh's key.
    ///
    /// # Errors
    /// When the identity is not of this trust domain, no audience is named, or the home cannot be used.
    pub(super) fn as_svid(&mut self, env: &Env<'_>) -> Result<SigningKey, Error> {
        if self.aud.is_empty() {
            return Err(Error::question(
                "a JWT-SVID is for somebody: no audience was named",
                "name who is to accept it with `--aud`".to_owned(),
            ));
        }
        let mut home = self.home.open(env)?;
        let settings = home.ledger().settings()?;
        let id = match (&self.service_account, &self.spiffe_id) {
            (Some(account), _) => identity::for_service_account(&settings.trust_domain, account)?,
            (None, Some(id)) => identity::in_trust_domain(&settings.trust_domain, id)?,
            (None, None) => {
                return Err(Error::question(
                    "no identity was given",
                    "name it with `--spiffe-id spiffe://..` or `--service-account namespace/name`".to_owned(),
                ));
            }
        };
        self.sub = Some(id.to_string());
        let ttl = self.ttl.unwrap_or(DEFAULT_TTL);
        if ttl > settings.max_svid_ttl {
            return Err(Error::question(
                format!("`--ttl` is {ttl:#}; this authority issues for {:#} at most", settings.max_svid_ttl),
                "shorten it: a token cannot be taken back".to_owned(),
            ));
        }
        self.ttl = Some(ttl);
        let passphrase = settings.are_keys_encrypted.then(|| self.passphrase.existing(env)).transpose()?;
        mesh_key(&mut home, passphrase.as_ref().map(|passphrase| passphrase.as_str()), env)
    }
}

/// The key that signs JWT-SVIDs, made when there is none yet; it is then in the trust bundle.
fn mesh_key(home: &mut Home, passphrase: Option<&str>, env: &Env<'_>) -> Result<SigningKey, Error> {
    let record = match home.ledger().active_jwt_key()? {
        Some(record) => record,
        None => make(home, passphrase, env)?,
    };
    let key = read(&home.read_jwt_key(&record.key_id)?, passphrase, home, &record.key_id)?;
    key.with_identity(Some(record.key_id), Some(Algorithm::Es256)).map_err(|error| Error::question(error.to_string(), None))
}

fn read(pem: &str, passphrase: Option<&str>, home: &Home, key_id: &str) -> Result<SigningKey, Error> {
    SigningKey::read(pem.as_bytes(), passphrase)
        .map_err(|error| Error::question(format!("`{}`: {error}", home.jwt_key_path(key_id).display()), None))
}

/// File first, then the row; of two processes that make one at once, the first one's is used.
fn make(home: &mut Home, passphrase: Option<&str>, env: &Env<'_>) -> Result<JwtKeyRecord, Error> {
    let mut entropy = SystemEntropy::new();
    let encryption = passphrase.map_or(KeyEncryption::Plain, KeyEncryption::Passphrase);
    let pem = entropy.private_key(KeyType::EcdsaP256)?.to_pem(&encryption, &mut entropy)?;
    let key = read(&pem, passphrase, home, "new")?;
    let key_id = key.thumbprint();
    let public = key.public_jwk().map(|jwk| jwk.with_key_id(Some(key_id.clone())).with_key_use(Some(KEY_USE.to_owned())));
    let members = public.and_then(|jwk| jwk.public_members()).unwrap_or_default();
    let public_jwk = serde_json::to_string(&members).map_err(std::io::Error::from)?;
    home.write_jwt_key(&key_id, &pem)?;
    let record = JwtKeyRecord { key_id, public_jwk, created_at: env.now, retired_at: None };
    let used = home.ledger_mut().transaction(|transaction| -> Result<JwtKeyRecord, Error> {
        if let Some(earlier) = transaction.active_jwt_key()? {
            return Ok(earlier);
        }
        transaction.insert_jwt_key(&record)?;
        transaction.advance_bundle()?;
        Ok(record.clone())
    })?;
    if used.key_id != record.key_id {
        home.remove_jwt_key(&record.key_id)?;
    }
    Ok(used)
}
