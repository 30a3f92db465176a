use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;

use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::ca::signing::Issuer;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::svid::identity::IdentityArgs;
use crate::cli::svid::issuance::Order;
use crate::cli::svid::issuance::SubjectKey;
use crate::cli::svid::request;
use crate::cli::svid::request::PolicyFlag;
use crate::pki::pem_chain;
use crate::render;
use crate::store;
use crate::store::AuthorityName;
use crate::store::Existing;
use crate::store::Origin;

/// Sign a certificate signing request for the identity that is named here
///
/// The request's signature is verified and its key certified; who it is for is said by `--service-account` or `--spiffe-id`, never by
/// the request. Names that it asks for beside those are shown and refused, or left out with `--requested-names ignore`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct SignArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Certificate signing request (PKCS#10, PEM or DER), or `-`
    #[arg(value_name = "CSR")]
    request: String,
    /// What to do with names that the request asks for and was not granted; they are never copied
    #[arg(long, value_enum, default_value_t = PolicyFlag::Refuse)]
    requested_names: PolicyFlag,
    /// Life of the certificate; refused when longer than the authority's longest or than its signer lives [default: 24h]
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    ttl: Option<SignedDuration>,
    /// Intermediate that signs
    #[arg(long, value_name = "NAME", default_value = DEFAULT, help_heading = "Authority")]
    issuer: AuthorityName,
    /// File for the chain, replaced in one step; standard output when absent
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Pem, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca sign db1.csr --spiffe-id spiffe://cluster.local/vm/db1 --ttl 12h --out db1-chain.pem
  openssl req -new -newkey rsa:2048 -nodes -keyout web.key -subj / | meshsec ca sign - --service-account shop/web";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The certificate and those above it, without the root
    Pem,
    /// Facts, chain and roots
    Json,
}

impl SignArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let request = request::read(&self.request, env)?;
        let (mut home, passphrase) = self.authority.open(env)?;
        let settings = home.ledger().settings()?;
        let identity = self.identity.parse(&settings.trust_domain)?;
        let key = request::key_for(&request, &identity, self.requested_names, env)?;
        let issuer = Issuer::open(&home, &self.issuer, passphrase.as_ref().map(|passphrase| passphrase.as_str()))?;
        let order = Order {
            lifetime: issuer.lifetime(self.ttl, &settings, env.now)?,
            identity,
            key: SubjectKey::Given(key),
            origin: Origin::Sign,
            output: None,
            renewed_from: None,
        };
        let mut entropy = SystemEntropy::new();
        let sign = |serial, entropy: &mut dyn crate::pki::Entropy| issuer.sign(&order, serial, env.now, entropy);
        let (certificate, _) = store::issue(home.ledger_mut(), &mut entropy, sign)?;
        let chain = issuer.chain(&certificate);
        if let Some(path) = &self.out {
            store::write_public(path, pem_chain(chain).as_bytes(), Existing::Replace)?;
        }
        match self.output {
            Format::Pem if self.out.is_none() => env.stdout.write_all(pem_chain(chain).as_bytes())?,
            Format::Pem => {}
            Format::Json => {
                let facts = render::IssuedView {
                    spiffe_id: &order.identity.spiffe_id,
                    certificate: &certificate,
                    chain: &chain,
                    bundle: &issuer.bundle,
                    issuer: issuer.authority.name.as_str(),
                    is_clamped: order.lifetime.is_clamped,
                    files: self.out.as_deref(),
                };
                serde_json::to_writer_pretty(&mut *env.stdout, &render::issued_json(&facts)).map_err(std::io::Error::from)?;
                writeln!(env.stdout)?;
            }
        }
        if order.lifetime.is_clamped && !env.quiet {
            let end = order.lifetime.not_after;
            writeln!(
                env.stderr,
                "{} cut short at {end}, the end of the signer `{}`",
                env.style.warning("warning:"),
                self.issuer
            )?;
        }
        Ok(Outcome::Yes)
    }
}
