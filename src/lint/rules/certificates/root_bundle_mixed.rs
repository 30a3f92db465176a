use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::plugged;
use crate::lint::secrets::named;

pub(super) const RULE: Rule = Rule {
    code: Code("MS620"),
    name: "root-bundle-mixed",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "Roots of the mesh that are several, expired, or no authority.",
    why: "The forgotten end of a rotation keeps old trust alive.",
    example: plugged!(intermediate, [intermediate], [root, other_root]),
    instead: plugged!(intermediate, [intermediate], [root]),
    specification: "Istio, plug in CA certificates",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let Some(roots) = secret.roots() else { return };
    let certificates = roots.certificates();
    let no_authority = certificates.iter().enumerate().find(|(_, certificate)| !certificate.is_ca());
    if let Some((index, certificate)) = no_authority {
        found.push(
            RULE.at(roots.span, format!("{} is no authority's", named(roots, index, certificate))).with_help("take it out"),
        );
    } else if certificates.len() > 1 {
        found.push(
            RULE.at(roots.span, format!("the mesh trusts {} roots", certificates.len()))
                .with_help("take the old ones out once every certificate below them is replaced"),
        );
    }
}
