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

pub(super) const RULE: Rule = Rule {
    code: Code("MS601"),
    name: "certificate-expired",
    severity: Severity::Error,
    peers: &["IST0161"],
    needs: Needs::Document,
    finds: "A Secret whose certificate is not valid at this time.",
    why: "Clients refuse it at once, and the listener goes on serving it.",
    example: served!(leaf_expired, intermediate),
    instead: served!(leaf, intermediate),
    specification: "RFC 5280 section 4.1.2.5",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((part, _)) = view.secret().and_then(SecretData::served) else { return };
    let certificates = part.certificates();
    let Some(certificate) = certificates.first() else { return };
    let name = named(part, 0, certificate);
    if certificate.not_after() < view.now {
        found.push(
            RULE.at(part.span, format!("{name} expired at {}", certificate.not_after()))
                .with_help("renew it, and find out why it was not renewed"),
        );
    } else if certificate.not_before() > view.now {
        found.push(
            RULE.at(part.span, format!("{name} is not valid before {}", certificate.not_before()))
                .with_help("wait with it, or issue it with an earlier beginning"),
        );
    }
}
