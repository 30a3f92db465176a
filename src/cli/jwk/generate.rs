use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::path::PathBuf;

use aws_lc_rs::rand::SecureRandom as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use clap::ValueEnum;
use zeroize::Zeroizing;

use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::algorithm_parser;
use crate::cli::jwk::input::EncryptArgs;
use crate::cli::jwk::input::note;
use crate::jose::Algorithm;
use crate::jose::Jwk;
use crate::jose::KeySet;
use crate::jose::KeySpec;
use crate::jose::PemForm;
use crate::jose::SigningError;
use crate::jose::SigningKey;
use crate::jose::Strictness;
use crate::pki::KeyEncryption;
use crate::render;
use crate::render::GeneratedKey;
use crate::store::Existing;
use crate::store::StoreError;
use crate::store::write_private;
use crate::store::write_public;

/// Make a key that signs tokens, and publish its public half
///
/// Writes into the directory: `KID.private.jwk.json` and `KID.pem` (PKCS#8) for their owner alone, `KID.public.jwk.json`, and `jwks.json`,
/// to which the public half is added. With `--encrypt` the PEM file is the only private one. Files of keys that exist are never
/// replaced. A shared secret (HS256, HS384, HS512) has no public half and goes into no set.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct GenerateArgs {
    /// Algorithm the key is for
    #[arg(long, value_name = "ALG", default_value = "ES256", value_parser = algorithm_parser())]
    alg: Algorithm,
    /// Bits of an RSA key
    #[arg(long, value_enum, value_name = "BITS")]
    size: Option<Size>,
    /// Identifier of the key, `kid`; its thumbprint when absent
    #[arg(long, value_name = "KID")]
    kid: Option<String>,
    #[command(flatten)]
    encrypt: EncryptArgs,
    /// Directory to write, made when it is missing
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk generate --alg RS256 --kid 2026-11 --out keys/
  meshsec jwk generate --alg RS256 --size 4096 --encrypt --new-password-file passphrase.txt --out keys/
  meshsec jwk generate --out keys/ -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Size {
    #[value(name = "2048")]
    Bits2048,
    #[value(name = "3072")]
    Bits3072,
    #[value(name = "4096")]
    Bits4096,
    #[value(name = "8192")]
    Bits8192,
}

impl From<Size> for KeySize {
    fn from(size: Size) -> Self {
        match size {
            Size::Bits2048 => Self::Rsa2048,
            Size::Bits3072 => Self::Rsa3072,
            Size::Bits4096 => Self::Rsa4096,
            Size::Bits8192 => Self::Rsa8192,
        }
    }
}

/// Name of the set in the directory.
pub(super) const SET: &str = "jwks.json";
pub(super) const PUBLIC: &str = ".public.jwk.json";
const PRIVATE: &str = ".private.jwk.json";

impl GenerateArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let spec = match (KeySpec::for_algorithm(self.alg), self.size) {
            (KeySpec::Rsa(_), Some(size)) => KeySpec::Rsa(size.into()),
            (_, Some(_)) => {
                return Err(Error::question(
                    format!("`--size` is for RSA keys, and {} has keys of one size", self.alg),
                    "leave `--size` out".to_owned(),
                ));
            }
            (spec, None) => spec,
        };
        if let Some(kid) = &self.kid {
            require_file_name(kid)?;
        }
        let passphrase = self.encrypt.passphrase(env)?;
        let random = SystemRandom::new();
        let key = SigningKey::generate(spec, &random)?;
        let kid = match self.kid {
            Some(kid) => kid,
            // The thumbprint of a secret is a digest of the secret, and a `kid` is seen by everybody.
            None if key.is_secret() => random_id(&random)?,
            None => key.thumbprint(),
        };
        let jwk = key.jwk().clone().with_key_id(Some(kid.clone())).with_key_use(Some("sig".to_owned()));
        let jwk = jwk.with_algorithm(Some(self.alg)).map_err(|error| Error::question(error.to_string(), None))?;
        if jwk.is_secret() && passphrase.is_some() {
            return Err(Error::question(
                "a shared secret is written as a JWK, which is not encrypted here",
                "leave `--encrypt` out, or make a key pair".to_owned(),
            ));
        }
        let files = write(&self.out, &kid, &jwk, passphrase.as_deref().map(String::as_str))?;
        if jwk.is_secret() {
            note(
                env,
                &format!("{} is a shared secret: whoever can verify a token can also make one, so it is in no set", self.alg),
            )?;
        }
        if self.alg == Algorithm::EdDsa {
            note(env, "SPIFFE's validators take no EdDSA tokens, and RFC 9864 calls the algorithm `Ed25519`")?;
        }
        let made = GeneratedKey { key: &jwk, files: &files, is_encrypted: passphrase.is_some() };
        match self.output {
            Format::Text if env.quiet => {}
            Format::Text => render::generated_key_text(env.stdout, &made)?,
            Format::Json => writeln!(env.stdout, "{:#}", render::generated_key_json(&made))?,
        }
        Ok(Outcome::Yes)
    }
}

