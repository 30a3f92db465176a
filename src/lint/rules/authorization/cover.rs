//! Which requests a part of a policy matches, compared with another part: on what istiod makes of them, not on their text.
//!
//! Every answer is one-sided: `true` is certain, `false` means that it could not be shown.

use std::net::IpAddr;

use crate::policy::Attribute;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;
use crate::policy::Value;
use crate::policy::template_covers;

/// Whether a request has at most one value of an attribute. Of headers, audiences and claims it may have several, and a condition on
/// dynamic metadata says nothing of their number.
pub(super) fn is_single(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::Principal
        | Attribute::Namespace
        | Attribute::ServiceAccount
        | Attribute::TrustDomain
        | Attribute::SourceIp
        | Attribute::RemoteIp
        | Attribute::DestinationIp
        | Attribute::DestinationPort
        | Attribute::Sni
        | Attribute::Host
        | Attribute::Method
        | Attribute::Path
        | Attribute::RequestPrincipal
        | Attribute::Presenter => true,
        Attribute::Header(_) | Attribute::Audiences | Attribute::Claim(_) | Attribute::Metadata(..) => false,
    }
}

/// Whether an attribute is read from the caller's certificate.
pub(super) fn is_identity(attribute: &Attribute) -> bool {
    matches!(attribute, Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain)
}

/// Whether everything that a pattern on an attribute matches is also matched by another one, perhaps of another attribute of the
/// caller's identity.
pub(super) fn covers(outer: (&Attribute, &Pattern), inner: (&Attribute, &Pattern)) -> bool {
    if outer.0 == inner.0 && covers_alike(outer.0, outer.1, inner.1) {
        return true;
    }
    is_identity(outer.0) && is_identity(inner.0) && identity_covers(outer, inner)
}

fn covers_alike(attribute: &Attribute, outer: &Pattern, inner: &Pattern) -> bool {
    if outer == inner {
        return true;
    }
    match (outer, inner) {
        (Pattern::Text(outer), Pattern::Text(inner)) if *attribute == Attribute::Host => {
            text_covers(&lower(outer), &lower(inner))
        }
        (Pattern::Text(outer), Pattern::Text(inner)) => text_covers(outer, inner),
        (Pattern::Text(outer), Pattern::Template(template)) => match outer {
            TextPattern::Present => true,
            TextPattern::Prefix(prefix) => head(template).starts_with(prefix.as_str()),
            TextPattern::Exact(_) | TextPattern::Suffix(_) => false,
        },
        (Pattern::Template(template), Pattern::Text(TextPattern::Exact(path))) => template_covers(template, path),
        (Pattern::Cidr(outer, outer_length), Pattern::Cidr(inner, inner_length)) => {
            outer_length <= inner_length && same_network(*outer, *inner, *outer_length)
        }
        (Pattern::NamespaceGlob(outer), Pattern::NamespaceGlob(inner))
        | (Pattern::TrustDomainGlob(outer), Pattern::TrustDomainGlob(inner)) => {
            match (plain_glob(outer), plain_glob(inner)) {
                (Some(TextPattern::Present), _) => true,
                // A star before the text also crosses slashes, so that only what stands before a star can be compared.
                (Some(TextPattern::Prefix(outer)), Some(TextPattern::Exact(inner) | TextPattern::Prefix(inner))) => {
                    inner.starts_with(&outer)
                }
                (Some(TextPattern::Suffix(outer)), Some(TextPattern::Exact(inner))) => inner.ends_with(&outer),
                _ => false,
            }
        }
        (
            Pattern::RequestPrincipal { issuer, subject },
            Pattern::RequestPrincipal { issuer: inner_issuer, subject: inner_subject },
        ) => text_covers(issuer, inner_issuer) && text_covers(subject, inner_subject),
        _ => false,
    }
}

/// Whether no request can match both patterns, on attributes of which it has one value.
pub(super) fn excludes(one: (&Attribute, &Pattern), other: (&Attribute, &Pattern)) -> bool {
    if one.0 == other.0 && is_single(one.0) && excludes_alike(one.0, one.1, other.1) {
        return true;
    }
    if !(is_identity(one.0) && is_identity(other.0)) {
        return false;
    }
    let (one, other) = (Identity::of(one), Identity::of(other));
    one.parts().into_iter().zip(other.parts()).any(|parts| match parts {
        (Some(one), Some(other)) => text_excludes(one, other),
        _ => false,
    })
}

