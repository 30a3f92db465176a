//! Whether one request may match two rules, and whether one rule matches whatever another does.
//!
//! Both answer from the text of the rules alone and are careful: `Overlap::None` and `covers` are said only when they are certain.

use crate::diag::Spanned;
use crate::manifest::kinds::Condition;
use crate::manifest::kinds::Operation;
use crate::manifest::kinds::Rule;
use crate::manifest::kinds::RuleSource;

/// The requests that an effect is about.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::apply) enum Requests {
    /// Any.
    Any,
    /// Those that one of these rules matches.
    Matching(Vec<Rule>),
}

/// Whether a request may be in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Overlap {
    /// None is.
    None,
    /// One may be on a port that carries no HTTP, where conditions on HTTP say nothing.
    OutsideHttp,
    /// One may be anywhere.
    Some,
}

impl Requests {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Matching(rules) if rules.is_empty())
    }

    /// Whether a rule is in both.
    pub(super) fn share_a_rule(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Matching(a), Self::Matching(b)) if a.iter().any(|rule| b.contains(rule)))
    }

    /// Whether a request may be in both, when both are refused by a DENY or CUSTOM rule.
    pub(super) fn overlap_of_denials(&self, other: &Self) -> Overlap {
        self.overlap_with(other, |a, b| {
            if !is_disjoint(a, b, true) {
                Overlap::Some
            } else if is_disjoint(a, b, false) {
                Overlap::None
            } else {
                Overlap::OutsideHttp
            }
        })
    }

    /// The same when one of the rules lets requests in: on a port without HTTP a rule about HTTP lets none in.
    pub(super) fn overlap(&self, other: &Self) -> Overlap {
        self.overlap_with(other, |a, b| if is_disjoint(a, b, true) { Overlap::None } else { Overlap::Some })
    }

    fn overlap_with(&self, other: &Self, of_pair: impl Fn(&Rule, &Rule) -> Overlap) -> Overlap {
        match (self, other) {
            (a, b) if a.is_empty() || b.is_empty() => Overlap::None,
            (Self::Matching(a), Self::Matching(b)) => {
                a.iter().flat_map(|a| b.iter().map(move |b| (a, b))).map(|(a, b)| of_pair(a, b)).max().unwrap_or(Overlap::None)
            }
            (Self::Any, _) | (_, Self::Any) => Overlap::Some,
        }
    }
}

/// The rules that none of the others covers.
pub(super) fn beyond(rules: &[Rule], others: &[Rule]) -> Requests {
    Requests::Matching(rules.iter().filter(|rule| !others.iter().any(|other| covers(other, rule))).cloned().collect())
}

/// Whether no request matches both. With `by_http` conditions on HTTP count.
fn is_disjoint(a: &Rule, b: &Rule, by_http: bool) -> bool {
    let sources = |rule: &Rule| entries(&rule.from);
    let operations = |rule: &Rule| entries(&rule.to);
    let from = sources(a).iter().all(|a| sources(b).iter().all(|b| sources_are_disjoint(a, b)));
    let to = operations(a).iter().all(|a| operations(b).iter().all(|b| operations_are_disjoint(a, b, by_http)));
    let when = a.when.iter().any(|a| b.when.iter().any(|b| conditions_are_disjoint(a, b, by_http)));
    from || to || when
}

/// The entries of a list; one without conditions when there is none, or when one is null.
fn entries<T: Clone + Default>(list: &[Option<T>]) -> Vec<T> {
    if list.is_empty() { vec![T::default()] } else { list.iter().map(|entry| entry.clone().unwrap_or_default()).collect() }
}

fn sources_are_disjoint(a: &RuleSource, b: &RuleSource) -> bool {
    fields_are_disjoint((&a.principals, &a.not_principals), (&b.principals, &b.not_principals), without_trust_domain)
        || fields_are_disjoint((&a.namespaces, &a.not_namespaces), (&b.namespaces, &b.not_namespaces), as_written)
}

