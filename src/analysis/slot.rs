//! Attributes of requests as a space sees them, and what each pattern of a policy means as a language.

use crate::analysis::space::language::Language;
use crate::analysis::space::language::Letters;
use crate::analysis::space::language::Piece;
use crate::analysis::space::language::literal;
use crate::analysis::space::language::plain_letters;
use crate::manifest::kinds::PathNormalization;
use crate::policy::Attribute;
use crate::policy::Pattern;
use crate::policy::TextPattern;

/// One variable of a space. Attributes that look at the same thing share one. The order is the order of the space's variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::analysis) enum Slot {
    /// The name in the caller's certificate.
    Peer,
    /// What token there is: none, or of which issuer for which audience.
    Token,
    /// What each external provider answers.
    Providers,
    /// The method.
    Method,
    /// The path, with its query where a rule looks at that.
    Path,
    /// The host.
    Authority,
    /// A header, by its lower-case name.
    Header(String),
    /// The connection's other end.
    SourceIp,
    /// The client, after `x-forwarded-for`.
    RemoteIp,
    /// The address that was called.
    DestinationIp,
    /// The server name of the connection.
    Sni,
    /// `sub` of the token.
    Subject,
    /// Another claim.
    Claim(Vec<String>),
}

/// Where the values of an attribute are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) enum Place {
    /// In a variable.
    Slot(Slot),
    /// The port is the one that is asked about.
    Port,
    /// `iss`, which the kind of token settles.
    Issuer,
    /// Nothing ever matches.
    Nowhere,
    /// It is not modelled.
    Unmodelled(&'static str),
}

/// How requests reach the policies in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::analysis) struct Conventions {
    /// The client's address is the connection's.
    pub(in crate::analysis) remote_is_source: bool,
    /// How paths are rewritten before policies see them.
    pub(in crate::analysis) normalization: PathNormalization,
    /// Methods are those of HTTP/2, where any token is one.
    pub(in crate::analysis) any_method: bool,
    /// Some rule looks at `:path`, which holds the query.
    pub(in crate::analysis) with_query: bool,
}

/// The place of an attribute.
pub(in crate::analysis) fn place(attribute: &Attribute, conventions: Conventions) -> Place {
    Place::Slot(match attribute {
        Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain => Slot::Peer,
        Attribute::SourceIp => Slot::SourceIp,
        Attribute::RemoteIp if conventions.remote_is_source => Slot::SourceIp,
        Attribute::RemoteIp => Slot::RemoteIp,
        Attribute::DestinationIp => Slot::DestinationIp,
        Attribute::DestinationPort => return Place::Port,
        Attribute::Sni => Slot::Sni,
        Attribute::Host => Slot::Authority,
        Attribute::Method => Slot::Method,
        Attribute::Path => Slot::Path,
        Attribute::Header(name) => match name.to_ascii_lowercase().as_str() {
            ":method" => Slot::Method,
            "host" | ":authority" => Slot::Authority,
            ":path" => Slot::Path,
            ":scheme" => return Place::Unmodelled("a rule looks at the header `:scheme`"),
            name => Slot::Header(name.to_owned()),
        },
        Attribute::RequestPrincipal => Slot::Subject,
        Attribute::Audiences => Slot::Claim(vec!["aud".to_owned()]),
        Attribute::Presenter => Slot::Claim(vec!["azp".to_owned()]),
        Attribute::Claim(path) => match path.as_slice() {
            [one] if one == "iss" => return Place::Issuer,
            [one] if one == "sub" => Slot::Subject,
            path => Slot::Claim(path.to_vec()),
        },
        Attribute::Metadata(..) => return Place::Nowhere,
    })
}

/// Every method that the proxy's HTTP/1 codec takes, but CONNECT.
pub(in crate::analysis) const METHODS: [&str; 33] = [
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "ACL",
    "BIND",
    "CHECKOUT",
    "COPY",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
    "MSEARCH",
    "NOTIFY",
    "PROPFIND",
    "PROPPATCH",
    "PURGE",
    "REBIND",
    "REPORT",
    "SEARCH",
    "SOURCE",
    "SUBSCRIBE",
    "UNBIND",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
];

