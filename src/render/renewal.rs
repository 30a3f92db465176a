//! Which certificates need renewal, or were renewed: a line each, or JSON.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::pki::Certificate;
use crate::pki::RenewalReason;
use crate::pki::SerialNumber;
use crate::spiffe::SpiffeId;

/// What is said of a directory.
#[derive(Debug)]
pub struct RenewalView<'a> {
    /// Where the files are.
    pub directory: &'a Path,
    /// The identity.
    pub spiffe_id: Option<&'a SpiffeId>,
    /// Serial number of the certificate that was found.
    pub serial: &'a SerialNumber,
    /// Its last second.
    pub not_after: Timestamp,
    /// From when on it is due.
    pub due_at: Timestamp,
    /// Why it needs renewal.
    pub reasons: &'a [RenewalReason],
    /// Whether the roots beside it are out of date.
    pub has_other_roots: bool,
    /// What was done.
    pub outcome: RenewalOutcome<'a>,
}

/// What was done.
#[derive(Debug)]
pub enum RenewalOutcome<'a> {
    /// It was only looked at; perhaps something stands in the way of its renewal.
    Checked(Option<String>),
    /// Nothing needed doing.
    Nothing,
    /// The roots were replaced.
    Roots,
    /// A new certificate took its place.
    Renewed {
        /// The new one.
        certificate: &'a Certificate,
        /// From when on that one is due.
        due_at: Timestamp,
    },
    /// Something needed doing and could not be done.
    Failed(String),
}

/// One line for people.
#[must_use]
pub fn renewal_line(view: &RenewalView<'_>) -> String {
    let RenewalView { directory, spiffe_id, serial, not_after, due_at, reasons, has_other_roots, outcome } = view;
    let id = spiffe_id.map_or_else(|| serial.to_string(), ToString::to_string);
    let place = directory.display();
    let why = because(reasons);
    match outcome {
        RenewalOutcome::Checked(obstacle) => {
            let but = obstacle.as_ref().map(|obstacle| format!("; it cannot be renewed: {obstacle}")).unwrap_or_default();
            match (reasons.is_empty(), has_other_roots) {
                (false, _) => format!("{id} in {place} needs renewal {why}{but}"),
                (true, true) => format!("{id} in {place} needs other roots: root-cert.pem is out of date{but}"),
                (true, false) => format!("{id} in {place} is fine: due at {due_at}, ends at {not_after}{but}"),
            }
        }
        RenewalOutcome::Nothing => format!("{id} in {place} is fine: due at {due_at}, ends at {not_after}"),
        RenewalOutcome::Roots => format!("replaced root-cert.pem of {id} in {place}"),
        RenewalOutcome::Renewed { certificate, .. } => {
            format!("renewed {id} until {} in {place} {why}", certificate.not_after())
        }
        RenewalOutcome::Failed(error) => format!("{id} in {place} was left out: {error}"),
    }
}

fn because(reasons: &[RenewalReason]) -> String {
    let reasons: Vec<String> = reasons.iter().map(|reason| format!("because {reason}")).collect();
    reasons.join(" and ")
}

/// The facts for programs.
#[must_use]
pub fn renewals_json(views: &[RenewalView<'_>]) -> Value {
    serde_json::json!({
        "schema": "meshsec.svid.renew/v1",
        "certificates": views.iter().map(json).collect::<Vec<_>>(),
    })
}

fn json(view: &RenewalView<'_>) -> Value {
    let RenewalView { directory, spiffe_id, serial, not_after, due_at, reasons, has_other_roots, outcome } = view;
    let reason = |reason: &RenewalReason| serde_json::json!({"kind": reason.name(), "message": reason.to_string()});
    let (action, renewed, problem) = match outcome {
        RenewalOutcome::Checked(obstacle) => ("checked", None, obstacle.as_deref()),
        RenewalOutcome::Nothing => ("none", None, None),
        RenewalOutcome::Roots => ("roots-replaced", None, None),
        RenewalOutcome::Renewed { certificate, due_at } => ("renewed", Some((*certificate, due_at)), None),
        RenewalOutcome::Failed(error) => ("left-out", None, Some(error.as_str())),
    };
    serde_json::json!({
        "directory": directory,
        "spiffeId": spiffe_id.map(SpiffeId::as_str),
        "serial": serial.to_string(),
        "notAfter": not_after.to_string(),
        "dueAt": due_at.to_string(),
        "needsRenewal": !reasons.is_empty(),
        "reasons": reasons.iter().map(reason).collect::<Vec<_>>(),
        "rootsOutOfDate": has_other_roots,
        "action": action,
        "problem": problem,
        "renewed": renewed.map(|(certificate, due_at)| serde_json::json!({
            "serial": certificate.serial().to_string(),
            "notBefore": certificate.not_before().to_string(),
            "notAfter": certificate.not_after().to_string(),
            "dueAt": due_at.to_string(),
            "key": certificate.public_key().to_string(),
            "fingerprintSha256": certificate.fingerprint().to_string(),
        })),
    })
}
