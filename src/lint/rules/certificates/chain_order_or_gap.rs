use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::Part;
use crate::lint::secrets::SecretData;
use crate::lint::secrets::named;
use crate::pki::Certificate;
use crate::pki::container::FoundKey;
use crate::pki::svid::check_authorities;

pub(super) const RULE: Rule = Rule {
    code: Code("MS604"),
    name: "chain-order-or-gap",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A Secret whose certificates do not follow one another from the server to its authorities.",
    why: "Strict clients, Envoy among them, fail, while browsers repair the chain.",
    example: served!(intermediate, leaf),
    instead: served!(leaf, intermediate),
    specification: "RFC 8446 section 4.4.2",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((part, key_part)) = view.secret().and_then(SecretData::served) else { return };
    let certificates = part.certificates();
    if let Some(headline) = mistake(part, &certificates, key_part.and_then(|part| part.keys().next())) {
        found.push(
            RULE.at(part.span, headline).with_help("put the server's certificate first, then each time the one that signed it"),
        );
    }
}

fn mistake(part: &Part<'_>, certificates: &[&Certificate], key: Option<&FoundKey>) -> Option<String> {
    let (first, rest) = certificates.split_first()?;
    let is_owner = |certificate: &Certificate| key.and_then(|key| key.belongs_to(certificate)) == Some(true);
    let owner = rest.iter().position(|other| is_owner(other) && !is_owner(first));
    let leaf = rest.iter().position(|other| first.is_ca() && !other.is_ca() && !other.is_self_issued());
    if let Some(position) = owner.or(leaf) {
        return Some(format!("the server's own certificate stands at place {} of `{}`", position + 2, part.name));
    }
    for (index, pair) in certificates.windows(2).enumerate() {
        let [certificate, next] = pair else { continue };
        let name = named(part, index, certificate);
        if certificate.issuer_der() == next.subject_der() {
            if !certificate.is_signed_by(next) && is_strong(certificate) {
                return Some(format!("{name} was not signed by the key of what follows, although the names fit"));
            }
            continue;
        }
        let next_name = next.subject();
        if certificate.is_self_issued() {
            return Some(format!("{name} signed itself, and `{next_name}` follows"));
        }
        let issuer = certificates.iter().skip(index + 2).any(|other| certificate.issuer_der() == other.subject_der());
        return Some(if issuer {
            format!("{name} was signed by `{}`, which stands further below", certificate.issuer())
        } else {
            format!("{name} was signed by `{}`, and `{next_name}` follows", certificate.issuer())
        });
    }
    None
}

/// Whether a signature is of a kind that is looked at; others are another finding.
fn is_strong(certificate: &Certificate) -> bool {
    let problems = check_authorities(std::slice::from_ref(certificate), false, certificate.not_after());
    problems.iter().all(|problem| problem.check.name != "weak-signature")
}
