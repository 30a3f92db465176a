//! Whether a chain is trusted: a line for a person, a document for a program.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::pki::Certificate;
use crate::pki::svid::Problem;
use crate::pki::svid::Role;
use crate::pki::verify::Question;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::Verified;
use crate::render::Style;
use crate::render::certificate_json::CertificateView;
use crate::render::certificate_json::ProblemView;
use crate::render::svid_inspect_text::problem_text;
use crate::render::svid_inspect_text::severity;
use crate::render::words::printable;

/// Writes the answer for a person.
///
/// # Errors
/// When the writer fails.
pub fn svid_verify_text(
    out: &mut dyn Write,
    question: &Question<'_>,
    answer: Result<&Verified, &Problem>,
    style: Style,
) -> io::Result<()> {
    let verified = match answer {
        Ok(verified) => verified,
        Err(problem) => return writeln!(out, "{}: {}", style.error("refused"), problem_text(problem, style)),
    };
    writeln!(out, "{}: {}", style.success("verified"), verified.spiffe_id)?;
    let usage = match question.role {
        TlsRole::Any => "in either role",
        TlsRole::Client => "as a client",
        TlsRole::Server => "as a server",
    };
    writeln!(out, "  at {}, {usage}, by the bundle of {}", question.at, verified.spiffe_id.trust_domain())?;
    for certificate in &verified.path {
        let name = certificate.uris().next().filter(|_| !certificate.is_ca()).unwrap_or_else(|| certificate.subject());
        writeln!(
            out,
            "  {:<12} {}, serial {}, until {}",
            Role::of(certificate).as_str(),
            printable(name),
            certificate.serial(),
            certificate.not_after()
        )?;
    }
    match verified.looked_up {
        0 => writeln!(out, "  revocation was not looked up: no revocation list was given")?,
        count => writeln!(out, "  {count} certificate(s) looked up in {} revocation list(s)", question.crls.len())?,
    }
    for problem in &verified.problems {
        writeln!(out, "{} {}", severity(problem, style), problem_text(problem, style))?;
    }
    Ok(())
}

/// Writes the answer as indented JSON.
///
/// # Errors
/// When the writer fails.
pub fn svid_verify_json(out: &mut dyn Write, question: &Question<'_>, answer: Result<&Verified, &Problem>) -> io::Result<()> {
    let path = answer.map_or(&[][..], |verified| &verified.path);
    let view = View {
        schema_version: 1,
        verified: answer.is_ok(),
        spiffe_id: answer.ok().map(|verified| verified.spiffe_id.as_str()),
        trust_domain: answer.ok().map(|verified| verified.spiffe_id.trust_domain()),
        at: question.at.to_string(),
        usage: match question.role {
            TlsRole::Any => "any",
            TlsRole::Client => "client",
            TlsRole::Server => "server",
        },
        reason: answer.err().map(ProblemView::new),
        path: views(path, question),
        revocation: RevocationView {
            lists: question.crls.len(),
            scope: match question.revocation {
                RevocationScope::WholePath => "whole-path",
                RevocationScope::LeafOnly => "leaf-only",
            },
            looked_up: answer.map_or(0, |verified| verified.looked_up),
        },
        problems: answer.map_or(&[][..], |verified| &verified.problems).iter().map(ProblemView::new).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view).map_err(io::Error::from)?;
    writeln!(out)
}

fn views<'p>(path: &'p [Certificate], question: &Question<'_>) -> Vec<CertificateView<'p>> {
    path.iter().enumerate().map(|(position, certificate)| CertificateView::new(position, certificate, question.at)).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'v> {
    schema_version: u8,
    verified: bool,
    /// Only of a chain that is trusted.
    spiffe_id: Option<&'v str>,
    trust_domain: Option<&'v str>,
    at: String,
    usage: &'static str,
    /// Why it is not trusted.
    reason: Option<ProblemView<'v>>,
    path: Vec<CertificateView<'v>>,
    revocation: RevocationView,
    /// What departs from the standard and was accepted all the same.
    problems: Vec<ProblemView<'v>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RevocationView {
    lists: usize,
    scope: &'static str,
    looked_up: usize,
}
