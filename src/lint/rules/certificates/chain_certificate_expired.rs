use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::named;

pub(super) const RULE: Rule = Rule {
    code: Code("MS605"),
    name: "chain-certificate-expired",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A certificate of an authority in a Secret that expired.",
    why: "Whoever verifies with it fails, and what watches the servers' certificates does not look at it.",
    example: served!(leaf, intermediate_expired),
    instead: served!(leaf, intermediate),
    specification: "RFC 5280 section 6.1.3",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let served = secret.served().map(|(part, _)| part.name);
    let bundle = secret.bundle().or_else(|| secret.roots()).map(|part| part.name);
    for (part, index, certificate) in secret.certificates() {
        if certificate.not_after() >= view.now || (index == 0 && served == Some(part.name)) {
            continue;
        }
        let mut finding = RULE
            .at(part.span, format!("{} expired at {}", named(part, index, certificate), certificate.not_after()))
            .with_help("renew it, or drop it from the bundle");
        // A bundle that trusts others as well still works.
        if bundle == Some(part.name) && part.certificates().iter().any(|other| other.not_after() >= view.now) {
            finding.severity = Severity::Warning;
        }
        found.push(finding);
    }
}
