//! The grammar of identities, on generated texts.

use std::collections::BTreeMap;

use meshsec::spiffe::IstioIdentity;
use meshsec::spiffe::SpiffeId;
use meshsec::spiffe::SpiffeRule;
use meshsec::spiffe::TrustDomain;
use serde_json::Value;

use crate::go_spiffe::ask;
use crate::go_spiffe::list;

/// How many texts are compared.
const TEXTS: usize = 30_000;

/// A small generator of numbers (xorshift), so that a failure comes again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn word(&mut self, letters: &str, longest: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        (0..=self.below(longest)).map(|_| letters[self.below(letters.len())]).collect()
    }
}

const DOMAIN: &str = "abcxyz0189.-_";
const SEGMENT: &str = "abcXYZ0189.-_";
/// What a change puts in: parts of the grammar, what other grammars allow, and what no grammar does.
const PIECES: &[&str] = &[
    "/",
    "//",
    "/./",
    "/../",
    "/...",
    ".",
    "..",
    "A",
    "z",
    "_",
    ":",
    "@",
    "?",
    "#",
    "%",
    "%41",
    "%2f",
    " ",
    "\n",
    "\t",
    "\0",
    "\u{7f}",
    "~",
    "[",
    "]",
    "\\",
    "\u{e4}",
    "\u{130}",
    "\u{1f600}",
    "\u{200b}",
    "spiffe://",
    "spiffe:/",
    "SPIFFE://",
    "https://",
    "ns",
    "/ns/",
    "/sa/",
    ";",
    "=",
    "&",
    "*",
    "\"",
    "<",
    ":443",
    "user@",
    "\u{feff}",
];

fn valid(numbers: &mut Numbers) -> String {
    let mut text = format!("spiffe://{}", numbers.word(DOMAIN, 12));
    if numbers.below(3) == 0 {
        let (namespace, account) = (numbers.word(SEGMENT, 6), numbers.word(SEGMENT, 6));
        return format!("{text}/ns/{namespace}/sa/{account}");
    }
    for _ in 0..numbers.below(6) {
        let segment = match numbers.below(12) {
            0 => "ns".to_owned(),
            1 => "sa".to_owned(),
            _ => numbers.word(SEGMENT, 8),
        };
        text.push('/');
        text.push_str(&segment);
    }
    text
}

fn changed(numbers: &mut Numbers) -> String {
    let mut characters: Vec<char> = valid(numbers).chars().collect();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(characters.len() + 1);
        let removed = numbers.below(3).min(characters.len() - at);
        let piece = if numbers.below(4) == 0 { "" } else { numbers.pick(PIECES) };
        characters.splice(at..at + removed, piece.chars());
    }
    characters.into_iter().collect()
}

fn anything(numbers: &mut Numbers) -> String {
    let prefix = if numbers.below(2) == 0 { "spiffe://" } else { "" };
    let mut text = prefix.to_owned();
    for _ in 0..numbers.below(12) {
        match numbers.below(3) {
            0 => text.push_str(numbers.pick(PIECES)),
            1 => text.push(char::from(numbers.below(128) as u8)),
            _ => text.extend(char::from_u32(numbers.below(0x11_0000) as u32)),
        }
    }
    text
}

/// Texts around the limits of length, where go-spiffe has none.
fn long(numbers: &mut Numbers) -> String {
    let domain = [254, 255, 256, 300, 2040][numbers.below(5)];
    let path = [0, 1, 1700, 2030, 2039, 2040, 5000][numbers.below(7)];
    let tail = if path == 0 { String::new() } else { format!("/{}", "p".repeat(path)) };
    format!("spiffe://{}{tail}", "d".repeat(domain))
}

