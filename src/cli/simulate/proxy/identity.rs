//! Where the workload's certificate comes from: a directory, the ledger of an authority, or an authority that lives as long as the program.

use std::cell::RefCell;
use std::fs;
use std::fs::OpenOptions;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use clap::Args;
use jiff::SignedDuration;
use jiff::Timestamp;

#[cfg(feature = "store")]
use crate::cli::ca::crl::listed;
#[cfg(feature = "store")]
use crate::cli::ca::signing::AuthorityArgs;
#[cfg(feature = "store")]
use crate::cli::ca::signing::Issuer;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::manifests::read_text;
#[cfg(feature = "store")]
use crate::cli::svid::identity::Identity as Ordered;
#[cfg(feature = "store")]
use crate::cli::svid::issuance::Order;
#[cfg(feature = "store")]
use crate::cli::svid::issuance::SubjectKey;
use crate::pki::AuthorityProfile;
use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::Entropy;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::PrivateKey;
use crate::pki::Signer;
use crate::pki::SvidProfile;
#[cfg(feature = "store")]
use crate::pki::pem_chain;
use crate::proxy::Credentials;
use crate::spiffe::SpiffeId;
use crate::spiffe::TrustDomain;
#[cfg(feature = "store")]
use crate::store;
#[cfg(feature = "store")]
use crate::store::AuthorityName;
#[cfg(feature = "store")]
use crate::store::Home;
#[cfg(feature = "store")]
use crate::store::Origin;

/// Life of what is issued here.
const TTL: SignedDuration = SignedDuration::from_hours(24);
/// Seconds between two tries to issue.
const RETRY_SECONDS: i64 = 30;
/// Files of an identity.
const FILES: [&str; 3] = ["cert-chain.pem", "key.pem", "root-cert.pem"];

/// Which certificate the workload presents, and whom it trusts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Identity")]
pub(super) struct IdentityArgs {
    /// Directory with cert-chain.pem, key.pem and root-cert.pem, as `svid issue --out` writes them; read again when they change
    #[arg(long, value_name = "DIR")]
    svid_dir: Option<PathBuf>,
    /// Revocation lists of the callers' authorities, in PEM; read again when they change. With `--home` the last ones that `ca crl` made are
    /// used without it. As in Envoy, one list demands a current one of every authority in a caller's chain
    #[arg(long, value_name = "FILE")]
    crl: Option<PathBuf>,
    /// How long an issued certificate is good; another one is issued after half of it. 24 hours when absent
    #[arg(long, value_name = "TIME", value_parser = parse_ttl, conflicts_with = "svid_dir")]
    svid_ttl: Option<SignedDuration>,
    /// Write the files of an identity for a caller to this directory, issued by an authority that ends with this program: for curl and
    /// others, when neither `--svid-dir` nor `--home` is given; repeatable
    #[arg(long, value_name = "NAMESPACE/ACCOUNT=DIR")]
    client: Vec<String>,
    #[cfg(feature = "store")]
    #[command(flatten)]
    authority: AuthorityArgs,
    #[cfg(feature = "store")]
    /// Intermediate that signs, with `--home`
    #[arg(long, value_name = "NAME", default_value = "default", help_heading = "Authority")]
    issuer: AuthorityName,
}

/// Who vouches for the identities.
pub(super) struct Authority {
    kind: Rc<RefCell<Kind>>,
    crl: Option<PathBuf>,
    ttl: Option<SignedDuration>,
}

/// Where the credentials of one identity come from, again and again.
pub(super) struct Source {
    kind: Rc<RefCell<Kind>>,
    identity: SpiffeId,
    crl: Option<PathBuf>,
    names: Vec<String>,
    addresses: Vec<IpAddr>,
    ttl: Option<SignedDuration>,
    issued_at: Timestamp,
    tried_at: Timestamp,
    told_expired: Option<Timestamp>,
}

enum Kind {
    Directory(PathBuf),
    Ephemeral(Rc<Signer>),
    #[cfg(feature = "store")]
    Ledger(Box<(Home, Issuer)>),
}

