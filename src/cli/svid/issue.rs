use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use jiff::SignedDuration;
use zeroize::Zeroizing;

use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::ca::signing::Issuer;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::svid::files;
use crate::cli::svid::files::Writing;
use crate::cli::svid::identity::Identity;
use crate::cli::svid::identity::IdentityArgs;
use crate::cli::svid::issuance::Issued;
use crate::cli::svid::issuance::Order;
use crate::cli::svid::issuance::SubjectKey;
use crate::cli::svid::request::RequestArgs;
use crate::cli::svid::secret::Layout;
use crate::cli::svid::secret::SecretFiles;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::pem_chain;
use crate::render;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;
use crate::store;
use crate::store::AuthorityName;
use crate::store::Origin;

/// Issue identities to workloads: key, certificate chain and roots
///
/// For one service account or SPIFFE ID, for a certificate signing request, or with `--all` for every service account that the
/// manifests name. The three files of an identity are replaced together, so a reader never finds a key without its certificate.
/// Every certificate is in the ledger before it is written anywhere.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct IssueArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    manifests: ManifestArgs,
    /// One certificate for each service account found in the manifests
    #[arg(long, help_heading = "Manifests", conflicts_with_all = ["service_account", "spiffe_id", "csr"])]
    all: bool,
    /// Its life; refused when longer than the authority's longest or than its signer lives [default: 24h]
    #[arg(long, value_name = "TIME", value_parser = parse_ttl)]
    ttl: Option<SignedDuration>,
    /// Kind of key to make
    #[arg(long, value_name = "TYPE", default_value_t = KeyType::EcdsaP256)]
    key_type: KeyType,
    /// Intermediate that signs
    #[arg(long, value_name = "NAME", default_value = DEFAULT, help_heading = "Authority")]
    issuer: AuthorityName,
    /// Directory for cert-chain.pem, key.pem and root-cert.pem; with `--all`, of NAMESPACE/ACCOUNT directories
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Replace files of the same names that something else wrote
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
    /// Keys of the Secret [default: citadel]
    #[arg(long, value_enum, help_heading = "Output")]
    layout: Option<Layout>,
}

const EXAMPLES: &str = "Examples:
  meshsec svid issue --service-account default/frontend --ttl 24h --out certs/
  meshsec svid issue --spiffe-id spiffe://example.org/vm/db1 --csr db1.csr -o json
  meshsec svid issue -f manifests/ --all --out certs/
  meshsec svid issue --service-account default/frontend -o k8s | kubectl apply -f -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What was issued and where; the chain itself when it has no directory
    Text,
    /// Facts, chain and roots; never a private key
    Json,
    /// Kubernetes Secrets, private key included
    K8s,
}