fn path_letters(normalization: PathNormalization) -> Letters {
    match normalization {
        PathNormalization::None => Letters::of("\"<>[\\]^`{|}%").with("-_~:@!$&=+,.*'();/"),
        PathNormalization::Base | PathNormalization::MergeSlashes | PathNormalization::DecodeAndMergeSlashes => {
            Letters::of("-_~:@!$&=+,.*'();/%")
        }
    }
    .with("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
}

/// What a path template's star covers within one segment.
fn segment_letters() -> Letters {
    plain_letters().with("-._~%!$&'()+,;:@=*")
}

/// Every value the variable can have, but those of [`never`].
pub(in crate::analysis) fn domain(slot: &Slot, conventions: Conventions) -> Language {
    match slot {
        Slot::Method if conventions.any_method => {
            let letters = plain_letters().with("-_");
            Language::sequence(vec![Piece::One(letters), Piece::Many(letters)])
        }
        Slot::Method => METHODS.iter().fold(Language::nothing(), |all, method| all.or(Language::sequence(literal(method)))),
        Slot::Path => {
            let letters = path_letters(conventions.normalization);
            let bare = vec![Piece::One(Letters::one('/')), Piece::Many(letters)];
            let whole = Language::sequence(bare.clone());
            if conventions.with_query {
                let query = [Piece::One(Letters::one('?')), Piece::Many(letters.with("?"))];
                whole.or(Language::sequence(bare.into_iter().chain(query).collect()))
            } else {
                whole
            }
        }
        Slot::Authority => Language::sequence(vec![Piece::Many(plain_letters().with("-._~:[]@!$&'()*+,;=%"))]),
        Slot::Sni => Language::sequence(vec![Piece::Many(plain_letters().with("-._"))]),
        Slot::Header(_) => {
            // Blanks around a value are no part of it.
            let inner = Letters::ANY;
            let edge = inner.without(" ");
            let long = vec![Piece::One(edge), Piece::Many(inner), Piece::One(edge)];
            Language::sequence(Vec::new()).or(Language::sequence(vec![Piece::One(edge)])).or(Language::sequence(long))
        }
        Slot::Subject | Slot::Claim(_) => Language::sequence(vec![Piece::Many(Letters::ANY)]),
        Slot::Peer | Slot::Token | Slot::Providers | Slot::SourceIp | Slot::RemoteIp | Slot::DestinationIp => Language::nothing(),
    }
}

/// Stands for every trust domain.
pub(in crate::analysis) const ANY_DOMAIN: &str = "*";

/// Identities of the mesh: every service account there could be in these trust domains.
pub(in crate::analysis) fn identities(trust_domains: &[String]) -> Language {
    let edge = Letters::of("abcdefghijklmnopqrstuvwxyz0123456789");
    let inner = edge.with("-.");
    let labels = [vec![Piece::One(edge)], vec![Piece::One(edge), Piece::Many(inner), Piece::One(edge)]];
    let mut all = Language::nothing();
    for trust_domain in trust_domains {
        for namespace in &labels {
            for account in &labels {
                let domain =
                    if trust_domain == ANY_DOMAIN { vec![Piece::One(edge), Piece::Many(inner)] } else { literal(trust_domain) };
                let start = literal("spiffe://").into_iter().chain(domain).chain(literal("/ns/"));
                let pieces = start.chain(namespace.clone()).chain(literal("/sa/")).chain(account.clone());
                all = all.or(Language::sequence(pieces.collect()));
            }
        }
    }
    all
}

/// Values that no request shows: the proxy has rewritten them.
pub(in crate::analysis) fn never(slot: &Slot, conventions: Conventions) -> Vec<Language> {
    let normalization = conventions.normalization;
    if *slot != Slot::Path || normalization == PathNormalization::None {
        return Vec::new();
    }
    let before = Piece::Many(path_letters(normalization));
    let after = Piece::Many(path_letters(normalization).with("?"));
    let holding = |middle: &str, ends: bool| {
        let end = if ends { Vec::new() } else { vec![after] };
        Language::sequence([before].into_iter().chain(literal(middle)).chain(end).collect())
    };
    let mut forbidden = Vec::new();
    for dots in ["/.", "/.."] {
        forbidden.push(holding(dots, true));
        for next in ["/", "?", ";"] {
            forbidden.push(holding(&format!("{dots}{next}"), false));
        }
    }
    if normalization != PathNormalization::Base {
        forbidden.push(holding("//", false));
    }
    forbidden
}

/// The texts of a variable that a pattern on an attribute matches.
pub(in crate::analysis) fn language(attribute: &Attribute, pattern: &Pattern, conventions: Conventions) -> Language {
    match (attribute, pattern) {
        (Attribute::Principal, Pattern::Text(text)) => principal(text),
        (_, Pattern::NamespaceGlob(glob)) => {
            let any = Piece::Many(Letters::ANY);
            let parts: Vec<Piece> =
                glob.chars().map(|letter| if letter == '*' { any } else { Piece::One(Letters::one(letter)) }).collect();
            Language::sequence(around(vec![any], "/ns/", parts, vec![Piece::One(Letters::one('/')), any]))
        }
        (_, Pattern::ServiceAccount { namespace, name }) => service_account(namespace, name),
        (_, Pattern::TrustDomainGlob(glob)) => trust_domain(glob),
        (Attribute::Path, Pattern::Template(template)) => with_query(template_language(template), conventions),
        (Attribute::Path, Pattern::Text(text)) => {
            let letters = Letters::ANY.without("?#");
            with_query(text_language(text, letters, true, Letters::one), conventions)
        }
        (Attribute::Host, Pattern::Text(text)) => text_language(text, Letters::ANY, false, Letters::in_any_case),
        (Attribute::Method | Attribute::Header(_), Pattern::Text(text)) => text_language(text, Letters::ANY, false, Letters::one),
        (_, Pattern::Text(text)) => text_language(text, Letters::ANY, true, Letters::one),
        (_, Pattern::RequestPrincipal { subject, .. }) => text_language(subject, Letters::ANY, true, Letters::one),
        (_, Pattern::Template(_) | Pattern::Cidr(..) | Pattern::Port(_) | Pattern::Metadata(..)) => Language::nothing(),
    }
}

fn around(start: Vec<Piece>, marker: &str, middle: Vec<Piece>, end: Vec<Piece>) -> Vec<Piece> {
    start.into_iter().chain(literal(marker)).chain(middle).chain(end).collect()
}

fn text_language(pattern: &TextPattern, any: Letters, present_is_not_empty: bool, letter: fn(char) -> Letters) -> Language {
    let pieces = |text: &str| -> Vec<Piece> { text.chars().map(|own| Piece::One(letter(own))).collect() };
    let many = Piece::Many(any);
    Language::sequence(match pattern {
        TextPattern::Present if present_is_not_empty => vec![Piece::One(any), many],
        TextPattern::Present => vec![many],
        TextPattern::Exact(text) => pieces(text),
        TextPattern::Prefix(text) => pieces(text).into_iter().chain([many]).collect(),
        TextPattern::Suffix(text) => [many].into_iter().chain(pieces(text)).collect(),
    })
}

fn principal(pattern: &TextPattern) -> Language {
    let many = Piece::Many(Letters::ANY);
    Language::sequence(match pattern {
        TextPattern::Present => vec![Piece::One(Letters::ANY), many],
        TextPattern::Exact(text) => literal(&format!("spiffe://{text}")),
        TextPattern::Prefix(text) => literal(&format!("spiffe://{text}")).into_iter().chain([many]).collect(),
        TextPattern::Suffix(text) => around(Vec::new(), "spiffe://", vec![many], literal(text)),
    })
}

fn service_account(namespace: &str, name: &str) -> Language {
    let any = Piece::One(Letters::ANY);
    let many = Piece::Many(Letters::ANY);
    let mut all = Language::nothing();
    for between in [vec![], vec![any, many, Piece::One(Letters::one('/'))]] {
        for after in [vec![], vec![Piece::One(Letters::one('/')), any, many]] {
            let start = literal("spiffe://").into_iter().chain([any, many]).chain(literal(&format!("/ns/{namespace}/")));
            let end = literal(&format!("sa/{name}"));
            all = all.or(Language::sequence(start.chain(between.clone()).chain(end).chain(after).collect()));
        }
    }
    all
}

fn trust_domain(glob: &str) -> Language {
    let many = Piece::Many(Letters::ANY);
    let scheme = literal("spiffe://");
    if glob == "*" {
        return Language::sequence(scheme.into_iter().chain([many]).collect());
    }
    let element = Piece::Many(Letters::ANY.without("/"));
    let middle: Vec<Piece> = match glob.split_once('*') {
        None => literal(glob),
        Some((before, after)) => literal(before).into_iter().chain([element]).chain(literal(after)).collect(),
    };
    Language::sequence(scheme.into_iter().chain(middle).chain(literal("/")).chain([many]).collect())
}

fn template_language(template: &str) -> Language {
    if !crate::policy::is_template_loadable(template) {
        return Language::nothing();
    }
    let segment = segment_letters();
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("{**}") {
            pieces.push(Piece::Many(segment.with("/")));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{*}") {
            pieces.extend([Piece::One(segment), Piece::Many(segment)]);
            rest = after;
        } else {
            pieces.push(Piece::One(Letters::one(letter)));
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    Language::sequence(pieces)
}

/// The same where a query may follow.
fn with_query(bare: Language, conventions: Conventions) -> Language {
    if !conventions.with_query {
        return bare;
    }
    let query = [Piece::One(Letters::one('?')), Piece::Many(Letters::ANY)];
    bare.clone().or(bare.followed_by(&query))
}

/// A pattern in the words in which it is told.
pub(in crate::analysis) fn words(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Text(text) | Pattern::Metadata(text, _) => text.to_string(),
        Pattern::Template(template) => template.clone(),
        Pattern::Cidr(address, length) => {
            let width = if address.is_ipv4() { 32 } else { 128 };
            if *length == width { address.to_string() } else { format!("{address}/{length}") }
        }
        Pattern::Port(port) => port.to_string(),
        Pattern::NamespaceGlob(glob) => format!("namespace {glob}"),
        Pattern::ServiceAccount { namespace, name } => format!("{namespace}/{name}"),
        Pattern::TrustDomainGlob(glob) => format!("trust domain {glob}"),
        Pattern::RequestPrincipal { subject, .. } => subject.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::space::language::cut;

    const CONVENTIONS: Conventions =
        Conventions { remote_is_source: false, normalization: PathNormalization::Base, any_method: false, with_query: false };

    #[test]
    fn templates_and_names_mean_what_the_matcher_says() {
        let path = |template: &str| language(&Attribute::Path, &Pattern::Template(template.to_owned()), CONVENTIONS);
        for (template, text) in
            [("/a/{*}", "/a/b"), ("/a/{*}", "/a/"), ("/a/{**}", "/a/b/c"), ("/a/{**}/c", "/a/b/c"), ("/{*}/x", "/a/b/x")]
        {
            assert_eq!(path(template).holds(text), crate::policy::template_covers(template, text), "{template} {text}");
        }
        let cases = [
            (Attribute::Namespace, Pattern::NamespaceGlob("a*".to_owned()), "spiffe://td/ns/ab/sa/x", true),
            (Attribute::Namespace, Pattern::NamespaceGlob("a".to_owned()), "spiffe://td/ns/ab/sa/x", false),
            (Attribute::Principal, Pattern::Text(TextPattern::Suffix("/sa/x".to_owned())), "spiffe://td/ns/ab/sa/x", true),
            (Attribute::TrustDomain, Pattern::TrustDomainGlob("t*".to_owned()), "spiffe://td/ns/ab/sa/x", true),
            (Attribute::TrustDomain, Pattern::TrustDomainGlob("t".to_owned()), "spiffe://td/ns/ab/sa/x", false),
            (
                Attribute::ServiceAccount,
                Pattern::ServiceAccount { namespace: "ab".to_owned(), name: "x".to_owned() },
                "spiffe://td/ns/ab/sa/x",
                true,
            ),
        ];
        for (attribute, pattern, name, expected) in cases {
            assert_eq!(language(&attribute, &pattern, CONVENTIONS).holds(name), expected, "{pattern:?} {name}");
        }
    }

    #[test]
    fn paths_that_the_proxy_would_rewrite_are_in_no_class() {
        let pattern = |text: &str| language(&Attribute::Path, &Pattern::Text(TextPattern::Prefix(text.to_owned())), CONVENTIONS);
        let languages = [pattern("/a/../b"), pattern("/a/./"), pattern("/a/.x")];
        let classes = cut(&domain(&Slot::Path, CONVENTIONS), &never(&Slot::Path, CONVENTIONS), &languages).unwrap();
        let found: Vec<(Vec<usize>, &str)> =
            classes.iter().map(|class| (class.languages.clone(), class.representative.as_str())).collect();
        assert_eq!(found, [(vec![], "/"), (vec![2], "/a/.x")]);
    }
}