impl IdentityArgs {
    /// Settles who vouches for so many identities of a trust domain.
    pub(super) fn authority(&self, trust_domain: &str, identities: usize, env: &mut Env<'_>) -> Result<Authority, Error> {
        let kind = self.kind(trust_domain, env)?;
        if matches!(kind, Kind::Directory(_)) && identities > 1 {
            return Err(Error::question(
                format!("`--svid-dir` holds one identity, and {identities} are needed"),
                "leave it out, or name an authority with `--home`".to_owned(),
            ));
        }
        let clients: Vec<(SpiffeId, PathBuf)> =
            self.client.iter().map(|text| parse_client(text, trust_domain)).collect::<Result<_, _>>()?;
        if !clients.is_empty() && !matches!(kind, Kind::Ephemeral(_)) {
            return Err(Error::question(
                "`--client` writes identities of an authority that ends with this program, and another one is given",
                "issue it with `meshsec svid issue`, or leave out `--svid-dir` and `--home`".to_owned(),
            ));
        }
        for (identity, directory) in clients {
            write_client(&kind, &identity, &directory, env.now)?;
        }
        Ok(Authority { kind: Rc::new(RefCell::new(kind)), crl: self.crl.clone(), ttl: self.svid_ttl })
    }

    fn kind(&self, trust_domain: &str, env: &mut Env<'_>) -> Result<Kind, Error> {
        if let Some(directory) = &self.svid_dir {
            return Ok(Kind::Directory(directory.clone()));
        }
        #[cfg(feature = "store")]
        if self.authority.is_given() {
            let (home, passphrase) = self.authority.open(env)?;
            let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
            let issuer = Issuer::open(&home, &self.issuer, passphrase)?;
            let own = home.ledger().settings()?.trust_domain;
            if own.as_str() != trust_domain {
                return Err(Error::question(
                    format!("the authority is of trust domain `{own}`, the mesh of `{trust_domain}`"),
                    "name another authority with `--home`, or set `trustDomain` in the mesh configuration".to_owned(),
                ));
            }
            return Ok(Kind::Ledger(Box::new((home, issuer))));
        }
        ephemeral(trust_domain, env.now)
    }
}

/// Files that are read again when they change.
fn files(kind: &Kind, crl: Option<&PathBuf>) -> Vec<PathBuf> {
    let directory = match kind {
        Kind::Directory(directory) => FILES.iter().map(|name| directory.join(name)).collect(),
        Kind::Ephemeral(_) => Vec::new(),
        #[cfg(feature = "store")]
        Kind::Ledger(_) => Vec::new(),
    };
    [directory, crl.into_iter().cloned().collect()].concat()
}

impl Authority {
    /// Files that are read again when they change.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        files(&self.kind.borrow(), self.crl.as_ref())
    }

    /// Where the credentials of this identity come from. `names` and `addresses` are those that a client may look for beside it.
    pub(super) fn source(&self, identity: SpiffeId, names: Vec<String>, addresses: Vec<IpAddr>) -> Source {
        let never = Timestamp::UNIX_EPOCH;
        let (kind, crl, ttl) = (Rc::clone(&self.kind), self.crl.clone(), self.ttl);
        Source { kind, identity, crl, names, addresses, ttl, issued_at: never, tried_at: never, told_expired: None }
    }

    /// The authority that ends with this program, where it is that one.
    pub(super) fn signer(&self) -> Option<Rc<Signer>> {
        match &*self.kind.borrow() {
            Kind::Ephemeral(signer) => Some(Rc::clone(signer)),
            Kind::Directory(_) => None,
            #[cfg(feature = "store")]
            Kind::Ledger(_) => None,
        }
    }
}

fn parse_client(text: &str, trust_domain: &str) -> Result<(SpiffeId, PathBuf), Error> {
    let wrong = || {
        Error::question(
            format!("`--client {text}` is not NAMESPACE/ACCOUNT=DIR"),
            "write `--client default/curl=curl-identity`".to_owned(),
        )
    };
    let (account, directory) = text.split_once('=').filter(|(_, directory)| !directory.is_empty()).ok_or_else(wrong)?;
    let (namespace, account) = account.split_once('/').ok_or_else(wrong)?;
    let id = format!("spiffe://{trust_domain}/ns/{namespace}/sa/{account}").parse().map_err(|_| wrong())?;
    Ok((id, directory.into()))
}

/// An authority that nothing is written of.
fn ephemeral(trust_domain: &str, now: Timestamp) -> Result<Kind, Error> {
    let mut entropy = SystemEntropy::new();
    let trust_domain: TrustDomain = trust_domain
        .parse()
        .map_err(|error| Error::question(format!("the mesh's trust domain `{trust_domain}` is none: {error}"), None))?;
    let profile = AuthorityProfile {
        trust_domain,
        common_name: "simulated proxy".to_owned(),
        serial: entropy.serial()?,
        lifetime: Lifetime::of(now, SignedDuration::from_hours(24 * 365)),
        path_length: Some(0),
        is_constrained: false,
    };
    let key = entropy.private_key(KeyType::EcdsaP256)?;
    Ok(Kind::Ephemeral(Rc::new(Signer::self_signed(&profile, key)?)))
}

