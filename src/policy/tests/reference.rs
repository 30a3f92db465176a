//! The specification read literally and slowly: regular expressions where istiod writes them, loops everywhere else. It shares no
//! matching code with the compiled form.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use regex_lite::Regex;
use regex_lite::escape;
use serde_json::Value as Json;

use crate::policy::Attribute;
use crate::policy::Engine;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Facts;
use crate::policy::Known;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;

thread_local! {
    static EXPRESSIONS: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

fn full_match(expression: &str, text: &str) -> bool {
    EXPRESSIONS.with_borrow_mut(|known| {
        let compiled =
            known.entry(expression.to_owned()).or_insert_with(|| Regex::new(&format!("^(?:{expression})\\z")).unwrap());
        compiled.is_match(text)
    })
}

/// `None` is unknown.
type Truth = Option<bool>;

fn and(all: impl IntoIterator<Item = Truth>) -> Truth {
    let all: Vec<Truth> = all.into_iter().collect();
    if all.contains(&Some(false)) {
        Some(false)
    } else if all.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn or(all: impl IntoIterator<Item = Truth>) -> Truth {
    and(all.into_iter().map(|truth| truth.map(|truth| !truth))).map(|truth| !truth)
}

pub(super) fn rule(rule: &EngineRule, facts: &Facts<'_>) -> Truth {
    let any = |entries: &[Entry]| or(entries.iter().map(|one| entry(one, facts)));
    and([any(&rule.from), any(&rule.to)])
}

fn entry(entry: &Entry, facts: &Facts<'_>) -> Truth {
    and(entry.tests.iter().map(|one| test(one, facts)))
}

pub(super) fn test(test: &Test, facts: &Facts<'_>) -> Truth {
    let any = |values: &[crate::policy::Value]| or(values.iter().map(|value| matches(&test.attribute, &value.pattern, facts)));
    let positive = if test.values.is_empty() { Some(true) } else { any(&test.values) };
    // Whatever an unknown fact leaves open is open as a whole, also where every value would give one answer.
    and([positive, any(&test.not_values).map(|truth| !truth)])
}

/// The first rule that surely matches, or the first that may, or none.
pub(super) fn evaluate(engine: &Engine, facts: &Facts<'_>) -> (Truth, Option<usize>) {
    let truths: Vec<Truth> = engine.rules.iter().map(|one| rule(one, facts)).collect();
    for wanted in [Some(true), None] {
        if let Some(position) = truths.iter().position(|truth| *truth == wanted) {
            return (wanted, Some(position));
        }
    }
    (Some(false), None)
}

/// How many tests of the closest pair of entries do not hold, and the first rule with that number.
pub(super) fn nearest(engine: &Engine, facts: &Facts<'_>) -> Option<(usize, usize)> {
    let failures = |entries: &[Entry]| -> Option<usize> {
        let failed = |entry: &Entry| entry.tests.iter().filter(|one| test(one, facts) != Some(true)).count();
        entries.iter().map(failed).min()
    };
    let sums =
        engine.rules.iter().enumerate().filter_map(|(number, rule)| Some((failures(&rule.from)? + failures(&rule.to)?, number)));
    sums.min()
}

fn text(pattern: &TextPattern, text: &str, is_header: bool) -> bool {
    match pattern {
        TextPattern::Present => is_header || full_match(".+", text),
        TextPattern::Exact(wanted) => text == wanted,
        TextPattern::Prefix(wanted) => text.starts_with(wanted.as_str()),
        TextPattern::Suffix(wanted) => text.ends_with(wanted.as_str()),
    }
}

fn covers(block: IpAddr, length: u8, address: IpAddr) -> bool {
    let bits = |address: IpAddr| -> Vec<bool> {
        let octets = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect()
    };
    block.is_ipv4() == address.is_ipv4() && bits(block)[..usize::from(length)] == bits(address)[..usize::from(length)]
}

fn name_expression(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Text(TextPattern::Present) => ".+".to_owned(),
        Pattern::Text(TextPattern::Exact(name)) => format!("spiffe://{}", escape(name)),
        // A prefix is no expression in the proxy: what follows may be anything.
        Pattern::Text(TextPattern::Prefix(name)) => format!("spiffe://{}(?s:.*)", escape(name)),
        Pattern::Text(TextPattern::Suffix(name)) => format!("spiffe://.*{}", escape(name)),
        Pattern::NamespaceGlob(glob) => {
            let parts: Vec<String> = glob.split('*').map(escape).collect();
            format!(".*/ns/{}/.*", parts.join(".*"))
        }
        Pattern::ServiceAccount { namespace, name } => {
            format!("spiffe://.+/ns/{}/(.+/|)sa/{}(/.+)?", escape(namespace), escape(name))
        }
        Pattern::TrustDomainGlob(glob) if glob == "*" => "spiffe://(?s:.*)".to_owned(),
        Pattern::TrustDomainGlob(glob) => match glob.split_once('*') {
            None => format!("spiffe://{}/(?s:.*)", escape(glob)),
            Some((before, after)) => format!("spiffe://{}[^/]*{}/.*", escape(before), escape(after)),
        },
        other => panic!("{other:?}"),
    }
}

fn template_expression(template: &str) -> String {
    let set = "a-zA-Z0-9._~%!$&'()+,;:@=*-";
    let literal: Vec<String> =
        template.split("{**}").map(|part| part.split("{*}").map(escape).collect::<Vec<_>>().join(&format!("[{set}]+"))).collect();
    literal.join(&format!("[{set}/]*"))
}

fn address(pattern: &Pattern, known: Known<IpAddr>) -> Truth {
    match (known, pattern) {
        (Known::No(_), _) => None,
        (Known::Yes(address), Pattern::Cidr(block, length)) => Some(covers(*block, *length, address)),
        (_, other) => panic!("{other:?}"),
    }
}

fn claim(claims: Option<&Json>, path: &[String], pattern: &Pattern) -> bool {
    let Pattern::Text(pattern) = pattern else { panic!("{pattern:?}") };
    let mut found = claims;
    for key in path {
        found = found.and_then(|value| value.get(key).filter(|_| value.is_object()));
    }
    match found {
        Some(Json::String(value)) => text(pattern, value, false),
        Some(Json::Array(values)) => values.iter().any(|value| value.as_str().is_some_and(|value| text(pattern, value, false))),
        _ => false,
    }
}

fn matches(attribute: &Attribute, pattern: &Pattern, facts: &Facts<'_>) -> Truth {
    let http = facts.http.as_ref();
    let plain = || match pattern {
        Pattern::Text(pattern) => pattern.clone(),
        other => panic!("{other:?}"),
    };
    Some(match attribute {
        Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain => {
            let expression = name_expression(pattern);
            facts.peer.iter().any(|name| full_match(&expression, name))
        }
        Attribute::SourceIp => return address(pattern, facts.source_ip),
        Attribute::RemoteIp => return address(pattern, facts.remote_ip),
        Attribute::DestinationIp => return address(pattern, facts.destination_ip),
        Attribute::DestinationPort => *pattern == Pattern::Port(facts.destination_port),
        Attribute::Sni => match facts.sni {
            Known::Yes(name) => text(&plain(), name, false),
            Known::No(_) => return None,
        },
        Attribute::Host => {
            let lower = match plain() {
                TextPattern::Present => TextPattern::Present,
                TextPattern::Exact(text) => TextPattern::Exact(text.to_ascii_lowercase()),
                TextPattern::Prefix(text) => TextPattern::Prefix(text.to_ascii_lowercase()),
                TextPattern::Suffix(text) => TextPattern::Suffix(text.to_ascii_lowercase()),
            };
            http.is_some_and(|http| text(&lower, &http.authority.to_ascii_lowercase(), true))
        }
        Attribute::Method => http.is_some_and(|http| text(&plain(), http.method, true)),
        Attribute::Path => http.and_then(|http| http.path).is_some_and(|path| {
            let path = path.split(['?', '#']).next().unwrap();
            match pattern {
                Pattern::Template(template) => full_match(&template_expression(template), path),
                _ => text(&plain(), path, false),
            }
        }),
        Attribute::Header(name) => http.is_some_and(|http| {
            let values: Vec<&str> = match name.to_ascii_lowercase().as_str() {
                ":method" => vec![http.method],
                ":authority" | "host" => vec![http.authority],
                ":scheme" => vec![http.scheme],
                ":path" => http.path.into_iter().collect(),
                name => http.headers.iter().filter(|(key, _)| *key == name).map(|(_, value)| value).collect(),
            };
            values.into_iter().any(|value| text(&plain(), value, true))
        }),
        Attribute::RequestPrincipal => {
            let Pattern::RequestPrincipal { issuer, subject } = pattern else { panic!("{pattern:?}") };
            let claim = |name| http.and_then(|http| http.claims).and_then(|claims| claims.get(name)).and_then(Json::as_str);
            match (claim("iss"), claim("sub")) {
                (Some(found_issuer), Some(found_subject)) => {
                    text(issuer, found_issuer, false) && text(subject, found_subject, false)
                }
                _ => false,
            }
        }
        Attribute::Audiences => claim(http.and_then(|http| http.claims), &["aud".to_owned()], pattern),
        Attribute::Presenter => claim(http.and_then(|http| http.claims), &["azp".to_owned()], pattern),
        Attribute::Claim(path) => claim(http.and_then(|http| http.claims), path, pattern),
        Attribute::Metadata(..) => false,
    })
}
