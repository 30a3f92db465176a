//! What istiod checks of an `AuthorizationPolicy`.

use crate::admission::Cause;
use crate::admission::istiod::ip;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::path_template;
use crate::admission::istiod::report::Placed;
use crate::admission::istiod::report::Report;
use crate::admission::istiod::selector;
use crate::admission::istiod::service_account;
use crate::admission::istiod::trust_domain;
use crate::admission::istiod::when_key;
use crate::admission::istiod::when_key::Values;

const DENY: i32 = 1;
const CUSTOM: i32 = 3;

/// Lists of a source with what their values must be.
const SOURCE: &[(&str, Values)] = &[
    ("principals", Values::Text),
    ("notPrincipals", Values::Text),
    ("requestPrincipals", Values::Text),
    ("notRequestPrincipals", Values::Text),
    ("namespaces", Values::Text),
    ("notNamespaces", Values::Text),
    ("serviceAccounts", Values::ServiceAccount),
    ("notServiceAccounts", Values::ServiceAccount),
    ("ipBlocks", Values::Address),
    ("notIpBlocks", Values::Address),
    ("remoteIpBlocks", Values::Address),
    ("notRemoteIpBlocks", Values::Address),
    ("trustDomains", Values::TrustDomain),
    ("notTrustDomains", Values::TrustDomain),
];

/// Lists of a source that exist without HTTP, as istiod counts them: it leaves trust domains out.
const TCP_SOURCE: &[&str] = &[
    "principals",
    "notPrincipals",
    "namespaces",
    "notNamespaces",
    "serviceAccounts",
    "notServiceAccounts",
    "ipBlocks",
    "notIpBlocks",
    "remoteIpBlocks",
    "notRemoteIpBlocks",
];

/// Lists of an operation with what their values must be.
const OPERATION: &[(&str, Values)] = &[
    ("hosts", Values::Text),
    ("notHosts", Values::Text),
    ("ports", Values::Port),
    ("notPorts", Values::Port),
    ("methods", Values::Text),
    ("notMethods", Values::Text),
    ("paths", Values::Text),
    ("notPaths", Values::Text),
];

/// Checks a policy.
pub(super) fn check(policy: &Message<'_>, report: &mut Report) {
    selector::check(policy, report);
    let action = policy.word("action");
    let has_rules = policy.has("rules");
    if action == CUSTOM {
        custom(policy, has_rules, report);
    } else if policy.has("provider") {
        let message = "`provider` is for the action CUSTOM only";
        let help = "add `action: CUSTOM`, or remove `provider`";
        report.refuse_with(Cause::ProviderWithoutCustom, policy.place_of("provider"), message, help);
    }
    if action == DENY && !has_rules {
        let message = "a DENY policy without rules never denies anything";
        report.refuse_with(Cause::DenyWithoutRules, policy.place_of("action"), message, "write `rules: [{}]` to deny everything");
    }
    for rule in policy.messages("rules") {
        check_rule(rule, action, report);
    }
}

fn custom(policy: &Message<'_>, has_rules: bool, report: &mut Report) {
    if !has_rules {
        let message = "a CUSTOM policy without rules never asks its provider";
        let help = "write `rules: [{}]` to ask it about everything";
        report.refuse_with(Cause::CustomWithoutRules, policy.place_of("action"), message, help);
    } else if policy.message("provider").is_none_or(|provider| provider.text("name").is_empty()) {
        let message = "a CUSTOM policy needs the name of its provider";
        report.refuse_with(Cause::CustomWithoutProvider, policy.place_of("provider"), message, "write `provider: {name: ..}`");
    }
    for rule in policy.messages("rules") {
        for source in rule.messages("from").iter().filter_map(|from| from.message("source")) {
            for (name, values) in SOURCE {
                if *values != Values::Address && source.has(name) {
                    let message = format!("`{name}` does not work with the action CUSTOM");
                    let help = "match IP addresses and operations here, and leave identities to the provider";
                    report.refuse_with(Cause::CustomUnsupportedSource, source.place_of(name), message, help);
                }
            }
        }
        for condition in rule.messages("when") {
            let key = condition.text("key");
            let is_identity =
                matches!(key, "source.namespace" | "source.serviceAccount" | "source.trustDomain" | "source.principal");
            if is_identity || key.starts_with("request.auth.") {
                let message = format!("conditions on `{key}` do not work with the action CUSTOM");
                let help = "leave identities to the provider";
                report.refuse_with(Cause::CustomUnsupportedCondition, condition.place_of("key"), message, help);
            }
        }
    }
}

