use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::SecretData;
use crate::lint::secrets::named;
use crate::pki::container::KeyState;

pub(super) const RULE: Rule = Rule {
    code: Code("MS603"),
    name: "key-does-not-match",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A Secret whose private key is not that of its certificate.",
    why: "Envoy refuses the Secret: the listener keeps the certificate it had, or has none.",
    example: concat!(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: shop-tls, namespace: edge}\ntype: kubernetes.io/tls\nstringData:\n  tls.key: |\n",
        pem!(other_key),
        "  tls.crt: |\n",
        pem!(leaf),
        pem!(intermediate)
    ),
    instead: served!(leaf, intermediate),
    specification: "RFC 8446 section 4.4.3",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some((part, Some(key_part))) = view.secret().and_then(SecretData::served) else { return };
    let Some(key) = key_part.keys().next() else { return };
    let certificates = part.certificates();
    let Some(first) = certificates.first().filter(|first| key.belongs_to(first) == Some(false)) else { return };
    // The key of another one: the order is the mistake.
    if certificates.iter().any(|certificate| key.belongs_to(certificate) == Some(true)) {
        return;
    }
    let kind = match &key.state {
        KeyState::Read(public) if public.to_string() != first.public_key().to_string() => {
            format!(": one is {public}, the other {}", first.public_key())
        }
        KeyState::Read(_) | KeyState::Encrypted | KeyState::Redacted | KeyState::Unreadable(_) => String::new(),
    };
    found.push(
        RULE.at(key_part.span, format!("`{}` is not the key of {}{kind}", key_part.name, named(part, 0, first)))
            .with_secondary(part.span, "the certificate")
            .with_help("replace both together"),
    );
}
