//! What a lowered rule asks for, in plain English.
//!
//! The sentences are made of the form the proxy evaluates, so what translation dropped or rewrote is not in them.

use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;
use crate::policy::Value;

/// So many values of a list are spelled out.
const SPELLED_OUT: usize = 4;

impl EngineRule {
    /// What the rule matches: ``requests where the method is `GET` and the caller's namespace is `web` ``.
    #[must_use]
    pub fn in_english(&self, chain: ChainKind) -> String {
        let (one, many) = match chain {
            ChainKind::Http => ("request", "requests"),
            ChainKind::Tcp => ("connection", "connections"),
        };
        if self.from.is_empty() && self.to.is_empty() {
            return format!("no {one}: the policy has no rules");
        }
        let sides: Vec<String> = [&self.to, &self.from].into_iter().filter_map(|entries| side(entries)).collect();
        match sides.as_slice() {
            [] => format!("every {one}"),
            [single] => {
                format!("{many} where {}", single.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(single))
            }
            several => format!("{many} where {}", several.join(" and ")),
        }
    }

    /// Whether nothing is asked for: everything matches.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        !(self.from.is_empty() && self.to.is_empty()) && side(&self.from).is_none() && side(&self.to).is_none()
    }
}

/// Entries joined by OR, in brackets when there are several; `None` when one of them asks for nothing.
fn side(entries: &[Entry]) -> Option<String> {
    let mut phrases: Vec<String> = Vec::with_capacity(entries.len());
    for entry in entries {
        if entry.tests.is_empty() {
            return None;
        }
        let tests: Vec<String> = entry.tests.iter().map(test).collect();
        let phrase = match tests.as_slice() {
            [single] => single.clone(),
            several if entries.len() > 1 => format!("({})", several.join(" and ")),
            several => several.join(" and "),
        };
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    match phrases.as_slice() {
        [] => None,
        [single] => Some(single.clone()),
        several => Some(format!("({})", several.join(" or "))),
    }
}

fn test(test: &Test) -> String {
    let Test { attribute, field: _, values, not_values, place: _ } = test;
    let subject = subject(attribute);
    let mut phrases = Vec::new();
    if !values.is_empty() {
        phrases.push(format!("{subject} {}", predicate(attribute, values, false)));
    }
    if !not_values.is_empty() {
        let negative = predicate(attribute, not_values, true);
        // What is to be absent needs no mention of those who lack it.
        let excludes_values = not_values.iter().any(|value| meaning(&value.pattern).0 != How::Present);
        phrases.push(match (values.is_empty() && excludes_values, without(attribute)) {
            (true, Some(without)) => format!("{subject} {negative} (also {without})"),
            _ if values.is_empty() => format!("{subject} {negative}"),
            _ => negative,
        });
    }
    phrases.join(" and ")
}

fn subject(attribute: &Attribute) -> String {
    match attribute {
        Attribute::Principal => "the caller's principal".to_owned(),
        Attribute::Namespace => "the caller's namespace".to_owned(),
        Attribute::ServiceAccount => "the caller's service account".to_owned(),
        Attribute::TrustDomain => "the caller's trust domain".to_owned(),
        Attribute::SourceIp => "the source address".to_owned(),
        Attribute::RemoteIp => "the original client address".to_owned(),
        Attribute::DestinationIp => "the destination address".to_owned(),
        Attribute::DestinationPort => "the port".to_owned(),
        Attribute::Sni => "the server name (SNI)".to_owned(),
        Attribute::Host => "the host".to_owned(),
        Attribute::Method => "the method".to_owned(),
        Attribute::Path => "the path".to_owned(),
        Attribute::Header(name) => format!("header `{name}`"),
        Attribute::RequestPrincipal => "the token".to_owned(),
        Attribute::Audiences => "the token's audience".to_owned(),
        Attribute::Presenter => "the token's claim `azp`".to_owned(),
        Attribute::Claim(path) => format!("the token's claim `{}`", path.join("][")),
        Attribute::Metadata(filter, key) => format!("metadata `{key}` of `{filter}`"),
    }
}

/// What a caller may lack and still pass a test that only excludes.
fn without(attribute: &Attribute) -> Option<&'static str> {
    match attribute {
        Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain => {
            Some("without a mesh identity")
        }
        Attribute::Header(_) => Some("without the header"),
        Attribute::RequestPrincipal | Attribute::Audiences | Attribute::Presenter | Attribute::Claim(_) => {
            Some("without a token")
        }
        Attribute::Sni => Some("without one"),
        Attribute::SourceIp
        | Attribute::RemoteIp
        | Attribute::DestinationIp
        | Attribute::DestinationPort
        | Attribute::Host
        | Attribute::Method
        | Attribute::Path
        | Attribute::Metadata(..) => None,
    }
}

/// The ways in which a value can be wanted, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Present,
    Exact,
    Within,
    Start,
    End,
    Glob,
    Template,
    Token,
}

