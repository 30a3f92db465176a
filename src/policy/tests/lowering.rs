use serde_json::Value;
use serde_json::json;

use crate::manifest::kinds::ExtensionProviderKind;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::ServiceKind;
use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::Lowered;
use crate::policy::NoteKind;
use crate::policy::Outcome;
use crate::policy::Pattern;
use crate::policy::TextPattern;
use crate::policy::lower;
use crate::policy::tests::facts::Request;
use crate::policy::tests::facts::evaluate;
use crate::policy::tests::notation::grpc;
use crate::policy::tests::notation::http;
use crate::policy::tests::notation::mesh;
use crate::policy::tests::notation::provider;
use crate::policy::tests::notation::service;
use crate::policy::tests::notation::workload;
use crate::policy::tests::notation::yaml;

fn lower_in(mesh: &Mesh, chain: ChainKind) -> Lowered {
    lower(mesh, &workload(Proxy::Sidecar, None), chain)
}

fn lowered(policies: &str, chain: ChainKind) -> Lowered {
    lower_in(&mesh(&yaml(policies), &[]), chain)
}

fn names(engine: &Engine) -> Vec<&str> {
    engine.rules.iter().map(|rule| rule.name.as_str()).collect()
}

fn kinds(lowered: &Lowered) -> Vec<NoteKind> {
    lowered.notes.iter().map(|note| note.kind).collect()
}

#[test]
fn rules_stand_in_byte_order_of_their_names() {
    let rules: Vec<Value> = (0..12).map(|_| json!({})).collect();
    let engines = lower_in(&mesh(&json!([{"action": "DENY", "rules": rules}]), &[]), ChainKind::Http).engines;
    let deny = engines.deny.unwrap();
    assert_eq!(
        names(&deny)[..4],
        [
            "ns[foo]-policy[p0]-rule[0]",
            "ns[foo]-policy[p0]-rule[10]",
            "ns[foo]-policy[p0]-rule[11]",
            "ns[foo]-policy[p0]-rule[1]"
        ]
    );
    assert_eq!(deny.rules[1].rule, 10);
}

#[test]
fn the_reported_rule_is_the_first_by_name() {
    let rules: Vec<Value> = (0..11)
        .map(|number| if number == 2 || number == 10 { json!({}) } else { json!({"to": [{"methods": ["NO"]}]}) })
        .collect();
    let engines = lower_in(&mesh(&json!([{"action": "DENY", "rules": rules}]), &[]), ChainKind::Http).engines;
    let deny = engines.deny.unwrap();
    let Outcome::Match { rule } = evaluate(&deny, &Request::plain()) else { panic!() };
    assert_eq!(deny.rules[rule].rule, 10);
}

#[test]
fn a_policy_without_rules_is_one_rule_that_never_matches() {
    let allow = lowered("[{}]", ChainKind::Http).engines.allow.unwrap();
    assert_eq!(names(&allow), ["ns[foo]-policy[p0]-rule[0]"]);
    assert!(allow.rules[0].from.is_empty() && allow.rules[0].to.is_empty());
    assert_eq!(evaluate(&allow, &Request::plain()), Outcome::NoMatch);
    // A null rule is something else: an empty rule, which matches everything.
    let nulls = lowered("[{rules: [null]}]", ChainKind::Http);
    assert!(matches!(evaluate(nulls.engines.allow.as_ref().unwrap(), &Request::plain()), Outcome::Match { .. }));
    assert_eq!(kinds(&nulls), [NoteKind::NullRule]);
}

#[test]
fn tests_stand_in_the_order_of_istiod() {
    let policy = r#"[{rules: [{
        from: [{ipBlocks: [10.0.0.1], remoteIpBlocks: [10.0.0.2], namespaces: [a], trustDomains: [t], serviceAccounts: [s], requestPrincipals: [i/s], principals: [p]}],
        to: [{ports: ["80"], paths: [/a], methods: [GET], hosts: [h]}],
        when: [{key: destination.ip, values: [10.0.0.3]}, {key: "request.headers[x]", values: [v]}, {key: connection.sni, values: [s]},
               {key: source.ip, values: [10.0.0.4]}, {key: "experimental.envoy.filters.f[k]", values: [v]}]}]}]"#;
    let allow = lowered(policy, ChainKind::Http).engines.allow.unwrap();
    let fields =
        |entries: &[crate::policy::Entry]| -> Vec<String> { entries[0].tests.iter().map(|test| test.field.clone()).collect() };
    assert_eq!(
        fields(&allow.rules[0].from),
        [
            "principals",
            "requestPrincipals",
            "serviceAccounts",
            "trustDomains",
            "namespaces",
            "remoteIpBlocks",
            "ipBlocks",
            "request.headers[x]",
            "source.ip"
        ]
    );
    assert_eq!(
        fields(&allow.rules[0].to),
        ["hosts", "methods", "paths", "ports", "destination.ip", "connection.sni", "experimental.envoy.filters.f[k]"]
    );
    assert_eq!(allow.rules[0].from[0].tests[7].attribute, Attribute::Header("x".to_owned()));
}