fn excludes_alike(attribute: &Attribute, one: &Pattern, other: &Pattern) -> bool {
    match (one, other) {
        (Pattern::Text(one), Pattern::Text(other)) if *attribute == Attribute::Host => text_excludes(&lower(one), &lower(other)),
        (Pattern::Text(one), Pattern::Text(other)) => text_excludes(one, other),
        (Pattern::Template(template), Pattern::Text(text)) | (Pattern::Text(text), Pattern::Template(template)) => match text {
            TextPattern::Exact(path) => !template_covers(template, path),
            TextPattern::Prefix(prefix) => {
                let head = head(template);
                !head.starts_with(prefix.as_str()) && !prefix.starts_with(head)
            }
            TextPattern::Present | TextPattern::Suffix(_) => false,
        },
        (Pattern::Cidr(one, one_length), Pattern::Cidr(other, other_length)) => {
            !same_network(*one, *other, *one_length.min(other_length))
        }
        (Pattern::Port(one), Pattern::Port(other)) => one != other,
        (
            Pattern::RequestPrincipal { issuer, subject },
            Pattern::RequestPrincipal { issuer: other_issuer, subject: other_subject },
        ) => text_excludes(issuer, other_issuer) || text_excludes(subject, other_subject),
        _ => false,
    }
}

/// Whether a pattern matches whatever an HTTP request has.
pub(super) fn is_everything(attribute: &Attribute, pattern: &Pattern) -> bool {
    match (attribute, pattern) {
        (Attribute::Host | Attribute::Method | Attribute::Path, Pattern::Text(TextPattern::Present)) => true,
        (Attribute::Path, Pattern::Text(TextPattern::Prefix(prefix))) => prefix == "/",
        _ => false,
    }
}

/// Whether a test holds for every HTTP request, callers without certificate and token included.
pub(super) fn is_open(test: &Test) -> bool {
    test.not_values.is_empty() && takes_any_value(test)
}

/// Whether the positive values of a test leave nothing out.
fn takes_any_value(test: &Test) -> bool {
    let is_any = |family: fn(&IpAddr) -> bool| {
        test.values.iter().any(|value| matches!(&value.pattern, Pattern::Cidr(address, 0) if family(address)))
    };
    if matches!(test.attribute, Attribute::SourceIp | Attribute::RemoteIp | Attribute::DestinationIp) {
        return is_any(IpAddr::is_ipv4) && is_any(IpAddr::is_ipv6);
    }
    test.values.iter().any(|value| is_everything(&test.attribute, &value.pattern))
}

/// Whether a rule matches every HTTP request.
pub(super) fn is_match_all(rule: &EngineRule) -> bool {
    let any_open = |entries: &[Entry]| entries.iter().any(|entry| entry.tests.iter().all(is_open));
    any_open(&rule.from) && any_open(&rule.to)
}

/// Whether everything that a rule matches is also matched by another one.
pub(super) fn rule_covers(outer: &EngineRule, inner: &EngineRule) -> bool {
    let within = |outer: &[Entry], inner: &[Entry]| {
        !inner.is_empty() && inner.iter().all(|inner| outer.iter().any(|outer| entry_covers(outer, inner)))
    };
    within(&outer.from, &inner.from) && within(&outer.to, &inner.to)
}

fn entry_covers(outer: &Entry, inner: &Entry) -> bool {
    outer.tests.iter().all(|test| is_implied(test, inner))
}

/// Whether a test holds whenever an entry does.
fn is_implied(test: &Test, entry: &Entry) -> bool {
    let attribute = &test.attribute;
    let has_value = |test: &Test, value: &Value, of: &Attribute| {
        test.values.iter().any(|own| covers((attribute, &own.pattern), (of, &value.pattern)))
    };
    let values_hold = test.values.is_empty()
        || takes_any_value(test)
        || entry
            .tests
            .iter()
            .any(|other| !other.values.is_empty() && other.values.iter().all(|value| has_value(test, value, &other.attribute)));
    let is_kept_out = |not: &Value| {
        entry.tests.iter().any(|other| {
            let excluded = |value: &Value| excludes((attribute, &not.pattern), (&other.attribute, &value.pattern));
            other.not_values.iter().any(|own| covers((&other.attribute, &own.pattern), (attribute, &not.pattern)))
                || (!other.values.is_empty() && other.values.iter().all(excluded))
        })
    };
    values_hold && test.not_values.iter().all(is_kept_out)
}

