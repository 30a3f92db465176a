use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::SecretData;
use crate::lint::secrets::named;
use crate::pki::svid::spiffe_id;

pub(super) const RULE: Rule = Rule {
    code: Code("MS622"),
    name: "spiffe-name-malformed",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A certificate whose SPIFFE ID breaks the grammar, or that has more than one URI.",
    why: "Peers refuse it, or no policy matches it.",
    example: served!(workload_malformed, intermediate),
    instead: served!(workload, intermediate),
    specification: "X509-SVID section 2",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((part, _)) = view.secret().and_then(SecretData::served) else { return };
    let certificates = part.certificates();
    let Some(leaf) = certificates.first() else { return };
    let is_spiffe = |uri: &str| uri.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("spiffe:"));
    if !leaf.uris().any(is_spiffe) {
        return;
    }
    if let Err(error) = spiffe_id(leaf) {
        let what = error.to_string();
        found.push(
            RULE.at(part.span, format!("{}: {what}", named(part, 0, leaf)))
                .with_help("issue it with one URI: `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`"),
        );
    }
}
