//! Issued in one batch, recorded, then written one by one.

use serde_json::Value;
use serde_json::json;

use crate::cli::ca::signing;
use crate::cli::ca::signing::Issuer;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::svid::install::InstallArgs;
use crate::cli::svid::install::found::Account;
use crate::cli::svid::install::found::Found;
use crate::cli::svid::install::found::LABEL;
use crate::cli::svid::issuance;
use crate::cli::svid::issuance::Issued;
use crate::cli::svid::issuance::Order;
use crate::cli::svid::issuance::SubjectKey;
use crate::cli::svid::renew::act::Issuers;
use crate::cli::svid::renew::plan::Facts;
use crate::cli::svid::renew::plan::Renewal;
use crate::cli::svid::secret::SecretFiles;
use crate::cluster::Apply;
use crate::cluster::Cluster;
use crate::pki::Certificate;
use crate::pki::KeyEncryption;
use crate::pki::RenewalReason;
use crate::pki::pem_chain;
use crate::render::SecretOutcome;
use crate::store;
use crate::store::Authority;
use crate::store::Home;
use crate::store::Origin;

/// What became of a Secret.
pub(super) enum Done {
    /// It is, or would be, there for the first time, or in the place of another's.
    Created(Option<Box<Certificate>>),
    /// It has, or would have, another certificate.
    Renewed(Vec<RenewalReason>, Option<Box<Certificate>>),
    /// It has, or would have, other roots.
    Roots(Facts),
    /// Nothing was to be done.
    Fine(Facts),
    /// It does not hold what it should.
    Failed(Error),
}

impl Done {
    /// What a dry run says.
    pub(super) fn not_written((account, found): (Account, Found)) -> (Account, Self) {
        let done = match found {
            Found::New(_) => Self::Created(None),
            Found::Due(facts, _) => Self::Renewed(facts.reasons, None),
            Found::Roots(facts, _) => Self::Roots(facts),
            Found::Fine(facts) => Self::Fine(facts),
            Found::Hopeless(error) => Self::Failed(error),
        };
        (account, done)
    }

    pub(super) fn view(&self) -> SecretOutcome<'_> {
        match self {
            Self::Created(certificate) => SecretOutcome::Created(certificate.as_deref()),
            Self::Renewed(reasons, certificate) => SecretOutcome::Renewed(reasons, certificate.as_deref()),
            Self::Roots(facts) => SecretOutcome::Roots { not_after: facts.record.not_after },
            Self::Fine(facts) => SecretOutcome::Fine { not_after: facts.record.not_after, due_at: facts.due_at },
            Self::Failed(error) => SecretOutcome::Failed(error.in_one_line()),
        }
    }

    pub(super) fn into_failure(self) -> Option<Error> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Created(_) | Self::Renewed(..) | Self::Roots(_) | Self::Fine(_) => None,
        }
    }
}

/// A certificate to be made, and for whom.
struct Wanted {
    account: Account,
    reasons: Option<Vec<RenewalReason>>,
    signer: Authority,
    order: Order,
}

/// Whether the API server would take the Secret, asked with nothing of worth in it.
pub(super) fn try_out(arguments: &InstallArgs, cluster: &Cluster, account: &Account) -> Result<(), Error> {
    let nothing = || b"-".to_vec().into();
    let files = SecretFiles { chain: nothing(), key: nothing(), roots: nothing() };
    apply(arguments, cluster, account, &files, true)
}

