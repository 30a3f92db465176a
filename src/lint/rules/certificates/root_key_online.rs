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
    code: Code("MS616"),
    name: "root-key-online",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A mesh whose signing certificate is its root.",
    why: "The key of the root lies in the cluster: whoever takes it is believed by everyone until every root is replaced.",
    example: plugged!(root, [root], [root]),
    instead: plugged!(intermediate, [intermediate], [root]),
    specification: "Istio, plug in CA certificates",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let (Some((part, signer)), Some(roots)) = (secret.signer(), secret.roots()) else { return };
    if signer.is_ca() && roots.certificates().contains(&signer) {
        found.push(
            RULE.at(part.span, format!("{} is a root, and istiod signs with its key", named(part, 0, signer)))
                .with_secondary(roots.span, "the same certificate")
                .with_help("sign with an authority below the root, and keep the key of the root offline"),
        );
    }
}
