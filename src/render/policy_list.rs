//! Policies of a cluster or of files, as `kubectl get` would list them.

use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;

use crate::render::table::table;

/// Writes a line for each policy; `is_wide` adds what it is about.
///
/// # Errors
/// When the writer fails.
pub fn policies_table(out: &mut dyn Write, policies: &[Value], is_wide: bool, now: Timestamp) -> io::Result<()> {
    let rows: Vec<Vec<String>> = policies.iter().map(|policy| row(policy, is_wide, now)).collect();
    let mut header = vec!["NAMESPACE", "KIND/NAME", "ACTION/MODE", "SELECTS", "RULES", "AGE"];
    if is_wide {
        header.push("ABOUT");
    }
    out.write_all(table(&header, &rows).as_bytes())
}

/// Writes a name for each policy, as `kubectl get -o name` does.
///
/// # Errors
/// When the writer fails.
pub fn policies_names(out: &mut dyn Write, policies: &[Value]) -> io::Result<()> {
    for policy in policies {
        let group = text(policy, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
        let kind = text(policy, "/kind").to_ascii_lowercase();
        writeln!(out, "{kind}.{group}/{}", text(policy, "/metadata/name"))?;
    }
    Ok(())
}

/// The policies as one object, as `kubectl get -o json` has them.
#[must_use]
pub fn policies_object(policies: &[Value]) -> Value {
    serde_json::json!({ "apiVersion": "v1", "items": policies, "kind": "List", "metadata": { "resourceVersion": "" } })
}

fn row(policy: &Value, is_wide: bool, now: Timestamp) -> Vec<String> {
    let kind = text(policy, "/kind");
    let (mode, rules, about) = match kind {
        "AuthorizationPolicy" => {
            let action = or(text(policy, "/spec/action"), "ALLOW");
            (action, count(policy, "/spec/rules"), authorization(policy))
        }
        "RequestAuthentication" => ("-".to_owned(), count(policy, "/spec/jwtRules"), issuers(policy)),
        "PeerAuthentication" => (or(text(policy, "/spec/mtls/mode"), "UNSET"), "-".to_owned(), ports(policy)),
        _ => (or(text(policy, "/spec/trafficPolicy/tls/mode"), "-"), "-".to_owned(), subsets(policy)),
    };
    let mut row = vec![
        text(policy, "/metadata/namespace").to_owned(),
        format!("{kind}/{}", text(policy, "/metadata/name")),
        mode,
        selects(policy),
        rules,
        age(text(policy, "/metadata/creationTimestamp"), now),
    ];
    if is_wide {
        row.push(or(&about, "-"));
    }
    row
}

fn selects(policy: &Value) -> String {
    if let Some(host) = policy.pointer("/spec/host").and_then(Value::as_str) {
        return host.to_owned();
    }
    let one = policy.pointer("/spec/targetRef").into_iter();
    let targets: Vec<String> = one
        .chain(policy.pointer("/spec/targetRefs").and_then(Value::as_array).into_iter().flatten())
        .map(|target| format!("{}/{}", text(target, "/kind"), text(target, "/name")))
        .collect();
    if !targets.is_empty() {
        return targets.join(",");
    }
    let labels = policy.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let labels: Vec<String> =
        labels.into_iter().flatten().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    or(&labels.join(","), "<all>")
}

fn authorization(policy: &Value) -> String {
    let provider = text(policy, "/spec/provider/name");
    if !provider.is_empty() {
        return format!("provider {provider}");
    }
    let mut fields: Vec<&str> = Vec::new();
    let mut note = |name| {
        if !fields.contains(&name) {
            fields.push(name);
        }
    };
    for rule in list(policy, "/spec/rules") {
        for (part, inside) in [("/from", "/source"), ("/to", "/operation")] {
            for member in list(rule, part) {
                member.pointer(inside).and_then(Value::as_object).into_iter().flatten().for_each(|(name, _)| note(name));
            }
        }
        list(rule, "/when").for_each(|condition| note(text(condition, "/key")));
    }
    fields.join(",")
}

fn issuers(policy: &Value) -> String {
    let issuers: Vec<&str> = list(policy, "/spec/jwtRules").map(|rule| text(rule, "/issuer")).collect();
    issuers.join(",")
}

fn ports(policy: &Value) -> String {
    let ports = policy.pointer("/spec/portLevelMtls").and_then(Value::as_object);
    let ports: Vec<String> =
        ports.into_iter().flatten().map(|(port, value)| format!("{port}={}", text(value, "/mode"))).collect();
    ports.join(",")
}

fn subsets(policy: &Value) -> String {
    let subsets: Vec<&str> = list(policy, "/spec/subsets").map(|subset| text(subset, "/name")).collect();
    if subsets.is_empty() { String::new() } else { format!("subsets {}", subsets.join(",")) }
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn count(value: &Value, pointer: &str) -> String {
    list(value, pointer).count().to_string()
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise } else { text }.to_owned()
}

/// How long ago, in the two units that kubectl shows.
fn age(created: &str, now: Timestamp) -> String {
    let Ok(created) = created.parse::<Timestamp>() else { return "<none>".to_owned() };
    let seconds = now.as_second().saturating_sub(created.as_second()).max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with = |whole: i64, unit: &str, rest: i64, part: &str| match rest {
        0 => format!("{whole}{unit}"),
        rest => format!("{whole}{unit}{rest}{part}"),
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => with(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => with(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => with(days, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => with(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-11-26T12:00:00Z";

    #[test]
    fn ages_are_those_of_kubectl() {
        for (seconds, expected) in [
            (-5, "0s"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (11_000, "3h3m"),
            (28_800, "8h"),
            (172_799, "47h"),
            (172_800, "2d"),
            (180_000, "2d2h"),
            (691_200, "8d"),
            (63_071_999, "729d"),
            (63_072_000, "2y"),
            (63_158_400, "2y1d"),
            (252_288_000, "8y"),
        ] {
            let now: Timestamp = NOW.parse().unwrap();
            let created = Timestamp::from_second(now.as_second() - seconds).unwrap();
            assert_eq!(age(&created.to_string(), now), expected, "{seconds} seconds");
        }
        assert_eq!(age("", NOW.parse().unwrap()), "<none>");
    }

    #[test]
    fn each_kind_says_what_it_does_and_to_whom() {
        let policy = |kind: &str, spec: Value| json!({"apiVersion": "security.istio.io/v1", "kind": kind, "metadata": {"name": "a", "namespace": "shop"}, "spec": spec});
        let policies = [
            policy("AuthorizationPolicy", json!({})),
            policy(
                "AuthorizationPolicy",
                json!({"action": "DENY", "selector": {"matchLabels": {"app": "cart", "v": "1"}}, "rules": [
                    {"from": [{"source": {"principals": ["a"]}}], "to": [{"operation": {"paths": ["/a"]}}], "when": [{"key": "source.ip"}]},
                    {"from": [{"source": {"principals": ["b"]}}]},
                ]}),
            ),
            policy(
                "AuthorizationPolicy",
                json!({"action": "CUSTOM", "provider": {"name": "opa"}, "targetRefs": [{"kind": "Service", "name": "cart"}], "rules": [{}]}),
            ),
            policy("RequestAuthentication", json!({"jwtRules": [{"issuer": "https://a"}, {"issuer": "https://b"}]})),
            policy("PeerAuthentication", json!({"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}})),
            policy(
                "DestinationRule",
                json!({"host": "cart", "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}, "subsets": [{"name": "v1"}]}),
            ),
        ];
        let mut out = Vec::new();
        policies_table(&mut out, &policies, true, NOW.parse().unwrap()).unwrap();
        let rows: Vec<Vec<String>> = String::from_utf8(out)
            .unwrap()
            .lines()
            .map(|line| line.split("  ").map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect())
            .collect();
        assert_eq!(
            rows,
            [
                vec!["NAMESPACE", "KIND/NAME", "ACTION/MODE", "SELECTS", "RULES", "AGE", "ABOUT"],
                vec!["shop", "AuthorizationPolicy/a", "ALLOW", "<all>", "0", "<none>", "-"],
                vec!["shop", "AuthorizationPolicy/a", "DENY", "app=cart,v=1", "2", "<none>", "principals,paths,source.ip"],
                vec!["shop", "AuthorizationPolicy/a", "CUSTOM", "Service/cart", "1", "<none>", "provider opa"],
                vec!["shop", "RequestAuthentication/a", "-", "<all>", "2", "<none>", "https://a,https://b"],
                vec!["shop", "PeerAuthentication/a", "STRICT", "<all>", "-", "<none>", "8080=DISABLE"],
                vec!["shop", "DestinationRule/a", "ISTIO_MUTUAL", "cart", "-", "<none>", "subsets v1"],
            ]
        );
        let mut names = Vec::new();
        policies_names(&mut names, &policies[3..4]).unwrap();
        assert_eq!(String::from_utf8(names).unwrap(), "requestauthentication.security.istio.io/a\n");
    }
}
