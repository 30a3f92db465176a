use std::net::IpAddr;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS158"),
    name: "ip-form-never-seen",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An address in a form that proxies never report.",
    why: "Callers appear with plain IPv4 or IPv6 addresses: an IPv4 address written as IPv6, an address with a zone, or the unspecified address is never seen.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: ["::ffff:10.0.0.1"]}}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [10.0.0.1]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.ipBlocks",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| matches!(attribute, Attribute::IpBlocks | Attribute::RemoteIpBlocks)) {
        let text = value.as_str();
        let (address, length) = match text.rsplit_once('/') {
            Some((address, length)) => (address, length.parse::<u8>().ok()),
            None => (text, None),
        };
        let at = |what: &str| RULE.at(value.span, format!("`{text}` is never the address of a caller")).with_label(what);
        if let Some((plain, _)) = address.split_once('%') {
            let finding = at("addresses are seen without a zone").with_help(format!("write `{plain}`"));
            found.push(replaced(finding, view, value, Safety::Safe, plain));
            continue;
        }
        let Ok(parsed) = address.parse::<IpAddr>() else { continue };
        if let IpAddr::V6(wide) = parsed
            && let Some(mapped) = wide.to_ipv4_mapped()
            && length.is_none_or(|length| length >= 96)
        {
            let plain = length.map_or_else(|| mapped.to_string(), |length| format!("{mapped}/{}", length.saturating_sub(96)));
            let finding = at("IPv4 callers are seen with their IPv4 address").with_help(format!("write `{plain}`"));
            found.push(replaced(finding, view, value, Safety::Safe, &plain));
        } else if parsed.is_unspecified() && length.is_none_or(|length| length >= 32) {
            found.push(
                at("this is the unspecified address, not any address")
                    .with_help("write `0.0.0.0/0` and `::/0` for any address, or leave the list out"),
            );
        }
    }
}
