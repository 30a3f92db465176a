use std::fmt::Write;

use proptest::prelude::*;

use crate::admission::Cause;
use crate::admission::judge;
use crate::diag::SourceId;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;

/// Answers of istiod's own webhook, and the objects they are about.
const BOUNDARIES: &str = include_str!("testdata/boundaries.txt");

const KINDS: &[(&str, &str)] = &[
    ("AuthorizationPolicy", "security.istio.io/v1"),
    ("RequestAuthentication", "security.istio.io/v1"),
    ("PeerAuthentication", "security.istio.io/v1"),
    ("DestinationRule", "networking.istio.io/v1"),
];

fn tree(text: &str) -> Option<Node> {
    yaml::documents(SourceId::default(), text).next().and_then(|parsed| parsed.root)
}

/// The text of an object on a line of the recorded answers.
fn object(kind: &str, rest: &str) -> String {
    let (name, version) = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).unwrap();
    if *name == kind {
        return format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {rest}\n");
    }
    format!("{{apiVersion: {version}, kind: {name}, {}", rest.strip_prefix('{').unwrap())
}

#[test]
fn objects_at_the_edges_are_judged_as_istiod_judges_them() {
    let mut wrong = String::new();
    let mut count = 0;
    for line in BOUNDARIES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (answer, kind, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let root = tree(&object(kind, rest)).unwrap();
        let verdict = judge(&root, "default").unwrap();
        let warnings = verdict.client_warnings().len().to_string();
        let ours = if verdict.is_accepted_by_istiod() { warnings } else { "refused".to_owned() };
        if ours != answer {
            writeln!(wrong, "{line}\n  ours: {ours} {:?}", verdict.istiod).unwrap();
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 500, "only {count} objects");
}

#[test]
fn a_mistake_is_named_and_pointed_at() {
    let (authorization, authentication) = ("AuthorizationPolicy", "RequestAuthentication");
    let (peer, destination) = ("PeerAuthentication", "DestinationRule");
    let mut wrong = String::new();
    for (kind, rest, cause, path, text) in [
        ("AUTHORIZATIONPOLICY", "{rules: [{}]}", Cause::UnknownTopLevelKey, "rules", "rules"),
        (
            authorization,
            "{rules: [{to: [{operation: {ports: [80]}}]}]}",
            Cause::WrongScalarType,
            "spec.rules[0].to[0].operation.ports[0]",
            "80",
        ),
        (authorization, "{rules: {}}", Cause::WrongScalarType, "spec.rules", "{}"),
        (authorization, "{action: deny}", Cause::EnumValue, "spec.action", "deny"),
        (
            "AUTHORIZATIONPOLICY",
            "{metadata: {annotations: {internal.istio.io/parents: x}}}",
            Cause::InternalAnnotation,
            "metadata.annotations[internal.istio.io/parents]",
            "x",
        ),
        (
            "PEERAUTHENTICATION",
            "{metadata: {annotations: {istio.io/dry-run: \"true\"}}}",
            Cause::DryRunOnOtherKind,
            "metadata.annotations[istio.io/dry-run]",
            "\"true\"",
        ),
        (
            "AUTHORIZATIONPOLICY",
            "{metadata: {annotations: {istio.io/dry-run: \"on\"}}}",
            Cause::DryRunValueInvalid,
            "metadata.annotations[istio.io/dry-run]",
            "\"on\"",
        ),
        (
            "AUTHORIZATIONPOLICY",
            "{metadata: {annotations: {istio.io/dry-run: x}}, spec: {action: AUDIT}}",
            Cause::DryRunActionUnsupported,
            "metadata.annotations[istio.io/dry-run]",
            "x",
        ),
        (
            authorization,
            "{selector: {}, targetRef: {kind: Service, name: a}}",
            Cause::SelectorAndTarget,
            "spec.targetRef",
            "{kind: Service, name: a}",
        ),
        (authorization, "{selector: {matchLabels: {\"\": a}}}", Cause::SelectorEmptyKey, "spec.selector.matchLabels[]", "a"),
        (
            authorization,
            "{selector: {matchLabels: {app: \"a*\"}}}",
            Cause::SelectorWildcard,
            "spec.selector.matchLabels[app]",
            "\"a*\"",
        ),
        (authorization, "{targetRefs: [{kind: Service}]}", Cause::TargetNameEmpty, "spec.targetRefs[0]", "{kind: Service}"),
        (
            authorization,
            "{targetRef: {kind: Service, name: a, namespace: b}}",
            Cause::TargetNamespaceSet,
            "spec.targetRef.namespace",
            "b",
        ),
        (authorization, "{targetRef: {kind: Pod, name: a}}", Cause::TargetKindNotAllowed, "spec.targetRef.kind", "Pod"),
        (authorization, "{action: DENY}", Cause::DenyWithoutRules, "spec.action", "DENY"),
        (authorization, "{action: CUSTOM}", Cause::CustomWithoutRules, "spec.action", "CUSTOM"),
        (authorization, "{action: CUSTOM, provider: {}, rules: [{}]}", Cause::CustomWithoutProvider, "spec.provider", "{}"),
        (authorization, "{provider: {name: a}}", Cause::ProviderWithoutCustom, "spec.provider", "{name: a}"),
        (
            authorization,
            "{action: CUSTOM, provider: {name: a}, rules: [{from: [{source: {principals: [b]}}]}]}",
            Cause::CustomUnsupportedSource,
            "spec.rules[0].from[0].source.principals",
            "[b]",
        ),
        (
            authorization,
            "{action: CUSTOM, provider: {name: a}, rules: [{when: [{key: source.principal, values: [b]}]}]}",
            Cause::CustomUnsupportedCondition,
            "spec.rules[0].when[0].key",
            "source.principal",
        ),
        (authorization, "{rules: [{from: [{}]}]}", Cause::SourceMissingOrEmpty, "spec.rules[0].from[0]", "{}"),
        (
            authorization,
            "{rules: [{to: [{operation: {}}]}]}",
            Cause::OperationMissingOrEmpty,
            "spec.rules[0].to[0].operation",
            "{}",
        ),
        (
            authorization,
            "{rules: [{from: [{source: {namespaces: [a, \"\"]}}]}]}",
            Cause::EmptyStringValue,
            "spec.rules[0].from[0].source.namespaces[1]",
            "\"\"",
        ),
        (
            authorization,
            "{rules: [{from: [{source: {serviceAccounts: [a], namespaces: [b]}}]}]}",
            Cause::ServiceAccountsMixed,
            "spec.rules[0].from[0].source.serviceAccounts",
            "[a]",
        ),
        (
            authorization,
            "{rules: [{from: [{source: {service_accounts: [a/b/c]}}]}]}",
            Cause::ServiceAccountMalformed,
            "spec.rules[0].from[0].source.service_accounts[0]",
            "a/b/c",
        ),
        (
            authorization,
            "{rules: [{from: [{source: {trustDomains: [a/b]}}]}]}",
            Cause::TrustDomainMalformed,
            "spec.rules[0].from[0].source.trustDomains[0]",
            "a/b",
        ),
        (
            authorization,
            "{rules: [{from: [{source: {ipBlocks: [a]}}]}]}",
            Cause::IpOrCidrInvalid,
            "spec.rules[0].from[0].source.ipBlocks[0]",
            "a",
        ),
        (
            authorization,
            "{rules: [{to: [{operation: {ports: [a]}}]}]}",
            Cause::PortInvalid,
            "spec.rules[0].to[0].operation.ports[0]",
            "a",
        ),
        (
            authorization,
            "{rules: [{to: [{operation: {paths: [\"/{a}\"]}}]}]}",
            Cause::PathTemplateInvalid,
            "spec.rules[0].to[0].operation.paths[0]",
            "\"/{a}\"",
        ),
        (authorization, "{rules: [{when: [{values: [a]}]}]}", Cause::ConditionKeyEmpty, "spec.rules[0].when[0]", "{values: [a]}"),
        (authorization, "{rules: [{when: [{key: a}]}]}", Cause::ConditionWithoutValues, "spec.rules[0].when[0].key", "a"),
        (
            authorization,
            "{rules: [{when: [{key: a, values: [b]}]}]}",
            Cause::ConditionKeyUnknown,
            "spec.rules[0].when[0].key",
            "a",
        ),
        (
            authorization,
            "{rules: [{when: [{key: destination.user, values: [b]}]}]}",
            Cause::ConditionKeyRemoved,
            "spec.rules[0].when[0].key",
            "destination.user",
        ),
        (
            authorization,
            "{rules: [{when: [{key: request.headers, values: [b]}]}]}",
            Cause::ConditionKeyBracket,
            "spec.rules[0].when[0].key",
            "request.headers",
        ),
        (
            authorization,
            "{rules: [{when: [{key: source.ip, notValues: [b]}]}]}",
            Cause::ConditionValueInvalid,
            "spec.rules[0].when[0].notValues[0]",
            "b",
        ),
        (peer, "{portLevelMtls: {80: {}}}", Cause::PortModesWithoutSelector, "spec.portLevelMtls", "{80: {}}"),
        (peer, "{portLevelMtls: {}}", Cause::PortModesEmpty, "spec.portLevelMtls", "{}"),
        (
            peer,
            "{selector: {matchLabels: {a: b}}, portLevelMtls: {0: {mode: STRICT}}}",
            Cause::PortModeRange,
            "spec.portLevelMtls[0]",
            "{mode: STRICT}",
        ),
        (peer, "{portLevelMtls: {http: {}}}", Cause::PortModeKeyNotNumber, "spec.portLevelMtls[http]", "{}"),
        (authentication, "{jwtRules: [{jwks: \"{}\"}]}", Cause::NoIssuerAndNoUri, "spec.jwtRules[0]", "{jwks: \"{}\"}"),
        (authentication, "{jwtRules: [{jwksUri: a}]}", Cause::JwksUriScheme, "spec.jwtRules[0].jwksUri", "a"),
        (
            authentication,
            "{jwtRules: [{jwksUri: \"http://a:b\"}]}",
            Cause::JwksUriMalformed,
            "spec.jwtRules[0].jwksUri",
            "\"http://a:b\"",
        ),
        (authentication, "{jwtRules: [{issuer: a, jwks: b}]}", Cause::JwksInvalid, "spec.jwtRules[0].jwks", "b"),
        (
            authentication,
            "{jwtRules: [{issuer: a, audiences: [\"\"]}]}",
            Cause::AudienceEmpty,
            "spec.jwtRules[0].audiences[0]",
            "\"\"",
        ),
        (
            authentication,
            "{jwtRules: [{issuer: a, fromHeaders: [{}]}]}",
            Cause::HeaderLocationNameEmpty,
            "spec.jwtRules[0].fromHeaders[0]",
            "{}",
        ),
        (
            authentication,
            "{jwtRules: [{issuer: a, fromCookies: [\"\"]}]}",
            Cause::LocationEmpty,
            "spec.jwtRules[0].fromCookies[0]",
            "\"\"",
        ),
        (
            authentication,
            "{jwtRules: [{issuer: a, outputClaimToHeaders: [{header: \"a b\", claim: c}]}]}",
            Cause::OutputClaimInvalid,
            "spec.jwtRules[0].outputClaimToHeaders[0].header",
            "\"a b\"",
        ),
        (authentication, "{jwtRules: [{issuer: a, timeout: 0s}]}", Cause::TimeoutInvalid, "spec.jwtRules[0].timeout", "0s"),
        (authentication, "{jwtRules: [{issuer: a, timeout: 5x}]}", Cause::TimeoutInvalid, "spec.jwtRules[0].timeout", "5x"),
        (destination, "{host: a_b}", Cause::DestinationHostInvalid, "spec.host", "a_b"),
        (destination, "{host: a, subsets: [{name: b}, {name: b}]}", Cause::SubsetInvalid, "spec.subsets[1].name", "b"),
        (destination, "{host: a, exportTo: [b, \"*\"]}", Cause::ExportInvalid, "spec.exportTo[1]", "\"*\""),
        (destination, "{host: a, trafficPolicy: {}}", Cause::TrafficPolicyEmpty, "spec.trafficPolicy", "{}"),
        (
            destination,
            "{host: a, trafficPolicy: {tls: {mode: MUTUAL}}}",
            Cause::ClientMutualIncomplete,
            "spec.trafficPolicy.tls",
            "{mode: MUTUAL}",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {tls: {mode: SIMPLE, credentialName: b, caCrl: c}}}",
            Cause::ClientCredentialConflict,
            "spec.trafficPolicy.tls.caCrl",
            "c",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [b]}}}",
            Cause::SkipVerifyConflict,
            "spec.trafficPolicy.tls.subjectAltNames",
            "[b]",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {tls: {credentialName: \"configmap://b/c\"}}}",
            Cause::ConfigmapCredential,
            "spec.trafficPolicy.tls.credentialName",
            "\"configmap://b/c\"",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}}}",
            Cause::ConnectionPoolInvalid,
            "spec.trafficPolicy.connectionPool.tcp.maxConnections",
            "-1",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {outlierDetection: {interval: 1}}}",
            Cause::WrongScalarType,
            "spec.trafficPolicy.outlierDetection.interval",
            "1",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {outlierDetection: {interval: 1ns}}}",
            Cause::OutlierDetectionInvalid,
            "spec.trafficPolicy.outlierDetection.interval",
            "1ns",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {loadBalancer: {warmup: {}}}}",
            Cause::LoadBalancerInvalid,
            "spec.trafficPolicy.loadBalancer.warmup",
            "{}",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {tunnel: {targetHost: b, targetPort: 0}}}",
            Cause::TunnelInvalid,
            "spec.trafficPolicy.tunnel.targetPort",
            "0",
        ),
        (
            destination,
            "{host: a, trafficPolicy: {proxyProtocol: {version: 5}}}",
            Cause::ProxyProtocolInvalid,
            "spec.trafficPolicy.proxyProtocol.version",
            "5",
        ),
    ] {
        let source = object(kind, rest);
        let verdict = judge(&tree(&source).unwrap(), "default").unwrap();
        let found: Vec<_> = verdict
            .istiod
            .iter()
            .map(|refusal| {
                let start = usize::try_from(refusal.span.offset).unwrap();
                let end = start + usize::try_from(refusal.span.length).unwrap();
                (refusal.cause, refusal.path.as_str(), source.get(start..end).unwrap_or_default())
            })
            .collect();
        if !found.contains(&(cause, path, text)) {
            writeln!(wrong, "{kind} {rest}\n  wanted: {:?}\n  ours: {found:?}", (cause, path, text)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_mistake_is_reported() {
    let text =
        object("AuthorizationPolicy", "{action: DENY, provider: {}, rules: [{from: [{source: {ipBlocks: [a, b]}}], to: [{}]}]}");
    let verdict = judge(&tree(&text).unwrap(), "default").unwrap();
    let causes: Vec<_> = verdict.istiod.iter().map(|refusal| refusal.cause).collect();
    let expected = [Cause::ProviderWithoutCustom, Cause::IpOrCidrInvalid, Cause::IpOrCidrInvalid, Cause::OperationMissingOrEmpty];
    assert_eq!(causes, expected);
    let text = object("AuthorizationPolicy", "{action: deny, rules: [{from: 5, to: [{operation: {ports: [80, bad]}}]}]}");
    let verdict = judge(&tree(&text).unwrap(), "default").unwrap();
    let paths: Vec<_> = verdict.istiod.iter().map(|refusal| refusal.path.as_str()).collect();
    assert_eq!(paths, ["spec.rules[0].from", "spec.rules[0].to[0].operation.ports[0]", "spec.action"]);
}

/// Any tree, with names and words that mean something more often than chance has it.
fn any_value() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = include_str!("testdata/boundaries.txt")
        .split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '/' | '-' | '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let scalar = prop_oneof![
        4 => prop::sample::select(words.clone()).prop_map(|word| format!("{word:?}")),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| format!("{number:?}")),
        1 => Just("null".to_owned()),
        1 => Just("true".to_owned()),
        2 => "[ -~\u{e9}]{0,12}".prop_map(|text| format!("{:?}", text.replace('\u{7f}', ""))),
    ];
    scalar.prop_recursive(6, 64, 5, move |inner| {
        let key = prop::sample::select(words.clone());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{key:?}: {value}")).collect();
                format!("{{{}}}", fields.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_tree_is_too_strange(value in any_value(), metadata in any_value(), kind in 0_usize..4) {
        let (kind, version) = KINDS[kind];
        let text = format!("{{apiVersion: {version}, kind: {kind}, metadata: {metadata}, spec: {value}}}");
        if let Some(root) = tree(&text) {
            for refusal in judge(&root, "default").unwrap().istiod {
                prop_assert!(!refusal.message.is_empty() && !refusal.path.is_empty(), "{refusal:?}");
                prop_assert!(!refusal.message.ends_with('.'), "{refusal:?}");
            }
        }
    }
}
