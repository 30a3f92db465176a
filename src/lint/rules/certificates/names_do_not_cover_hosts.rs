use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::gateway;
use crate::lint::rules::certificates::examples::served as served_secret;
use crate::lint::rules::certificates::served;
use crate::pki::SubjectAltName;

pub(super) const RULE: Rule = Rule {
    code: Code("MS610"),
    name: "names-do-not-cover-hosts",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A host of a Gateway that the certificate in its Secret does not name.",
    why: "Every client of that host sees a wrong name and refuses; the common name does not count.",
    example: concat!(gateway!("orders.example.com"), served_secret!(leaf, intermediate)),
    instead: concat!(gateway!("shop.example.com"), served_secret!(leaf, intermediate)),
    specification: "RFC 9525 section 6",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    served::each(view, &mut |served| {
        let Some((part, _)) = served.data.served() else { return };
        let certificates = part.certificates();
        let Some(leaf) = certificates.first() else { return };
        for host in &served.server.hosts {
            let name = host.value.rsplit('/').next().unwrap_or_default();
            if name == "*" || leaf.subject_alt_names().iter().any(|own| covers(own, name)) {
                continue;
            }
            let finding = RULE
                .at(host.span, format!("the certificate in Secret `{}` does not name `{name}`", served.credential.value))
                .with_label(names(leaf.subject_alt_names()))
                .with_secondary(part.span, "the certificate")
                .with_help("issue it anew with this name, or correct the host");
            found.push(if served.is_certain { finding } else { finding.likely() });
        }
    });
}

/// Whether a name of a certificate is good for a host. For a wildcard host, any name below it may be what is meant.
fn covers(own: &SubjectAltName, host: &str) -> bool {
    match own {
        SubjectAltName::Dns(own) => {
            let (own, host) = (own.to_ascii_lowercase(), host.to_ascii_lowercase());
            if let Some(parent) = host.strip_prefix('*') {
                return own.ends_with(parent);
            }
            own == host
                || own.strip_prefix('*').is_some_and(|parent| {
                    host.split_once('.').is_some_and(|(_, rest)| parent.strip_prefix('.') == Some(rest))
                })
        }
        SubjectAltName::Ip(address) => address.to_string() == host,
        SubjectAltName::Uri(_) | SubjectAltName::Email(_) | SubjectAltName::Other(_) => false,
    }
}

fn names(all: &[SubjectAltName]) -> String {
    let names: Vec<String> = all
        .iter()
        .filter_map(|name| match name {
            SubjectAltName::Dns(name) => Some(format!("`{name}`")),
            SubjectAltName::Ip(address) => Some(format!("`{address}`")),
            SubjectAltName::Uri(_) | SubjectAltName::Email(_) | SubjectAltName::Other(_) => None,
        })
        .collect();
    match names.get(..5) {
        _ if names.is_empty() => "it names no host at all".to_owned(),
        Some(first) if names.len() > 5 => format!("it names {} and {} more", first.join(", "), names.len() - 5),
        _ => format!("it names {}", names.join(", ")),
    }
}
