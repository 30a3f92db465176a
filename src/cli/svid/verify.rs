use clap::Args;
use clap::ValueEnum;

use crate::cli::bundle::input::bundles_of;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::read_bytes;
use crate::cli::passphrase::PassphraseArgs;
use crate::cli::svid::chain_of;
use crate::cli::svid::parse_time;
use crate::cli::svid::read_container;
use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::container;
use crate::pki::container::Container;
use crate::pki::container::Entry;
use crate::pki::container::Format as ContainerFormat;
use crate::pki::container::FoundKey;
use crate::pki::svid;
use crate::pki::svid::Problem;
use crate::pki::verify::Question;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::TrustBundles;
use crate::pki::verify::Verified;
use crate::pki::verify::verify;
use crate::pki::verify::verify_key;
use crate::render;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;

/// Verify a workload's chain against the trust bundle of its trust domain
///
/// Follows X509-SVID section 5: the leaf's own rules, the bundle of the leaf's own trust domain, the path, revocation, the expected identity. A refusal
/// names the certificate and the rule. Once a revocation list is given, every authority of the chain needs one, the root included, because that is
/// how Envoy reads them; of two current lists of one authority the first counts.
///
/// An authority counts for the trust domain that its own URI names; `--bundle DOMAIN=FILE` says otherwise. Bundles of several domains are never pooled.
///
/// Exit code 0: verified; 1: refused; 2: something given cannot be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct VerifyArgs {
    /// The chain: the workload's certificate, then its signers; or `-`
    #[arg(value_name = "CHAIN")]
    chain: String,
    /// Trust bundle, PEM, DER, SPIFFE bundle or Secret: `FILE` for the chain's own trust domain, or `DOMAIN=FILE`; repeatable
    #[arg(long = "bundle", value_name = "[DOMAIN=]FILE", required = true)]
    bundles: Vec<String>,
    /// The identity it must have
    #[arg(long, value_name = "ID")]
    spiffe_id: Option<String>,
    /// Revocation lists, PEM or DER; repeatable, and a file may hold several
    #[arg(long = "crl", value_name = "FILE")]
    crls: Vec<String>,
    /// Look up the revocation of the workload's certificate only
    #[arg(long)]
    crl_leaf_only: bool,
    /// Which side of a connection presents the chain; either when absent, and then no purpose is demanded
    #[arg(long, value_enum, value_name = "ROLE")]
    usage: Option<UsageFlag>,
    /// The private key that must belong to the workload's certificate
    #[arg(long, value_name = "FILE")]
    key: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// The time that counts, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Refuse also what departs from the standard and peers take all the same
    #[arg(long)]
    strict: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec svid verify certs/cert-chain.pem --bundle certs/root-cert.pem --key certs/key.pem
  meshsec svid verify chain.pem --bundle root-cert.pem --spiffe-id spiffe://cluster.local/ns/default/sa/frontend --usage client
  meshsec svid verify chain.pem --bundle cluster.local=east.pem --bundle partner.example=partner.pem --crl ca-crl.pem -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum UsageFlag {
    Client,
    Server,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl VerifyArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let at = parse_time(self.at.as_deref(), env.now)?;
        let expected = self.spiffe_id.as_deref().map(parse_id).transpose()?;
        let entry = chain_of(&self.chain, read_container(&self.chain, &self.passphrase, env)?)?;
        let bundles = self.trust_bundles(&entry.chain, env)?;
        let crls = self.revocation_lists(env)?;
        let keys = self.key.as_deref().map(|path| self.key_entry(path, env)).transpose()?;
        let question = Question {
            chain: &entry.chain,
            bundles: &bundles,
            crls: &crls,
            revocation: if self.crl_leaf_only { RevocationScope::LeafOnly } else { RevocationScope::WholePath },
            at,
            role: match self.usage {
                None => TlsRole::Any,
                Some(UsageFlag::Client) => TlsRole::Client,
                Some(UsageFlag::Server) => TlsRole::Server,
            },
            expected: expected.as_ref(),
        };
        let answer = self.answer(&question, keys.as_ref());
        if !env.quiet {
            match self.output {
                Format::Text => render::svid_verify_text(env.stdout, &question, answer.as_ref(), env.style)?,
                Format::Json => render::svid_verify_json(env.stdout, &question, answer.as_ref())?,
            }
        }
        Ok(if answer.is_ok() { Outcome::Yes } else { Outcome::No })
    }

    fn answer(&self, question: &Question<'_>, keys: Option<&Entry>) -> Result<Verified, Problem> {
        let verified = verify(question).map_err(|error| error.0)?;
        if let (Some(keys), Some(leaf)) = (keys, question.chain.first()) {
            verify_key(leaf, &keys.keys)?;
        }
        match verified.problems.first().filter(|_| self.strict) {
            Some(problem) => Err(problem.clone()),
            None => Ok(verified),
        }
    }

    /// The bundles by trust domain. Of a file given without one, each authority counts for the domain it names itself, or else for that of the
    /// chain: an authority of another domain must not vouch for this one unless the user says so.
    fn trust_bundles(&self, chain: &[Certificate], env: &mut Env<'_>) -> Result<TrustBundles, Error> {
        let of_chain: Option<TrustDomain> =
            chain.first().and_then(|leaf| svid::spiffe_id(leaf).ok()).and_then(|id| id.trust_domain().parse().ok());
        let mut bundles = TrustBundles::new();
        for text in &self.bundles {
            let (named, path) = split_bundle(text);
            for (of_file, authorities) in authorities(path, env)? {
                for authority in authorities {
                    let says = || of_file.clone().or_else(|| own_domain(&authority)).or_else(|| of_chain.clone());
                    let Some(domain) = named.clone().or_else(says) else { continue };
                    bundles.entry(domain).or_default().push(authority);
                }
            }
        }
        Ok(bundles)
    }

    fn revocation_lists(&self, env: &mut Env<'_>) -> Result<Vec<Crl>, Error> {
        let mut lists = Vec::new();
        for path in &self.crls {
            let found: Vec<Crl> =
                read_container(path, &self.passphrase, env)?.entries.into_iter().flat_map(|entry| entry.crls).collect();
            if found.is_empty() {
                return Err(Error::question(
                    format!("`--crl {path}` holds no revocation list"),
                    "Envoy would load such a file and refuse every peer; the PEM label is `X509 CRL`".to_owned(),
                ));
            }
            lists.extend(found);
        }
        Ok(lists)
    }

    fn key_entry(&self, path: &str, env: &mut Env<'_>) -> Result<Entry, Error> {
        let container = read_container(path, &self.passphrase, env)?;
        let entry = container.entries.into_iter().find(|entry| !entry.keys.is_empty());
        let entry = entry.ok_or_else(|| Error::question(format!("`--key {path}` holds no private key"), None))?;
        if entry.keys.iter().all(FoundKey::is_unknown) {
            return Err(Error::question(
                format!("`--key {path}`: the private key cannot be read, or is encrypted under another passphrase"),
                "give `--password-file FILE`, or set MESHSEC_PASSWORD".to_owned(),
            ));
        }
        Ok(entry)
    }
}