pub(super) fn text_covers(outer: &TextPattern, inner: &TextPattern) -> bool {
    match (outer, inner) {
        (TextPattern::Present, _) => true,
        (TextPattern::Exact(outer), TextPattern::Exact(inner)) => outer == inner,
        (TextPattern::Prefix(outer), TextPattern::Exact(inner) | TextPattern::Prefix(inner)) => inner.starts_with(outer.as_str()),
        (TextPattern::Suffix(outer), TextPattern::Exact(inner) | TextPattern::Suffix(inner)) => inner.ends_with(outer.as_str()),
        (TextPattern::Exact(_) | TextPattern::Prefix(_) | TextPattern::Suffix(_), _) => false,
    }
}

fn text_excludes(one: &TextPattern, other: &TextPattern) -> bool {
    match (one, other) {
        (TextPattern::Exact(one), TextPattern::Exact(other)) => one != other,
        (TextPattern::Prefix(one), TextPattern::Prefix(other)) => {
            !one.starts_with(other.as_str()) && !other.starts_with(one.as_str())
        }
        (TextPattern::Suffix(one), TextPattern::Suffix(other)) => {
            !one.ends_with(other.as_str()) && !other.ends_with(one.as_str())
        }
        (TextPattern::Exact(text), TextPattern::Prefix(prefix)) | (TextPattern::Prefix(prefix), TextPattern::Exact(text)) => {
            !text.starts_with(prefix.as_str())
        }
        (TextPattern::Exact(text), TextPattern::Suffix(suffix)) | (TextPattern::Suffix(suffix), TextPattern::Exact(text)) => {
            !text.ends_with(suffix.as_str())
        }
        (TextPattern::Present, _)
        | (_, TextPattern::Present)
        | (TextPattern::Prefix(_), TextPattern::Suffix(_))
        | (TextPattern::Suffix(_), TextPattern::Prefix(_)) => false,
    }
}

fn lower(pattern: &TextPattern) -> TextPattern {
    match pattern {
        TextPattern::Present => TextPattern::Present,
        TextPattern::Exact(text) => TextPattern::Exact(text.to_ascii_lowercase()),
        TextPattern::Prefix(text) => TextPattern::Prefix(text.to_ascii_lowercase()),
        TextPattern::Suffix(text) => TextPattern::Suffix(text.to_ascii_lowercase()),
    }
}

/// What every path of a template starts with.
fn head(template: &str) -> &str {
    template.split_once('{').map_or(template, |(head, _)| head)
}

/// A pattern with at most one star, at an end, and without a slash.
fn plain_glob(text: &str) -> Option<TextPattern> {
    let pattern = TextPattern::parse(text);
    match &pattern {
        TextPattern::Present => Some(pattern),
        TextPattern::Exact(rest) | TextPattern::Prefix(rest) | TextPattern::Suffix(rest) => {
            (!rest.contains(['*', '/'])).then_some(pattern)
        }
    }
}

/// Whether two addresses agree in their first bits.
pub(super) fn same_network(one: IpAddr, other: IpAddr, length: u8) -> bool {
    masked(one, length) == masked(other, length)
}