impl Source {
    /// The credentials as they are now; issued anew where an authority is at hand.
    pub(super) fn load(&mut self, now: Timestamp) -> Result<Credentials, Error> {
        self.tried_at = now;
        let lists = match &self.crl {
            Some(path) => read_text(&path.display().to_string())?,
            None => self.recorded_lists(now)?.iter().map(Crl::pem).collect(),
        };
        let (chain, key, roots, from) = match &mut *self.kind.borrow_mut() {
            Kind::Directory(directory) => {
                let read = |name: &str| read_text(&directory.join(name).display().to_string());
                let [chain, key, roots] = FILES.map(read);
                (chain?, zeroize::Zeroizing::new(key?), roots?, format!("`{}`", directory.display()))
            }
            Kind::Ephemeral(signer) => {
                let (certificate, key) =
                    issue(signer, &self.identity, &self.names, &self.addresses, self.ttl.unwrap_or(TTL), now)?;
                let key = key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())?;
                (certificate.pem(), key, signer.certificate().pem(), "what was issued".to_owned())
            }
            #[cfg(feature = "store")]
            Kind::Ledger(authority) => {
                let (home, issuer) = authority.as_mut();
                let (certificate, key) = issue_from(home, issuer, &self.identity, self.ttl, now)?;
                let key = key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())?;
                let chain = pem_chain(issuer.chain(&certificate));
                (chain, key, pem_chain(&issuer.bundle), "what the authority issued".to_owned())
            }
        };
        let credentials = Credentials::from_pem(&chain, key.as_bytes(), &roots, &lists)
            .map_err(|error| Error::question(format!("{from} holds no identity that can be used: {error}"), None))?;
        self.check(&credentials, &from, now)?;
        self.issued_at = now;
        Ok(credentials)
    }

    /// The last revocation list of each authority of the ledger that a caller's chain may hold.
    #[cfg_attr(not(feature = "store"), allow(unused_variables, reason = "only a ledger's authorities have a time"))]
    fn recorded_lists(&self, now: Timestamp) -> Result<Vec<Crl>, Error> {
        match &*self.kind.borrow() {
            Kind::Directory(_) | Kind::Ephemeral(_) => Ok(Vec::new()),
            #[cfg(feature = "store")]
            Kind::Ledger(authority) => {
                let ledger = authority.0.ledger();
                let mut lists = Vec::new();
                for authority in listed(&authority.0, now)? {
                    lists.extend(ledger.latest_crl(&authority.id)?.map(|stored| stored.crl));
                }
                Ok(lists)
            }
        }
    }

    /// The revocation lists of the ledger, when they are others than those in use.
    pub(super) fn newer_lists(&self, credentials: &Credentials, now: Timestamp) -> Result<Option<Vec<Crl>>, Error> {
        if self.crl.is_some() || matches!(*self.kind.borrow(), Kind::Directory(_) | Kind::Ephemeral(_)) {
            return Ok(None);
        }
        let lists = self.recorded_lists(now)?;
        let is_same = lists.iter().map(Crl::der).eq(credentials.lists().iter().map(Crl::der));
        Ok((!is_same).then_some(lists))
    }

    fn check(&self, credentials: &Credentials, from: &str, now: Timestamp) -> Result<(), Error> {
        if *credentials.identity() != self.identity {
            return Err(Error::question(
                format!("{from} is of `{}`, the workload is `{}`", credentials.identity(), self.identity),
                "give the workload's own identity, or none to have one issued".to_owned(),
            ));
        }
        let (not_before, not_after) = credentials.lifetime();
        if now > not_after {
            return Err(Error::question(
                format!("{from} expired at {not_after}"),
                "renew it with `meshsec svid renew`".to_owned(),
            ));
        }
        if now < not_before {
            return Err(Error::question(format!("{from} is good from {not_before} only"), "check the clock".to_owned()));
        }
        Ok(())
    }

    /// Whether it is time to issue anew: half of the time is over, and the last try was not just now. Files are watched instead.
    pub(super) fn is_due(&self, credentials: &Credentials, now: Timestamp) -> bool {
        let (_, not_after) = credentials.lifetime();
        let half = (not_after.as_second() - self.issued_at.as_second()) / 2;
        let was_tried = now.as_second() < self.tried_at.as_second() + half.clamp(1, RETRY_SECONDS);
        let is_half_over = now.as_second() >= self.issued_at.as_second() + half;
        !matches!(*self.kind.borrow(), Kind::Directory(_)) && is_half_over && !was_tried
    }

    /// When credentials expired, said once of each.
    pub(super) fn expired(&mut self, credentials: &Credentials, now: Timestamp) -> Option<Timestamp> {
        let until = credentials.lifetime().1;
        let is_news = now > until && self.told_expired.replace(until) != Some(until);
        is_news.then_some(until)
    }

    /// Files that are read again when they change.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        files(&self.kind.borrow(), self.crl.as_ref())
    }

    /// In a few words, where it comes from.
    pub(super) fn describe(&self) -> &'static str {
        match &*self.kind.borrow() {
            Kind::Directory(_) => "from files",
            Kind::Ephemeral(_) => "of an authority that ends with this program",
            #[cfg(feature = "store")]
            Kind::Ledger(_) => "issued by the authority",
        }
    }
}

