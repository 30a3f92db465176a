use clap::Args;
use clap::ValueEnum;
use zeroize::Zeroizing;

use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::algorithm_parser;
use crate::cli::jwk::input::EncryptArgs;
use crate::cli::jwk::input::ReadArgs;
use crate::cli::jwk::input::note;
use crate::cli::jwk::output::OutArgs;
use crate::jose::Algorithm;
use crate::jose::Jwk;
use crate::jose::KeyFormat;
use crate::jose::KeySet;
use crate::jose::PemError;
use crate::jose::PemForm;
use crate::jose::ThumbprintHash;
use crate::pki::KeyEncryption;
use crate::render;

/// Turn keys from one format into another: PEM, DER, certificate, JWK, JWK set
///
/// Reads PEM (PKCS#1, PKCS#8, SEC 1, SPKI, certificates, encrypted keys of OpenSSL old and new), DER, JWK and JWK sets.
/// Writes the public half unless `--show-private` says otherwise. A key without `kid` gets its thumbprint, one without `alg` the usual
/// algorithm of its type; both are said. A certificate becomes `x5c` and `x5t#S256`.
/// Exit code 2 also when a key of a set was skipped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ConvertArgs {
    /// Key files, or `-`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    read: ReadArgs,
    /// `kid` of the key
    #[arg(long, value_name = "KID", conflicts_with = "no_kid")]
    kid: Option<String>,
    /// Write no `kid`
    #[arg(long)]
    no_kid: bool,
    /// `alg` of the key
    #[arg(long, value_name = "ALG", value_parser = algorithm_parser(), conflicts_with = "no_alg")]
    alg: Option<Algorithm>,
    /// Write no `alg`
    #[arg(long)]
    no_alg: bool,
    /// `use` of the key: sig or enc
    #[arg(long = "use", value_name = "USE")]
    key_use: Option<String>,
    /// Write the private key, or secret, too
    #[arg(long, help_heading = "Output")]
    show_private: bool,
    #[command(flatten)]
    encrypt: EncryptArgs,
    /// Structure inside PEM
    #[arg(long, value_enum, default_value_t = Form::Pkcs8, help_heading = "Output")]
    form: Form,
    #[command(flatten)]
    out: OutArgs,
    /// Output format; `jwk` from PEM and DER, `pem` from JWK and sets when absent
    #[arg(short, long, value_enum, help_heading = "Output")]
    output: Option<Format>,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk convert private_encrypted.pem --password-file pw -o jwk
  meshsec jwk convert public.pem certificate.pem -o jwks --out jwks.json
  meshsec jwk convert keys/2026-11.private.jwk.json -o pem --show-private --encrypt --out key.pem
  curl -s https://idp.example/jwks | meshsec jwk convert - -o text";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JWK
    Jwk,
    /// A JWK set
    Jwks,
    /// PEM blocks
    Pem,
    /// Facts about the keys, in words
    Text,
    /// Facts about the keys, for programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// PKCS#8 and SPKI, for every key
    Pkcs8,
    /// PKCS#1, for RSA
    Pkcs1,
    /// SEC 1, for private keys on elliptic curves
    Sec1,
}

impl From<Form> for PemForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Pkcs8 => Self::Pkcs8,
            Form::Pkcs1 => Self::Pkcs1,
            Form::Sec1 => Self::Sec1,
        }
    }
}

impl ConvertArgs {
    pub(super) fn run(mut self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut keys = Vec::new();
        let mut skipped = 0;
        let mut is_jwk = true;
        for path in std::mem::take(&mut self.files) {
            let file = self.read.read(&path, env)?;
            skipped += file.skipped.len();
            is_jwk &= matches!(file.format, KeyFormat::Jwk | KeyFormat::Set);
            keys.extend(file.keys);
        }
        if keys.len() > 1 && self.kid.is_some() {
            return Err(Error::question(
                format!("`--kid` names one key, and {} were read", keys.len()),
                "convert them one by one, or leave `--kid` out".to_owned(),
            ));
        }
        let format = self.output.unwrap_or(if is_jwk { Format::Pem } else { Format::Jwk });
        let is_written = matches!(format, Format::Jwk | Format::Jwks);
        let keys = keys.into_iter().map(|key| self.dressed(key, is_written, env)).collect::<Result<Vec<Jwk>, Error>>()?;
        let is_private =
            self.show_private && matches!(format, Format::Jwk | Format::Jwks | Format::Pem) && keys.iter().any(Jwk::is_private);
        if self.show_private && !keys.iter().any(Jwk::is_private) {
            note(env, "none of the keys is private")?;
        }
        let encrypt = std::mem::replace(&mut self.encrypt, EncryptArgs::none());
        let text = match format {
            Format::Jwk => self.one(&keys)?,
            Format::Jwks => self.set(&keys, env)?,
            Format::Pem => self.pem(&keys, encrypt.passphrase(env)?.as_deref().map(String::as_str))?,
            Format::Text => Zeroizing::new(render::keys_text(&keys)),
            Format::Json => Zeroizing::new(format!("{:#}\n", render::keys_json(&keys))),
        };
        if !self.show_private && matches!(format, Format::Jwk | Format::Pem) && keys.iter().any(Jwk::is_private) {
            note(env, "only the public half is written; `--show-private` writes the private key")?;
        }
        self.out.write(&text, is_private, env)?;
        Ok(if skipped > 0 { Outcome::Invalid } else { Outcome::Yes })
    }

