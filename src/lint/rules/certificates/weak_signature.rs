use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::named;
use crate::pki::svid::check_authorities;

pub(super) const RULE: Rule = Rule {
    code: Code("MS609"),
    name: "weak-signature",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A certificate, not of a root, that is signed with MD5 or SHA-1.",
    why: "Such signatures can be forged, and Envoy, istiod and current clients refuse them.",
    example: served!(leaf_sha1, intermediate),
    instead: served!(leaf, intermediate),
    specification: "RFC 9155",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    for (part, index, certificate) in secret.certificates() {
        let problems = check_authorities(std::slice::from_ref(certificate), false, view.now);
        let Some(problem) = problems.iter().find(|problem| problem.check.name == "weak-signature") else { continue };
        let what = problem.message.trim_start_matches("it ");
        found.push(
            RULE.at(part.span, format!("{} {what}", named(part, index, certificate)))
                .with_help("issue it anew with SHA-256"),
        );
    }
}
