use std::io;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;

use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::render;
use crate::spiffe::SpiffeId;
use crate::store::CertificateFilter;
use crate::store::CertificateState;
use crate::store::Order;

/// List the certificates in the ledger, the one that ends first in front
///
/// Shows what is valid unless `--state` says otherwise, each identity's latest certificate and those it replaced. Needs no passphrase.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    home: HomeArgs,
    /// Only what ends within this time
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    expiring_within: Option<SignedDuration>,
    /// Only this identity
    #[arg(long, value_name = "ID")]
    spiffe_id: Option<SpiffeId>,
    /// Only service accounts of this namespace
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Only what this authority signed: name or identifier
    #[arg(long, value_name = "AUTHORITY")]
    issuer: Option<String>,
    /// Only what is in this state
    #[arg(long, value_enum, default_value_t = StateFlag::Valid)]
    state: StateFlag,
    /// Also roots and intermediates
    #[arg(long)]
    with_authorities: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec svid list --expiring-within 12h
  meshsec svid list --state revoked -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StateFlag {
    Valid,
    Expired,
    Revoked,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line each
    Table,
    /// For programs
    Json,
    /// One object a line, for a ledger of any size
    Jsonl,
}

impl ListArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let home = self.home.open(env)?;
        let ledger = home.ledger();
        let issuer = self.issuer.as_ref().map(|name| ledger.authority(name)).transpose()?;
        let expires_by = self.expiring_within.map(|within| env.now.saturating_add(within)).transpose();
        let filter = CertificateFilter {
            issuer: issuer.map(|authority| authority.id),
            spiffe_id: self.spiffe_id,
            namespace: self.namespace,
            expires_by: expires_by.map_err(|_| Error::question("`--expiring-within` lies too far ahead", None))?,
            state: match self.state {
                StateFlag::Valid => Some((CertificateState::Valid, env.now)),
                StateFlag::Expired => Some((CertificateState::Expired, env.now)),
                StateFlag::Revoked => Some((CertificateState::Revoked, env.now)),
                StateFlag::All => None,
            },
            with_authorities: self.with_authorities,
            ..CertificateFilter::default()
        };
        let names = render::AuthorityNames::of(&ledger.authorities()?);
        match self.output {
            Format::Table => {
                let records = ledger.certificates(&filter, Order::Expiry)?;
                render::certificates_table(env.stdout, &records, &names, env.now)?;
                if !env.quiet {
                    env.stdout.flush()?;
                    writeln!(
                        env.stderr,
                        "{}",
                        env.style.faint(&format!("{} certificates in {}", records.len(), home.path().display()))
                    )?;
                }
            }
            Format::Json => {
                let mut is_first = true;
                write!(env.stdout, "{{\"schema\": \"meshsec.svid.list/v1\", \"certificates\": [")?;
                ledger.visit_certificates(&filter, Order::Expiry, |record| {
                    env.stdout.write_all(if is_first { b"\n  " } else { b",\n  " })?;
                    is_first = false;
                    serde_json::to_writer(&mut *env.stdout, &render::certificate_json(&record, &names, env.now))
                        .map_err(io::Error::from)?;
                    Ok::<(), Error>(())
                })?;
                writeln!(env.stdout, "\n]}}")?;
            }
            Format::Jsonl => ledger.visit_certificates(&filter, Order::Expiry, |record| {
                serde_json::to_writer(&mut *env.stdout, &render::certificate_json(&record, &names, env.now))
                    .map_err(io::Error::from)?;
                writeln!(env.stdout)?;
                Ok::<(), Error>(())
            })?,
        }
        Ok(Outcome::Yes)
    }
}