/// The identifier becomes part of file names, which must stay inside the directory.
fn require_file_name(kid: &str) -> Result<(), Error> {
    let is_plain = kid.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_'));
    if is_plain && !kid.is_empty() && kid.len() <= 128 && !kid.starts_with(['.', '-']) {
        return Ok(());
    }
    Err(Error::question(
        format!("`--kid {kid}` cannot become part of a file name"),
        "write 1 to 128 of A-Z, a-z, 0-9, `.`, `-` and `_`, a letter, digit or `_` first".to_owned(),
    ))
}

fn random_id(random: &SystemRandom) -> Result<String, Error> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes).map_err(|_| SigningError::Generation)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A file that was written.
struct Wanted {
    path: PathBuf,
    text: Zeroizing<String>,
    is_private: bool,
}

/// Writes all files of a key, the set last; nothing when one of them is in the way.
fn write(directory: &Path, kid: &str, key: &Jwk, passphrase: Option<&str>) -> Result<Vec<(PathBuf, bool)>, Error> {
    let failed = |action| move |source| StoreError::Io { action, path: directory.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed("make"))?;
    // Two writers take turns, so that neither loses the other's key from the set.
    let handle = File::open(directory).map_err(failed("read"))?;
    handle.lock().map_err(failed("lock"))?;
    let set_path = directory.join(SET);
    let mut set = existing_set(directory, &set_path)?;
    if set.elements().iter().any(|element| element.key_id() == Some(kid)) {
        return Err(Error::question(
            format!("`{}` has a key `{kid}` already", set_path.display()),
            "give the new key another `--kid`".to_owned(),
        ));
    }
    let wanted = files(directory, kid, key, passphrase)?;
    for file in &wanted {
        if fs::symlink_metadata(&file.path).is_ok() {
            return Err(StoreError::FileExists(file.path.clone()).into());
        }
    }
    let mut written = Vec::new();
    for file in wanted {
        let write = if file.is_private { write_private } else { write_public };
        write(&file.path, file.text.as_bytes(), Existing::Keep)?;
        written.push((file.path, file.is_private));
    }
    if set.add(key) {
        write_public(&set_path, set.public_text().as_bytes(), Existing::Replace)?;
        written.push((set_path, false));
    }
    Ok(written)
}

/// The files of a key but the set.
fn files(directory: &Path, kid: &str, key: &Jwk, passphrase: Option<&str>) -> Result<Vec<Wanted>, Error> {
    let mut files = Vec::new();
    if passphrase.is_none() {
        let path = directory.join(format!("{kid}{PRIVATE}"));
        files.push(Wanted { path, text: key.private_text(), is_private: true });
    }
    if let Some(public) = key.public() {
        let encryption = passphrase.map_or(KeyEncryption::Plain, KeyEncryption::Passphrase);
        let pem = key.private_pem(PemForm::Pkcs8, &encryption, &mut SystemEntropy::new());
        let pem = pem.map_err(|error| Error::question(error.to_string(), None))?;
        files.push(Wanted { path: directory.join(format!("{kid}.pem")), text: pem, is_private: true });
        // A public half has no private members to print.
        let path = directory.join(format!("{kid}{PUBLIC}"));
        files.push(Wanted { path, text: public.private_text(), is_private: false });
    }
    Ok(files)
}

/// The set in the directory, or one of the public keys there.
pub(super) fn existing_set(directory: &Path, path: &Path) -> Result<KeySet, Error> {
    let unusable = |path: &Path, reason: &str| {
        Error::question(format!("`{}`: {reason}", path.display()), "correct it, or move it out of the way".to_owned())
    };
    let unreadable = |path: &Path, source| Error::Read { path: path.display().to_string(), source };
    match fs::read(path) {
        Ok(bytes) => {
            let set = KeySet::parse(&bytes, Strictness::Strict).map_err(|error| unusable(path, &error.to_string()))?;
            if set.has_private_members() {
                return Err(unusable(path, "it holds private members, and a set is for publication"));
            }
            Ok(set)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut set = KeySet::of([]);
            let entries = fs::read_dir(directory).map_err(|source| unreadable(directory, source))?;
            let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            paths.sort();
            for path in paths.iter().filter(|path| path.to_str().is_some_and(|path| path.ends_with(PUBLIC))) {
                let bytes = fs::read(path).map_err(|source| unreadable(path, source))?;
                let key = Jwk::parse(&bytes).map_err(|error| unusable(path, &error.to_string()))?;
                set.add(&key);
            }
            Ok(set)
        }
        Err(source) => Err(unreadable(path, source)),
    }
}
