//! What a file of certificates holds, for a person: a block for each certificate in chain order, keys by name only, then what is wrong.

use std::io;
use std::io::Write;

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::InspectedEntry;
use crate::pki::Inspection;
use crate::pki::SubjectAltName;
use crate::pki::container::KeyState;
use crate::pki::container::ListedCertificate;
use crate::pki::svid::CertificateName;
use crate::pki::svid::Problem;
use crate::pki::svid::Role;
use crate::pki::svid::Severity;
use crate::render::Style;
use crate::render::lifetime::lifetime_bar;
use crate::render::words::hex;
use crate::render::words::printable;
use crate::spiffe::SpiffeId;

/// Writes an inspection.
///
/// # Errors
/// When the writer fails.
pub fn svid_inspect_text(out: &mut dyn Write, file: &str, inspection: &Inspection, style: Style) -> io::Result<()> {
    writeln!(out, "{file}: {}", inspection.format.as_str())?;
    for inspected in &inspection.entries {
        let entry = &inspected.entry;
        if !entry.name.is_empty() {
            writeln!(out, "\n{}", style.note(&printable(&entry.name)))?;
        }
        for (position, certificate) in entry.chain.iter().enumerate() {
            let role = format!("{position}: {}", Role::of(certificate).as_str());
            write_certificate(out, certificate, &role, inspection.at, style)?;
        }
        for certificate in &entry.roots {
            write_certificate(out, certificate, "trusted", inspection.at, style)?;
        }
        for listed in &entry.listed {
            write_listed(out, listed, inspection.at, style)?;
        }
        write_others(out, inspected, style)?;
    }
    write_problems(out, inspection, style)
}

fn field(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {name:<12} {value}")
}

fn write_certificate(out: &mut dyn Write, certificate: &Certificate, role: &str, at: Timestamp, style: Style) -> io::Result<()> {
    let id: Option<SpiffeId> = certificate.uris().find_map(|uri| uri.parse().ok());
    let title = id.as_ref().map_or_else(|| certificate.subject(), SpiffeId::as_str);
    writeln!(out, "\n{} {}", style.note(role), if title.is_empty() { "without a name".into() } else { printable(title) })?;
    if let Some((namespace, account)) = id.as_ref().and_then(SpiffeId::service_account_parts) {
        field(out, "istio", &format!("{namespace}/{account} in {}", id.as_ref().map_or("", SpiffeId::trust_domain)))?;
    }
    field(out, "subject", &if certificate.has_empty_subject() { "empty".into() } else { printable(certificate.subject()) })?;
    field(out, "issuer", &if certificate.is_self_issued() { "itself".into() } else { printable(certificate.issuer()) })?;
    field(out, "serial", &certificate.serial().to_string())?;
    field(out, "key", &certificate.public_key().to_string())?;
    field(out, "valid", &format!("{} to {}", certificate.not_before(), certificate.not_after()))?;
    field(out, "", &lifetime_bar(certificate.not_before(), certificate.not_after(), at, style))?;
    for name in certificate.subject_alt_names() {
        field(out, "name", &printable(&name_text(name)))?;
    }
    if let Some(constraints) = certificate.basic_constraints().filter(|constraints| constraints.is_ca) {
        let below = match constraints.path_length {
            None => "signs certificates, authorities included".to_owned(),
            Some(0) => "signs certificates, no authorities".to_owned(),
            Some(length) => format!("signs certificates, with at most {length} authorities below it"),
        };
        field(out, "authority", &below)?;
    }
    if certificate.has_name_constraints() {
        field(out, "constrained", "in the names of what it signs")?;
    }
    let usage = certificate.key_usage().map_or_else(|| "none given".to_owned(), |usage| usage.names().join(", "));
    let purposes = certificate.extended_key_usage().map(|usage| format!("; {}", usage.names().join(", ")));
    field(out, "usages", &format!("{usage}{}", purposes.unwrap_or_default()))?;
    if let Some(identifier) = certificate.subject_key_identifier() {
        field(out, "key id", &hex(identifier))?;
    }
    field(out, "fingerprint", &certificate.fingerprint().to_string())
}

fn name_text(name: &SubjectAltName) -> String {
    match name {
        SubjectAltName::Uri(text) => format!("URI {text}"),
        SubjectAltName::Dns(text) => format!("DNS {text}"),
        SubjectAltName::Ip(address) => format!("IP {address}"),
        SubjectAltName::Email(text) => format!("email {text}"),
        SubjectAltName::Other(text) => text.clone(),
    }
}

