//! Whether istiod would load an authority, for people and as JSON. The views here are the contract: fields are added, never renamed.

use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::pki::istiod::CertificateFacts;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Finding;
use crate::pki::istiod::ListFacts;
use crate::pki::istiod::Reload;
use crate::pki::istiod::Severity;
use crate::pki::istiod::Verdict;
use crate::render::Style;
use crate::render::lifetime::remaining;

/// What was looked at and what was found.
#[derive(Debug)]
pub struct AuthorityCheck<'a> {
    /// Where the files are.
    pub path: &'a str,
    /// Which are there.
    pub files: &'a [FileName],
    /// The answer.
    pub verdict: &'a Verdict,
    /// Whether a running istiod takes the change, when that was asked.
    pub reload: Option<&'a Reload>,
    /// The time it holds for.
    pub now: Timestamp,
}

/// Writes the answer for people.
///
/// # Errors
/// When the writer fails.
pub fn authority_check_text(out: &mut dyn Write, check: &AuthorityCheck<'_>, style: Style) -> io::Result<()> {
    let verdict = check.verdict;
    let (word, sentence) = match (verdict.accepted, verdict.usable) {
        (true, true) => (style.success("usable"), "istiod loads it, and peers accept what it signs"),
        (true, false) => (style.error("unusable"), "istiod loads it, and peers refuse what it signs"),
        (false, _) if verdict.istiod_error.is_none() => (style.error("nothing"), "istiod finds none of the files"),
        (false, _) => (style.error("refused"), "istiod does not start with it"),
    };
    writeln!(out, "{word}: {sentence}")?;
    let files: Vec<&str> = check.files.iter().map(|file| file.name()).collect();
    writeln!(out, "  {} {}", style.faint(check.path), files.join(" "))?;
    if let Some(message) = &verdict.istiod_error {
        writeln!(out, "  istiod says: {message}")?;
    }
    let signer = verdict.signer.iter().map(|facts| ("signer", facts));
    let chain = verdict
        .chain
        .iter()
        .filter(|facts| Some(&facts.fingerprint) != verdict.signer.as_ref().map(|signer| &signer.fingerprint));
    let rows = signer.chain(chain.map(|facts| ("chain", facts))).chain(verdict.roots.iter().map(|facts| ("root", facts)));
    for (index, (role, facts)) in rows.enumerate() {
        if index == 0 {
            writeln!(out)?;
        }
        let key = facts.key.as_deref().unwrap_or("key of an unknown kind");
        let subject = if facts.subject.is_empty() { "(no subject)" } else { &facts.subject };
        let end = remaining(facts.not_after, check.now);
        writeln!(out, "  {role:<6} {subject} {}", style.faint(&format!("serial {}, {key}, ends {end}", facts.serial)))?;
    }
    for list in &verdict.lists {
        let end = list
            .next_update
            .map_or_else(|| "no next update".to_owned(), |next| format!("next update {}", remaining(next, check.now)));
        writeln!(out, "  list   {} {}", list.issuer, style.faint(&format!("{} revoked, {end}", list.entries)))?;
    }
    for finding in &verdict.findings {
        finding_text(out, finding, style)?;
    }
    let Some(reload) = check.reload else { return Ok(()) };
    let word = if reload.accepted { style.success("reload") } else { style.error("no reload") };
    let sentence = if reload.accepted { "a running istiod takes the change" } else { "a running istiod keeps what it has" };
    writeln!(out, "\n{word}: {sentence} (change of the trust bundle: {})", reload.roots.name())?;
    reload.findings.iter().try_for_each(|finding| finding_text(out, finding, style))
}

fn finding_text(out: &mut dyn Write, finding: &Finding, style: Style) -> io::Result<()> {
    let label = format!("{}[{}]:", finding.severity.name(), finding.name);
    let label = match finding.severity {
        Severity::Refused | Severity::Unusable => style.error(&label),
        Severity::Warning => style.warning(&label),
        Severity::Note => style.note(&label),
    };
    writeln!(out, "\n{label} {}", finding.message)?;
    let certificate = finding.certificate.as_ref().map(|name| {
        let subject = if name.subject.is_empty() { "(no subject)" } else { &name.subject };
        format!("{subject}, serial {}", name.serial)
    });
    let place: Vec<String> = finding.file.map(|file| file.name().to_owned()).into_iter().chain(certificate).collect();
    if !place.is_empty() {
        writeln!(out, "  {} {}", style.faint("-->"), place.join(": "))?;
    }
    let peers = finding.refused_by.names();
    if !peers.is_empty() {
        writeln!(out, "   = {} refused by {}", style.note("note:"), peers.join(" and "))?;
    }
    match finding.help {
        Some(help) => writeln!(out, "   = {} {help}", style.note("help:")),
        None => Ok(()),
    }
}

