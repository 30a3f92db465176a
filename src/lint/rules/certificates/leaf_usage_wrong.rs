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
use crate::lint::secrets::named;
use crate::pki::Certificate;

pub(super) const RULE: Rule = Rule {
    code: Code("MS624"),
    name: "leaf-usage-wrong",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A certificate of a Gateway that is not one of a server, or a bundle for clients that holds certificates of no authority.",
    why: "Strict clients refuse it.",
    example: concat!(gateway!("shop.example.com"), served_secret!(leaf_of_client, intermediate)),
    instead: concat!(gateway!("shop.example.com"), served_secret!(leaf, intermediate)),
    specification: "RFC 5280 section 4.2.1.12",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    served::each(view, &mut |served| {
        if let Some((part, _)) = served.data.served()
            && let Some(leaf) = part.certificates().first()
            && let Some((what, help)) = mistake(leaf)
        {
            let finding = RULE
                .at(served.credential.span, format!("{} {what}", named(part, 0, leaf)))
                .with_secondary(part.span, "the certificate")
                .with_help(help);
            found.push(if served.is_certain { finding } else { finding.likely() });
        }
        if served.verifies_clients
            && let Some(bundle) = served.data.bundle()
            && !bundle.certificates().is_empty()
            && bundle.certificates().iter().all(|certificate| !certificate.is_ca() && !certificate.is_self_issued())
        {
            let finding = RULE
                .at(served.credential.span, format!("`{}` holds certificates of no authority", bundle.name))
                .with_secondary(bundle.span, "clients are verified by these")
                .with_help("put the authority of the clients there");
            found.push(if served.is_certain { finding } else { finding.likely() });
        }
    });
}

fn mistake(leaf: &Certificate) -> Option<(&'static str, &'static str)> {
    if leaf.is_ca() {
        return Some(("is an authority's own", "serve a certificate that it signed, and keep its key away from the gateway"));
    }
    if leaf.extended_key_usage().is_some_and(|usage| !usage.server_auth && !usage.any) {
        return Some(("is not for servers: its extendedKeyUsage lacks serverAuth", "issue it with serverAuth"));
    }
    if leaf.key_usage().is_some_and(|usage| !usage.digital_signature()) && !leaf.public_key().is_rsa() {
        return Some(("may not sign handshakes: its keyUsage lacks digitalSignature", "issue it with digitalSignature"));
    }
    None
}
