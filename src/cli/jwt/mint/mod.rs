mod claims;
mod key;
#[cfg(feature = "store")]
mod svid;

use clap::ArgGroup;
use clap::Args;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
#[cfg(feature = "store")]
use crate::cli::home::HomeArgs;
use crate::cli::passphrase::PassphraseArgs;
use crate::jose::Algorithm;
use crate::jose::ExactJson;
use crate::jose::TokenDraft;
use crate::jose::duration_in_words;

/// Mint a token
///
/// Signs claims with a private key and prints the token, alone, on standard output. It has an expiry, a time of issue, a random `jti` and
/// the `kid` of the key unless told otherwise; `alg` follows the key.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    group = ArgGroup::new("signer").args(["key", "secret_file", "svid"]).required(true)
)]
pub(in crate::cli) struct MintArgs {
    /// Private key: PEM, DER or JWK, or a directory made by `meshsec jwk generate`
    #[arg(long, value_name = "FILE|DIR", help_heading = "Key")]
    key: Option<String>,
    /// Shared secret for HS256, HS384 and HS512: the bytes of this file
    #[arg(long, value_name = "FILE", requires = "allow_hmac", help_heading = "Key")]
    secret_file: Option<String>,
    /// Sign with a shared secret: whoever can verify such a token can also make one
    #[arg(long, help_heading = "Key")]
    allow_hmac: bool,
    /// A JWT-SVID: signed by the mesh's own key, which is kept with the authority and published in its bundle
    #[arg(long, conflicts_with_all = ["sub", "never_expires", "kid", "alg"], help_heading = "JWT-SVID")]
    svid: bool,
    /// Whose it is: SPIFFE ID in the trust domain of the authority
    #[arg(long, value_name = "ID", requires = "svid", help_heading = "JWT-SVID")]
    spiffe_id: Option<String>,
    /// Whose it is: Kubernetes service account `namespace/name`
    #[arg(long, value_name = "ACCOUNT", requires = "svid", conflicts_with = "spiffe_id", help_heading = "JWT-SVID")]
    service_account: Option<String>,
    #[cfg(feature = "store")]
    #[command(flatten)]
    home: HomeArgs,
    /// `kid` of the header; with a directory the key to take
    #[arg(long, value_name = "ID", help_heading = "Key")]
    kid: Option<String>,
    /// `alg` of the header; the key's usual one when absent
    #[arg(long, value_name = "ALG", value_parser = super::parse_algorithm, help_heading = "Key")]
    alg: Option<Algorithm>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Issuer
    #[arg(long, value_name = "ISSUER", help_heading = "Claims")]
    iss: Option<String>,
    /// Subject
    #[arg(long, value_name = "SUBJECT", help_heading = "Claims")]
    sub: Option<String>,
    /// Audience; repeatable
    #[arg(long, value_name = "AUDIENCE", help_heading = "Claims")]
    aud: Vec<String>,
    /// How long it is valid, such as 5m, 1h, 30d; 1h when absent
    #[arg(long, value_name = "DURATION", value_parser = parse_ttl, help_heading = "Claims")]
    ttl: Option<SignedDuration>,
    /// Leave `exp` out: the token can never be taken back
    #[arg(long, conflicts_with = "ttl", help_heading = "Claims")]
    never_expires: bool,
    /// When it begins to be valid: RFC 3339, or a duration from now
    #[arg(long, value_name = "TIME", help_heading = "Claims")]
    nbf: Option<String>,
    /// Time of issue, RFC 3339; now when absent
    #[arg(long, value_name = "TIME", help_heading = "Claims")]
    at: Option<Timestamp>,
    /// `jti`; random when absent, none when empty
    #[arg(long, value_name = "ID", help_heading = "Claims")]
    jti: Option<String>,
    /// Claim that is a string; repeatable
    #[arg(long = "claim", value_name = "NAME=TEXT", help_heading = "Claims")]
    claims: Vec<String>,
    /// Claim that is any JSON value; repeatable
    #[arg(long, value_name = "NAME=JSON", help_heading = "Claims")]
    claim_json: Vec<String>,
    /// Further header member that is a string, such as `typ=at+jwt`; repeatable
    #[arg(long = "header", value_name = "NAME=TEXT", help_heading = "Claims")]
    headers: Vec<String>,
}

