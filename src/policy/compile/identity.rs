//! What policies say about a peer, looked up in one of its names (a whole SPIFFE ID, a DNS name or a subject).

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::policy::TextPattern;
use crate::policy::compile::marks::Hit;
use crate::policy::compile::marks::Mark;
use crate::policy::compile::marks::Marks;
use crate::policy::compile::marks::Postings;
use crate::policy::compile::text::TextBuilder;
use crate::policy::compile::text::TextIndex;
use crate::policy::compile::trie::Trie;
use crate::policy::compile::trie::TrieBuilder;

/// The scheme before every principal.
pub(in crate::policy) const SCHEME: &str = "spiffe://";

/// Most patterns on names are regular expressions in the proxy, and their dots do not cover a line break.
#[inline]
pub(in crate::policy) fn has_line_break(name: &str) -> bool {
    // Without an early end this is a few vector instructions.
    name.bytes().fold(0_u8, |found, byte| found | u8::from(byte == b'\n')) != 0
}

/// `principals`: patterns on what follows the scheme, and presence of any name.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct PrincipalIndex(pub(in crate::policy) TextIndex);

impl PrincipalIndex {
    #[inline]
    pub(in crate::policy) fn visit(&self, name: &str, is_broken: bool, mut found: impl FnMut(Hit)) {
        if let Some(hit) = self.0.present
            && !name.is_empty()
            && !is_broken
        {
            found(hit);
        }
        let Some(id) = name.strip_prefix(SCHEME) else { return };
        self.0.visit_start(id, &mut found);
        if !is_broken {
            self.0.visit_end(id, &mut found);
        }
    }
}

/// Namespace patterns being gathered, by their text.
#[derive(Debug, Default)]
pub(in crate::policy) struct NamespaceBuilder(BTreeMap<String, Marks>);

impl NamespaceBuilder {
    pub(in crate::policy) fn add(&mut self, pattern: &str, mark: Mark) {
        self.0.entry(pattern.to_owned()).or_default().add(mark);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> NamespaceIndex {
        let mut index = NamespaceIndex::default();
        let mut texts = Vec::new();
        for (pattern, marks) in self.0 {
            let plain = TextPattern::parse(&pattern);
            let is_plain = match &plain {
                TextPattern::Present => true,
                TextPattern::Exact(text) => !text.contains(['*', '/']),
                TextPattern::Prefix(text) | TextPattern::Suffix(text) => !text.contains('*'),
            };
            if is_plain {
                texts.push((plain, marks));
            } else {
                // The slash that has to follow goes with the last part.
                let parts = format!("{pattern}/").split('*').map(str::to_owned).collect();
                index.globs.push((parts, postings.store(&marks)));
            }
        }
        let mut plain = TextBuilder::default();
        for (pattern, marks) in texts {
            plain.add_all(pattern, marks);
        }
        index.plain = plain.build(postings);
        index
    }
}

/// `namespaces`: an element after `/ns/`, where a star also crosses slashes.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct NamespaceIndex {
    plain: TextIndex,
    /// The literal parts between the stars of every other pattern.
    globs: Vec<(Vec<String>, Hit)>,
}

impl NamespaceIndex {
    #[inline]
    pub(in crate::policy) fn visit(&self, name: &str, mut found: impl FnMut(Hit)) {
        let Some(first) = after_marker(name) else { return };
        let mut rest = Some(first);
        while let Some(text) = rest {
            if let Some((namespace, _)) = text.split_once('/') {
                self.plain.visit_exact(namespace, &mut found);
            }
            // A prefix may go on over slashes; one slash has to follow it.
            if let Some((before_last_slash, _)) = text.rsplit_once('/') {
                self.plain.visit_prefixes(before_last_slash, &mut found);
            }
            rest = again(text);
        }
        if let Some(hit) = self.plain.present
            && first.contains('/')
        {
            found(hit);
        }
        // A suffix ends before any slash that follows: `*x` also sees the element `sa`.
        for slash in memchr::memchr_iter(b'/', first.as_bytes()) {
            if let Some(text) = first.get(..slash) {
                self.plain.visit_end(text, &mut found);
            }
        }
        for (parts, hit) in &self.globs {
            if glob_follows_marker(parts, first) {
                found(*hit);
            }
        }
    }
}

/// What follows the first `/ns/`.
#[inline]
fn after_marker(text: &str) -> Option<&str> {
    for slash in memchr::memchr_iter(b'/', text.as_bytes()) {
        if let Some(rest) = text.get(slash..).and_then(|text| text.strip_prefix("/ns/")) {
            return Some(rest);
        }
    }
    None
}

/// What follows the next `/ns/` whose first slash may be the last one of the marker before `rest`.
#[inline]
fn again(rest: &str) -> Option<&str> {
    rest.strip_prefix("ns/").or_else(|| after_marker(rest))
}

/// Whether some `/ns/` is followed by the parts, in order with anything between them. `first` follows the first marker.
fn glob_follows_marker(parts: &[String], first: &str) -> bool {
    let mut rest = Some(first);
    while let Some(text) = rest {
        if starts_with_parts(parts, text) {
            return true;
        }
        rest = again(text);
    }
    false
}

