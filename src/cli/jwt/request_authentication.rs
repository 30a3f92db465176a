use clap::ArgGroup;
use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwt::key_input::key_bytes;
use crate::cli::jwt::key_input::read_public_keys;
use crate::jose::Jwk;
use crate::jose::Jwks;
use crate::jose::KeySet;
use crate::jose::Strictness;
use crate::jose::ThumbprintHash;
use crate::render;
use crate::render::KeysOfRule;
use crate::render::RequestAuthenticationDraft;

/// Write the RequestAuthentication that accepts an issuer's tokens
///
/// Prints YAML for `kubectl apply -f -`. Only public keys are written, and only such as istiod admits and Envoy uses. A request without a token
/// passes a RequestAuthentication: `--require` adds the AuthorizationPolicy that refuses it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("source").args(["jwks", "key", "jwks_uri"]).required(true))]
pub(in crate::cli) struct RequestAuthenticationArgs {
    /// Key set to write into the object
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    jwks: Option<String>,
    /// Public key to write into the object, as a key set of one
    #[arg(long, value_name = "FILE", help_heading = "Keys")]
    key: Option<String>,
    /// Where istiod fetches the key set
    #[arg(long, value_name = "URL", help_heading = "Keys")]
    jwks_uri: Option<String>,
    /// Issuer, exactly as its tokens write it
    #[arg(long, value_name = "ISSUER", help_heading = "Rule")]
    iss: String,
    /// Audience that is accepted; any when absent; repeatable
    #[arg(long = "audience", visible_aliases = ["audiences", "aud"], value_name = "AUDIENCE", value_delimiter = ',', help_heading = "Rule")]
    audiences: Vec<String>,
    /// Also give the token to the application
    #[arg(long, help_heading = "Rule")]
    forward: bool,
    /// Refuse requests without a token of this issuer, by an AuthorizationPolicy
    #[arg(long, help_heading = "Rule")]
    require: bool,
    /// Label of the workloads; the whole namespace when absent; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',', help_heading = "Object")]
    selector: Vec<String>,
    /// Namespace of the object; where it is applied when absent
    #[arg(short = 'n', long, help_heading = "Object")]
    namespace: Option<String>,
    /// Name of the object; by the selector, or `jwt`, when absent
    #[arg(long, help_heading = "Object")]
    name: Option<String>,
}

const EXAMPLES: &str = "Examples:
  meshsec jwt request-authentication --jwks keys/jwks.json --iss admin@infracloud.io --selector app=frontend --require
  meshsec jwt request-authentication --jwks-uri https://idp.example/keys --iss https://idp.example -n shop | kubectl apply -f -";

