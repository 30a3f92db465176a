use std::io;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::rotate::pair;
use crate::cli::ca::rotate::pair::Pair;
use crate::cli::ca::rotate::steps;
use crate::cli::ca::show::Format;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::render;
use crate::render::RootView;
use crate::render::RotationView;
use crate::store::Authority;
use crate::store::AuthorityName;
use crate::store::CertificateFilter;
use crate::store::CertificateState;
use crate::store::Home;

/// Say where the rotation stands, what still chains to which root, and what comes next
///
/// With `--for istio --out DIR`, also writes the procedure for one cluster: for each step a directory with exactly the files of Secret
/// `cacerts`, and a README.md with the commands and what to wait for. Only that needs the passphrase.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct StatusArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// For whom to write the steps
    #[arg(long = "for", value_enum, value_name = "CONSUMER", requires = "out")]
    consumer: Option<Consumer>,
    /// The cluster's intermediate
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    name: AuthorityName,
    /// Namespace of istiod
    #[arg(long, value_name = "NAMESPACE", default_value = "istio-system")]
    namespace: String,
    /// Put the complete set of revocation lists into every step
    #[arg(long, requires = "consumer")]
    crl: bool,
    /// How long the revocation lists last
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = parse_ttl, requires = "crl")]
    next_update: SignedDuration,
    /// Directory for the steps
    #[arg(long, value_name = "DIR", requires = "consumer", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca rotate status
  meshsec ca rotate status --for istio --name cluster-east --out rotation/";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Consumer {
    /// istiod with the plug-in authority
    Istio,
}

impl StatusArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Some((Consumer::Istio, out)) = self.consumer.zip(self.out.as_ref()) else {
            let home = self.authority.open_without_keys(env)?;
            write(env, &home, self.output)?;
            return Ok(Outcome::Yes);
        };
        let (mut home, passphrase) = self.authority.open(env)?;
        let lists = self.crl.then_some(self.next_update);
        let cluster = steps::Cluster { name: &self.name, namespace: &self.namespace };
        steps::write(out, &mut home, &cluster, lists, passphrase.as_ref().map(|passphrase| passphrase.as_str()), env)?;
        write(env, &home, self.output)?;
        Ok(Outcome::Yes)
    }
}

/// Valid certificates of workloads under a root.
pub(super) fn still_chaining(root: &Authority, now: Timestamp) -> CertificateFilter {
    CertificateFilter {
        root: Some(root.id.clone()),
        state: Some((CertificateState::Valid, now)),
        is_latest: true,
        ..CertificateFilter::default()
    }
}

/// Writes where the rotation stands.
pub(super) fn write(env: &mut Env<'_>, home: &Home, format: Format) -> Result<(), Error> {
    if env.quiet {
        return Ok(());
    }
    let ledger = home.ledger();
    let pair = Pair::of(ledger)?;
    let mut roots = Vec::new();
    for root in pair::roots(ledger)? {
        let still_chaining = ledger.count_certificates(&still_chaining(&root, env.now))?;
        roots.push(RootView { root, still_chaining });
    }
    let view = RotationView {
        roots: &roots,
        rotating: pair.as_ref().map(|pair| (pair.leaving.id.as_str(), pair.coming.id.as_str())),
        bundle_sequence: ledger.settings()?.bundle_sequence,
        now: env.now,
    };
    match format {
        Format::Text => render::rotation_text(env.stdout, &view, env.style)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *env.stdout, &render::rotation_json(&view)).map_err(io::Error::from)?;
            writeln!(env.stdout)?;
        }
    }
    Ok(())
}
