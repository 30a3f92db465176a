//! The claims and header members of a token to be minted.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::duration::parse_ttl;
use crate::cli::error::Error;
use crate::cli::jwt::mint::MintArgs;
use crate::jose::ExactJson;
use crate::pki::Entropy;

/// Header members that have a flag of their own, or must not be written by hand.
const HEADERS_REFUSED: [(&str, &str); 6] = [
    ("alg", "give `--alg`"),
    ("kid", "give `--kid`"),
    ("crit", "no verifier of a mesh understands extensions"),
    ("b64", "no JWT may use it (RFC 7797)"),
    ("zip", "signed tokens are never compressed"),
    ("enc", "tokens are signed here, not encrypted"),
];
/// How long a token is valid by default.
const DEFAULT_TTL: SignedDuration = SignedDuration::from_hours(1);

type Members = Vec<(String, ExactJson)>;

impl MintArgs {
    /// Registered claims first, then the user's own in the order they were given.
    pub(super) fn all_claims(&self, now: Timestamp, entropy: &mut dyn Entropy) -> Result<Members, Error> {
        let own = self.own_claims()?;
        let is_own = |name: &str| own.iter().any(|(found, _)| found == name);
        let issued = self.at.unwrap_or(now);
        let mut claims = Members::new();
        let mut add = |name: &str, flag: &str, value: Option<ExactJson>| match value {
            Some(_) if is_own(name) => Err(Error::question(
                format!("the claim `{name}` is given twice: by {flag} and by `--claim`"),
                "leave one out".to_owned(),
            )),
            Some(value) => {
                claims.push((name.to_owned(), value));
                Ok(())
            }
            None => Ok(()),
        };
        add("iss", "`--iss`", self.iss.as_deref().map(ExactJson::from))?;
        add("sub", "`--sub`", self.sub.as_deref().map(ExactJson::from))?;
        let audiences = match self.aud.as_slice() {
            [] => None,
            [only] => Some(ExactJson::from(only.as_str())),
            several => Some(several.iter().map(String::as_str).collect()),
        };
        add("aud", "`--aud`", audiences)?;
        add("iat", "`--at`", (self.at.is_some() || !is_own("iat")).then(|| issued.as_second().into()))?;
        add("nbf", "`--nbf`", self.nbf.as_deref().map(|text| begins(text, issued)).transpose()?)?;
        let ends = match (self.ttl, self.never_expires || is_own("exp")) {
            (None, true) => None,
            (ttl, _) => {
                let end = issued.checked_add(ttl.unwrap_or(DEFAULT_TTL));
                let end = end.map_err(|_| {
                    Error::question("the token would end after the year 9999", "give a shorter `--ttl`".to_owned())
                })?;
                Some(end.as_second().into())
            }
        };
        add("exp", "`--ttl`", ends)?;
        let jti = match self.jti.as_deref() {
            Some("") => None,
            Some(text) => Some(text.to_owned()),
            None if is_own("jti") => None,
            None => Some(random_id(entropy)?),
        };
        add("jti", "`--jti`", jti.map(ExactJson::from))?;
        claims.extend(own);
        Ok(claims)
    }

    /// `--claim` and `--claim-json`.
    fn own_claims(&self) -> Result<Members, Error> {
        let mut own = Members::new();
        for text in &self.claims {
            let (name, value) = split(text, "--claim", "NAME=TEXT")?;
            push(&mut own, name, value.into())?;
        }
        for text in &self.claim_json {
            let (name, value) = split(text, "--claim-json", "NAME=JSON")?;
            let document = ExactJson::parse(value.as_bytes()).map_err(|error| {
                let help = format!("a text needs quotes: `--claim-json '{name}=\"..\"'`, or give it with `--claim`");
                Error::question(format!("the value of `--claim-json {name}` is not JSON: {error}"), help)
            })?;
            if let Some(duplicate) = document.duplicates.first() {
                return Err(Error::question(format!("`{duplicate}` stands twice in `--claim-json {name}`"), None));
            }
            push(&mut own, name, document.value)?;
        }
        Ok(own)
    }

    /// `typ` and `--header`.
    pub(super) fn header_members(&self) -> Result<Members, Error> {
        let mut members = Members::new();
        for text in &self.headers {
            let (name, value) = split(text, "--header", "NAME=TEXT")?;
            if let Some((_, why)) = HEADERS_REFUSED.iter().find(|(refused, _)| *refused == name) {
                return Err(Error::question(format!("`--header {name}` is refused: {why}"), None));
            }
            push(&mut members, name, value.into())?;
        }
        if !members.iter().any(|(name, _)| name == "typ") {
            members.insert(0, ("typ".to_owned(), "JWT".into()));
        }
        Ok(members)
    }
}

fn push(members: &mut Members, name: &str, value: ExactJson) -> Result<(), Error> {
    if members.iter().any(|(found, _)| found == name) {
        return Err(Error::question(
            format!("`{name}` is given twice"),
            "names occur once; for a list give `--claim-json 'NAME=[..]'`".to_owned(),
        ));
    }
    members.push((name.to_owned(), value));
    Ok(())
}

fn split<'t>(text: &'t str, flag: &str, shape: &str) -> Result<(&'t str, &'t str), Error> {
    text.split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| Error::question(format!("`{flag} {text}` has no name and `=`"), format!("write it as `{flag} {shape}`")))
}

/// `--nbf`: a time, or so long from the time of issue.
fn begins(text: &str, issued: Timestamp) -> Result<ExactJson, Error> {
    let at = match text {
        "now" => Ok(issued),
        _ => text.parse::<Timestamp>().or_else(|_| {
            let from_now = parse_ttl(text).map_err(|_| {
                Error::question(
                    format!("`--nbf {text}` is neither a time nor a duration"),
                    "write 2026-11-26T12:00:00Z, 10m, or now".to_owned(),
                )
            })?;
            issued.checked_add(from_now).map_err(|_| Error::question("`--nbf` lies after the year 9999", None))
        }),
    }?;
    Ok(at.as_second().into())
}

/// 128 random bits.
fn random_id(entropy: &mut dyn Entropy) -> Result<String, Error> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes).map_err(|error| Error::question(error.to_string(), None))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
