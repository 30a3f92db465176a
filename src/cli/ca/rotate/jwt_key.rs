use std::io;

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use crate::cli::ca::show::Format;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwt::mesh_key;
use crate::store::JwtKeyRecord;

/// Bring in a new key for JWT-SVIDs; the old one is published until its last token has expired
///
/// Both keys are in the bundle at once. The old one goes on signing for a while, so that every verifier has the bundle with the new one
/// before the first token is signed by it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct JwtKeyArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// How long the old key goes on signing: the time every verifier needs to get the bundle
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = parse_ttl)]
    lead: SignedDuration,
    /// Somebody else has the old key: the new one signs at once, and what was signed so far is good no more
    #[arg(long, conflicts_with = "lead")]
    compromised: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca rotate jwt-key && meshsec bundle convert --to spiffe -o bundle.json
  meshsec ca rotate jwt-key --compromised";

impl JwtKeyArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let late = |_| Error::question("`--lead` ends after the year 9999", "give a shorter one".to_owned());
        let retires_at = (!self.compromised).then(|| env.now.checked_add(self.lead).map_err(late)).transpose()?;
        let mesh_key::Rotated { new, signs_from, old } = mesh_key::rotate(&mut home, passphrase, retires_at, env.now)?;
        let longest_life = home.ledger().settings()?.max_svid_ttl;
        let old = old.map(|JwtKeyRecord { key_id, retired_at, .. }| {
            let until = retired_at.unwrap_or(signs_from);
            let published = if self.compromised { None } else { until.checked_add(longest_life).ok() };
            (key_id, until, published)
        });
        if env.quiet {
            return Ok(Outcome::Yes);
        }
        match self.output {
            Format::Json => {
                let answer = json!({
                    "schema": "meshsec.ca.jwtKey/v1",
                    "new": {"kid": new.key_id, "signsFrom": signs_from.to_string()},
                    "old": old.map(|(key_id, until, published)| json!({
                        "kid": key_id,
                        "signsUntil": until.to_string(),
                        "publishedUntil": published.map(|time| time.to_string()),
                    })),
                });
                serde_json::to_writer_pretty(&mut *env.stdout, &answer).map_err(io::Error::from)?;
                writeln!(env.stdout)?;
            }
            Format::Text => {
                let when = if signs_from == env.now { "now".to_owned() } else { format!("{signs_from:.0}") };
                writeln!(env.stdout, "{}  new, in the bundle, signs from {when} on", new.key_id)?;
                match old {
                    None => {}
                    Some((key_id, until, Some(published))) => {
                        writeln!(env.stdout, "{key_id}  old, signs until {until:.0}, in the bundle until {published:.0}")?;
                    }
                    Some((key_id, _, None)) => writeln!(env.stdout, "{key_id}  old, no longer in the bundle")?,
                }
                writeln!(
                    env.stdout,
                    "\n{} give every verifier the bundle: `meshsec bundle convert --to spiffe`",
                    env.style.note("next:")
                )?;
            }
        }
        Ok(Outcome::Yes)
    }
}