impl RequestAuthenticationArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        check_texts(&self.iss, &self.audiences)?;
        let selector = self.labels()?;
        let name = self.name.clone().unwrap_or_else(|| match selector.as_slice() {
            [(_, value)] if is_name(value) => format!("{value}-jwt"),
            _ => "jwt".to_owned(),
        });
        for (flag, text) in [("--name", Some(&name)), ("--namespace", self.namespace.as_ref())] {
            if let Some(text) = text.filter(|text| !is_name(text)) {
                return Err(Error::question(
                    format!("`{flag} {text}` is no name of Kubernetes"),
                    "use lower-case letters, digits, `-` and `.`".to_owned(),
                ));
            }
        }
        let mut notes = Vec::new();
        let set = self.key_set(&mut notes)?;
        let keys = match (&set, &self.jwks_uri) {
            (Some(set), _) => KeysOfRule::Inline(set),
            (None, uri) => KeysOfRule::Uri(uri.as_deref().unwrap_or_default()),
        };
        let draft = RequestAuthenticationDraft {
            namespace: self.namespace.as_deref(),
            name: &name,
            selector,
            issuer: &self.iss,
            audiences: self.audiences.iter().map(String::as_str).collect(),
            keys,
            forwards_token: self.forward,
            requires_token: self.require,
        };
        render::request_authentication(env.stdout, &draft)?;
        env.stdout.flush()?;
        if !self.require {
            notes.push("requests without a token still pass: `--require` refuses them".to_owned());
        }
        if self.audiences.is_empty() {
            notes.push("tokens for any audience are accepted: name yours with `--audience`".to_owned());
        }
        if !env.quiet {
            for note in notes {
                writeln!(env.stderr, "{} {note}", env.style.note("note:"))?;
            }
        }
        Ok(Outcome::Yes)
    }

    fn labels(&self) -> Result<Vec<(&str, &str)>, Error> {
        let is_label = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
        let parse = |text: &'_ String| {
            let (key, value) = text.split_once('=')?;
            (!key.is_empty() && is_label(key) && is_label(value) && value.len() <= 63).then(|| (key.to_owned(), value.to_owned()))
        };
        for text in &self.selector {
            if parse(text).is_none() {
                return Err(Error::question(
                    format!("`--selector {text}` is no label"),
                    "write it as `--selector app=frontend`".to_owned(),
                ));
            }
        }
        Ok(self.selector.iter().filter_map(|text| text.split_once('=')).collect())
    }

    /// The public key set to write; none with `--jwks-uri`.
    fn key_set(&self, notes: &mut Vec<String>) -> Result<Option<String>, Error> {
        if let Some(uri) = &self.jwks_uri {
            let is_url =
                ["https://", "http://"].iter().any(|scheme| uri.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
            if !is_url || uri.chars().any(|c| c.is_control() || c.is_whitespace()) || uri.len() > 2048 {
                return Err(Error::question(
                    format!("`--jwks-uri {uri}` is no URL"),
                    "it begins with `https://` and has 2048 characters at most".to_owned(),
                ));
            }
            return Ok(None);
        }
        let (path, set) = if let Some(path) = &self.jwks {
            let set = KeySet::parse(&key_bytes(path)?, Strictness::Repair).and_then(KeySet::require_usable);
            (
                path,
                set.map_err(|error| {
                    Error::question(format!("`{path}`: {error}"), "give a JSON object with a `keys` list".to_owned())
                })?,
            )
        } else {
            let path = self.key.as_deref().unwrap_or_default();
            let keys = read_public_keys(path)?;
            (self.key.as_ref().unwrap_or(&self.iss), KeySet::of(&with_names(keys)))
        };
        check_keys(path, &set, notes)?;
        let text = set.public_text();
        // istiod sends the text as it is, and a set Envoy refuses costs the whole listener.
        Jwks::parse(&text).map_err(|error| {
            Error::question(
                format!("`{path}`: Envoy refuses the set: {error}"),
                "publish RSA keys with the exponent 65537, EC or Ed25519 keys".to_owned(),
            )
        })?;
        Ok(Some(text))
    }
}

/// istiod refuses an object if one key of its set is of an unknown type, and secrets do not belong into policies.
fn check_keys(path: &str, set: &KeySet, notes: &mut Vec<String>) -> Result<(), Error> {
    if set.keys().any(Jwk::is_secret) {
        return Err(Error::question(
            format!("`{path}` holds a shared secret, which everybody who reads the policy would know"),
            "publish public keys only: `meshsec jwk set remove` takes the secret out".to_owned(),
        ));
    }
    for (index, element) in set.elements().iter().enumerate() {
        if let Err(error) = &element.key {
            return Err(Error::question(
                format!("`{path}`: key {index} cannot be used: {error}; istiod refuses an object with such a key"),
                "take it out of the set: `meshsec jwk set remove`".to_owned(),
            ));
        }
    }
    if set.has_private_members() {
        notes.push("private members of the key set were left out".to_owned());
    }
    for key in set.keys() {
        let name = key.key_id().map_or_else(|| "a key without `kid`".to_owned(), |kid| format!("key `{kid}`"));
        if key.key_id().is_none() || key.algorithm().is_none() {
            notes.push(format!(
                "{name} has no {}: Envoy tries it for every token",
                if key.key_id().is_none() { "`kid`" } else { "`alg`" }
            ));
        }
        if key.key_use() == Some("enc") {
            notes.push(format!("{name} is for encryption, but Envoy would verify tokens with it"));
        }
    }
    Ok(())
}

/// A key by itself gets its thumbprint as a name, as `meshsec jwt mint` does, and the one algorithm it can be used with.
fn with_names(keys: Vec<Jwk>) -> Vec<Jwk> {
    let named = |key: Jwk| {
        let kid = key.key_id().map_or_else(|| key.thumbprint(ThumbprintHash::Sha256), str::to_owned);
        let key = key.with_key_id(Some(kid));
        match key.algorithms().as_slice() {
            [only] => key.clone().with_algorithm(Some(*only)).unwrap_or(key),
            _ => key,
        }
    };
    keys.into_iter().map(named).collect()
}

fn check_texts(issuer: &str, audiences: &[String]) -> Result<(), Error> {
    let flags = std::iter::once(("--iss", issuer)).chain(audiences.iter().map(|audience| ("--audience", audience.as_str())));
    for (flag, text) in flags {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(Error::question(format!("`{flag}` is empty or holds control characters"), None));
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.len() <= 253
        && is_end(text.chars().next())
        && is_end(text.chars().next_back())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
}
