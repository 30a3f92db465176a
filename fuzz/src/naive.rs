//! The specification of matching read literally: patterns are simulated character by character, rules are loops. It shares no
//! matching code with the compiled form.

use std::net::IpAddr;

use meshsec::policy::Attribute;
use meshsec::policy::Engine;
use meshsec::policy::EngineRule;
use meshsec::policy::Entry;
use meshsec::policy::Facts;
use meshsec::policy::Known;
use meshsec::policy::Pattern;
use meshsec::policy::Test;
use meshsec::policy::TextPattern;
use meshsec::policy::Value;
use serde_json::Value as Json;

/// Whether something holds; `None` is unknown.
pub type Truth = Option<bool>;

/// One step of an expression.
#[derive(Debug, Clone)]
enum Atom {
    One(char),
    /// Any number of such characters, or any number but none.
    Many {
        covers: fn(char) -> bool,
        may_be_none: bool,
    },
}

/// What `.` covers.
fn dot(character: char) -> bool {
    character != '\n'
}

fn anything(_: char) -> bool {
    true
}

fn no_slash(character: char) -> bool {
    character != '/'
}

fn template_literal(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~%!$&'()+,;:@=".contains(character)
}

fn template_star(character: char) -> bool {
    character == '*' || template_literal(character)
}

fn template_rest(character: char) -> bool {
    character == '/' || template_star(character)
}

#[derive(Debug, Clone, Default)]
struct Expression(Vec<Atom>);

impl Expression {
    fn text(mut self, text: &str) -> Self {
        self.0.extend(text.chars().map(Atom::One));
        self
    }

    fn any(mut self, covers: fn(char) -> bool) -> Self {
        self.0.push(Atom::Many { covers, may_be_none: true });
        self
    }

    fn some(mut self, covers: fn(char) -> bool) -> Self {
        self.0.push(Atom::Many { covers, may_be_none: false });
        self
    }

    /// Whether the whole text is covered: the set of places reached is carried from atom to atom.
    fn covers(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for atom in &self.0 {
            let mut next = vec![false; text.len() + 1];
            match atom {
                Atom::One(wanted) => {
                    for (at, character) in text.iter().enumerate() {
                        next[at + 1] = reached[at] && character == wanted;
                    }
                }
                Atom::Many { covers, may_be_none } => {
                    for (at, character) in text.iter().enumerate() {
                        next[at + 1] = (reached[at] || next[at]) && covers(*character);
                    }
                    if *may_be_none {
                        next.iter_mut().zip(&reached).for_each(|(next, reached)| *next |= reached);
                        for (at, character) in text.iter().enumerate() {
                            next[at + 1] |= next[at] && covers(*character);
                        }
                    }
                }
            }
            reached = next;
        }
        reached[text.len()]
    }
}

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

/// Whether one `from` and one `to` entry hold.
pub fn rule(rule: &EngineRule, facts: &Facts<'_>) -> Truth {
    let any = |entries: &[Entry]| or(entries.iter().map(|entry| and(entry.tests.iter().map(|one| test(one, facts)))));
    and([any(&rule.from), any(&rule.to)])
}

/// Whether some value matches and no excluded one does.
pub fn test(test: &Test, facts: &Facts<'_>) -> Truth {
    let any = |values: &[Value]| or(values.iter().map(|value| matches(&test.attribute, &value.pattern, facts)));
    let positive = if test.values.is_empty() { Some(true) } else { any(&test.values) };
    let open = is_open(&test.attribute, facts);
    if open { None } else { and([positive, any(&test.not_values).map(|truth| !truth)]) }
}

/// A test on a fact that was not given is open as a whole, also where every value would give one answer.
fn is_open(attribute: &Attribute, facts: &Facts<'_>) -> bool {
    match attribute {
        Attribute::SourceIp => matches!(facts.source_ip, Known::No(_)),
        Attribute::RemoteIp => matches!(facts.remote_ip, Known::No(_)),
        Attribute::DestinationIp => matches!(facts.destination_ip, Known::No(_)),
        Attribute::Sni => matches!(facts.sni, Known::No(_)),
        _ => false,
    }
}

/// The first rule that surely matches, or the first that may, or none.
pub fn evaluate(engine: &Engine, facts: &Facts<'_>) -> (Truth, Option<usize>) {
    let truths: Vec<Truth> = engine.rules.iter().map(|one| rule(one, facts)).collect();
    for wanted in [Some(true), None] {
        if let Some(position) = truths.iter().position(|truth| *truth == wanted) {
            return (wanted, Some(position));
        }
    }
    (Some(false), None)
}

/// How many tests of the closest pair of entries do not hold, and the first rule with that number.
pub fn nearest(engine: &Engine, facts: &Facts<'_>) -> Option<(usize, usize)> {
    let failures = |entries: &[Entry]| -> Option<usize> {
        entries.iter().map(|entry| entry.tests.iter().filter(|one| test(one, facts) != Some(true)).count()).min()
    };
    let sums =
        engine.rules.iter().enumerate().filter_map(|(number, rule)| Some((failures(&rule.from)? + failures(&rule.to)?, number)));
    sums.min()
}

fn text(pattern: &TextPattern, text: &str, is_header: bool) -> bool {
    let empty = Expression::default;
    match pattern {
        TextPattern::Present => is_header || empty().some(dot).covers(text),
        TextPattern::Exact(wanted) => empty().text(wanted).covers(text),
        TextPattern::Prefix(wanted) => empty().text(wanted).any(anything).covers(text),
        TextPattern::Suffix(wanted) => empty().any(anything).text(wanted).covers(text),
    }
}