fn operations_are_disjoint(a: &Operation, b: &Operation, by_http: bool) -> bool {
    fields_are_disjoint((&a.ports, &a.not_ports), (&b.ports, &b.not_ports), port)
        || by_http
            && (fields_are_disjoint((&a.methods, &a.not_methods), (&b.methods, &b.not_methods), as_written)
                || fields_are_disjoint((&a.paths, &a.not_paths), (&b.paths, &b.not_paths), as_written)
                || fields_are_disjoint((&a.hosts, &a.not_hosts), (&b.hosts, &b.not_hosts), host))
}

/// What may match anything.
const ANYTHING: &str = "*";

fn as_written(text: &str) -> String {
    if text.is_empty() { ANYTHING.to_owned() } else { text.to_ascii_lowercase() }
}

/// A principal without its trust domain, which may have aliases.
fn without_trust_domain(text: &str) -> String {
    text.split_once('/')
        .filter(|(domain, _)| !domain.is_empty())
        .map_or_else(|| ANYTHING.to_owned(), |(_, rest)| as_written(rest))
}

/// A host; one with a port may be the same as one without.
fn host(text: &str) -> String {
    if text.contains(':') { ANYTHING.to_owned() } else { as_written(text) }
}

fn port(text: &str) -> String {
    text.parse::<u16>().map_or_else(|_| ANYTHING.to_owned(), |port| port.to_string())
}

fn conditions_are_disjoint(a: &Condition, b: &Condition, by_http: bool) -> bool {
    let read = match a.key.as_str() {
        "source.namespace" => as_written,
        "source.principal" => without_trust_domain,
        "destination.port" => port,
        // Of TLS, not of HTTP, but there only where the client says so.
        "connection.sni" if by_http => host,
        // Headers and claims may have several values at once; addresses are no text.
        _ => return false,
    };
    a.key == b.key && fields_are_disjoint((&a.values, &a.not_values), (&b.values, &b.not_values), read)
}

/// Values that are wanted and values that are not.
type Field<'a> = (&'a [Spanned<String>], &'a [Spanned<String>]);

/// Whether no text is wanted by both, once each value is read as the field reads it.
fn fields_are_disjoint((a, not_a): Field<'_>, (b, not_b): Field<'_>, read: fn(&str) -> String) -> bool {
    let read_all = |values: &[Spanned<String>]| -> Vec<String> { values.iter().map(|value| read(value.as_str())).collect() };
    let (wanted_a, wanted_b) = (read_all(a), read_all(b));
    let all_refused = |wanted: &[String], refused: &[Spanned<String>]| {
        let refused: Vec<String> = read_all(refused).into_iter().filter(|pattern| pattern != ANYTHING).collect();
        !wanted.is_empty() && wanted.iter().all(|value| refused.iter().any(|pattern| is_within(value, pattern)))
    };
    let never_meet = |(a, b): (&[String], &[String])| a.iter().all(|a| b.iter().all(|b| !may_meet(a, b)));
    !wanted_a.is_empty() && !wanted_b.is_empty() && never_meet((&wanted_a, &wanted_b))
        || all_refused(&wanted_a, not_b)
        || all_refused(&wanted_b, not_a)
}