impl IssueArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        self.require_sense()?;
        let request = self.request.read(env)?;
        let accounts = if self.all { Some(self.service_accounts(env)?) } else { None };
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let settings = home.ledger().settings()?;
        let trust_domain = &settings.trust_domain;
        let identities = match &accounts {
            None => vec![self.identity.parse(trust_domain)?],
            Some(accounts) => identities(accounts, trust_domain)?,
        };
        if self.output == Format::K8s {
            identities.iter().try_for_each(|identity| account_of(&identity.spiffe_id).map(|_| ()))?;
        }
        let key = match (&request, identities.as_slice()) {
            (Some(request), [identity]) => Some(self.request.key_for(request, identity, env)?),
            _ => None,
        };
        let issuer = Issuer::open(&home, &self.issuer, passphrase)?;
        let lifetime = issuer.lifetime(self.ttl, &settings, env.now)?;
        let mut orders = Vec::with_capacity(identities.len());
        for identity in identities {
            let directory =
                self.out.as_deref().map(|out| if self.all { account_directory(out, &identity) } else { out.to_owned() });
            if let Some(directory) = &directory {
                files::require_writable(directory, self.overwrite)?;
            }
            orders.push(Order {
                identity,
                key: key.clone().map_or(SubjectKey::New(self.key_type), SubjectKey::Given),
                lifetime,
                origin: if request.is_some() { Origin::Sign } else { Origin::Issue },
                output: directory.map(|directory| std::path::absolute(&directory).unwrap_or(directory)),
                renewed_from: None,
            });
        }
        let progress = progress(env, orders.len());
        let mut entropy = SystemEntropy::new();
        let signed = store::issue_batch(
            home.ledger_mut(),
            &mut entropy,
            &orders,
            |order, serial, entropy| issuer.sign(order, serial, env.now, entropy),
            |signed| progress.set_position(u64::try_from(signed).unwrap_or(u64::MAX)),
        )?;
        progress.finish_and_clear();
        let made: Vec<Issued> = signed.into_iter().map(|(certificate, key)| Issued { certificate, key }).collect();
        let placed = orders.iter().zip(&made);
        let mut writings = Vec::with_capacity(orders.len());
        for (order, new) in placed.clone() {
            writings.extend(order.output.as_deref().map(|directory| Writing { directory, issuer: &issuer, issued: new }));
        }
        files::write_all(&writings, self.overwrite).into_iter().collect::<Result<(), Error>>()?;
        let is_list = self.all && self.output == Format::Json;
        for (index, (order, new)) in placed.enumerate() {
            if is_list {
                env.stdout.write_all(if index == 0 { b"[" } else { b"," })?;
            }
            self.show(env, &issuer, order, new)?;
        }
        if is_list {
            writeln!(env.stdout, "]")?;
        }
        if lifetime.is_clamped && !env.quiet {
            let end = lifetime.not_after;
            writeln!(
                env.stderr,
                "{} cut short at {end}, the end of the signer `{}`",
                env.style.warning("warning:"),
                self.issuer
            )?;
        }
        if self.key_type == KeyType::Ed25519 && key.is_none() && !env.quiet {
            let text = "Envoy takes no Ed25519 key from a workload: connections between sidecars fail with it";
            writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
        }
        if self.all && !env.quiet {
            env.stdout.flush()?;
            writeln!(env.stderr, "{}", env.style.faint(&format!("issued {} identities", orders.len())))?;
        }
        Ok(Outcome::Yes)
    }

    /// A key that is made has to go somewhere, and no flag is passed over.
    fn require_sense(&self) -> Result<(), Error> {
        if self.output == Format::K8s && self.request.is_given() {
            return Err(no_key());
        }
        if self.layout.is_some() && self.output != Format::K8s {
            return Err(Error::question("`--layout` says how a Secret looks, and none is printed", "add `-o k8s`".to_owned()));
        }
        if self.manifests.is_given() && !self.all {
            return Err(Error::question(
                "manifests were given, and one identity",
                "add `--all` for every service account in the manifests, or leave them out".to_owned(),
            ));
        }
        if self.out.is_some() || self.output == Format::K8s || self.request.is_given() {
            return Ok(());
        }
        Err(Error::question(
            "nothing says where the private key goes",
            "name a directory with `--out`, print a Secret with `-o k8s`, or bring a key of your own with `--csr`".to_owned(),
        ))
    }

    fn service_accounts(&self, env: &mut Env<'_>) -> Result<Vec<(String, String)>, Error> {
        let Loaded { mesh, files, .. } = self.manifests.load(env)?;
        if mesh.service_accounts.is_empty() {
            return Err(Error::question(
                format!("{files} files name no service account and no workload"),
                "give the manifests of workloads or service accounts with `-f`".to_owned(),
            ));
        }
        Ok(mesh.service_accounts.into_iter().collect())
    }

    fn show(&self, env: &mut Env<'_>, issuer: &Issuer, order: &Order, made: &Issued) -> Result<(), Error> {
        match self.output {
            Format::Text => match &order.output {
                // What was asked to be printed is printed even so: a certificate, or a key, would be lost.
                Some(_) if env.quiet => {}
                Some(directory) => writeln!(
                    env.stdout,
                    "{} until {} in {}",
                    order.identity.spiffe_id,
                    made.certificate.not_after(),
                    directory.display()
                )?,
                None => env.stdout.write_all(pem_chain(issuer.chain(&made.certificate)).as_bytes())?,
            },
            Format::Json => {
                let facts = render::IssuedView {
                    spiffe_id: &order.identity.spiffe_id,
                    certificate: &made.certificate,
                    chain: &issuer.chain(&made.certificate),
                    bundle: &issuer.bundle,
                    issuer: issuer.authority.name.as_str(),
                    is_clamped: order.lifetime.is_clamped,
                    files: order.output.as_deref(),
                };
                serde_json::to_writer_pretty(&mut *env.stdout, &render::issued_json(&facts)).map_err(std::io::Error::from)?;
                writeln!(env.stdout)?;
            }
            Format::K8s => self.show_secret(env, issuer, order, made)?,
        }
        Ok(())
    }

    fn show_secret(&self, env: &mut Env<'_>, issuer: &Issuer, order: &Order, made: &Issued) -> Result<(), Error> {
        let id = &order.identity.spiffe_id;
        let (namespace, account) = account_of(id)?;
        let key = made.key.as_ref().ok_or_else(no_key)?;
        let key: Zeroizing<String> = key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())?;
        let files = SecretFiles {
            chain: pem_chain(issuer.chain(&made.certificate)).into_bytes().into(),
            key: key.as_bytes().to_vec().into(),
            roots: pem_chain(&issuer.bundle).into_bytes().into(),
        };
        if self.all {
            writeln!(env.stdout, "---")?;
        }
        let layout = self.layout.unwrap_or_default();
        let name = layout.secret_name(account);
        render::kubernetes_secret(env.stdout, &files.secret(layout, namespace, account, &name))?;
        Ok(())
    }
}

fn no_key() -> Error {
    Error::question("a Secret needs the private key, which is not here with `--csr`", "leave `--csr` or `-o k8s` out".to_owned())
}

/// Namespace and name of the account whose Secret is printed.
fn account_of(id: &SpiffeId) -> Result<(&str, &str), Error> {
    id.service_account_parts().ok_or_else(|| {
        Error::question(
            format!("`{id}` is no service account, and a Secret needs its name and namespace"),
            "write its files with `--out`".to_owned(),
        )
    })
}

fn identities(accounts: &[(String, String)], trust_domain: &TrustDomain) -> Result<Vec<Identity>, Error> {
    accounts.iter().map(|(namespace, name)| Identity::of_service_account(trust_domain, namespace, name)).collect()
}

fn account_directory(out: &Path, identity: &Identity) -> PathBuf {
    let (namespace, account) = identity.spiffe_id.service_account_parts().unwrap_or_default();
    out.join(namespace).join(account)
}

/// A bar on a terminal, for work that takes a while.
fn progress(env: &Env<'_>, length: usize) -> ProgressBar {
    if !env.stderr_is_terminal || env.quiet || length < 100 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    ProgressStyle::with_template("issuing {bar:30} {pos}/{len} {per_sec} {eta}")
        .map_or(bar.clone(), |style| bar.with_style(style))
}
