use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::lint::istio_version;
use crate::lint::istio_version::Version;
use crate::lint::rules::refuses;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS526"),
    name: "known-vulnerable-feature",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A policy that does not mean what it says on the istiod that is given, because of a published mistake of its version.",
    why: "The mistake is public, with how to use it. The version is that of istiod's image, or `istio-version` of `[mesh]`.",
    example: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.29.1"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {serviceAccounts: [edge/cert.manager]}}]}]}
"#,
    instead: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.29.2"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {serviceAccounts: [edge/cert.manager]}}]}]}
"#,
    specification: "CVE-2026-39350, CVE-2026-31838; security bulletins of Istio",
    check: Check::Mesh(check),
};

/// A published mistake.
struct Advisory {
    name: &'static str,
    /// First version, and the version without it, for every line that was repaired.
    versions: &'static [(Version, Version)],
    /// What in a list of values the mistake is about.
    concerns: fn(Action, &ValueList<'_>) -> Option<Span>,
    effect: &'static str,
}

const ADVISORIES: &[Advisory] = &[
    Advisory {
        name: "CVE-2026-39350",
        versions: &[((25, 0), (27, 9)), ((28, 0), (28, 6)), ((29, 0), (29, 2))],
        concerns: |_, list| {
            let has_dot = |value: &str| value.contains('.');
            (list.attribute == Attribute::ServiceAccounts)
                .then(|| list.values.iter().find(|value| has_dot(value.as_str())).map(|value| value.span))
                .flatten()
        },
        effect: "a dot in a service account stands for any character",
    },
    Advisory {
        name: "CVE-2026-31838",
        versions: &[((0, 0), (27, 8)), ((28, 0), (28, 5)), ((29, 0), (29, 1))],
        concerns: |action, list| {
            let is_header = matches!(list.attribute, Attribute::Header(_)) && refuses(action, list);
            list.values.first().filter(|_| is_header).map(|value| value.span)
        },
        effect: "a header that is sent twice gets past the rule",
    },
];

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let Some((version, written)) = istio_version::of(view) else { return };
    let affected = ADVISORIES.iter().filter_map(|advisory| {
        let (_, repaired) = advisory.versions.iter().find(|(first, repaired)| (first..repaired).contains(&&version))?;
        Some((advisory, *repaired))
    });
    let affected: Vec<(&Advisory, Version)> = affected.collect();
    if affected.is_empty() {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec) {
            for (advisory, (minor, patch)) in &affected {
                let Some(span) = (advisory.concerns)(policy.spec.action.value, &list) else { continue };
                let finding = RULE
                    .at(span, format!("in istiod {}, {}", written.value, advisory.effect))
                    .with_label(advisory.name)
                    .with_help(format!("upgrade to 1.{minor}.{patch} or later"));
                let is_written = view.mesh.settings.istio_version.is_some();
                found.push(if is_written { finding.with_secondary(written.span, "the version") } else { finding });
            }
        }
    }
}