fn write_client(kind: &Kind, identity: &SpiffeId, directory: &Path, now: Timestamp) -> Result<(), Error> {
    // Any other kind was refused before.
    let Kind::Ephemeral(signer) = kind else { return Ok(()) };
    let (certificate, key) = issue(signer, identity, &[], &[], TTL, now)?;
    let key = key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())?;
    let failed = |source| Error::WriteFile { path: directory.display().to_string(), source };
    fs::create_dir_all(directory).map_err(failed)?;
    for (name, text, mode) in [
        ("cert-chain.pem", certificate.pem().as_str(), 0o644),
        ("key.pem", key.as_str(), 0o600),
        ("root-cert.pem", signer.certificate().pem().as_str(), 0o644),
    ] {
        let path = directory.join(name);
        let failed = |source| Error::WriteFile { path: path.display().to_string(), source };
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(failed(error));
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
    }
    Ok(())
}

/// Credentials for a caller, issued by an authority that ends with this program.
pub(super) fn caller(signer: &Signer, identity: &SpiffeId, now: Timestamp) -> Result<Credentials, Error> {
    let (certificate, key) = issue(signer, identity, &[], &[], TTL, now)?;
    let key = key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())?;
    let credentials = Credentials::from_pem(&certificate.pem(), key.as_bytes(), &signer.certificate().pem(), "");
    credentials.map_err(|error| Error::question(format!("what was issued holds no identity that can be used: {error}"), None))
}

fn issue(
    signer: &Signer,
    identity: &SpiffeId,
    names: &[String],
    addresses: &[IpAddr],
    ttl: SignedDuration,
    now: Timestamp,
) -> Result<(Certificate, PrivateKey), Error> {
    let mut entropy = SystemEntropy::new();
    let key = entropy.private_key(KeyType::EcdsaP256)?;
    let profile = SvidProfile {
        spiffe_id: identity.clone(),
        dns_names: names.to_vec(),
        addresses: addresses.to_vec(),
        serial: entropy.serial()?,
        lifetime: Lifetime::under(signer.certificate(), now, ttl)?,
    };
    Ok((signer.sign_svid(&profile, &key.public_key()?)?, key))
}

/// Issues with a row in the ledger, as `svid issue` does.
#[cfg(feature = "store")]
fn issue_from(
    home: &mut Home,
    issuer: &Issuer,
    identity: &SpiffeId,
    ttl: Option<SignedDuration>,
    now: Timestamp,
) -> Result<(Certificate, PrivateKey), Error> {
    let settings = home.ledger().settings()?;
    let order = Order {
        identity: Ordered { spiffe_id: identity.clone(), dns_names: Vec::new(), addresses: Vec::new() },
        key: SubjectKey::New(KeyType::EcdsaP256),
        lifetime: issuer.lifetime(ttl, &settings, now)?,
        origin: Origin::Issue,
        output: None,
        renewed_from: None,
    };
    let mut entropy = SystemEntropy::new();
    let made = store::issue_batch(
        home.ledger_mut(),
        &mut entropy,
        &[order],
        |order, serial, entropy| issuer.sign(order, serial, now, entropy),
        |_| {},
    )?;
    let made = made.into_iter().next().and_then(|(certificate, key)| Some((certificate, key?)));
    made.ok_or_else(|| Error::question("the authority issued nothing", None))
}
