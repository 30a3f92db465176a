use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::chain;
use crate::lint::rules::certificates::examples::plugged;
use crate::lint::secrets::Part;
use crate::lint::secrets::named;
use crate::pki::istiod::Layout;

pub(super) const RULE: Rule = Rule {
    code: Code("MS614"),
    name: "plugged-ca-chain-broken",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A signing certificate of the mesh that does not lead through `cert-chain.pem` to `root-cert.pem`, is not in the chain, or has another key.",
    why: "istiod does not start, or no peer accepts what it signs from the next certificate on.",
    example: plugged!(intermediate, [intermediate], [other_root]),
    instead: plugged!(intermediate, [intermediate], [root]),
    specification: "Istio, plug in CA certificates",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let (Some(layout), Some((part, signer))) = (secret.layout(), secret.signer()) else { return };
    let name = named(part, 0, signer);
    if let Some(key_part) = secret.part(layout.key().name())
        && let Some(key) = key_part.keys().next()
        && key.belongs_to(signer) == Some(false)
    {
        found.push(
            RULE.at(key_part.span, format!("`{}` is not the key of {name}", key_part.name))
                .with_secondary(part.span, "the certificate")
                .with_help("replace both together"),
        );
    }
    let is_given = |part: Option<&Part<'_>>| part.is_some_and(|part| !part.certificates().is_empty());
    let chain = layout.chain().first().and_then(|file| secret.part(file.name()));
    if !is_given(secret.roots()) || !is_given(chain) {
        return;
    }
    if let Err(last) = chain::path(secret, signer) {
        let roots = layout.roots().name();
        found.push(
            RULE.at(part.span, format!("{name} does not lead to a certificate in `{roots}`"))
                .with_label(format!("nothing here signed `{}`: its issuer is `{}`", last.subject(), last.issuer()))
                .with_help(format!("put the issuer into `{roots}` when it is a root, into the chain when it is not")),
        );
    }
    if let Some(chain) = chain.filter(|chain| layout == Layout::Istio && !chain.certificates().contains(&signer)) {
        // A root sends nothing but what it signs.
        if !secret.roots().is_some_and(|roots| roots.certificates().contains(&signer)) {
            found.push(
                RULE.at(chain.span, format!("`{}` does not hold {name}", chain.name))
                    .with_help("begin it with the signing certificate: peers need it to reach the root"),
            );
        }
    }
}
