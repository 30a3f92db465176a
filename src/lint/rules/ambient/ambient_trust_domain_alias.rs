use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::ztunnel;

pub(super) const RULE: Rule = Rule {
    code: Code("MS835"),
    name: "ambient-trust-domain-alias",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "An identity in a policy for pods of the ambient mesh that is written with an alias of the trust domain, or with `cluster.local` for it.",
    why: "ztunnel compares identities letter by letter: only Envoy takes an alias for the trust domain.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: corp.example
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [corp.example/ns/shop/sa/web]}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    trustDomain: corp.example
"
    ),
    specification: "Istio trust domain migration",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_mesh_configuration {
        return;
    }
    let settings = &view.mesh.settings;
    let own = &settings.trust_domain;
    for read in ztunnel::read(view) {
        for value in read.rules().flat_map(ztunnel::principals) {
            let Some((domain, rest)) = value.value.split_once('/') else { continue };
            let is_alias = settings.trust_domain_aliases.iter().any(|alias| alias == domain);
            if domain == own || !(is_alias || domain == "cluster.local") {
                continue;
            }
            let finding = RULE
                .at(value.span, format!("no caller is `{}` to ztunnel: the trust domain is `{own}`", value.value))
                .with_label("compared letter by letter")
                .with_help(format!("write `{own}/{rest}`, or `serviceAccounts`"));
            found.push(read.note(edited(finding, value, &format!("{own}/{rest}"))));
        }
    }
}

fn edited(finding: Finding, value: &Spanned<String>, text: &str) -> Finding {
    let is_plain = usize::try_from(value.span.length).is_ok_and(|length| length == value.value.len());
    let text = if is_plain { text.to_owned() } else { format!("\"{text}\"") };
    finding.with_edit(Safety::Unsafe, value.span, text)
}
