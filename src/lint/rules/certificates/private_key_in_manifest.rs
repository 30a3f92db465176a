use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::Form;
use crate::lint::secrets::State;
use crate::lint::secrets::is_in_the_clear;
use crate::pki::container::KeyState;

pub(super) const RULE: Rule = Rule {
    code: Code("MS618"),
    name: "private-key-in-manifest",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A Secret or ConfigMap that holds a private key in the clear: PEM, DER or a JSON Web Key.",
    why: "It is in version control, with everyone who ever had a copy; a key that was committed once is no secret any more.",
    example: concat!(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: shop-tls, namespace: edge}\ntype: kubernetes.io/tls\nstringData:\n  tls.key: |\n",
        pem!(leaf_key),
        "  tls.crt: |\n",
        pem!(leaf),
        pem!(intermediate)
    ),
    instead: served!(leaf, intermediate),
    specification: "OWASP Secrets Management Cheat Sheet",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    for part in &secret.parts {
        let kind = match part.keys().find(|key| is_in_the_clear(key)).map(|key| &key.state) {
            Some(KeyState::Read(public)) => public.to_string(),
            Some(KeyState::Encrypted | KeyState::Redacted | KeyState::Unreadable(_)) => String::new(),
            None if part.state == State::Bytes(Form::PrivateJwk) => "a JSON Web Key".to_owned(),
            None => continue,
        };
        let place = if secret.is_secret { "Secret" } else { "ConfigMap" };
        found.push(
            RULE.at(part.span, format!("`{}` of this {place} is a private key in the clear", part.name))
                .with_label(kind)
                .with_help("replace the key, and keep the new one in a SealedSecret, an ExternalSecret or encrypted with SOPS"),
        );
    }
}