fn principals(policy: &str, trust_domains: &[&str]) -> Vec<String> {
    let trust_domains: Vec<String> = trust_domains.iter().map(|&domain| domain.to_owned()).collect();
    let allow = lower_in(&mesh(&yaml(policy), &trust_domains), ChainKind::Http).engines.allow.unwrap();
    let values = &allow.rules[0].from[0].tests[0].values;
    values
        .iter()
        .map(|value| match &value.pattern {
            Pattern::Text(text) => text.to_string(),
            Pattern::TrustDomainGlob(text) => text.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_condition_is_migrated_once_for_every_source() {
    let one = "[{rules: [{when: [{key: source.principal, values: [td1/ns/a/sa/b]}]}]}]";
    assert_eq!(principals(one, &["td1", "td2"]), ["td1/ns/a/sa/b", "td2/ns/a/sa/b"]);
    let two = "[{rules: [{from: [{}, {}], when: [{key: source.principal, values: [td1/ns/a/sa/b]}]}]}]";
    assert_eq!(principals(two, &["td1", "td2"]), ["td1/ns/a/sa/b", "td2/ns/a/sa/b", "td1/ns/a/sa/b", "td2/ns/a/sa/b"]);
    // Doubling has an end.
    let sources = vec![json!({}); 64];
    let many =
        json!([{"rules": [{"from": sources, "when": [{"key": "source.principal", "values": ["td1/ns/a/sa/b"]}]}]}]).to_string();
    let count = principals(&many, &["td1", "td2"]).len();
    assert!((257..=512).contains(&count), "{count}");
    let domains = "[{rules: [{from: [{trustDomains: [x, td2, td1]}]}]}]";
    assert_eq!(principals(domains, &["td1", "td2"]), ["x", "td1", "td2"]);
}

#[test]
fn addresses_keep_their_host_bits_for_printing() {
    let allow = lowered("[{rules: [{from: [{ipBlocks: [10.0.0.5/24]}]}]}]", ChainKind::Http).engines.allow.unwrap();
    assert_eq!(allow.rules[0].from[0].tests[0].values[0].pattern, Pattern::Cidr("10.0.0.5".parse().unwrap(), 24));
}

#[test]
fn service_accounts_belong_to_the_namespace_of_the_policy() {
    let allow =
        lowered("[{ns: istio-system, rules: [{from: [{serviceAccounts: [cli]}]}]}]", ChainKind::Http).engines.allow.unwrap();
    let wanted = Pattern::ServiceAccount { namespace: "istio-system".to_owned(), name: "cli".to_owned() };
    assert_eq!(allow.rules[0].from[0].tests[0].values[0].pattern, wanted);
}

#[test]
fn every_loss_leaves_a_note() {
    use NoteKind::AnnotationIgnored;
    use NoteKind::ConditionDropped;
    use NoteKind::PolicyIgnored;
    use NoteKind::ProviderBroken;
    use NoteKind::ProxyRefuses;
    use NoteKind::RuleDropped;
    use NoteKind::ValueDropped;
    let cases: &[(&str, ChainKind, &[NoteKind])] = &[
        ("[{rules: [{to: [{methods: [GET]}]}]}]", ChainKind::Http, &[]),
        ("[{rules: [{when: [{key: foo, values: [x]}]}]}]", ChainKind::Http, &[RuleDropped]),
        ("[{action: DENY, rules: [{when: [{key: foo, values: [x]}]}]}]", ChainKind::Http, &[RuleDropped]),
        ("[{action: DENY, rules: [{from: [{ipBlocks: [bad, 10.0.0.1]}]}]}]", ChainKind::Http, &[ValueDropped]),
        ("[{action: DENY, rules: [{from: [{ipBlocks: [bad]}]}]}]", ChainKind::Http, &[ValueDropped, ConditionDropped]),
        ("[{rules: [{from: [{ipBlocks: [bad, 10.0.0.1]}]}]}]", ChainKind::Http, &[RuleDropped]),
        ("[{rules: [{to: [{ports: [http], notPorts: [x]}]}]}]", ChainKind::Http, &[RuleDropped, RuleDropped]),
        ("[{action: AUDIT, rules: [{when: [{key: request.headersX, values: [b]}]}]}]", ChainKind::Http, &[ConditionDropped]),
        ("[{rules: [{when: [{key: request.headersX, values: [b]}]}]}]", ChainKind::Http, &[RuleDropped]),
        ("[{rules: [{when: [{key: source.ip}]}]}]", ChainKind::Http, &[ConditionDropped]),
        ("[{rules: [{to: [{ports: ['80']}, {notMethods: [GET]}]}]}]", ChainKind::Tcp, &[RuleDropped]),
        (
            "[{action: DENY, rules: [{to: [{ports: ['80'], methods: [GET], hosts: [h]}]}]}]",
            ChainKind::Tcp,
            &[ConditionDropped, ConditionDropped],
        ),
        ("[{dry: maybe}]", ChainKind::Http, &[AnnotationIgnored]),
        ("[{rules: [{to: [{paths: ['a/{*}']}]}]}]", ChainKind::Http, &[ProxyRefuses]),
        ("[{action: CUSTOM, provider: missing, rules: [{}]}]", ChainKind::Http, &[ProviderBroken]),
        ("[{action: CUSTOM, provider: authz-http, rules: [{}]}]", ChainKind::Tcp, &[PolicyIgnored]),
    ];
    for (policies, chain, wanted) in cases {
        let lowered = lowered(policies, *chain);
        assert_eq!(kinds(&lowered), *wanted, "{policies} {:?}", lowered.notes);
    }
}

#[test]
fn custom_rules_carry_the_provider_in_their_names() {
    let good = lowered(
        "[{action: CUSTOM, provider: authz-grpc, rules: [{}]}, {action: CUSTOM, provider: authz-grpc, dry: 'true', rules: [{}]}]",
        ChainKind::Http,
    );
    let [custom] = good.engines.custom.as_slice() else { panic!() };
    assert_eq!(custom.outcome, CustomOutcome::Ask);
    assert_eq!(names(&custom.engine), ["istio-ext-authz-authz-grpc-ns[foo]-policy[p0]-rule[0]"]);
    assert_eq!(names(&custom.dry_run), ["istio-ext-authz-authz-grpc-ns[foo]-policy[p1]-rule[0]"]);

    let broken = lowered("[{action: CUSTOM, rules: [{}]}, {action: CUSTOM, dry: 'true', rules: [{}]}]", ChainKind::Tcp);
    let [custom] = broken.engines.custom.as_slice() else { panic!() };
    assert_eq!(custom.outcome, CustomOutcome::Deny("the policy names no provider".to_owned()));
    assert_eq!(names(&custom.engine), ["istio-ext-authz-ns[foo]-policy[p0]-rule[0]-deny-due-to-bad-CUSTOM-action"]);
    assert!(custom.dry_run.rules.is_empty());
}

#[test]
fn several_providers_deny_unless_the_feature_is_on() {
    let policies = yaml("[{action: CUSTOM, provider: authz-http, rules: [{}]}, {action: CUSTOM, provider: authz-grpc}]");
    let mut mesh = mesh(&policies, &[]);
    for chain in [ChainKind::Http, ChainKind::Tcp] {
        let custom = lower_in(&mesh, chain).engines.custom;
        assert!(custom.iter().all(|custom| matches!(custom.outcome, CustomOutcome::Deny(_))) && custom.len() == 2, "{chain:?}");
    }
    mesh.settings.features.insert("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS".to_owned(), "true".to_owned());
    let providers =
        |chain| -> Vec<String> { lower_in(&mesh, chain).engines.custom.into_iter().map(|custom| custom.provider).collect() };
    assert_eq!(providers(ChainKind::Http), ["authz-grpc", "authz-http"]);
    assert_eq!(providers(ChainKind::Tcp), ["authz-grpc"]);
}

/// What is said about provider `x`, or nothing when it is asked.
fn provider_problem(change: impl FnOnce(&mut Mesh)) -> Option<String> {
    let mut mesh = mesh(&yaml("[{action: CUSTOM, provider: x, rules: [{}]}]"), &[]);
    change(&mut mesh);
    match lower_in(&mesh, ChainKind::Http).engines.custom.remove(0).outcome {
        CustomOutcome::Ask => None,
        CustomOutcome::Deny(why) => Some(why),
    }
}

#[test]
fn definitions_of_providers_are_checked() {
    fn grpc_kind(change: impl FnOnce(&mut crate::manifest::kinds::GrpcExtAuthz)) -> ExtensionProviderKind {
        let mut definition = grpc();
        change(&mut definition);
        ExtensionProviderKind::GrpcExtAuthz(Box::new(definition))
    }
    fn http_kind(change: impl FnOnce(&mut crate::manifest::kinds::HttpExtAuthz)) -> ExtensionProviderKind {
        let mut definition = http();
        change(&mut definition);
        ExtensionProviderKind::HttpExtAuthz(Box::new(definition))
    }
    let text = |value: &str| crate::diag::Spanned::new(value.to_owned(), crate::diag::Span::default());
    let other = || ExtensionProviderKind::Other("zipkin".to_owned());
    let cases: Vec<(Vec<ExtensionProviderKind>, Option<&str>)> = vec![
        (vec![grpc_kind(|_| {})], None),
        (vec![http_kind(|_| {})], None),
        (vec![other()], Some("no extensionProviders entry defines an external authorization provider `x`")),
        (vec![other(), grpc_kind(|_| {})], None),
        (vec![grpc_kind(|_| {}), other()], None),
        (vec![grpc_kind(|_| {}), grpc_kind(|_| {})], Some("it is defined twice")),
        (vec![grpc_kind(|grpc| grpc.port.value = 0)], Some("port 0 is not in 1..65535")),
        (vec![grpc_kind(|grpc| grpc.port.value = 65536)], Some("port 65536 is not in 1..65535")),
        (vec![grpc_kind(|grpc| grpc.service = text(""))], Some("it names no service")),
        (vec![grpc_kind(|grpc| grpc.service = text("a b"))], Some("service `a b` is not a host name")),
        (
            vec![grpc_kind(|grpc| grpc.service = text("nowhere.example"))],
            Some("service `nowhere.example` is not in the manifests"),
        ),
        (vec![grpc_kind(|grpc| grpc.service = text("foo/ext-authz.foo.svc.cluster.local"))], None),
        (vec![grpc_kind(|grpc| grpc.service = text("bar/ext-authz.foo.svc.cluster.local"))], Some("is not in the manifests")),
        (vec![grpc_kind(|grpc| grpc.status_on_error = Some(text("503")))], None),
        (vec![grpc_kind(|grpc| grpc.status_on_error = Some(text("")))], None),
        (
            vec![grpc_kind(|grpc| grpc.status_on_error = Some(text("418")))],
            Some("statusOnError `418` is not a status the proxy knows"),
        ),
        (vec![http_kind(|http| http.path_prefix = Some(text("/check")))], None),
        (vec![http_kind(|http| http.path_prefix = Some(text("check")))], Some("pathPrefix `check` is not a path")),
        (vec![http_kind(|http| http.path_prefix = Some(text("/a%zz")))], Some("pathPrefix `/a%zz` is not a path")),
        (
            vec![http_kind(|http| http.headers_to_upstream_on_allow = vec![text("*")])],
            Some("headersToUpstreamOnAllow holds a lone `*`"),
        ),
        (vec![http_kind(|http| http.headers_to_upstream_on_allow = vec![text("x-*")])], None),
    ];
    for (number, (definitions, wanted)) in cases.into_iter().enumerate() {
        let found = provider_problem(|mesh| {
            mesh.settings.extension_providers = definitions.into_iter().map(|kind| provider("x", kind)).collect();
        });
        let is_right = match (wanted, &found) {
            (None, None) => true,
            (Some(wanted), Some(found)) => found.contains(wanted),
            _ => false,
        };
        assert!(is_right, "case {number}: {found:?}, not {wanted:?}");
    }
    let twice = provider_problem(|mesh| {
        let mut elsewhere = service(ServiceKind::ServiceEntry, "bar", "x");
        elsewhere.hostname = "ext-authz.foo.svc.cluster.local".to_owned();
        mesh.services.push(elsewhere);
        mesh.settings.extension_providers = vec![provider("x", grpc_kind(|_| {}))];
    });
    assert!(twice.is_some_and(|why| why.contains("several namespaces")));
}

#[test]
fn dry_run_and_audit_have_engines_of_their_own() {
    let engines =
        lowered("[{dry: 'true'}, {action: DENY, dry: '1', rules: [{}]}, {action: AUDIT, dry: t, rules: [{}]}]", ChainKind::Http)
            .engines;
    assert!(engines.allow.is_none() && engines.deny.is_none() && engines.audit.is_none() && engines.custom.is_empty());
    assert_eq!(names(&engines.dry_run_allow.unwrap()), ["ns[foo]-policy[p0]-rule[0]"]);
    assert_eq!(names(&engines.dry_run_deny.unwrap()), ["ns[foo]-policy[p1]-rule[0]"]);
    assert_eq!(names(&engines.dry_run_audit.unwrap()), ["ns[foo]-policy[p2]-rule[0]"]);
}

#[test]
fn selection_lists_every_policy() {
    let selection = lowered("[{ns: other}, {}, {sel: {app: api}}]", ChainKind::Http).selection;
    let found: Vec<(usize, bool, &str)> = selection.iter().map(|one| (one.policy, one.applies, one.why.as_str())).collect();
    assert_eq!(
        found,
        [
            (0, false, "other namespace `other`"),
            (1, true, "whole namespace"),
            (2, false, "selector wants app=api, the workload has app=web")
        ]
    );
}

#[test]
fn a_text_pattern_reads_and_prints_back() {
    for text in ["*", "a", "a*", "*a", "*a*", "a*b", "", "**"] {
        assert_eq!(TextPattern::parse(text).to_string(), text);
    }
}
