use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::pki::RevocationReason;
use crate::pki::SerialNumber;
use crate::spiffe::SpiffeId;
use crate::store::CertificateFilter;
use crate::store::CertificateRecord;
use crate::store::CertificateState;
use crate::store::Order;
use crate::store::Revocation;

/// Revoke certificates, by serial number or by identity
///
/// Recorded at once; peers learn of it by the next revocation lists (`meshsec ca crl`). With a list in place Envoy refuses every peer
/// whose chain holds an authority without a current list, so publish the complete set. Needs no passphrase.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RevokeArgs {
    #[command(flatten)]
    home: HomeArgs,
    /// Serial number in hex, of a workload or an intermediate
    #[arg(long, value_name = "HEX", required_unless_present = "spiffe_id", conflicts_with = "spiffe_id")]
    serial: Option<SerialNumber>,
    /// Every valid certificate of this identity
    #[arg(long, value_name = "ID")]
    spiffe_id: Option<SpiffeId>,
    /// Why: unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, cessation-of-operation, certificate-hold,
    /// privilege-withdrawn or aa-compromise
    #[arg(long, value_name = "REASON", default_value_t = RevocationReason::Unspecified)]
    reason: RevocationReason,
}

const EXAMPLES: &str = "Examples:
  meshsec svid revoke --serial 56b993119a3099bb --reason key-compromise
  meshsec svid revoke --spiffe-id spiffe://cluster.local/ns/default/sa/frontend --reason cessation-of-operation";

impl RevokeArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut home = self.home.open(env)?;
        let filter = CertificateFilter {
            serial: self.serial.clone(),
            spiffe_id: self.spiffe_id.clone(),
            state: self.spiffe_id.is_some().then_some((CertificateState::Valid, env.now)),
            with_authorities: self.serial.is_some(),
            ..CertificateFilter::default()
        };
        let records = home.ledger().certificates(&filter, Order::Recorded)?;
        if records.is_empty() {
            let what = self.serial.map_or_else(
                || {
                    format!(
                        "the ledger holds no valid certificate of `{}`",
                        self.spiffe_id.map(|id| id.to_string()).unwrap_or_default()
                    )
                },
                |serial| format!("the ledger holds no certificate with the serial number {serial}"),
            );
            return Err(Error::question(what, "`meshsec svid list` shows what there is".to_owned()));
        }
        if let Some(root) = records.iter().find(|record| record.origin == crate::store::Origin::Root) {
            return Err(Error::question(
                format!("{} is a root: no list that it signs itself can revoke it", root.serial),
                "bring in another one and take this one out of the bundle: `meshsec ca rotate`".to_owned(),
            ));
        }
        let revocation = Revocation { reason: self.reason, revoked_at: env.now };
        let earlier = home.ledger_mut().transaction(|transaction| {
            let revoke = |record: &CertificateRecord| transaction.revoke(&record.issuer, &record.serial, revocation);
            records.iter().map(revoke).collect::<Result<Vec<_>, _>>()
        })?;
        if !env.quiet {
            for (record, earlier) in records.iter().zip(&earlier) {
                let name =
                    record.spiffe_id.as_ref().map_or_else(|| format!("{} certificate", record.origin), ToString::to_string);
                match earlier {
                    None => writeln!(env.stdout, "revoked {} {name}, reason {}", record.serial, self.reason)?,
                    Some(earlier) => writeln!(
                        env.stdout,
                        "revoked before: {} {name}, reason {}, at {}",
                        record.serial, earlier.reason, earlier.revoked_at
                    )?,
                }
            }
            writeln!(
                env.stderr,
                "{} peers refuse it once they have new lists: `meshsec ca crl --for istio`; connections that are open stay open",
                env.style.note("note:")
            )?;
        }
        Ok(Outcome::Yes)
    }
}
