use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::istio_version;
use crate::lint::tree::items_at;
use crate::manifest::Body;

pub(super) const RULE: Rule = Rule {
    code: Code("MS359"),
    name: "jwks-fallback-key-version",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "An istiod of the versions 1.29.0, 1.28.0 to 1.28.4 or 1.27.0 to 1.27.7.",
    why: "When these versions cannot fetch a key set they verify tokens with a key whose private half is known (CVE-2026-31837). It matters wherever a RequestAuthentication has a `jwksUri` or discovers its keys.",
    example: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.28.2", env: [{name: BLOCKED_CIDRS_IN_JWKS_URIS, value: "10.0.0.0/8"}]}]}
"#,
    instead: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.30.1", env: [{name: BLOCKED_CIDRS_IN_JWKS_URIS, value: "10.0.0.0/8"}]}]}
"#,
    specification: "CVE-2026-31837; security bulletins of Istio",
    check: Check::Document(check),
};

/// Minor version and the last patch that has the mistake.
const AFFECTED: &[(u32, u32)] = &[(29, 0), (28, 4), (27, 7)];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(Body::Istiod(_)) = view.document.map(|document| &document.body) else { return };
    for container in items_at(view.node, &["spec", "template", "spec", "containers"]) {
        let Some(image) = container.get("image") else { continue };
        let Some((name, version)) = image.as_str().and_then(|text| text.split('@').next()?.rsplit_once(':')) else { continue };
        if !name.ends_with("pilot") && !name.contains("istiod") {
            continue;
        }
        let Some((minor, patch)) = istio_version::parse(version) else { continue };
        let Some((_, last)) = AFFECTED.iter().find(|(affected, last)| *affected == minor && patch <= *last) else { continue };
        found.push(
            RULE.at(image.span, format!("istiod {version} verifies tokens with a known key when it cannot fetch the right ones"))
                .with_label("CVE-2026-31837")
                .with_help(format!("upgrade to 1.{minor}.{} or later", last + 1)),
        );
    }
}
