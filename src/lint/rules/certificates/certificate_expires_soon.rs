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
    code: Code("MS602"),
    name: "certificate-expires-soon",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A Secret whose certificate has less than a third of its lifetime left, at most 30 days (option `days`).",
    why: "By then it should have been renewed: what renews it is broken, or there is nothing that does.",
    example: served!(leaf_ending, intermediate),
    instead: served!(leaf, intermediate),
    specification: "RFC 5280 section 4.1.2.5",
    check: Check::Document(check),
};

const DAY: i64 = 24 * 60 * 60;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((part, _)) = view.secret().and_then(SecretData::served) else { return };
    let certificates = part.certificates();
    let Some(certificate) = certificates.first().filter(|certificate| certificate.is_valid_at(view.now)) else { return };
    let left = certificate.not_after().as_second() - view.now.as_second();
    let lifetime = certificate.not_after().as_second() - certificate.not_before().as_second();
    if left < (lifetime / 3).min(i64::from(view.options.certificate_days) * DAY) {
        let days = left / DAY;
        found.push(
            RULE.at(part.span, format!("{} expires in {days} days", named(part, 0, certificate)))
                .with_label(format!("at {}", certificate.not_after()))
                .with_help("renew it, and look at what should have done so"),
        );
    }
}
