//! What became of the Secrets of service accounts: a line each, or JSON.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::pki::Certificate;
use crate::pki::RenewalReason;

/// What is said of one.
#[derive(Debug)]
pub struct SecretView<'a> {
    /// Namespace of account and Secret.
    pub namespace: &'a str,
    /// The service account.
    pub account: &'a str,
    /// The Secret.
    pub secret: &'a str,
    /// What was done.
    pub outcome: SecretOutcome<'a>,
    /// Whether it was only said.
    pub is_dry_run: bool,
}

/// What was done.
#[derive(Debug)]
pub enum SecretOutcome<'a> {
    /// It was written for the first time, with this certificate.
    Created(Option<&'a Certificate>),
    /// It has another certificate, for these reasons.
    Renewed(&'a [RenewalReason], Option<&'a Certificate>),
    /// It has other roots.
    Roots {
        /// The last second of its certificate.
        not_after: Timestamp,
    },
    /// It was left as it is.
    Fine {
        /// The last second of its certificate.
        not_after: Timestamp,
        /// From when on it is due.
        due_at: Timestamp,
    },
    /// It does not hold what it should; why, in one line.
    Failed(String),
}

impl SecretOutcome<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Renewed(..) => "renewed",
            Self::Roots { .. } => "roots-replaced",
            Self::Fine { .. } => "unchanged",
            Self::Failed(_) => "failed",
        }
    }
}

/// One line for people; failures are told elsewhere.
#[must_use]
pub fn secret_line(view: &SecretView<'_>) -> Option<String> {
    let SecretView { namespace, account: _, secret, outcome, is_dry_run } = view;
    let tried = if *is_dry_run { " (dry run)" } else { "" };
    let until =
        |certificate: Option<&Certificate>| certificate.map(|made| format!(" until {}", made.not_after())).unwrap_or_default();
    let text = match outcome {
        SecretOutcome::Created(certificate) => format!("created{tried}{}", until(*certificate)),
        SecretOutcome::Renewed(reasons, certificate) => {
            let reasons: Vec<String> = reasons.iter().map(|reason| format!("because {reason}")).collect();
            format!("renewed{tried}{} {}", until(*certificate), reasons.join(" and "))
        }
        SecretOutcome::Roots { .. } => format!("configured{tried}: its roots were out of date"),
        SecretOutcome::Fine { not_after, due_at } => format!("unchanged: due at {due_at}, ends at {not_after}"),
        SecretOutcome::Failed(_) => return None,
    };
    Some(format!("secret/{secret} in {namespace} {text}"))
}

/// The facts for programs.
#[must_use]
pub fn secrets_json(views: &[SecretView<'_>]) -> Value {
    json!({"schemaVersion": "meshsec.dev/svid-install/v1", "secrets": views.iter().map(one).collect::<Vec<_>>()})
}

fn one(view: &SecretView<'_>) -> Value {
    let SecretView { namespace, account, secret, outcome, is_dry_run } = view;
    let mut value = json!({
        "namespace": namespace, "serviceAccount": account, "secret": secret, "result": outcome.name(), "dryRun": is_dry_run,
    });
    let facts = match outcome {
        SecretOutcome::Created(certificate) => json!({"certificate": certificate.map(made)}),
        SecretOutcome::Renewed(reasons, certificate) => {
            let reasons: Vec<Value> =
                reasons.iter().map(|reason| json!({"name": reason.name(), "message": reason.to_string()})).collect();
            json!({"reasons": reasons, "certificate": certificate.map(made)})
        }
        SecretOutcome::Roots { not_after } => json!({"notAfter": not_after.to_string()}),
        SecretOutcome::Fine { not_after, due_at } => json!({"notAfter": not_after.to_string(), "dueAt": due_at.to_string()}),
        SecretOutcome::Failed(error) => json!({"error": error}),
    };
    if let (Some(value), Value::Object(facts)) = (value.as_object_mut(), facts) {
        value.extend(facts);
    }
    value
}

fn made(certificate: &Certificate) -> Value {
    let uri = certificate.subject_alt_names().iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "serial": certificate.serial().to_string(), "notBefore": certificate.not_before().to_string(),
        "notAfter": certificate.not_after().to_string(), "fingerprint": certificate.fingerprint().to_string(), "subjectAltNames": uri,
    })
}
