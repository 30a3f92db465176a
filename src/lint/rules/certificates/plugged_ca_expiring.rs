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
    code: Code("MS615"),
    name: "plugged-ca-expiring",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An authority of the mesh that ends within a year (option `days`), or within the last third of a shorter life.",
    why: "A new root has to be trusted everywhere before the first certificate below it is used, and that takes time.",
    example: plugged!(intermediate_ending, [intermediate_ending], [root]),
    instead: plugged!(intermediate, [intermediate], [root]),
    specification: "Istio, plug in CA certificates",
    check: Check::Document(check),
};

const DAY: i64 = 24 * 60 * 60;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let signer = secret.signer().map(|(part, certificate)| (part, 0, certificate));
    let roots = secret.roots().into_iter().flat_map(|part| {
        part.certificates().into_iter().enumerate().map(move |(index, certificate)| (part, index, certificate))
    });
    let mut told = Vec::new();
    for (part, index, certificate) in signer.into_iter().chain(roots) {
        let left = certificate.not_after().as_second() - view.now.as_second();
        let lifetime = certificate.not_after().as_second() - certificate.not_before().as_second();
        if !certificate.is_valid_at(view.now) || left >= (lifetime / 3).min(i64::from(view.options.authority_days) * DAY) || told.contains(&certificate) {
            continue;
        }
        told.push(certificate);
        let days = left / DAY;
        found.push(
            RULE.at(part.span, format!("{} ends in {days} days", named(part, index, certificate)))
                .with_label(format!("at {}", certificate.not_after()))
                .with_help("add the new root to the roots first, and sign with it once every workload trusts it"),
        );
    }
}
