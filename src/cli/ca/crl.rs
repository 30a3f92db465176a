use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::ca::signing;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::pki::BACKDATE;
use crate::pki::Crl;
use crate::pki::CrlEntry;
use crate::pki::Signer;
use crate::store;
use crate::store::Authority;
use crate::store::AuthorityId;
use crate::store::Existing;
use crate::store::Home;
use crate::store::StoredCrl;

/// Write revocation lists: the complete set that Envoy needs, or one
///
/// As soon as Envoy has one list, it refuses every peer whose chain holds an authority without a current list, the root included.
/// So the set has one list for each trusted root and for each intermediate under it whose certificate is still valid. Every call
/// makes new lists, with the next number; they end after `--next-update` and have to be written again before that.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct CrlArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// For whom: the complete set, which is also what is written when nothing is named
    #[arg(long = "for", value_enum, value_name = "CONSUMER", conflicts_with = "name")]
    consumer: Option<Consumer>,
    /// The list of this authority alone: name or identifier
    #[arg(long, value_name = "AUTHORITY")]
    name: Option<String>,
    /// How long until the next list has to be there
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = parse_ttl)]
    next_update: SignedDuration,
    /// File to replace, in one step; standard output when absent
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Output format; DER holds one list
    #[arg(short, long, value_enum, default_value_t = Format::Pem, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca crl --for istio --out ca-crl.pem
  meshsec ca crl --name root -o der --out root.crl";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Consumer {
    /// istiod's `ca-crl.pem`
    Istio,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Blocks `X509 CRL`, one after another
    Pem,
    /// One list, binary
    Der,
}

impl CrlArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if self.output == Format::Der && self.name.is_none() {
            return Err(Error::question(
                "`-o der` holds one list, and the complete set has several",
                "name one with `--name`".to_owned(),
            ));
        }
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let authorities = match &self.name {
            Some(name) => vec![home.ledger().authority(name)?],
            None => listed(&home, env.now)?,
        };
        if let Some(path) = &self.out {
            require_place_for(path)?;
        }
        let lists = sign_all(&mut home, &authorities, passphrase, env.now, self.next_update)?;
        let bytes = match self.output {
            Format::Pem => lists.iter().map(Crl::pem).collect::<String>().into_bytes(),
            Format::Der => lists.first().map(|list| list.der().to_vec()).unwrap_or_default(),
        };
        match &self.out {
            Some(path) => store::write_public(path, &bytes, Existing::Replace)?,
            None => env.stdout.write_all(&bytes)?,
        }
        if !env.quiet {
            for (authority, list) in authorities.iter().zip(&lists) {
                let revoked = list.entries().len();
                writeln!(env.stderr, "{} {}: {revoked} revoked, until {}", authority.kind, authority.name, until(list))?;
            }
        }
        Ok(Outcome::Yes)
    }
}

/// A list that could not be written should not get a number.
fn require_place_for(path: &Path) -> Result<(), Error> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Err(Error::question(format!("`{}` is no directory to write a file in", directory.display()), None));
    }
    Ok(store::require_writable(directory)?)
}

fn until(list: &Crl) -> String {
    list.next_update().map_or_else(|| "for ever".to_owned(), |next| next.to_string())
}

/// The authorities that peers meet in the chains of workloads: trusted roots, and what is valid under them.
pub(in crate::cli) fn listed(home: &Home, now: Timestamp) -> Result<Vec<Authority>, Error> {
    let authorities = home.ledger().authorities()?;
    let trusted: Vec<AuthorityId> = signing::trusted_roots(home.ledger())?.into_iter().map(|root| root.id).collect();
    let is_listed = |authority: &Authority| {
        let is_trusted = trusted.contains(authority.parent.as_ref().unwrap_or(&authority.id));
        is_trusted && authority.certificate.not_after() >= now
    };
    Ok(authorities.into_iter().filter(is_listed).collect())
}

