//! Engines put together directly, with values that no list of words holds, against the naive reading of the same rules.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use meshsec::diag::Span;
use meshsec::diag::Spanned;
use meshsec::policy::Attribute;
use meshsec::policy::Engine;
use meshsec::policy::EngineRule;
use meshsec::policy::Entry;
use meshsec::policy::Pattern;
use meshsec::policy::Scratch;
use meshsec::policy::Test;
use meshsec::policy::TextPattern;
use meshsec::policy::Value;
use meshsec_fuzz::choices::Choices;
use meshsec_fuzz::engines;
use meshsec_fuzz::request::Request;
use meshsec_fuzz::words;

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    let requests = [Request::of(&mut choices), Request::of(&mut choices), Request::of(&mut choices)];
    let count = choices.pick(&[1, 1, 2, 3, 70]);
    let engine = Engine { rules: (0..count).map(|number| rule(&mut choices, number)).collect() };
    engines::check(&engine, &requests, &mut Scratch::default());
});

fn rule(choices: &mut Choices<'_>, number: usize) -> EngineRule {
    let entries = |choices: &mut Choices<'_>| {
        let count = choices.pick(&[1, 1, 1, 2, 3, 0]);
        (0..count).map(|_| entry(choices)).collect()
    };
    let (from, to) = (entries(choices), entries(choices));
    EngineRule { name: format!("rule[{number:03}]"), policy: number, rule: 0, from, to, place: Spanned::default() }
}

fn entry(choices: &mut Choices<'_>) -> Entry {
    let count = choices.below(4);
    Entry { tests: (0..count).map(|_| test(choices)).collect() }
}

fn test(choices: &mut Choices<'_>) -> Test {
    let attribute = attribute(choices);
    let list = |choices: &mut Choices<'_>| -> Vec<Value> {
        let count = choices.pick(&[0, 1, 1, 2, 5, 20]);
        (0..count).map(|_| value(choices, &attribute)).collect()
    };
    let (values, not_values) = (list(choices), list(choices));
    Test { field: format!("{attribute:?}"), attribute, values, not_values, place: Spanned::default() }
}

fn attribute(choices: &mut Choices<'_>) -> Attribute {
    match choices.below(20) {
        0 | 1 => Attribute::Principal,
        2 => Attribute::Namespace,
        3 => Attribute::ServiceAccount,
        4 => Attribute::TrustDomain,
        5 | 6 => Attribute::SourceIp,
        7 => Attribute::RemoteIp,
        8 => Attribute::DestinationIp,
        9 => Attribute::DestinationPort,
        10 => Attribute::Sni,
        11 => Attribute::Host,
        12 => Attribute::Method,
        13 | 14 => Attribute::Path,
        15 => Attribute::Header(choices.word(&["x-a", "X-B", "host", ":authority", ":path", ":method", ":scheme", ""])),
        16 => Attribute::RequestPrincipal,
        17 => Attribute::Audiences,
        18 => Attribute::Claim((0..choices.below(4)).map(|_| choices.word(&["g", "n", "iss"])).collect()),
        _ => choices
            .pick(&[0, 1])
            .eq(&0)
            .then_some(Attribute::Presenter)
            .unwrap_or_else(|| Attribute::Metadata("f".to_owned(), "k".to_owned())),
    }
}

fn value(choices: &mut Choices<'_>, attribute: &Attribute) -> Value {
    let text = |choices: &mut Choices<'_>, words| Pattern::Text(TextPattern::parse(&choices.word(words)));
    let pattern = match attribute {
        Attribute::Principal => text(choices, words::PRINCIPALS),
        Attribute::Namespace => Pattern::NamespaceGlob(choices.word(words::NAMESPACES)),
        Attribute::ServiceAccount => {
            Pattern::ServiceAccount { namespace: choices.word(&["a", "b", "foo", "ns", ""]), name: choices.word(words::ACCOUNTS) }
        }
        Attribute::TrustDomain => Pattern::TrustDomainGlob(choices.word(words::DOMAINS)),
        Attribute::SourceIp | Attribute::RemoteIp | Attribute::DestinationIp => block(choices),
        Attribute::DestinationPort => Pattern::Port(choices.pick(&[80, 8080, 0, 65535, 1])),
        Attribute::Sni | Attribute::Header(_) | Attribute::Audiences | Attribute::Presenter | Attribute::Claim(_) => {
            text(choices, words::TEXTS)
        }
        Attribute::Host => text(choices, words::HOSTS),
        Attribute::Method => text(choices, words::METHODS),
        Attribute::Path => {
            let path = choices.word(words::PATHS);
            if path.contains("{*}") || path.contains("{**}") {
                Pattern::Template(path)
            } else {
                Pattern::Text(TextPattern::parse(&path))
            }
        }
        Attribute::RequestPrincipal => {
            let part = |choices: &mut Choices<'_>| {
                TextPattern::parse(&choices.word(&["i", "s", "*", "https://i", "i*", "*s", "", "a/b"]))
            };
            Pattern::RequestPrincipal { issuer: part(choices), subject: part(choices) }
        }
        Attribute::Metadata(..) => Pattern::Metadata(TextPattern::parse(&choices.word(words::METADATA)), false),
    };
    Value { pattern, written: Spanned::new("written".to_owned(), Span::default()) }
}

fn block(choices: &mut Choices<'_>) -> Pattern {
    let address = match choices.below(4) {
        0 => IpAddr::from(std::array::from_fn::<u8, 4, _>(|_| choices.byte())),
        1 => IpAddr::from(std::array::from_fn::<u8, 16, _>(|_| choices.byte())),
        _ => choices.pick(words::ADDRESSES).parse().expect("an address"),
    };
    let width = if address.is_ipv4() { 32 } else { 128 };
    let length = if choices.once_in(2) { choices.below(width + 1) } else { choices.pick(&[0, 8, 24, 29, 31, 32]) };
    Pattern::Cidr(address, u8::try_from(length).unwrap_or(u8::MAX))
}