fn bits(address: IpAddr) -> Vec<bool> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect()
}

fn in_block(block: IpAddr, length: u8, address: IpAddr) -> bool {
    block.is_ipv4() == address.is_ipv4() && bits(block)[..usize::from(length)] == bits(address)[..usize::from(length)]
}

/// What a name in a certificate has to look like: any of these.
fn name_expressions(pattern: &Pattern) -> Vec<Expression> {
    let id = || Expression::default().text("spiffe://");
    vec![match pattern {
        Pattern::Text(TextPattern::Present) => Expression::default().some(dot),
        Pattern::Text(TextPattern::Exact(name)) => id().text(name),
        Pattern::Text(TextPattern::Prefix(name)) => id().text(name).any(anything),
        Pattern::Text(TextPattern::Suffix(name)) => id().any(dot).text(name),
        Pattern::NamespaceGlob(glob) => {
            let mut expression = Expression::default().any(dot).text("/ns/");
            for (number, part) in glob.split('*').enumerate() {
                expression = if number > 0 { expression.any(dot) } else { expression }.text(part);
            }
            expression.text("/").any(dot)
        }
        Pattern::ServiceAccount { namespace, name } => {
            let start = id().some(dot).text("/ns/").text(namespace).text("/");
            let middles = [start.clone(), start.some(dot).text("/")];
            let accounts = middles.map(|middle| middle.text("sa/").text(name));
            return accounts.into_iter().flat_map(|account| [account.clone(), account.text("/").some(dot)]).collect();
        }
        Pattern::TrustDomainGlob(glob) if glob == "*" => id().any(anything),
        Pattern::TrustDomainGlob(glob) => match glob.split_once('*') {
            None => id().text(glob).text("/").any(anything),
            Some((before, after)) => id().text(before).any(no_slash).text(after).text("/").any(dot),
        },
        other => panic!("{other:?}"),
    }]
}

/// `None` for a template the proxy refuses, which never matches here.
fn template_expression(template: &str) -> Option<Expression> {
    let segments: Vec<&str> = template.strip_prefix('/')?.split('/').collect();
    let mut expression = Expression::default();
    let mut is_closed = false;
    for (number, segment) in segments.iter().enumerate() {
        expression = expression.text("/");
        let is_glob = matches!(*segment, "{*}" | "{**}");
        if is_glob && is_closed {
            return None;
        }
        expression = match *segment {
            "{*}" => expression.some(template_star),
            "{**}" => {
                is_closed = true;
                expression.any(template_rest)
            }
            "" if number + 1 < segments.len() => return None,
            literal if literal.chars().all(template_literal) => expression.text(literal),
            _ => return None,
        };
    }
    Some(expression)
}

fn address(pattern: &Pattern, known: Known<IpAddr>) -> Truth {
    match (known, pattern) {
        (Known::No(_), _) => None,
        (Known::Yes(address), Pattern::Cidr(block, length)) => Some(in_block(*block, *length, address)),
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

fn lower_case(pattern: TextPattern) -> TextPattern {
    match pattern {
        TextPattern::Present => TextPattern::Present,
        TextPattern::Exact(text) => TextPattern::Exact(text.to_ascii_lowercase()),
        TextPattern::Prefix(text) => TextPattern::Prefix(text.to_ascii_lowercase()),
        TextPattern::Suffix(text) => TextPattern::Suffix(text.to_ascii_lowercase()),
    }
}

fn matches(attribute: &Attribute, pattern: &Pattern, facts: &Facts<'_>) -> Truth {
    let http = facts.http.as_ref();
    let claims = http.and_then(|http| http.claims);
    let plain = || match pattern {
        Pattern::Text(pattern) => pattern.clone(),
        other => panic!("{other:?}"),
    };
    Some(match attribute {
        Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain => {
            let expressions = name_expressions(pattern);
            facts.peer.iter().any(|name| expressions.iter().any(|expression| expression.covers(name)))
        }
        Attribute::SourceIp => return address(pattern, facts.source_ip),
        Attribute::RemoteIp => return address(pattern, facts.remote_ip),
        Attribute::DestinationIp => return address(pattern, facts.destination_ip),
        Attribute::DestinationPort => *pattern == Pattern::Port(facts.destination_port),
        Attribute::Sni => match facts.sni {
            Known::Yes(name) => text(&plain(), name, false),
            Known::No(_) => return None,
        },
        Attribute::Host => http.is_some_and(|http| text(&lower_case(plain()), &http.authority.to_ascii_lowercase(), true)),
        Attribute::Method => http.is_some_and(|http| text(&plain(), http.method, true)),
        Attribute::Path => http.and_then(|http| http.path).is_some_and(|path| {
            let path = path.split(['?', '#']).next().unwrap_or_default();
            match pattern {
                Pattern::Template(template) => template_expression(template).is_some_and(|expression| expression.covers(path)),
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
            let claim = |name| claims.and_then(|claims| claims.get(name)).and_then(Json::as_str);
            match (claim("iss"), claim("sub")) {
                (Some(found_issuer), Some(found_subject)) => {
                    text(issuer, found_issuer, false) && text(subject, found_subject, false)
                }
                _ => false,
            }
        }
        Attribute::Audiences => claim(claims, &["aud".to_owned()], pattern),
        Attribute::Presenter => claim(claims, &["azp".to_owned()], pattern),
        Attribute::Claim(path) => claim(claims, path, pattern),
        Attribute::Metadata(..) => false,
    })
}
