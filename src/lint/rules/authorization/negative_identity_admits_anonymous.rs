use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_identity;
use crate::lint::rules::authorization::mutual_tls;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Object;
use crate::policy;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Test;

pub(super) const RULE: Rule = Rule {
    code: Code("MS140"),
    name: "negative-identity-admits-anonymous",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "An ALLOW rule that says of its callers only who they are not.",
    why: "A caller without a certificate, or without a token, is none of those named, and is let in.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {notPrincipals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.notPrincipals",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    for (policy, lowered) in lowered_in_force(view, Action::Allow) {
        let rules = lowered.engines.rules().flat_map(|rule| rule.from.iter().map(move |from| (rule, from)));
        for (rule, from) in rules {
            let Some(not) = only_negative(from) else { continue };
            let Some((_, value)) = not.not_values.first().map(|value| (not, value)) else { continue };
            let who = if is_identity(&not.attribute) { "without a certificate" } else { "without a token" };
            let finding = RULE
                .at(value.written.span, format!("a caller {who} is let in"))
                .with_label("it is none of these")
                .with_help(if is_identity(&not.attribute) {
                    "say who may call, at least `principals: [\"*\"]`, or write the exception as a DENY"
                } else {
                    "say whose tokens are wanted, at least `requestPrincipals: [\"*\"]`, or write the exception as a DENY"
                });
            found.extend(judged(view, policy, (rule, from, not), finding, &mut witnesses));
        }
    }
}

/// The finding as far as the workloads and their modes let it stand.
fn judged(
    view: &MeshView<'_>,
    policy: &Object<AuthorizationPolicy>,
    (rule, from, not): (&EngineRule, &Entry, &Test),
    finding: Finding,
    witnesses: &mut Witnesses<'_>,
) -> Option<Finding> {
    let needs_plaintext = is_identity(&not.attribute);
    let workloads = view.workloads_of(policy);
    if workloads.is_empty() {
        let mode = view.mesh.service_level_mode(&policy.id.namespace);
        if !needs_plaintext {
            return Some(finding.likely());
        }
        return mutual_tls::is_permissive(&mode).then(|| mutual_tls::resting_on(finding, view, &mode));
    }
    let to = rule.to.first()?;
    let caller = if needs_plaintext { Caller::Anonymous } else { Caller::Identified };
    for workload in workloads.into_iter().take(5) {
        let Some(request) = sample::request(view, workload, caller, from, to) else { continue };
        let Some(witness) = witnesses.ask(&request) else { continue };
        if witness.is_allowed() {
            let mode = view.mesh.server_mode(workload, request.port);
            // Another rule may let the same caller in, and then shows nothing of this one.
            let is_shown = witness.is_settled_by(&policy.id.namespace, &policy.id.name, rule.rule);
            let finding = if is_shown { finding.with_witness(witness.scenario) } else { finding };
            return Some(if needs_plaintext { mutual_tls::resting_on(finding, view, &mode) } else { finding });
        }
    }
    None
}

/// The test of an entry that says who the caller is not, when nothing says who it is.
fn only_negative(from: &Entry) -> Option<&Test> {
    let tells_who = |test: &Test| {
        is_identity(&test.attribute)
            || matches!(
                test.attribute,
                policy::Attribute::RequestPrincipal
                    | policy::Attribute::Audiences
                    | policy::Attribute::Presenter
                    | policy::Attribute::Claim(_)
            )
    };
    if from.tests.iter().any(|test| tells_who(test) && !test.values.is_empty()) {
        return None;
    }
    from.tests.iter().find(|test| tells_who(test) && !test.not_values.is_empty() && !matches!(test.attribute, policy::Attribute::Claim(_)))
}