fn write_listed(out: &mut dyn Write, listed: &ListedCertificate, at: Timestamp, style: Style) -> io::Result<()> {
    let ListedCertificate { is_authority, path, serial, uris, names, valid_from, expiration_time } = listed;
    let role = if *is_authority { "trusted" } else { "certificate" };
    writeln!(out, "\n{} {}", style.note(role), printable(uris.first().map_or(path.as_str(), String::as_str)))?;
    field(out, "from", &printable(path))?;
    field(out, "serial", &printable(serial))?;
    field(out, "valid", &printable(&format!("{valid_from} to {expiration_time}")))?;
    if let Some((begin, end)) = listed.lifetime() {
        field(out, "", &lifetime_bar(begin, end, at, style))?;
    }
    for name in uris.iter().skip(1).chain(names) {
        field(out, "name", &printable(name))?;
    }
    Ok(())
}

fn write_others(out: &mut dyn Write, inspected: &InspectedEntry, style: Style) -> io::Result<()> {
    let entry = &inspected.entry;
    for (key, owner) in entry.keys.iter().zip(&inspected.key_owners) {
        let what = match (&key.state, owner) {
            (KeyState::Read(public), Some(owner)) => format!("{public}, the key of certificate {owner}"),
            (KeyState::Read(public), None) if entry.chain.is_empty() => public.to_string(),
            (KeyState::Read(public), None) => format!("{public}, of none of these certificates"),
            (KeyState::Encrypted, _) => "encrypted, not opened".to_owned(),
            (KeyState::Redacted, _) => "overwritten by the proxy before it printed it".to_owned(),
            (KeyState::Unreadable(why), _) => format!("not read: {why}"),
        };
        writeln!(out, "\n{} {what} ({})", style.note("private key"), printable(&key.origin))?;
    }
    for list in &entry.crls {
        writeln!(out, "\n{} of {}", style.note("revocation list"), printable(list.issuer()))?;
        let end = list.next_update().map_or("without an end".to_owned(), |end| format!("to {end}"));
        field(out, "valid", &format!("{} {end}", list.this_update()))?;
        field(out, "revoked", &format!("{} certificate(s)", list.entries().len()))?;
    }
    for request in &entry.requests {
        let subject = if request.subject.is_empty() { "without a subject".into() } else { printable(&request.subject) };
        writeln!(out, "\n{} {subject} ({})", style.note("request"), printable(&request.origin))?;
        for name in &request.names {
            field(out, "name", &printable(name))?;
        }
    }
    for remark in &entry.remarks {
        writeln!(out, "\n{} {}", style.note("note:"), printable(remark))?;
    }
    if entry.is_empty() && entry.remarks.is_empty() {
        writeln!(out, "\n{} nothing is in it", style.note("note:"))?;
    }
    if !entry.listed.is_empty() {
        writeln!(
            out,
            "\n{} the certificates themselves are not in this output, so nothing here can be verified",
            style.note("note:")
        )?;
    }
    Ok(())
}

fn write_problems(out: &mut dyn Write, inspection: &Inspection, style: Style) -> io::Result<()> {
    let is_verifiable =
        inspection.entries.iter().any(|inspected| !inspected.entry.chain.is_empty() || !inspected.entry.roots.is_empty());
    let mut problems =
        inspection.entries.iter().flat_map(|inspected| inspected.problems.iter().map(move |problem| (inspected, problem)));
    let Some(first) = problems.next() else {
        return if is_verifiable { writeln!(out, "\nno problems found") } else { Ok(()) };
    };
    writeln!(out)?;
    for (inspected, problem) in std::iter::once(first).chain(problems) {
        let entry = if inspection.entries.len() > 1 { format!("{}: ", inspected.entry.name) } else { String::new() };
        // The blocks above are numbered, so the number says which.
        let place = match &problem.certificate {
            Some(CertificateName { position: Some(position), .. }) => format!("certificate {position}: "),
            Some(name) => format!("trusted {}: ", name.name),
            None => String::new(),
        };
        let text = format!("{entry}{place}{}", problem.message);
        writeln!(out, "{} {} {}", severity(problem, style), printable(&text), rule(problem, style))?;
    }
    Ok(())
}

/// The word for how bad it is, coloured.
pub(super) fn severity(problem: &Problem, style: Style) -> String {
    let word = format!("{}:", problem.check.severity.as_str());
    match problem.check.severity {
        Severity::Error => style.error(&word),
        Severity::Warning => style.warning(&word),
        Severity::Note => style.note(&word),
    }
}

/// The certificate, what is wrong with it, and the rule.
pub(super) fn problem_text(problem: &Problem, style: Style) -> String {
    let place = problem.certificate.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    format!("{} {}", printable(&format!("{place}{}", problem.message)), rule(problem, style))
}

fn rule(problem: &Problem, style: Style) -> String {
    style.faint(&format!("[{}, {}]", problem.check.name, problem.check.rule))
}