/// Writes the answer as indented JSON.
///
/// # Errors
/// When the writer fails.
pub fn authority_check_json(out: &mut dyn Write, check: &AuthorityCheck<'_>) -> io::Result<()> {
    let verdict = check.verdict;
    let view = View {
        accepted_by_istiod: verdict.accepted,
        istiod_error: verdict.istiod_error.as_deref(),
        accepted_by_agents: verdict.accepted_by_agents,
        accepted_by_proxies: verdict.accepted_by_proxies,
        usable: verdict.usable,
        verified_at: check.now.to_string(),
        files: check.files.iter().map(|file| file.name()).collect(),
        findings: verdict.findings.iter().map(FindingView::of).collect(),
        signer: verdict.signer.as_ref().map(CertificateView::of),
        chain: verdict.chain.iter().map(CertificateView::of).collect(),
        roots: verdict.roots.iter().map(CertificateView::of).collect(),
        revocation_lists: verdict.lists.iter().map(ListView::of).collect(),
        reload: check.reload.map(|reload| ReloadView {
            accepted: reload.accepted,
            roots: reload.roots.name(),
            findings: reload.findings.iter().map(FindingView::of).collect(),
        }),
    };
    serde_json::to_writer_pretty(&mut *out, &view).map_err(io::Error::from)?;
    writeln!(out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    accepted_by_istiod: bool,
    istiod_error: Option<&'a str>,
    accepted_by_agents: bool,
    accepted_by_proxies: bool,
    usable: bool,
    verified_at: String,
    files: Vec<&'static str>,
    findings: Vec<FindingView<'a>>,
    signer: Option<CertificateView<'a>>,
    chain: Vec<CertificateView<'a>>,
    roots: Vec<CertificateView<'a>>,
    revocation_lists: Vec<ListView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reload: Option<ReloadView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingView<'a> {
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    file: Option<&'static str>,
    certificate: Option<NameView<'a>>,
    refused_by: Vec<&'static str>,
    help: Option<&'static str>,
}

#[derive(Serialize)]
struct NameView<'a> {
    subject: &'a str,
    serial: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificateView<'a> {
    subject: &'a str,
    issuer: &'a str,
    serial: &'a str,
    not_before: String,
    not_after: String,
    key: Option<&'a str>,
    path_length: Option<u64>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListView<'a> {
    issuer: &'a str,
    this_update: String,
    next_update: Option<String>,
    entries: usize,
}

#[derive(Serialize)]
struct ReloadView<'a> {
    accepted: bool,
    roots: &'static str,
    findings: Vec<FindingView<'a>>,
}

impl<'a> FindingView<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            name: finding.name,
            severity: finding.severity.name(),
            message: &finding.message,
            file: finding.file.map(FileName::name),
            certificate: finding.certificate.as_ref().map(|name| NameView { subject: &name.subject, serial: &name.serial }),
            refused_by: finding.refused_by.names(),
            help: finding.help,
        }
    }
}

impl<'a> CertificateView<'a> {
    fn of(facts: &'a CertificateFacts) -> Self {
        Self {
            subject: &facts.subject,
            issuer: &facts.issuer,
            serial: &facts.serial,
            not_before: facts.not_before.to_string(),
            not_after: facts.not_after.to_string(),
            key: facts.key.as_deref(),
            path_length: facts.path_length,
            fingerprint: &facts.fingerprint,
        }
    }
}

impl<'a> ListView<'a> {
    fn of(facts: &'a ListFacts) -> Self {
        Self {
            issuer: &facts.issuer,
            this_update: facts.this_update.to_string(),
            next_update: facts.next_update.map(|next| next.to_string()),
            entries: facts.entries,
        }
    }
}
