//! What became of an authority that was to be installed in a cluster.

use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::pki::istiod::CertificateFacts;
use crate::pki::istiod::Finding;
use crate::pki::istiod::Reload;
use crate::pki::istiod::Transition;
use crate::pki::istiod::Verdict;
use crate::render::Style;
use crate::render::lifetime::remaining;

/// What was done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was not there.
    Created,
    /// It was there, with something else in it.
    Configured,
    /// It was there as it should be.
    Unchanged,
}

impl Written {
    /// The word for it, as kubectl says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What is told.
#[derive(Debug)]
pub struct InstallationView<'a> {
    /// The context of the cluster.
    pub context: &'a str,
    /// istiod's namespace.
    pub namespace: &'a str,
    /// What became of the Secret.
    pub written: Written,
    /// Where it was only tried: `client` or `server`.
    pub dry_run: Option<&'static str>,
    /// Whether the facts are those of the Secret as it is in the cluster.
    pub is_read_back: bool,
    /// What istiod makes of it.
    pub verdict: &'a Verdict,
    /// What changes for the mesh.
    pub transition: &'a Transition,
    /// Whether a running istiod takes it, when there was one before.
    pub reload: Option<&'a Reload>,
    /// The Deployments that were restarted.
    pub restarted: &'a [String],
    /// The time it holds for.
    pub now: Timestamp,
}

/// Writes it for people.
///
/// # Errors
/// When the writer fails.
pub fn installation_text(out: &mut dyn Write, view: &InstallationView<'_>, style: Style) -> io::Result<()> {
    let InstallationView { context, namespace, written, dry_run, is_read_back, verdict, transition, reload, restarted, now } =
        view;
    let tried = dry_run.map_or_else(String::new, |place| format!(" ({place} dry run)"));
    let word = style.success(written.name());
    writeln!(out, "secret/cacerts {word}{tried} {}", style.faint(&format!("in namespace {namespace} of {context}")))?;
    let signer = verdict.signer.iter().map(|facts| ("signer", facts));
    for (role, facts) in signer.chain(verdict.roots.iter().map(|facts| ("root", facts))) {
        let details = format!("SHA-256 {}, ends {}", facts.fingerprint, remaining(facts.not_after, *now));
        writeln!(out, "  {role:<6} {} {}", facts.subject, style.faint(&details))?;
    }
    let verified = match (is_read_back, verdict.usable) {
        (true, true) => "read back: istiod loads it, and peers accept what it signs",
        (false, true) => "checked, not written: istiod would load it, and peers accept what it signs",
        (_, false) => "istiod or peers refuse it: see `meshsec ca verify`",
    };
    writeln!(out, "  {verified}")?;
    if transition.roots_before > 0 {
        let Transition { namespaces, added, removed, .. } = transition;
        let there = if *namespaces == 0 {
            "no namespace has roots yet".to_owned()
        } else {
            format!("{namespaces} namespaces have roots")
        };
        writeln!(out, "  trusted roots: {added} added, {removed} removed; {there}")?;
    }
    if *written == Written::Unchanged {
        return Ok(());
    }
    if !restarted.is_empty() {
        return writeln!(
            out,
            "  restarted: {}",
            restarted.iter().map(|name| format!("deployment/{name}")).collect::<Vec<_>>().join(", ")
        );
    }
    match reload {
        Some(reload) if reload.accepted => writeln!(out, "  a running istiod takes it without a restart, within a minute or so")?,
        Some(_) => writeln!(out, "  a running istiod keeps what it has until it is restarted: add `--restart`")?,
        None => writeln!(out, "  istiod takes it when it starts: add `--restart` if it runs already")?,
    }
    let told = reload.iter().flat_map(|reload| &reload.findings).filter(|finding| finding.name != "roots-changed");
    told.into_iter()
        .try_for_each(|finding| writeln!(out, "  {} {}", style.note(&format!("{}:", finding.severity.name())), finding.message))
}

/// Writes it as JSON.
///
/// # Errors
/// When the writer fails.
pub fn installation_json(out: &mut dyn Write, view: &InstallationView<'_>) -> io::Result<()> {
    let InstallationView { context, namespace, written, dry_run, is_read_back, verdict, transition, reload, restarted, now: _ } =
        view;
    let value = json!({
        "schemaVersion": "meshsec.dev/ca-install/v1",
        "context": context,
        "namespace": namespace,
        "secret": "cacerts",
        "result": written.name(),
        "dryRun": dry_run,
        "readBack": is_read_back,
        "usable": verdict.usable,
        "signer": verdict.signer.as_ref().map(certificate),
        "roots": verdict.roots.iter().map(certificate).collect::<Vec<_>>(),
        "trust": {"namespaces": transition.namespaces, "before": transition.roots_before, "added": transition.added, "removed": transition.removed},
        "reload": reload.map(|reload| json!({
            "accepted": reload.accepted, "roots": reload.roots.name(), "findings": reload.findings.iter().map(finding).collect::<Vec<_>>(),
        })),
        "restarted": restarted,
    });
    serde_json::to_writer_pretty(&mut *out, &value).map_err(io::Error::from)?;
    writeln!(out)
}

fn certificate(facts: &CertificateFacts) -> Value {
    json!({
        "subject": facts.subject, "issuer": facts.issuer, "serial": facts.serial, "notBefore": facts.not_before.to_string(),
        "notAfter": facts.not_after.to_string(), "key": facts.key, "fingerprint": facts.fingerprint,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({"name": finding.name, "severity": finding.severity.name(), "message": finding.message, "help": finding.help})
}