/// go-spiffe's words for each rule it has.
fn rule_of(words: &str) -> SpiffeRule {
    match words {
        "cannot be empty" => SpiffeRule::Empty,
        "scheme is missing or invalid" => SpiffeRule::Scheme,
        "trust domain is missing" => SpiffeRule::TrustDomainMissing,
        "path must have a leading slash" => SpiffeRule::LeadingSlash,
        "path cannot contain empty segments" => SpiffeRule::EmptySegment,
        "path cannot contain dot segments" => SpiffeRule::DotSegment,
        "path cannot have a trailing slash" => SpiffeRule::TrailingSlash,
        words if words.starts_with("trust domain characters are limited") => SpiffeRule::TrustDomainCharacter,
        words if words.starts_with("path segment characters are limited") => SpiffeRule::SegmentCharacter,
        other => panic!("go-spiffe says `{other}`"),
    }
}

#[test]
fn go_spiffe_and_istiod_read_every_text_as_we_do() {
    let mut numbers = Numbers(0x5eed_5eed_5eed);
    let texts: Vec<String> = (0..TEXTS)
        .map(|index| match index % 50 {
            0 => long(&mut numbers),
            1..10 => valid(&mut numbers),
            10..40 => changed(&mut numbers),
            _ => anything(&mut numbers),
        })
        .collect();
    let questions: Vec<Value> = texts.iter().map(|text| Value::from(text.as_str())).collect();
    let Some(answers) = ask("go_spiffe_and_istiod_read_every_text_as_we_do", "ids", &questions) else { return };

    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (text, answer) in texts.iter().zip(&answers) {
        let word = |name: &str| answer[name].as_str().unwrap_or_default();
        let theirs = match word("error") {
            "" => Ok((word("trustDomain"), word("path"))),
            words => Err(rule_of(words)),
        };
        let own = text.parse::<SpiffeId>();
        let ours = own.as_ref().map(|id| (id.trust_domain(), id.path())).map_err(meshsec::spiffe::SpiffeError::rule);
        *seen.entry(ours.map_or_else(|rule| format!("{rule:?}"), |_| "valid".to_owned())).or_default() += 1;
        // The one known difference: go-spiffe does not limit the length of a trust domain, SPIFFE-ID section 2.3 does.
        let is_long = theirs.is_ok_and(|(domain, _)| domain.len() > 255) && ours == Err(SpiffeRule::TrustDomainLength);
        // Too long and wrong further on: the first rule broken is the length.
        let is_long_and_wrong = theirs.is_err() && ours == Err(SpiffeRule::TrustDomainLength);
        if ours != theirs && !is_long && !is_long_and_wrong {
            wrong.push(format!("{text:?}: {ours:?}, go-spiffe {theirs:?}"));
        }

        let typed = TrustDomain::from_argument(text);
        let ours = typed.as_ref().map(TrustDomain::as_str).map_err(meshsec::spiffe::SpiffeError::rule);
        let theirs = match word("argumentError") {
            "" => Ok(word("argument")),
            words => Err(rule_of(words)),
        };
        if ours != theirs && ours != Err(SpiffeRule::TrustDomainLength) {
            wrong.push(format!("{text:?} as a trust domain: {ours:?}, go-spiffe {theirs:?}"));
        }

        let ours = IstioIdentity::parse(text).map(|id| vec![id.trust_domain, id.namespace, id.service_account]);
        let theirs = (!answer["istio"].is_null()).then(|| list(&answer["istio"]));
        if ours != theirs {
            wrong.push(format!("{text:?}: {ours:?}, istiod {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {TEXTS}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    // The corpus is worth something only when it breaks every rule that a whole text can break.
    for rule in [
        "valid",
        "Empty",
        "Scheme",
        "TrustDomainCharacter",
        "TrustDomainMissing",
        "TrustDomainLength",
        "EmptySegment",
        "DotSegment",
        "SegmentCharacter",
        "TrailingSlash",
    ] {
        assert!(seen.get(rule).is_some_and(|count| *count >= 10), "too few texts are `{rule}`: {seen:?}");
    }
    eprintln!("compared: {TEXTS} texts: {seen:?}");
}