/// A new list for each authority, recorded before it is returned.
pub(super) fn sign_all(
    home: &mut Home,
    authorities: &[Authority],
    passphrase: Option<&str>,
    now: Timestamp,
    next_update: SignedDuration,
) -> Result<Vec<Crl>, Error> {
    let signers: Vec<Signer> =
        authorities.iter().map(|authority| home.load_signer(authority, passphrase)).collect::<Result<_, _>>()?;
    // A peer whose clock is behind refuses everybody on a list from its future.
    let this_update = now.saturating_sub(BACKDATE).unwrap_or(now);
    let next_update = now.checked_add(next_update).map_err(|_| Error::question("`--next-update` lies too far ahead", None))?;
    home.ledger_mut().transaction(|transaction| {
        let mut lists = Vec::with_capacity(signers.len());
        for (authority, signer) in authorities.iter().zip(&signers) {
            let number = transaction.next_crl_number(&authority.id)?;
            let entries = entries(transaction.revocations(&authority.id)?, transaction.latest_crl(&authority.id)?.as_ref());
            let crl = signer.sign_crl(number, this_update, next_update, &entries)?;
            transaction.record_crl(&authority.id, &StoredCrl { number, this_update, next_update, crl: crl.clone() })?;
            lists.push(crl);
        }
        Ok(lists)
    })
}

/// An entry stays until one list made beyond its certificate's end has held it (RFC 5280 section 3.3). The latest list held whatever was revoked
/// by then, so what ended before that one was made can go.
fn entries(revoked: Vec<store::RevokedCertificate>, latest: Option<&StoredCrl>) -> Vec<CrlEntry> {
    let stays = |revoked: &store::RevokedCertificate| {
        let is_over = |end| latest.is_some_and(|latest| latest.this_update > end);
        !revoked.not_after.is_some_and(is_over)
    };
    revoked.into_iter().filter(stays).map(|revoked| revoked.entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::AuthorityProfile;
    use crate::pki::Entropy;
    use crate::pki::KeyType;
    use crate::pki::Lifetime;
    use crate::pki::RevocationReason;
    use crate::pki::testing::TestEntropy;
    use crate::store::RevokedCertificate;

    fn signer(now: Timestamp) -> Signer {
        let profile = AuthorityProfile {
            trust_domain: "cluster.local".parse().unwrap(),
            common_name: "root".to_owned(),
            serial: TestEntropy.serial().unwrap(),
            lifetime: Lifetime::of(now, SignedDuration::from_hours(24 * 365)),
            path_length: None,
            is_constrained: false,
        };
        Signer::self_signed(&profile, TestEntropy.private_key(KeyType::EcdsaP256).unwrap()).unwrap()
    }

    #[test]
    fn an_entry_leaves_after_one_list_beyond_its_certificates_end_and_never_comes_back() {
        let end: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let hour = SignedDuration::from_hours(1);
        let signer = signer(end - hour * 48);
        let revoked = |not_after| RevokedCertificate {
            entry: CrlEntry {
                serial: TestEntropy.serial().unwrap(),
                revoked_at: end - hour * 24,
                reason: RevocationReason::Superseded,
            },
            not_after,
            spiffe_id: None,
        };
        let (ends, stays, unknown) = (revoked(Some(end)), revoked(Some(end + hour * 240)), revoked(None));
        let all = vec![ends.clone(), stays.clone(), unknown.clone()];
        let mut latest = None;
        // The list made right at the end is not made beyond it.
        for (hours, is_listed) in [(-2, true), (-1, true), (0, true), (1, true), (2, false), (3, false)] {
            let this_update = end + hour * hours;
            let found = entries(all.clone(), latest.as_ref());
            assert_eq!(found.contains(&ends.entry), is_listed, "{hours}");
            assert!(found.contains(&stays.entry) && found.contains(&unknown.entry), "{hours}");
            let crl = signer.sign_crl(1, this_update, this_update + hour, &found).unwrap();
            latest = Some(StoredCrl { number: 1, this_update, next_update: this_update + hour, crl });
        }
        // The first list of all, long after the end, still holds it once.
        assert!(entries(all, None).contains(&ends.entry));
    }
}