/// An address with everything behind its first bits set to zero.
pub(super) fn masked(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

/// What a pattern says for certain of the three parts of an identity `TD/ns/NS/sa/SA`.
#[derive(Debug, Default)]
pub(super) struct Identity {
    pub(super) trust_domain: Option<TextPattern>,
    pub(super) namespace: Option<TextPattern>,
    pub(super) service_account: Option<TextPattern>,
}

impl Identity {
    pub(super) fn of((attribute, pattern): (&Attribute, &Pattern)) -> Self {
        let exact = |text: &str| Some(TextPattern::Exact(text.to_owned()));
        match (attribute, pattern) {
            (Attribute::Principal, Pattern::Text(TextPattern::Exact(text))) => Self::of_start(text, false),
            (Attribute::Principal, Pattern::Text(TextPattern::Prefix(text))) => Self::of_start(text, true),
            (Attribute::Principal, Pattern::Text(TextPattern::Suffix(text))) => Self::of_end(text),
            (Attribute::Namespace, Pattern::NamespaceGlob(text)) => Self {
                // A star at the start is no statement on the namespace: it crosses slashes.
                namespace: plain_glob(text).filter(|glob| matches!(glob, TextPattern::Exact(_) | TextPattern::Prefix(_))),
                ..Self::default()
            },
            (Attribute::ServiceAccount, Pattern::ServiceAccount { namespace, name }) => {
                Self { namespace: exact(namespace), service_account: exact(name), ..Self::default() }
            }
            (Attribute::TrustDomain, Pattern::TrustDomainGlob(text)) => {
                Self { trust_domain: plain_glob(text), ..Self::default() }
            }
            _ => Self::default(),
        }
    }

    /// Of a text that starts an identity, or is a whole one. Of one in another form nothing is known.
    fn of_start(text: &str, is_open: bool) -> Self {
        let mut parts = text.split('/').peekable();
        let mut identity = Self::default();
        let part = |text: &str, is_last: bool| match (is_last && is_open, text) {
            (true, "") => None,
            (true, text) => Some(TextPattern::Prefix(text.to_owned())),
            (false, text) => Some(TextPattern::Exact(text.to_owned())),
        };
        let whole = text.split('/').count() == 5;
        if !is_open && !whole {
            return identity;
        }
        let Some(trust_domain) = parts.next() else { return identity };
        identity.trust_domain = part(trust_domain, parts.peek().is_none());
        if parts.next() != Some("ns") {
            return identity;
        }
        let Some(namespace) = parts.next() else { return identity };
        identity.namespace = part(namespace, parts.peek().is_none());
        if parts.next() != Some("sa") {
            return identity;
        }
        let Some(account) = parts.next() else { return identity };
        identity.service_account = part(account, parts.peek().is_none());
        identity
    }

    /// Of a text that ends an identity.
    fn of_end(text: &str) -> Self {
        let mut identity = Self::default();
        let exact = |text: &str| Some(TextPattern::Exact(text.to_owned()));
        let Some((rest, account)) = text.rsplit_once("/sa/") else { return identity };
        if account.contains('/') {
            return identity;
        }
        identity.service_account = exact(account);
        if let Some((_, namespace)) = rest.rsplit_once("/ns/")
            && !namespace.contains('/')
        {
            identity.namespace = exact(namespace);
        }
        identity
    }

    fn parts(&self) -> [Option<&TextPattern>; 3] {
        [self.trust_domain.as_ref(), self.namespace.as_ref(), self.service_account.as_ref()]
    }
}

fn identity_covers(outer: (&Attribute, &Pattern), inner: (&Attribute, &Pattern)) -> bool {
    // Any certificate has a name.
    if matches!(outer, (Attribute::Principal, Pattern::Text(TextPattern::Present))) {
        return true;
    }
    let known = Identity::of(inner);
    let holds = |outer: Option<&TextPattern>, inner: Option<&TextPattern>| match (outer, inner) {
        (None, _) => true,
        (Some(outer), Some(inner)) => text_covers(outer, inner),
        (Some(_), None) => false,
    };
    let wanted = match outer {
        (Attribute::Namespace, Pattern::NamespaceGlob(glob)) if glob == "*" => return known.namespace.is_some(),
        (Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain, _) => Identity::of(outer),
        // Only a prefix that ends with a part says nothing but what its parts say.
        (Attribute::Principal, Pattern::Text(TextPattern::Prefix(text))) => {
            let parts = text.split('/').count();
            let is_whole = text.ends_with('/') && (parts == 2 || (parts == 4 && text.contains("/ns/")));
            let reaches_next = text.ends_with("/ns/") && parts == 3;
            let ends_before_account = text.ends_with("/sa/") && parts == 5 && text.contains("/ns/");
            if !(is_whole || reaches_next || ends_before_account) {
                return false;
            }
            Identity::of(outer)
        }
        _ => return false,
    };
    let is_said = wanted.parts().iter().any(Option::is_some);
    is_said && wanted.parts().into_iter().zip(known.parts()).all(|(outer, inner)| holds(outer, inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(text: &str) -> (Attribute, Pattern) {
        (Attribute::Principal, Pattern::Text(TextPattern::parse(text)))
    }

    fn namespace(text: &str) -> (Attribute, Pattern) {
        (Attribute::Namespace, Pattern::NamespaceGlob(text.to_owned()))
    }

    fn account(namespace: &str, name: &str) -> (Attribute, Pattern) {
        (Attribute::ServiceAccount, Pattern::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() })
    }

    fn domain(text: &str) -> (Attribute, Pattern) {
        (Attribute::TrustDomain, Pattern::TrustDomainGlob(text.to_owned()))
    }

    fn path(text: &str) -> (Attribute, Pattern) {
        let pattern =
            if text.contains('{') { Pattern::Template(text.to_owned()) } else { Pattern::Text(TextPattern::parse(text)) };
        (Attribute::Path, pattern)
    }

    fn host(text: &str) -> (Attribute, Pattern) {
        (Attribute::Host, Pattern::Text(TextPattern::parse(text)))
    }

    fn block(address: &str, length: u8) -> (Attribute, Pattern) {
        (Attribute::SourceIp, Pattern::Cidr(address.parse().unwrap(), length))
    }

    #[test]
    fn a_pattern_covers_what_it_is_wider_than() {
        let cases = [
            (principal("*"), namespace("a"), true),
            (principal("*"), account("a", "b"), true),
            (namespace("a"), principal("td/ns/a/sa/b"), true),
            (namespace("a"), principal("td/ns/b/sa/b"), false),
            (namespace("*"), principal("td/ns/b/sa/b"), true),
            (namespace("*"), principal("partner"), false),
            (namespace("team-*"), account("team-a", "b"), true),
            (namespace("team-*"), namespace("team-a"), true),
            (namespace("a"), namespace("*a"), false),
            (principal("td/ns/a/*"), principal("td/ns/a/sa/b"), true),
            (principal("td/ns/a/*"), account("a", "b"), false),
            (principal("td/*"), principal("td/ns/a/*"), true),
            (principal("td/ns/a*"), account("ab", "b"), false),
            (account("a", "b"), principal("td/ns/a/sa/b"), true),
            (account("a", "b"), principal("td/ns/a/sa/c"), false),
            (account("a", "b"), principal("*/ns/a/sa/b"), true),
            (domain("td"), principal("td/ns/a/sa/b"), true),
            (domain("td"), namespace("a"), false),
            (path("/a/*"), path("/a/b"), true),
            (path("/a/*"), path("/a/b/*"), true),
            (path("/a/*"), path("/a"), false),
            (path("/a/*"), path("/a/{*}/b"), true),
            (path("/a/{*}"), path("/a/b"), true),
            (path("/a/{*}"), path("/a/b/c"), false),
            (path("*.js"), path("/a.js"), true),
            (host("Shop.example"), host("shop.EXAMPLE"), true),
            (block("10.0.0.0", 8), block("10.1.0.0", 16), true),
            (block("10.1.0.0", 16), block("10.0.0.0", 8), false),
            (block("0.0.0.0", 0), block("::", 0), false),
        ];
        for ((outer, outer_pattern), (inner, inner_pattern), wanted) in cases {
            let found = covers((&outer, &outer_pattern), (&inner, &inner_pattern));
            assert_eq!(found, wanted, "{outer_pattern:?} over {inner_pattern:?}");
        }
    }

    #[test]
    fn patterns_exclude_each_other_when_nothing_matches_both() {
        let cases = [
            (principal("td/ns/a/sa/x"), namespace("b"), true),
            (principal("td/ns/a/sa/x"), namespace("a"), false),
            (principal("td/ns/a*"), namespace("b"), true),
            (principal("td/ns/a*"), namespace("ab"), false),
            (principal("*/sa/x"), namespace("b"), false),
            (principal("*/sa/x"), account("b", "y"), true),
            (principal("td/ns/a/sa/x"), domain("other"), true),
            (principal("partner"), namespace("a"), false),
            (namespace("*a"), namespace("b"), false),
            (namespace("a"), namespace("b"), true),
            (path("/a/*"), path("/b"), true),
            (path("/a/{*}"), path("/b/*"), true),
            (path("/a/{*}"), path("/a/b/*"), false),
            (path("*.js"), path("/a/*"), false),
            (host("a.example"), host("A.example"), false),
            (block("10.0.0.0", 8), block("10.1.0.0", 16), false),
            (block("10.0.0.0", 8), block("11.0.0.0", 8), true),
            (block("0.0.0.0", 0), block("::1", 128), true),
        ];
        for ((one, one_pattern), (other, other_pattern), wanted) in cases {
            for (one, other) in
                [((&one, &one_pattern), (&other, &other_pattern)), ((&other, &other_pattern), (&one, &one_pattern))]
            {
                assert_eq!(excludes(one, other), wanted, "{:?} and {:?}", one.1, other.1);
            }
        }
    }
}
