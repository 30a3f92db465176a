use clap::Args;
use jiff::SignedDuration;

use crate::cli::ca::making;
use crate::cli::ca::making::Made;
use crate::cli::ca::making::Wanted;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::cli::passphrase::NewPassphraseArgs;
use crate::pki::AuthorityState;
use crate::pki::KeyType;
use crate::spiffe::TrustDomain;
use crate::store::AuthorityName;
use crate::store::Home;
use crate::store::Settings;
use crate::store::StoreError;

/// Make a root, an intermediate that issues under it, and the ledger of everything they sign
///
/// The root signs the intermediate `default`, which signs workloads. Private keys are encrypted under a passphrase. Nothing is
/// there before everything is there; an authority that exists is never touched.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct InitArgs {
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    passphrase: NewPassphraseArgs,
    /// Whose identities it vouches for, with or without `spiffe://`
    #[arg(long, value_name = "NAME", default_value = "cluster.local")]
    trust_domain: String,
    /// Kind of key of root and intermediate: ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096 or ed25519
    #[arg(long, value_name = "TYPE", default_value_t = KeyType::EcdsaP256)]
    key_type: KeyType,
    /// Life of the root
    #[arg(long, value_name = "TIME", default_value = "10y", value_parser = parse_ttl)]
    ttl: SignedDuration,
    /// Life of the intermediate [default: 2y, or the root's when that is shorter]
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    intermediate_ttl: Option<SignedDuration>,
    /// Longest life a workload's certificate may be given
    #[arg(long, value_name = "TIME", default_value = "90d", value_parser = parse_ttl)]
    max_svid_ttl: SignedDuration,
    /// Let the root's certificate permit identities of the trust domain only (name constraint on URIs). Envoy, Go
    /// and openssl keep to it; rustls, and so perhaps ztunnel, refuses every identity under it
    #[arg(long)]
    constrain: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = super::show::Format::Text, help_heading = "Output")]
    output: super::show::Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca init --trust-domain cluster.local
  meshsec ca init --trust-domain example.org --key-type ecdsa-p384 --ttl 20y --constrain --password-file passphrase.txt --home ca/";

/// Name of the first root.
pub(super) const ROOT: &str = "root";
/// Name of the intermediate that signs when none is named.
pub(in crate::cli) const DEFAULT: &str = "default";

impl InitArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let trust_domain = parse_trust_domain(&self.trust_domain)?;
        let intermediate_ttl = making::intermediate_ttl(self.intermediate_ttl, self.ttl)?;
        let path = self.home.path(env)?;
        // Looked at before a passphrase is asked for; `Home::create` looks again.
        if Home::open(&path).is_ok() {
            return Err(StoreError::Exists(path).into());
        }
        let passphrase = self.passphrase.new_one(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let settings = Settings {
            trust_domain: trust_domain.clone(),
            max_svid_ttl: self.max_svid_ttl,
            are_keys_encrypted: passphrase.is_some(),
            bundle_sequence: 1,
        };
        let mut new = Home::create(&path, &settings, env.now)?;
        let mut entropy = SystemEntropy::new();
        let wanted = Wanted {
            trust_domain: &trust_domain,
            key_type: self.key_type,
            ttl: self.ttl,
            path_length: Some(1),
            is_constrained: self.constrain,
            now: env.now,
        };
        let root = Made::root(&ROOT.parse::<AuthorityName>()?, &wanted, &mut entropy)?;
        let below = Wanted { ttl: intermediate_ttl, path_length: Some(0), is_constrained: false, ..wanted };
        let intermediate =
            Made::intermediate(&DEFAULT.parse::<AuthorityName>()?, (&root.id, &root.signer), &below, &mut entropy)?;
        let home = new.home_mut();
        for made in [&root, &intermediate] {
            made.write_key(home, passphrase, &mut entropy)?;
        }
        home.ledger_mut().transaction(|transaction| {
            transaction.insert_authority(&root.row(AuthorityState::Active))?;
            transaction.insert_authority(&intermediate.row(AuthorityState::Active)).map(|_| ())
        })?;
        let home = new.commit()?;
        if !env.quiet {
            super::show::write(env, &home, self.output)?;
            if passphrase.is_none() {
                writeln!(
                    env.stderr,
                    "{} the private keys are not encrypted: whoever reads them can be anybody",
                    env.style.warning("warning:")
                )?;
            }
        }
        Ok(Outcome::Yes)
    }
}

/// A trust domain's name, or an identity in it.
pub(in crate::cli) fn parse_trust_domain(text: &str) -> Result<TrustDomain, Error> {
    TrustDomain::from_argument(text).map_err(|error| Error::question(format!("`--trust-domain {text}`: {error}"), None))
}
