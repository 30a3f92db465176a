use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::certificates::examples::plugged;
use crate::pki::Certificate;

pub(super) const RULE: Rule = Rule {
    code: Code("MS623"),
    name: "revocation-list-stale",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A revocation list that should have been replaced by now, or that no authority beside it signed.",
    why: "Envoy refuses every peer once the list is out of date, and a list of somebody else revokes nobody.",
    example: concat!(
        plugged!(intermediate, [intermediate], [root]),
        "  ca-crl.pem: |\n",
        pem!(list_stale)
    ),
    instead: concat!(
        plugged!(intermediate, [intermediate], [root]),
        "  ca-crl.pem: |\n",
        pem!(list)
    ),
    specification: "RFC 5280 section 5.1.2.5",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret().filter(|secret| secret.is_secret) else { return };
    let authorities: Vec<&Certificate> = secret.certificates().into_iter().map(|(_, _, certificate)| certificate).collect();
    for part in secret.parts.iter().filter(|part| matches!(part.name, "ca.crl" | "crl" | "ca-crl.pem")) {
        for list in part.lists() {
            let issuer = list.issuer();
            if list.next_update().is_some_and(|end| end < view.now) {
                let end = list.next_update().unwrap_or_default();
                found.push(
                    RULE.at(part.span, format!("the revocation list of `{issuer}` in `{}` ended at {end}", part.name))
                        .with_help("fetch the current list: Envoy refuses every peer until then"),
                );
            }
            if !authorities.is_empty() && !authorities.iter().any(|authority| list.issuer_der() == authority.subject_der()) {
                found.push(
                    RULE.at(part.span, format!("no authority beside `{}` is `{issuer}`, who signed the list", part.name))
                        .with_help("give the lists of the authorities that are trusted here"),
                );
            }
        }
    }
}