fn check_rule(rule: &Message<'_>, action: i32, report: &mut Report) {
    let sources: Vec<_> = rule.messages("from").iter().filter_map(|from| from.message("source")).collect();
    let operations: Vec<_> = rule.messages("to").iter().filter_map(|to| to.message("operation")).collect();
    for from in rule.messages("from") {
        match from.message("source") {
            Some(source) => check_source(source, report),
            None => empty_source(from, report),
        }
    }
    for to in rule.messages("to") {
        match to.message("operation") {
            Some(operation) => check_operation(operation, report),
            None => empty_operation(to, report),
        }
    }
    for condition in rule.messages("when") {
        check_condition(condition, report);
    }
    let is_tcp_source = sources.iter().any(|source| TCP_SOURCE.iter().any(|name| source.has(name)));
    let is_tcp_operation = operations.iter().any(|operation| operation.has("ports") || operation.has("notPorts"));
    let is_http_only =
        (!sources.is_empty() && operations.is_empty() && !is_tcp_source) || (!operations.is_empty() && !is_tcp_operation);
    if action == DENY && is_http_only {
        report.warn(
            Cause::DenyHttpOnlyRule,
            &rule.place,
            "configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes \
             in a DENY rule; it is recommended to explicitly specify the port",
        );
    }
}

fn empty_source(place: &Message<'_>, report: &mut Report) {
    let message = "a `from` entry needs a source that says something";
    let help = "remove `from` to match everyone, or write `principals: [\"*\"]` to match every identity";
    report.refuse_with(Cause::SourceMissingOrEmpty, &place.place, message, help);
}

fn empty_operation(place: &Message<'_>, report: &mut Report) {
    let message = "a `to` entry needs an operation that says something";
    report.refuse_with(Cause::OperationMissingOrEmpty, &place.place, message, "remove `to` to match every operation");
}

