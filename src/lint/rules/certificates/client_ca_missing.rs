use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::gateway;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::certificates::examples::served as served_secret;
use crate::lint::rules::certificates::served;

pub(super) const RULE: Rule = Rule {
    code: Code("MS607"),
    name: "client-ca-missing",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A Gateway that asks for client certificates and has no authority to verify them by.",
    why: "No client can be verified: every connection fails.",
    example: concat!(gateway!("shop.example.com", "mode: MUTUAL, subjectAltNames: [partner.example.com]"), served_secret!(leaf, intermediate)),
    instead: concat!(gateway!("shop.example.com", "mode: MUTUAL, subjectAltNames: [partner.example.com]"), served_secret!(leaf, intermediate), "  ca.crt: |\n", pem!(other_root)),
    specification: "Gateway reference, ServerTLSSettings.credentialName",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    served::each(view, &mut |served| {
        let has_pair = served.data.served().is_some_and(|(_, key)| key.is_some());
        // Without a pair of its own the Secret is another finding.
        if !served.verifies_clients || served.has_authority_beside || served.data.bundle().is_some() || !has_pair {
            return;
        }
        let name = &served.credential.value;
        found.push(
            RULE.at(served.credential.span, format!("Secret `{name}` has no authority for clients"))
                .with_label(format!("it has no `ca.crt`, and there is no Secret `{name}-cacert`"))
                .with_help("add the certificates of the clients' authority as `ca.crt`")
                .likely(),
        );
    });
}