fn predicate(attribute: &Attribute, values: &[Value], is_negated: bool) -> String {
    let mut groups: Vec<(How, Vec<String>)> = Vec::new();
    for value in values {
        let (how, text) = meaning(&value.pattern);
        match groups.iter_mut().find(|(known, _)| *known == how) {
            Some((_, texts)) if texts.contains(&text) => {}
            Some((_, texts)) => texts.push(text),
            None => groups.push((how, vec![text])),
        }
    }
    groups.sort_by_key(|(how, _)| *how);
    let phrases: Vec<String> = groups.iter().map(|(how, texts)| phrase(attribute, *how, texts, is_negated)).collect();
    phrases.join(if is_negated { " and " } else { " or " })
}

fn phrase(attribute: &Attribute, how: How, texts: &[String], is_negated: bool) -> String {
    let list = list(texts, how != How::Token);
    let is_list = matches!(attribute, Attribute::Audiences | Attribute::Claim(_) | Attribute::Presenter);
    match (how, is_negated) {
        (How::Present, false) if matches!(attribute, Attribute::RequestPrincipal) => "is valid, whoever issued it".to_owned(),
        (How::Present, true) if matches!(attribute, Attribute::RequestPrincipal) => "is missing".to_owned(),
        (How::Present, false) => "is there, whatever it is".to_owned(),
        (How::Present, true) => "is absent".to_owned(),
        (How::Exact, false) if is_list => format!("is or holds {list}"),
        (How::Exact, true) if is_list => format!("neither is nor holds {list}"),
        (How::Exact, false) => format!("is {list}"),
        (How::Exact, true) => format!("is not {list}"),
        (How::Within, false) => format!("is in {list}"),
        (How::Within, true) => format!("is not in {list}"),
        (How::Start, false) => format!("starts with {list}"),
        (How::Start, true) => format!("does not start with {list}"),
        (How::End, false) => format!("ends with {list}"),
        (How::End, true) => format!("does not end with {list}"),
        (How::Glob | How::Template, false) => format!("matches {list}"),
        (How::Glob | How::Template, true) => format!("does not match {list}"),
        (How::Token, false) => format!("has {list}"),
        (How::Token, true) => format!("does not have {list}"),
    }
}

fn meaning(pattern: &Pattern) -> (How, String) {
    match pattern {
        Pattern::Text(text) | Pattern::Metadata(text, _) => text_meaning(text),
        Pattern::Template(template) => (How::Template, template.clone()),
        Pattern::Cidr(address, length) => {
            let is_single = *length == if address.is_ipv4() { 32 } else { 128 };
            if is_single { (How::Exact, address.to_string()) } else { (How::Within, format!("{address}/{length}")) }
        }
        Pattern::Port(port) => (How::Exact, port.to_string()),
        Pattern::NamespaceGlob(glob) | Pattern::TrustDomainGlob(glob) => match glob.as_str() {
            "*" => (How::Present, String::new()),
            glob if glob.contains('*') => (How::Glob, glob.to_owned()),
            exact => (How::Exact, exact.to_owned()),
        },
        Pattern::ServiceAccount { namespace, name } => (How::Exact, format!("{namespace}/{name}")),
        Pattern::RequestPrincipal { issuer: TextPattern::Present, subject: TextPattern::Present } => {
            (How::Present, String::new())
        }
        Pattern::RequestPrincipal { issuer, subject } => {
            let part = |name: &str, pattern: &TextPattern| match text_meaning(pattern) {
                (How::Present, _) => format!("any {name}"),
                (How::Start, text) => format!("{name} `{text}..`"),
                (How::End, text) => format!("{name} `..{text}`"),
                (_, text) => format!("{name} `{text}`"),
            };
            (How::Token, format!("{} and {}", part("issuer", issuer), part("subject", subject)))
        }
    }
}

fn text_meaning(pattern: &TextPattern) -> (How, String) {
    match pattern {
        TextPattern::Present => (How::Present, String::new()),
        TextPattern::Exact(text) => (How::Exact, text.clone()),
        TextPattern::Prefix(text) => (How::Start, text.clone()),
        TextPattern::Suffix(text) => (How::End, text.clone()),
    }
}

/// `a`, `b` or `c`; of long lists the start and how many there are.
fn list(texts: &[String], is_quoted: bool) -> String {
    let quote = |text: &String| if is_quoted { format!("`{text}`") } else { text.clone() };
    if texts.len() > SPELLED_OUT {
        let shown: Vec<String> = texts.iter().take(SPELLED_OUT - 1).map(quote).collect();
        return format!("{} or one of {} more", shown.join(", "), texts.len() - shown.len());
    }
    match texts {
        [] => String::new(),
        [single] => quote(single),
        [start @ .., last] => format!("{} or {}", start.iter().map(quote).collect::<Vec<_>>().join(", "), quote(last)),
    }
}