const EXAMPLES: &str = "Examples:
  meshsec jwt mint --key keys/ --iss admin@infracloud.io --sub admin --aud shop --ttl 1h --claim role=admin
  meshsec jwt mint --svid --spiffe-id spiffe://cluster.local/ns/shop/sa/web --aud payments
  meshsec jwt mint --key key.pem --iss https://idp.example --sub alice --claim-json 'groups=[\"a\",\"b\"]' --header typ=at+jwt";

/// Longer tokens are worth a warning.
const LONG_SECONDS: i64 = 86_400;
/// Servers often limit a header to this.
const LONG_TOKEN_BYTES: usize = 8 << 10;

impl MintArgs {
    pub(super) fn run(mut self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let key = if self.svid { self.as_svid(env)? } else { self.signing_key(env)? };
        let algorithm = match self.alg {
            None => key.algorithms().first().copied(),
            Some(algorithm) => Some(algorithm).filter(|algorithm| key.algorithms().contains(algorithm)),
        };
        let algorithm = algorithm.ok_or_else(|| {
            let names: Vec<&str> = key.algorithms().into_iter().map(Algorithm::name).collect();
            Error::question(
                format!("a key ({}) does not sign with {}", key.jwk().description(), self.alg.map_or("", Algorithm::name)),
                format!("it signs with {}", names.join(", ")),
            )
        })?;
        let claims = self.all_claims(env.now, &mut SystemEntropy::new())?;
        let key_id = self.kid.clone().or_else(|| key.key_id().map(str::to_owned)).or_else(|| {
            // The thumbprint of a secret would tell about the secret.
            (!key.is_secret()).then(|| key.thumbprint())
        });
        let draft = TokenDraft { algorithm, key_id, header: self.header_members()?, claims };
        let token = draft.sign(&key).map_err(|error| Error::question(error.to_string(), None))?;
        writeln!(env.stdout, "{token}")?;
        env.stdout.flush()?;
        if !env.quiet {
            for warning in warnings(&draft, &token, self.svid) {
                writeln!(env.stderr, "{} {warning}", env.style.warning("warning:"))?;
            }
        }
        Ok(Outcome::Yes)
    }
}

#[cfg(not(feature = "store"))]
impl MintArgs {
    /// There is no own authority without a ledger.
    fn as_svid(&mut self, _env: &Env<'_>) -> Result<crate::jose::SigningKey, Error> {
        self.svid = false;
        Err(Error::question(
            "this program was built without an authority, which holds the mesh's key",
            "sign with `--key`".to_owned(),
        ))
    }
}

/// What the token lacks, for the person who minted it.
fn warnings(draft: &TokenDraft, token: &str, is_svid: bool) -> Vec<String> {
    let claim = |name: &str| draft.claims.iter().find(|(found, _)| found == name).map(|(_, value)| value);
    let mut warnings = Vec::new();
    // The profile of a JWT-SVID knows no issuer.
    if claim("iss").is_none() && !is_svid {
        warnings.push("no issuer: only a rule without issuer accepts it; give `--iss`".to_owned());
    }
    if claim("sub").is_none() {
        warnings.push("no subject: it has no principal that `requestPrincipals` could match; give `--sub`".to_owned());
    }
    if claim("aud").is_none() {
        warnings.push("no audience: it is good for every service that trusts the issuer; give `--aud`".to_owned());
    }
    let seconds = |name| match claim(name) {
        Some(ExactJson::Number(digits)) => digits.parse::<i64>().ok(),
        _ => None,
    };
    match seconds("exp").zip(seconds("iat")).and_then(|(ends, begins)| ends.checked_sub(begins)) {
        Some(lifetime) if lifetime > LONG_SECONDS => {
            let words = duration_in_words(SignedDuration::from_secs(lifetime).as_secs_f64());
            warnings.push(format!("it lives for {words}: whoever copies it can use it that long"));
        }
        _ if claim("exp").is_none() => warnings.push("it never expires: whoever copies it can use it for ever".to_owned()),
        _ => {}
    }
    if token.len() > LONG_TOKEN_BYTES {
        warnings.push(format!("it has {} bytes, and many servers limit a header to 8 KiB", token.len()));
    }
    warnings
}