    /// The key with the members it is to be written with.
    fn dressed(&self, key: Jwk, is_written: bool, env: &mut Env<'_>) -> Result<Jwk, Error> {
        let mut key = key;
        if let Some(key_use) = &self.key_use {
            key = key.with_key_use(Some(key_use.clone()));
        }
        if self.no_alg || self.alg.is_some() {
            let changed = key.with_algorithm(self.alg);
            key = changed.map_err(|error| Error::question(error.to_string(), "leave `--alg` out".to_owned()))?;
        } else if let (true, None, Some(usual)) = (is_written, key.algorithm(), key.algorithms().first().copied()) {
            key = key.with_algorithm(Some(usual)).map_err(|error| Error::question(error.to_string(), None))?;
            note(env, &format!("`alg` is {usual}, the usual one for {}; `--alg` names another", key.description()))?;
        }
        if self.no_kid || self.kid.is_some() {
            key = key.with_key_id(self.kid.clone());
        } else if is_written && key.key_id().is_none() && !key.is_secret() {
            let thumbprint = key.thumbprint(ThumbprintHash::Sha256);
            key = key.with_key_id(Some(thumbprint));
        }
        Ok(key)
    }

    fn one(&self, keys: &[Jwk]) -> Result<Zeroizing<String>, Error> {
        let [key] = keys else {
            return Err(Error::question(
                format!("{} keys do not fit in one JWK", keys.len()),
                "write a set: `-o jwks`".to_owned(),
            ));
        };
        if self.show_private {
            return Ok(key.private_text());
        }
        key.public().map(|public| public.private_text()).ok_or_else(no_public_half)
    }

    fn set(&self, keys: &[Jwk], env: &mut Env<'_>) -> Result<Zeroizing<String>, Error> {
        if self.show_private {
            return Ok(KeySet::of_private(keys).private_text());
        }
        if keys.iter().all(Jwk::is_secret) {
            return Err(no_public_half());
        }
        let secrets = keys.iter().filter(|key| key.is_secret()).count();
        if secrets > 0 {
            note(env, &format!("{secrets} shared secret(s) left out: a set is for publication"))?;
        }
        Ok(Zeroizing::new(KeySet::of(keys).public_text()))
    }

    fn pem(&self, keys: &[Jwk], passphrase: Option<&str>) -> Result<Zeroizing<String>, Error> {
        let mut text = Zeroizing::new(String::new());
        for key in keys {
            let block = if self.show_private && key.is_private() {
                let encryption = passphrase.map_or(KeyEncryption::Plain, KeyEncryption::Passphrase);
                key.private_pem(self.form.into(), &encryption, &mut SystemEntropy::new())
            } else {
                key.public_pem(self.form.into()).map(Zeroizing::new)
            };
            text.push_str(&block.map_err(|error| unwritable(&error))?);
        }
        Ok(text)
    }
}

fn no_public_half() -> Error {
    Error::question(
        "a shared secret (`kty: oct`) has no public half",
        "`--show-private` writes the secret; give it to nobody who should not sign".to_owned(),
    )
}

fn unwritable(error: &PemError) -> Error {
    let help = match error {
        PemError::Secret => Some("write a JWK: `-o jwk --show-private`"),
        PemError::Form { .. } | PemError::EncryptedForm => Some("leave `--form` out: PKCS#8 fits every key"),
        PemError::Public | PemError::Encryption => None,
    };
    Error::question(error.to_string(), help.map(str::to_owned))
}