/// How a value is compared.
enum Pattern<'a> {
    Exact(&'a str),
    Prefix(&'a str),
    Suffix(&'a str),
    /// Presence, templates, and whatever is read in another way.
    Other,
}

fn pattern(text: &str) -> Pattern<'_> {
    let is_plain = |part: &str| !part.contains(['*', '{']);
    match (text.strip_prefix('*'), text.strip_suffix('*')) {
        _ if is_plain(text) => Pattern::Exact(text),
        (_, Some(start)) if !start.is_empty() && is_plain(start) => Pattern::Prefix(start),
        (Some(end), _) if !end.is_empty() && is_plain(end) => Pattern::Suffix(end),
        _ => Pattern::Other,
    }
}

/// Whether one text may match both patterns.
fn may_meet(a: &str, b: &str) -> bool {
    match (pattern(a), pattern(b)) {
        (Pattern::Other, _)
        | (_, Pattern::Other)
        | (Pattern::Prefix(_), Pattern::Suffix(_))
        | (Pattern::Suffix(_), Pattern::Prefix(_)) => true,
        (Pattern::Exact(a), Pattern::Exact(b)) => a == b,
        (Pattern::Exact(text), Pattern::Prefix(start)) | (Pattern::Prefix(start), Pattern::Exact(text)) => {
            text.starts_with(start)
        }
        (Pattern::Exact(text), Pattern::Suffix(end)) | (Pattern::Suffix(end), Pattern::Exact(text)) => text.ends_with(end),
        (Pattern::Prefix(a), Pattern::Prefix(b)) => a.starts_with(b) || b.starts_with(a),
        (Pattern::Suffix(a), Pattern::Suffix(b)) => a.ends_with(b) || b.ends_with(a),
    }
}

/// Whether every text that the first pattern matches is matched by the second.
fn is_within(inner: &str, outer: &str) -> bool {
    inner == outer
        || match (pattern(inner), pattern(outer)) {
            (Pattern::Exact(text) | Pattern::Prefix(text), Pattern::Prefix(start)) => text.starts_with(start),
            (Pattern::Exact(text) | Pattern::Suffix(text), Pattern::Suffix(end)) => text.ends_with(end),
            (Pattern::Exact(_) | Pattern::Prefix(_) | Pattern::Suffix(_) | Pattern::Other, _) => false,
        }
}

/// Whether the first rule matches every request that the second matches.
fn covers(outer: &Rule, inner: &Rule) -> bool {
    let from = entries(&inner.from).iter().all(|inner| entries(&outer.from).iter().any(|outer| source_covers(outer, inner)));
    let to = entries(&inner.to).iter().all(|inner| entries(&outer.to).iter().any(|outer| operation_covers(outer, inner)));
    let when = outer.when.iter().all(|condition| inner.when.contains(condition));
    from && to && when
}

fn source_covers(outer: &RuleSource, inner: &RuleSource) -> bool {
    let fields = |source: &RuleSource| {
        [
            (source.principals.clone(), source.not_principals.clone()),
            (source.request_principals.clone(), source.not_request_principals.clone()),
            (source.namespaces.clone(), source.not_namespaces.clone()),
            (source.service_accounts.clone(), source.not_service_accounts.clone()),
            (source.trust_domains.clone(), source.not_trust_domains.clone()),
            (source.ip_blocks.clone(), source.not_ip_blocks.clone()),
            (source.remote_ip_blocks.clone(), source.not_remote_ip_blocks.clone()),
        ]
    };
    all_cover(&fields(outer), &fields(inner))
}

fn operation_covers(outer: &Operation, inner: &Operation) -> bool {
    let fields = |operation: &Operation| {
        [
            (operation.hosts.clone(), operation.not_hosts.clone()),
            (operation.ports.clone(), operation.not_ports.clone()),
            (operation.methods.clone(), operation.not_methods.clone()),
            (operation.paths.clone(), operation.not_paths.clone()),
        ]
    };
    all_cover(&fields(outer), &fields(inner))
}

type OwnedField = (Vec<Spanned<String>>, Vec<Spanned<String>>);

fn all_cover(outer: &[OwnedField], inner: &[OwnedField]) -> bool {
    outer.iter().zip(inner).all(|((outer, not_outer), (inner, not_inner))| {
        let within = |value: &Spanned<String>| outer.iter().any(|pattern| is_within(value.as_str(), pattern.as_str()));
        (outer.is_empty() || !inner.is_empty() && inner.iter().all(within))
            && not_outer.iter().all(|value| not_inner.contains(value))
    })
}
