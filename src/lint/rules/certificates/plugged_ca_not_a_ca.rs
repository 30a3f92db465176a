use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::chain;
use crate::lint::rules::certificates::examples::plugged;
use crate::lint::secrets::named;

pub(super) const RULE: Rule = Rule {
    code: Code("MS613"),
    name: "plugged-ca-not-a-ca",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A signing certificate of the mesh that may not sign, or has too many authorities between it and the root.",
    why: "istiod refuses it, or every certificate of a workload is refused.",
    example: plugged!(leaf, [leaf, intermediate], [root]),
    instead: plugged!(intermediate, [intermediate], [root]),
    specification: "RFC 5280 section 4.2.1.9",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let Some((part, signer)) = secret.signer() else { return };
    let name = named(part, 0, signer);
    if !signer.is_ca() {
        found.push(
            RULE.at(part.span, format!("{name} is no authority's (cA is not true)"))
                .with_help("issue it with basicConstraints CA:TRUE and keyUsage keyCertSign")
                .with_note("istiod says: certificate is not authorized to sign other certificates"),
        );
    } else if signer.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        found.push(
            RULE.at(part.span, format!("the keyUsage of {name} lacks keyCertSign"))
                .with_help("issue it with keyUsage keyCertSign"),
        );
    }
    let Ok(path) = chain::path(secret, signer) else { return };
    for (depth, authority) in path.iter().enumerate().skip(1) {
        let length = authority.basic_constraints().and_then(|constraints| constraints.path_length);
        if length.is_some_and(|length| u64::try_from(depth).is_ok_and(|depth| depth > length)) {
            let length = length.unwrap_or_default();
            found.push(
                RULE.at(
                    part.span,
                    format!("the path length of `{}` is {length}: too short for {name} to sign workloads", authority.subject()),
                )
                .with_help("issue the certificate above with a greater path length, or without one"),
            );
        }
    }
}