/// `TRUST-DOMAIN=FILE`, where the domain may be written as its SPIFFE ID; everything else is a file.
fn split_bundle(text: &str) -> (Option<TrustDomain>, &str) {
    let split = text.split_once('=').and_then(|(domain, path)| {
        let domain = domain.strip_prefix("spiffe://").unwrap_or(domain).parse().ok()?;
        (!path.is_empty()).then_some((domain, path))
    });
    split.map_or((None, text), |(domain, path)| (Some(domain), path))
}

/// Authorities, and the trust domain that a file says they are of.
type OfDomain = (Option<TrustDomain>, Vec<Certificate>);

/// The authorities of a file, by the trust domain that the file names: a trust bundle in any form, or the secrets of a proxy.
fn authorities(path: &str, env: &mut Env<'_>) -> Result<Vec<OfDomain>, Error> {
    let bytes = read_bytes(path, env)?;
    let found: Vec<OfDomain> = match container::read(&bytes, None) {
        Ok(Container { format: ContainerFormat::ProxySecrets, entries }) => {
            entries.into_iter().map(|entry| (entry.trust_domain.and_then(|domain| domain.parse().ok()), entry.roots)).collect()
        }
        _ => bundles_of(path, &bytes)?
            .into_iter()
            .map(|named| (named.read.bundle.trust_domain().cloned(), named.read.bundle.authorities().to_vec()))
            .collect(),
    };
    if found.is_empty() {
        return Err(Error::question(format!("`--bundle {path}` holds no bundle"), None));
    }
    Ok(found)
}

/// The trust domain that an authority says it is of, when it says so (X509-SVID 3.2).
fn own_domain(authority: &Certificate) -> Option<TrustDomain> {
    authority.uris().find_map(|uri| uri.strip_prefix("spiffe://")?.parse().ok())
}

fn parse_id(text: &str) -> Result<SpiffeId, Error> {
    text.parse().map_err(|error| Error::question(format!("`--spiffe-id {text}`: {error}"), None))
}
