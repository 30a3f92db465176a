//! `meshsec svid install`: identities as Secrets in a live cluster, one for each service account, and only when one is due.
//!
//! ```text
//! accounts -> Secret of each -> Found (new, due, fine, another's) -> tried on the API server -> issued, recorded -> written
//! ```

mod found;
mod write;

use std::io;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;

use crate::cli;
use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::cluster::ClusterArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::svid::identity::IdentityArgs;
use crate::cli::svid::install::found::Account;
use crate::cli::svid::install::found::Found;
use crate::cli::svid::install::write::Done;
use crate::cli::svid::renew::plan::Present;
use crate::cli::svid::renew::plan::WishArgs;
use crate::cli::svid::renew::plan::parse_share;
use crate::cli::svid::secret::Layout;
use crate::cluster::Cluster;
use crate::pki::KeyType;
use crate::pki::RenewalRule;
use crate::render;
use crate::render::SecretView;
use crate::store::AuthorityName;

/// Put identities into a cluster: a Secret for each service account, written only when it is due
///
/// What a Secret holds is read first. It is left alone unless there is none, less than `--ratio` of the certificate's life is left, it was
/// revoked, its signer is no longer the one that signs, or key or roots are not what they should be. Before anything is issued the API
/// server is asked whether it would take the Secret. Every certificate is in the ledger before it leaves.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct InstallArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// Service account: `namespace/name`, or `name` in `--namespace`; repeatable
    #[arg(long = "service-account", value_name = "ACCOUNT", required_unless_present = "all", conflicts_with = "all")]
    accounts: Vec<String>,
    /// Every service account of the cluster but those of Kubernetes itself, or of `--namespace`
    #[arg(long)]
    all: bool,
    /// Namespace; otherwise that of the context, and with `--all` every one
    #[arg(short = 'n', long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Keys of the Secret
    #[arg(long, value_enum, default_value_t)]
    layout: Layout,
    /// Share of the life that must be left, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = RenewalRule::default().ratio, value_parser = parse_share)]
    ratio: f64,
    /// Largest distance from the ratio, other for each certificate, so that not all renew at once
    #[arg(long, value_name = "SHARE", default_value_t = RenewalRule::default().jitter, value_parser = parse_share)]
    jitter: f64,
    /// Renew also what is not due
    #[arg(long)]
    force: bool,
    /// Life of a certificate; when absent that of the one before, or 24h for the first one
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    ttl: Option<SignedDuration>,
    /// Kind of key to make; when absent that of the one before, or ecdsa-p256 for the first one
    #[arg(long, value_name = "TYPE")]
    key_type: Option<KeyType>,
    /// Intermediate that signs; when absent the one of the same name as before, or `default` for the first one
    #[arg(long, value_name = "NAME", help_heading = "Authority")]
    issuer: Option<AuthorityName>,
    /// Replace also what another authority issued
    #[arg(long)]
    overwrite: bool,
    /// Take over fields of the Secrets that somebody else manages
    #[arg(long)]
    force_conflicts: bool,
    /// Issue nothing and write nothing: say what is due, and whether the API server would take it
    #[arg(long)]
    dry_run: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec svid install --service-account shop/cart
  meshsec svid install --all --dry-run
  meshsec svid install --all -n shop --layout tls --ttl 12h

Exit codes: 0 every Secret holds what it should; 1 some do not, and why is said; 2 the question was wrong; 3 the cluster failed";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line for each Secret
    Text,
    /// For programs; never a private key
    Json,
}

impl InstallArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut home = self.authority.open_without_keys(env)?;
        let cluster = self.cluster.connect()?;
        let accounts = found::accounts(&self, &cluster)?;
        let present = Present::of(home.ledger(), env.now)?;
        let mut looked_at = found::look(&self, &cluster, &present, &accounts)?;
        drop(present);
        self.try_out(&cluster, &mut looked_at);
        let done = if self.dry_run {
            looked_at.into_iter().map(Done::not_written).collect()
        } else {
            write::write(&self, &cluster, &mut home, looked_at, env)?
        };
        self.tell(done, env)
    }

    /// What `svid renew` would be told about the certificate of this account.
    fn wishes(&self, account: &Account) -> WishArgs {
        WishArgs {
            ratio: self.ratio,
            jitter: self.jitter,
            force: self.force,
            ttl: self.ttl,
            key_type: self.key_type,
            reuse_key: false,
            issuer: self.issuer.clone(),
            identity: IdentityArgs::of_service_account(&account.namespace, &account.name),
            overwrite: self.overwrite,
        }
    }

    fn issuer_of_first(&self) -> Result<AuthorityName, Error> {
        match &self.issuer {
            Some(name) => Ok(name.clone()),
            None => {
                DEFAULT.parse().map_err(|_| Error::question("there is no default issuer", "name one with `--issuer`".to_owned()))
            }
        }
    }

    /// Asks the API server about every Secret that is to be written, before anything is issued for it.
    fn try_out(&self, cluster: &Cluster, looked_at: &mut [(Account, Found)]) {
        for (account, found) in looked_at {
            if found.is_to_be_written()
                && let Err(error) = write::try_out(self, cluster, account)
            {
                *found = Found::Hopeless(error);
            }
        }
    }

    /// A line for each, and the most serious failure.
    fn tell(&self, done: Vec<(Account, Done)>, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let names: Vec<String> = done.iter().map(|(account, _)| self.layout.secret_name(&account.name)).collect();
        let views: Vec<SecretView<'_>> = done
            .iter()
            .zip(&names)
            .map(|((account, done), name)| SecretView {
                namespace: &account.namespace,
                account: &account.name,
                secret: name,
                outcome: done.view(),
                is_dry_run: self.dry_run,
            })
            .collect();
        match self.output {
            Format::Json => {
                serde_json::to_writer_pretty(&mut *env.stdout, &render::secrets_json(&views)).map_err(io::Error::from)?;
                writeln!(env.stdout)?;
            }
            Format::Text if env.quiet => {}
            Format::Text => views.iter().try_for_each(|view| match render::secret_line(view) {
                Some(line) => writeln!(env.stdout, "{line}"),
                None => Ok(()),
            })?,
        }
        env.stdout.flush()?;
        drop(views);
        let count = done.len();
        let mut failures: Vec<Error> = done.into_iter().filter_map(|(_, done)| done.into_failure()).collect();
        failures.sort_by_key(Error::code);
        if self.all && !env.quiet {
            let left = if failures.is_empty() { String::new() } else { format!(", {} left out", failures.len()) };
            writeln!(env.stderr, "{}", env.style.faint(&format!("{count} service accounts{left}")))?;
        }
        let last = failures.pop_if(|error| !self.all || error.code() == 3);
        for error in &failures {
            cli::describe(error, env);
        }
        match last {
            Some(error) => Err(error),
            None if failures.is_empty() => Ok(Outcome::Yes),
            None => Ok(Outcome::No),
        }
    }
}
