//! The mesh's own key, which signs JWT-SVIDs: made on first use, kept with the authority, published in its bundle.

use jiff::Timestamp;

use crate::cli::entropy::SystemEntropy;
use crate::cli::error::Error;
use crate::jose::Algorithm;
use crate::jose::SigningKey;
use crate::pki::Entropy;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::store::Home;
use crate::store::JwtKeyRecord;

/// `use` of the key in the trust bundle.
const KEY_USE: &str = "jwt-svid";

/// What a rotation did.
#[derive(Debug)]
pub(in crate::cli) struct Rotated {
    pub(in crate::cli) new: JwtKeyRecord,
    /// When the new key begins to sign: after the last of those before it.
    pub(in crate::cli) signs_from: Timestamp,
    /// The key that signed so far, with the time it retires.
    pub(in crate::cli) old: Option<JwtKeyRecord>,
}

/// The key that signs now, made when there is none yet.
pub(in crate::cli) fn signing(home: &mut Home, passphrase: Option<&str>, now: Timestamp) -> Result<SigningKey, Error> {
    let record = match home.ledger().signing_jwt_key(now)? {
        Some(record) => record,
        None => first(home, passphrase, now)?,
    };
    let key = read(&home.read_jwt_key(&record.key_id)?, passphrase, home, &record.key_id)?;
    key.with_identity(Some(record.key_id), Some(Algorithm::Es256)).map_err(|error| Error::question(error.to_string(), None))
}

/// Of two processes that make one at once, the first one's is used.
fn first(home: &mut Home, passphrase: Option<&str>, now: Timestamp) -> Result<JwtKeyRecord, Error> {
    let record = make(home, passphrase, now)?;
    let used = home.ledger_mut().transaction(|transaction| -> Result<JwtKeyRecord, Error> {
        if let Some(earlier) = transaction.signing_jwt_key(now)? {
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

/// Brings in a new key beside the present one, which signs until `retires_at`; without that time nothing that was signed so far stays
/// good. Keys whose last token has expired are forgotten.
pub(in crate::cli) fn rotate(
    home: &mut Home,
    passphrase: Option<&str>,
    retires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Rotated, Error> {
    let new = make(home, passphrase, now)?;
    let (rotated, forgotten) = home.ledger_mut().transaction(|transaction| -> Result<_, Error> {
        let signing = transaction.signing_jwt_key(now)?;
        let longest_life = transaction.settings()?.max_svid_ttl;
        transaction.retire_jwt_keys(retires_at.unwrap_or(now))?;
        let (kept, forgotten): (Vec<_>, Vec<_>) =
            transaction.jwt_keys()?.into_iter().partition(|key| retires_at.is_some() && key.is_published(now, longest_life));
        let signs_from = kept.iter().filter_map(|key| key.retired_at).fold(now, Timestamp::max);
        let old = kept.iter().chain(&forgotten).find(|key| signing.as_ref().is_some_and(|signing| signing.key_id == key.key_id));
        let rotated = Rotated { new: new.clone(), signs_from, old: old.cloned() };
        for key in &forgotten {
            transaction.delete_jwt_key(&key.key_id)?;
            transaction.advance_bundle()?;
        }
        transaction.insert_jwt_key(&new)?;
        transaction.advance_bundle()?;
        Ok((rotated, forgotten))
    })?;
    for key in forgotten {
        home.remove_jwt_key(&key.key_id)?;
    }
    Ok(rotated)
}

/// A new key: its file is written, its row is not.
fn make(home: &Home, passphrase: Option<&str>, now: Timestamp) -> Result<JwtKeyRecord, Error> {
    let mut entropy = SystemEntropy::new();
    let encryption = passphrase.map_or(KeyEncryption::Plain, KeyEncryption::Passphrase);
    let pem = entropy.private_key(KeyType::EcdsaP256)?.to_pem(&encryption, &mut entropy)?;
    let key = read(&pem, passphrase, home, "new")?;
    let key_id = key.thumbprint();
    let public = key.public_jwk().map(|jwk| jwk.with_key_id(Some(key_id.clone())).with_key_use(Some(KEY_USE.to_owned())));
    let members = public.and_then(|jwk| jwk.public_members()).unwrap_or_default();
    let public_jwk = serde_json::to_string(&members).map_err(std::io::Error::from)?;
    home.write_jwt_key(&key_id, &pem)?;
    Ok(JwtKeyRecord { key_id, public_jwk, created_at: now, retired_at: None })
}

fn read(pem: &str, passphrase: Option<&str>, home: &Home, key_id: &str) -> Result<SigningKey, Error> {
    SigningKey::read(pem.as_bytes(), passphrase)
        .map_err(|error| Error::question(format!("`{}`: {error}", home.jwt_key_path(key_id).display()), None))
}