fn check_source(source: &Message<'_>, report: &mut Report) {
    if !SOURCE.iter().any(|(name, _)| source.has(name)) {
        empty_source(source, report);
    }
    let has_any = |names: [&'static str; 4]| names.into_iter().find(|name| source.has(name));
    let accounts = has_any(["serviceAccounts", "serviceAccounts", "notServiceAccounts", "notServiceAccounts"]);
    let others = has_any(["principals", "namespaces", "notPrincipals", "notNamespaces"]);
    if let (Some(accounts), Some(other)) = (accounts, others) {
        let message = format!("`{accounts}` and `{other}` exclude each other in one source");
        let help = "write service accounts with their namespace, as `namespace/name`";
        report.refuse_with(Cause::ServiceAccountsMixed, source.place_of(accounts), message, help);
    }
    for (name, values) in SOURCE {
        check_list(source, name, *values, report);
    }
    for name in ["trustDomains", "notTrustDomains"] {
        for value in source.texts(name).iter().filter(|value| value.value.contains('/')) {
            let message = format!("a trust domain has no `/`, found `{}`", value.value);
            let help = "write the trust domain alone, such as `cluster.local`";
            report.refuse_with(Cause::TrustDomainMalformed, &value.place, message, help);
        }
    }
}

fn check_operation(operation: &Message<'_>, report: &mut Report) {
    if !OPERATION.iter().any(|(name, _)| operation.has(name)) {
        empty_operation(operation, report);
    }
    for (name, values) in OPERATION {
        check_list(operation, name, *values, report);
    }
    for path in operation.texts("paths").iter().chain(operation.texts("notPaths")) {
        check_path(path, report);
    }
}

fn check_list(message: &Message<'_>, name: &str, values: Values, report: &mut Report) {
    let list = message.texts(name);
    if values == Values::ServiceAccount && list.len() > service_account::MOST {
        let message_text = format!("`{name}` has {} values, more than {}", list.len(), service_account::MOST);
        report.refuse_with(Cause::ListTooLong, message.place_of(name), message_text, "split them over several `from` entries");
    }
    for value in list {
        let refused = problem(value.value, values);
        if let Some((cause, message, help)) = refused {
            report.refuse_with(cause, &value.place, message, help);
        }
    }
}

fn check_path(path: &Placed<'_, &str>, report: &mut Report) {
    use path_template::Problem;
    let Some(problem) = path_template::problem(path.value) else { return };
    let text = path.value;
    let (message, help) = match problem {
        Problem::NotLast => {
            (format!("`{text}` goes on with an operator after `{{**}}`"), "use `{**}` as the last operator".to_owned())
        }
        Problem::Brace(segment) => (
            format!("`{segment}` is no path operator"),
            "use `{*}` for one segment or `{**}` for any number of them, alone between slashes".to_owned(),
        ),
        Problem::Literal("") => {
            (format!("`{text}` has an empty segment beside an operator"), "remove the second slash".to_owned())
        }
        Problem::Literal(segment) => (
            format!("`{segment}` cannot stand beside an operator"),
            "beside `{*}` and `{**}` a path holds literal text only".to_owned(),
        ),
    };
    report.refuse_with(Cause::PathTemplateInvalid, &path.place, message, help);
}

fn check_condition(condition: &Message<'_>, report: &mut Report) {
    let key = condition.text("key");
    let place = condition.place_of("key");
    if key.is_empty() {
        report.refuse_with(Cause::ConditionKeyEmpty, place, "a condition needs a key", "name the attribute, such as `source.ip`");
        return;
    }
    if !condition.has("values") && !condition.has("notValues") {
        let message = format!("the condition on `{key}` has no values");
        report.refuse_with(Cause::ConditionWithoutValues, place, message, "write `values` or `notValues`");
        return;
    }
    let values = match when_key::read(key) {
        Ok(values) => values,
        Err(problem) => {
            bad_key(condition, key, problem, report);
            Values::Text
        }
    };
    for name in ["values", "notValues"] {
        let list = condition.texts(name);
        if values == Values::ServiceAccount && list.len() > service_account::MOST {
            let message = format!("`{name}` has {} values, more than {}", list.len(), service_account::MOST);
            report.refuse_with(Cause::ListTooLong, condition.place_of(name), message, "split them over several rules");
        }
        for value in list {
            if let Some((cause, message, help)) = problem(value.value, values) {
                let cause = if cause == Cause::EmptyStringValue { cause } else { Cause::ConditionValueInvalid };
                report.refuse_with(cause, &value.place, message, help);
            }
        }
    }
}

fn bad_key(condition: &Message<'_>, key: &str, problem: when_key::Problem, report: &mut Report) {
    let place = condition.place_of("key");
    match problem {
        when_key::Problem::Bracket => {
            let stem = key.split('[').next().unwrap_or(key);
            let message = format!("`{key}` needs a name in brackets");
            report.refuse_with(Cause::ConditionKeyBracket, place, message, format!("write `{stem}[name]`"));
        }
        when_key::Problem::Removed(help) => {
            report.refuse_with(Cause::ConditionKeyRemoved, place, format!("`{key}` is no longer an attribute"), help);
        }
        when_key::Problem::Unknown(near) => {
            let message = format!("there is no attribute `{key}`");
            match near {
                Some(near) => report.refuse_with(Cause::ConditionKeyUnknown, place, message, format!("write `{near}`")),
                None => report.refuse(Cause::ConditionKeyUnknown, place, message),
            }
        }
    }
}

/// What is wrong with a value, and what to write instead.
fn problem(value: &str, values: Values) -> Option<(Cause, String, &'static str)> {
    if value.is_empty() {
        let help = "remove it, or write `*` for any value";
        return Some((Cause::EmptyStringValue, "an empty value matches nothing".to_owned(), help));
    }
    match values {
        Values::Text => None,
        Values::Address => ip::problem(value).map(|problem| {
            let help =
                "write an address such as `10.0.0.1` or a range such as `10.0.0.0/8`; `0.0.0.0/0` and `::/0` are everything";
            (Cause::IpOrCidrInvalid, format!("`{value}` {problem}"), help)
        }),
        Values::Port => {
            let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
            let is_port = is_number && value.parse::<u32>().is_ok_and(|port| port <= 65_535);
            (!is_port).then(|| {
                (Cause::PortInvalid, format!("`{value}` is not a port"), "list each port as a number, such as `\"8080\"`")
            })
        }
        Values::ServiceAccount => service_account::problem(value).map(|problem| {
            let help = "write `name`, or `namespace/name` for one of another namespace";
            (Cause::ServiceAccountMalformed, format!("`{value}` {problem}"), help)
        }),
        Values::TrustDomain => trust_domain::problem(value).map(|problem| {
            (Cause::TrustDomainMalformed, format!("`{value}` {problem}"), "write one `*`, as the first or last character")
        }),
    }
}
