use std::io;

use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::render;
use crate::render::AuthorityView;
use crate::render::HomeView;
use crate::store::AuthorityKind;
use crate::store::CertificateFilter;
use crate::store::CertificateState;
use crate::store::Home;

/// List the authorities, their states, keys and ends
///
/// Reads no private key and needs no passphrase.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ShowArgs {
    #[command(flatten)]
    home: HomeArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca show
  meshsec ca show -o json | jq '.authorities[] | {name, state, notAfter}'";

/// How facts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl ShowArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let home = self.home.open(env)?;
        write(env, &home, self.output)?;
        Ok(Outcome::Yes)
    }
}

/// Writes what there is and where.
pub(super) fn write(env: &mut Env<'_>, home: &Home, format: Format) -> Result<(), Error> {
    let ledger = home.ledger();
    let settings = ledger.settings()?;
    let mut authorities = Vec::new();
    for authority in ledger.authorities()? {
        let filter = CertificateFilter {
            issuer: Some(authority.id.clone()),
            state: Some((CertificateState::Valid, env.now)),
            with_authorities: authority.kind == AuthorityKind::Root,
            ..CertificateFilter::default()
        };
        let valid_certificates = ledger.count_certificates(&filter)?;
        let crl = ledger.latest_crl(&authority.id)?;
        authorities.push(AuthorityView {
            key_file: home.key_path(&authority.id),
            crl: crl.map(|crl| (crl.number, crl.next_update)),
            valid_certificates,
            authority,
        });
    }
    let view = HomeView { path: home.path(), settings: &settings, authorities: &authorities, now: env.now };
    match format {
        Format::Text => render::home_text(env.stdout, &view, env.style)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *env.stdout, &render::home_json(&view)).map_err(io::Error::from)?;
            writeln!(env.stdout)?;
        }
    }
    Ok(())
}
