//! Which of two steps goes first, case by case, and what no order can do.

use std::slice::from_ref;

use crate::apply::Plan;
use crate::apply::plan;
use crate::apply::tests::between;

fn authorization(name: &str, namespace: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

fn other(kind: &str, name: &str, spec: &str) -> String {
    let group = if kind == "DestinationRule" { "networking" } else { "security" };
    format!("---\napiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n")
}

/// `name:action` of each step.
fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{}:{}", step.change.key.name, step.change.action.as_str())).collect()
}

#[test]
fn what_closes_goes_before_what_opens() {
    let rule = |field: &str, value: &str| format!("{{to: [{{operation: {{{field}: [{value}]}}}}]}}");
    let policy = |name: &str, action: &str, rules: &[String]| {
        authorization(name, "shop", &format!("{{action: {action}, rules: [{}]}}", rules.join(", ")))
    };
    let (get, post) = (rule("methods", "GET"), rule("methods", "POST"));
    let any = "{}".to_owned();
    let tokens = other("RequestAuthentication", "tokens", "{jwtRules: [{issuer: i, jwks: '{\"keys\": []}'}]}");
    let with_token = "{from: [{source: {requestPrincipals: ['*']}}]}".to_owned();
    let without_token = "{from: [{source: {notRequestPrincipals: ['*']}}]}".to_owned();
    let peer = |mode: &str| other("PeerAuthentication", "default", &format!("{{mtls: {{mode: {mode}}}}}"));
    let client =
        |mode: &str| other("DestinationRule", "api", &format!("{{host: api, trafficPolicy: {{tls: {{mode: {mode}}}}}}}"));
    let none = String::new();
    let cases: Vec<(&str, String, String, &[&str])> = vec![
        (
            "a DENY comes before an ALLOW",
            none.clone(),
            policy("a", "ALLOW", from_ref(&get)) + &policy("d", "DENY", from_ref(&post)),
            &["d:create", "a:create"],
        ),
        (
            "an ALLOW goes before a DENY",
            policy("a", "ALLOW", from_ref(&get)) + &policy("d", "DENY", from_ref(&get)),
            none.clone(),
            &["a:prune", "d:prune"],
        ),
        (
            "one ALLOW comes before the other goes",
            policy("old", "ALLOW", from_ref(&get)),
            policy("new", "ALLOW", from_ref(&post)),
            &["new:create", "old:prune"],
        ),
        (
            "one DENY comes before the other goes",
            policy("new", "ALLOW", from_ref(&get)) + &policy("old", "DENY", from_ref(&get)),
            policy("new", "ALLOW", from_ref(&get)) + &policy("other", "DENY", from_ref(&get)),
            &["other:create", "old:prune"],
        ),
        (
            "the first ALLOW refuses the rest before a DENY goes",
            policy("d", "DENY", from_ref(&post)),
            policy("a", "ALLOW", from_ref(&get)),
            &["a:create", "d:prune"],
        ),
        (
            "a DENY is there before the last ALLOW goes",
            policy("a", "ALLOW", from_ref(&get)),
            policy("d", "DENY", from_ref(&post)),
            &["d:create", "a:prune"],
        ),
        (
            "a rule that moves comes before it goes",
            policy("from", "DENY", &[get.clone(), post.clone()]) + &policy("to", "DENY", &[rule("paths", "/x")]),
            policy("from", "DENY", from_ref(&get)) + &policy("to", "DENY", &[rule("paths", "/x"), post.clone()]),
            &["to:configure", "from:configure"],
        ),
        (
            "CUSTOM counts as DENY",
            none.clone(),
            policy("a", "ALLOW", from_ref(&get))
                + &authorization("c", "shop", "{action: CUSTOM, provider: {name: p}, rules: [{}]}"),
            &["c:create", "a:create"],
        ),
        (
            "tokens are verified before rules want their claims",
            none.clone(),
            policy("a", "ALLOW", from_ref(&with_token)) + &policy("d", "DENY", from_ref(&without_token)) + &tokens,
            &["tokens:create", "d:create", "a:create"],
        ),
        (
            "and as long as they do",
            policy("a", "ALLOW", from_ref(&with_token)) + &tokens,
            none.clone(),
            &["a:prune", "tokens:prune"],
        ),
        (
            "but not before what else refuses those who have one is there",
            policy("d", "DENY", from_ref(&without_token)),
            policy("d", "DENY", from_ref(&without_token)) + &policy("e", "DENY", &[rule("paths", "/admin")]) + &tokens,
            &["e:create", "tokens:create"],
        ),
        (
            "clients speak mutual TLS before servers demand it",
            peer("PERMISSIVE") + &client("DISABLE"),
            peer("STRICT") + &client("ISTIO_MUTUAL"),
            &["api:configure", "default:configure"],
        ),
        (
            "servers take plaintext before clients send it",
            peer("STRICT") + &client("ISTIO_MUTUAL"),
            peer("PERMISSIVE") + &client("DISABLE"),
            &["default:configure", "api:configure"],
        ),
        (
            "clients stop speaking mutual TLS before servers take it",
            peer("DISABLE"),
            peer("PERMISSIVE") + &client("DISABLE"),
            &["api:create", "default:configure"],
        ),
        (
            "clients stop sending plaintext before servers take it",
            peer("STRICT") + &client("DISABLE"),
            peer("PERMISSIVE") + &client("ISTIO_MUTUAL"),
            &["api:configure", "default:configure"],
        ),
        (
            "servers stop taking mutual TLS before clients speak it",
            peer("PERMISSIVE") + &client("DISABLE"),
            peer("DISABLE") + &client("ISTIO_MUTUAL"),
            &["default:configure", "api:configure"],
        ),
        (
            "servers stop taking plaintext before clients send it",
            peer("PERMISSIVE") + &client("ISTIO_MUTUAL"),
            peer("STRICT") + &client("DISABLE"),
            &["default:configure", "api:configure"],
        ),
        (
            "a DENY is there before plaintext is taken",
            peer("STRICT"),
            peer("PERMISSIVE") + &policy("d", "DENY", from_ref(&any)),
            &["d:create", "default:configure"],
        ),
        (
            "what is for other workloads has nothing to wait for",
            authorization("a", "shop", "{selector: {matchLabels: {app: a}}, action: DENY, rules: [{}]}"),
            authorization("b", "shop", "{selector: {matchLabels: {app: b}}, rules: [{}]}"),
            &["b:create", "a:prune"],
        ),
        (
            "a namespace, then an account, then the rest",
            none.clone(),
            policy("a", "ALLOW", from_ref(&get))
                + "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s, namespace: shop}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
            &["shop:create", "s:create", "a:create"],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, before, after, expected) in cases {
        let plan = plan(between(&before, &after), &[], "istio-system");
        if steps(&plan) != expected || !plan.gaps.is_empty() {
            wrong.push(format!("{name}: {:?}, gaps {:?}, expected {expected:?}", steps(&plan), plan.gaps));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn steps_are_beside_each_other_when_nothing_decides_between_them() {
    let on = |name: &str, app: &str, action: &str, method: &str| {
        let spec = format!(
            "{{selector: {{matchLabels: {{app: {app}}}}}, action: {action}, rules: [{{to: [{{operation: {{methods: [{method}]}}}}]}}]}}"
        );
        authorization(name, "shop", &spec)
    };
    let account =
        |name: &str| format!("---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: shop}}\n");
    let cases: Vec<(&str, String, String, &[bool])> = vec![
        (
            "ALLOWs that come on two workloads",
            String::new(),
            on("a", "one", "ALLOW", "GET") + &on("b", "two", "ALLOW", "GET"),
            &[false, true],
        ),
        (
            "ALLOWs that come on one workload",
            String::new(),
            on("a", "one", "ALLOW", "GET") + &on("b", "one", "ALLOW", "POST"),
            &[false, true],
        ),
        (
            "a DENY before an ALLOW of the same requests",
            String::new(),
            on("a", "one", "ALLOW", "GET") + &on("d", "one", "DENY", "GET"),
            &[false, false],
        ),
        (
            "two that trade their rules",
            on("a", "one", "DENY", "GET") + &on("b", "one", "DENY", "POST"),
            on("a", "one", "DENY", "POST") + &on("b", "one", "DENY", "GET"),
            &[false, false],
        ),
        (
            "accounts, and what names them",
            String::new(),
            account("s") + &account("t") + &on("a", "one", "ALLOW", "GET"),
            &[false, true, false],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, before, after, expected) in cases {
        let plan = plan(between(&before, &after), &[], "istio-system");
        let beside: Vec<bool> = plan.steps.iter().map(|step| step.is_beside).collect();
        if beside != expected {
            wrong.push(format!("{name}: {:?} {beside:?}, expected {expected:?}", steps(&plan)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_no_order_can_do_is_told() {
    let deny = |name: &str, method: &str| {
        authorization(name, "shop", &format!("{{action: DENY, rules: [{{to: [{{operation: {{methods: [{method}]}}}}]}}]}}"))
    };
    let on = |name: &str, app: &str| {
        authorization(
            name,
            "shop",
            &format!("{{selector: {{matchLabels: {{app: {app}}}}}, rules: [{{from: [{{source: {{namespaces: [x]}}}}]}}]}}"),
        )
    };
    let peer = |mode: &str| other("PeerAuthentication", "default", &format!("{{mtls: {{mode: {mode}}}}}"));
    let client =
        |mode: &str| other("DestinationRule", "api", &format!("{{host: api, trafficPolicy: {{tls: {{mode: {mode}}}}}}}"));
    let cases = [
        ("two objects trade their rules", deny("a", "GET") + &deny("b", "POST"), deny("a", "POST") + &deny("b", "GET"), true),
        ("two objects trade their workloads", on("a", "one") + &on("b", "two"), on("a", "two") + &on("b", "one"), true),
        (
            "clients and servers change sides",
            peer("DISABLE") + &client("ISTIO_MUTUAL"),
            peer("STRICT") + &client("DISABLE"),
            true,
        ),
        (
            "from one demand to the other at once",
            peer("STRICT") + &client("ISTIO_MUTUAL"),
            peer("DISABLE") + &client("DISABLE"),
            false,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, before, after, is_hole) in cases {
        let plan = plan(between(&before, &after), &[], "istio-system");
        let told = plan.gaps.iter().any(|gap| gap.is_hole == is_hole && gap.from < gap.to);
        if !told || plan.steps.len() != 2 {
            wrong.push(format!("{name}: {:?}, gaps {:?}", steps(&plan), plan.gaps));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_step_says_what_it_waits_for() {
    let after = authorization("a", "shop", "{rules: [{}]}") + &authorization("d", "shop", "{action: DENY, rules: [{}]}");
    let plan = plan(between("", &after), &[], "istio-system");
    let allow = &plan.steps[1];
    assert_eq!(allow.after.iter().map(|after| after.step).collect::<Vec<_>>(), [0]);
    assert!(allow.reason.starts_with("ALLOW: the first one on its workloads"), "{}", allow.reason);
    assert!(allow.after[0].because.contains("refused before anything that matches it is allowed"));
}

#[test]
fn a_thousand_policies_that_change_both_ways_are_ordered_at_once() {
    let side = |word: &str| -> String {
        (0..1000)
            .map(|index| {
                let action = if index % 2 == 0 { "DENY" } else { "ALLOW" };
                authorization(
                    &format!("p{index}"),
                    "shop",
                    &format!("{{action: {action}, rules: [{{to: [{{operation: {{paths: [/{word}{index}]}}}}]}}]}}"),
                )
            })
            .collect()
    };
    let plan = plan(between(&side("a"), &side("b")), &[], "istio-system");
    assert_eq!(plan.steps.len(), 1000);
    assert!(
        plan.gaps.len() <= 1000 && plan.gaps.iter().all(|gap| gap.what.starts_with("on ports that carry no HTTP")),
        "{}",
        plan.gaps.len()
    );
    assert!(plan.steps.iter().all(|step| step.after.len() <= 40));
}
