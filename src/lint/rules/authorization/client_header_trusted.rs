use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_open;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::policy;
use crate::policy::Entry;
use crate::policy::Test;

pub(super) const RULE: Rule = Rule {
    code: Code("MS179"),
    name: "client-header-trusted",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "An ALLOW that only a request header grants.",
    why: "Any caller inside the mesh can send the header. Only headers that the proxy itself writes from a verified token can be trusted.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{when: [{key: "request.headers[x-user-role]", values: [admin]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[x-user-role]", values: [admin]}]}]}
"#,
    specification: "AuthorizationPolicy conditions, request.headers",
    check: Check::Mesh(check),
};

/// Headers about the form of a message, or that have a rule of their own.
const NO_GRANTS: &[&str] = &[
    "host",
    "authorization",
    "cookie",
    "proxy-authorization",
    "user-agent",
    "upgrade",
    "connection",
    "te",
    "x-forwarded-for",
    "x-real-ip",
    "x-forwarded-client-cert",
    "forwarded",
    "x-envoy-external-address",
    "true-client-ip",
    "origin",
    "referer",
];

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    // What a proxy writes from a verified token is another rule's matter where others can write it too.
    let mut written: BTreeSet<String> = BTreeSet::new();
    for authentication in &view.mesh.request_authentications {
        for rule in &authentication.spec.jwt_rules {
            let headers = rule.output_claim_to_headers.iter().map(|output| &output.header).chain(&rule.output_payload_to_header);
            written.extend(headers.map(|header| header.value.to_ascii_lowercase()));
        }
    }
    for (policy, lowered) in lowered_in_force(view, Action::Allow) {
        for rule in lowered.engines.rules() {
            for from in &rule.from {
                let Some((name, value)) = granting_header(from) else { continue };
                let lower = name.to_ascii_lowercase();
                let is_about_form = ["accept", "content-", ":"].iter().any(|start| lower.starts_with(start));
                if is_about_form || NO_GRANTS.contains(&lower.as_str()) || written.contains(&lower) {
                    continue;
                }
                let finding = RULE
                    .at(value.written.span, format!("whoever sends `{name}: {}` is let in", value.written.value))
                    .with_label("the caller writes this header")
                    .with_help("match a claim of a verified token instead, or also require the gateway's principal");
                let shown = rule.to.first().and_then(|to| {
                    let workload = view.workloads_of(policy).into_iter().next()?;
                    [Caller::Anonymous, Caller::Identified].into_iter().find_map(|caller| {
                        let request = sample::request(view, workload, caller, from, to)?;
                        witnesses.ask(&request).filter(Witness::is_allowed)
                    })
                });
                found.push(match shown {
                    Some(witness) => finding.with_witness(witness.scenario),
                    None => finding.likely(),
                });
            }
        }
    }
}

/// The header an entry asks for, when it asks for nothing that a caller cannot choose.
fn granting_header(from: &Entry) -> Option<(&str, &policy::Value)> {
    let is_hard = |test: &Test| {
        let is_header = matches!(test.attribute, policy::Attribute::Header(_));
        !is_header && !test.values.is_empty() && !is_open(test)
    };
    if from.tests.iter().any(is_hard) {
        return None;
    }
    from.tests.iter().find_map(|test| {
        let policy::Attribute::Header(name) = &test.attribute else { return None };
        Some((name.as_str(), test.values.first()?))
    })
}