/// Does what is in need of being done. Nothing is signed when anything about the batch is wrong, and what fails in one Secret stops no other.
pub(super) fn write(
    arguments: &InstallArgs,
    cluster: &Cluster,
    home: &mut Home,
    looked_at: Vec<(Account, Found)>,
    env: &mut Env<'_>,
) -> Result<Vec<(Account, Done)>, Error> {
    let mut done = Vec::with_capacity(looked_at.len());
    let mut wanted = Vec::new();
    let roots = pem_chain(&signing::bundle(home.ledger())?);
    for (account, found) in looked_at {
        match found {
            Found::New(identity) => {
                let signer = home.ledger().signing_authority(&arguments.issuer_of_first()?)?;
                let lifetime = issuance::lifetime(&signer, arguments.ttl, &home.ledger().settings()?, env.now)?;
                let key = SubjectKey::New(arguments.key_type.unwrap_or_default());
                let order = Order { identity, key, lifetime, origin: Origin::Issue, output: None, renewed_from: None };
                wanted.push(Wanted { account, reasons: None, signer, order });
            }
            Found::Due(facts, renewal) => {
                let Renewal { held, identity, signer, lifetime, key_type } = *renewal;
                let order = Order {
                    identity,
                    key: SubjectKey::New(key_type),
                    lifetime,
                    origin: Origin::Renew,
                    output: None,
                    renewed_from: Some((held.record.issuer, held.record.serial)),
                };
                wanted.push(Wanted { account, reasons: Some(facts.reasons), signer, order });
            }
            Found::Roots(facts, held) => {
                let files = SecretFiles {
                    chain: held.chain().to_vec().into(),
                    key: held.key_text().unwrap_or_default().to_vec().into(),
                    roots: roots.clone().into_bytes().into(),
                };
                let result = apply(arguments, cluster, &account, &files, false);
                done.push((account, result.map_or_else(Done::Failed, |()| Done::Roots(facts))));
            }
            Found::Fine(facts) => done.push((account, Done::Fine(facts))),
            Found::Hopeless(error) => done.push((account, Done::Failed(error))),
        }
    }
    done.extend(issue(arguments, cluster, home, wanted, env)?);
    done.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(done)
}

fn issue(
    arguments: &InstallArgs,
    cluster: &Cluster,
    home: &mut Home,
    wanted: Vec<Wanted>,
    env: &mut Env<'_>,
) -> Result<Vec<(Account, Done)>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let passphrase = arguments.authority.passphrase(home, env)?;
    let mut issuers = Issuers::default();
    for Wanted { signer, .. } in &wanted {
        issuers.open(home, signer, passphrase.as_ref().map(|passphrase| passphrase.as_str()))?;
    }
    let signed = store::issue_batch(
        home.ledger_mut(),
        &mut SystemEntropy::new(),
        &wanted,
        |wanted, serial, entropy| issuers.get(&wanted.signer.id)?.sign(&wanted.order, serial, env.now, entropy),
        |_| {},
    )?;
    let mut done = Vec::with_capacity(wanted.len());
    for (Wanted { account, reasons, signer, .. }, (certificate, key)) in wanted.into_iter().zip(signed) {
        let issuer = issuers.get(&signer.id)?;
        let new = Issued { certificate, key };
        let result = files_of(issuer, &new).and_then(|files| apply(arguments, cluster, &account, &files, false));
        let certificate = Some(Box::new(new.certificate));
        let written = match (result, reasons) {
            (Err(error), _) => Done::Failed(error),
            (Ok(()), None) => Done::Created(certificate),
            (Ok(()), Some(reasons)) => Done::Renewed(reasons, certificate),
        };
        done.push((account, written));
    }
    Ok(done)
}

fn files_of(issuer: &Issuer, new: &Issued) -> Result<SecretFiles, Error> {
    let key = new.key.as_ref().map(|key| key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())).transpose()?;
    Ok(SecretFiles {
        chain: pem_chain(issuer.chain(&new.certificate)).into_bytes().into(),
        key: key.as_ref().map(|key| key.as_bytes().to_vec()).unwrap_or_default().into(),
        roots: pem_chain(&issuer.bundle).into_bytes().into(),
    })
}

fn apply(arguments: &InstallArgs, cluster: &Cluster, account: &Account, files: &SecretFiles, dry_run: bool) -> Result<(), Error> {
    let name = arguments.layout.secret_name(&account.name);
    let mut secret = files.secret(arguments.layout, &account.namespace, &account.name, &name).value();
    let (label, value) = LABEL;
    if let Some(metadata) = secret.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("labels".to_owned(), json!({label: value}));
    }
    let how = Apply { dry_run, force: arguments.force_conflicts || arguments.overwrite, field_manager: "meshsec".to_owned() };
    cluster.apply(&secret, &how)?;
    Ok(())
}