/// Whether a text starts with the parts, in order with anything between them.
fn starts_with_parts(parts: &[String], text: &str) -> bool {
    let Some((head, tail)) = parts.split_first() else { return false };
    let Some(mut remaining) = text.strip_prefix(head.as_str()) else { return false };
    for part in tail {
        match remaining.split_once(part.as_str()) {
            Some((_, after)) => remaining = after,
            None => return false,
        }
    }
    true
}

/// Service accounts being gathered: namespace, then name.
#[derive(Debug, Default)]
pub(in crate::policy) struct ServiceAccountBuilder(BTreeMap<(String, String), Marks>);

impl ServiceAccountBuilder {
    pub(in crate::policy) fn add(&mut self, namespace: &str, name: &str, mark: Mark) {
        self.0.entry((namespace.to_owned(), name.to_owned())).or_default().add(mark);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> ServiceAccountIndex {
        let mut index = ServiceAccountIndex::default();
        for ((namespace, name), marks) in self.0 {
            let hit = postings.store(&marks);
            if name.contains('/') || namespace.contains('/') {
                index.odd.push((namespace, name, hit));
            } else {
                index.plain.entry(namespace.into_boxed_str()).or_default().insert(name.into_boxed_str(), hit);
            }
        }
        index
    }
}

/// `serviceAccounts`: `spiffe://` something `/ns/NAMESPACE/`, perhaps more elements, `sa/NAME`, perhaps more elements.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct ServiceAccountIndex {
    plain: FxHashMap<Box<str>, FxHashMap<Box<str>, Hit>>,
    /// Names that hold a slash.
    odd: Vec<(String, String, Hit)>,
}

impl ServiceAccountIndex {
    #[inline]
    pub(in crate::policy) fn visit(&self, name: &str, mut found: impl FnMut(Hit)) {
        let Some(id) = name.strip_prefix(SCHEME) else { return };
        // At least one character stands before `/ns/`.
        let Some((at, _)) = id.char_indices().nth(1) else { return };
        let mut rest = id.get(at..).and_then(after_marker);
        while let Some(text) = rest {
            if let Some((namespace, after)) = text.split_once('/') {
                if let Some(accounts) = self.plain.get(namespace) {
                    each_account(after, |account| {
                        let (name, more) = account.split_once('/').map_or((account, None), |(name, more)| (name, Some(more)));
                        if more != Some("")
                            && let Some(hit) = accounts.get(name)
                        {
                            found(*hit);
                        }
                    });
                }
                for (wanted, name, hit) in &self.odd {
                    if wanted == namespace {
                        each_account(after, |account| {
                            let more = account.strip_prefix(name.as_str());
                            if more.is_some_and(|more| more.is_empty() || (more.starts_with('/') && more.len() > 1)) {
                                found(*hit);
                            }
                        });
                    }
                }
            }
            rest = again(text);
        }
    }
}

/// Calls for every text that follows an element `sa`, from the start of `path` on.
#[inline]
fn each_account<'t>(path: &'t str, mut call: impl FnMut(&'t str)) {
    if let Some(account) = path.strip_prefix("sa/") {
        call(account);
    }
    for slash in memchr::memchr_iter(b'/', path.as_bytes()) {
        // `.+/sa/`: something stands before this slash.
        if slash > 0
            && let Some(account) = path.get(slash..).and_then(|text| text.strip_prefix("/sa/"))
        {
            call(account);
        }
    }
}

/// Trust domains being gathered, by their text.
#[derive(Debug, Default)]
pub(in crate::policy) struct TrustDomainBuilder(BTreeMap<String, Marks>);

impl TrustDomainBuilder {
    pub(in crate::policy) fn add(&mut self, pattern: &str, mark: Mark) {
        self.0.entry(pattern.to_owned()).or_default().add(mark);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> TrustDomainIndex {
        let mut index = TrustDomainIndex::default();
        let mut exact = TrieBuilder::default();
        for (pattern, marks) in self.0 {
            let hit = postings.store(&marks);
            if pattern == "*" {
                index.present = Some(hit);
            } else if let Some((before, after)) = pattern.split_once('*') {
                index.globs.push((before.to_owned(), format!("{after}/"), hit));
            } else {
                exact.insert(&format!("{pattern}/"), hit);
            }
        }
        index.exact = exact.build();
        index
    }
}

/// `trustDomains`: the first star stands for a part of one element.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct TrustDomainIndex {
    present: Option<Hit>,
    /// The domain and the slash after it.
    exact: Trie<false>,
    /// What stands before the star; what stands after it, with a slash.
    globs: Vec<(String, String, Hit)>,
}

impl TrustDomainIndex {
    #[inline]
    pub(in crate::policy) fn visit(&self, name: &str, mut found: impl FnMut(Hit)) {
        let Some(id) = name.strip_prefix(SCHEME) else { return };
        if let Some(hit) = self.present {
            found(hit);
        }
        self.exact.visit(id.as_bytes(), &mut found);
        for (before, after, hit) in &self.globs {
            if is_glob_match(id, before, after) {
                found(*hit);
            }
        }
    }
}

/// `BEFORE[^/]*AFTER.*`: the star ends where the first slash stands at the latest, and the dot covers no line break.
fn is_glob_match(id: &str, before: &str, after: &str) -> bool {
    let Some(rest) = id.strip_prefix(before) else { return false };
    let star = rest.split('/').next().unwrap_or(rest).len();
    (0..=star)
        .any(|length| rest.get(length..).and_then(|rest| rest.strip_prefix(after)).is_some_and(|more| !has_line_break(more)))
}
