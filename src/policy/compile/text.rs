use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::policy::TextPattern;
use crate::policy::compile::marks::Hit;
use crate::policy::compile::marks::Mark;
use crate::policy::compile::marks::Marks;
use crate::policy::compile::marks::Postings;
use crate::policy::compile::trie::Trie;
use crate::policy::compile::trie::TrieBuilder;

/// Text patterns being gathered.
#[derive(Debug, Default)]
pub(in crate::policy) struct TextBuilder {
    patterns: BTreeMap<TextPattern, Marks>,
}

impl TextBuilder {
    pub(in crate::policy) fn add(&mut self, pattern: TextPattern, mark: Mark) {
        self.patterns.entry(pattern).or_default().add(mark);
    }

    pub(in crate::policy) fn add_all(&mut self, pattern: TextPattern, marks: Marks) {
        self.patterns.insert(pattern, marks);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> TextIndex {
        let mut index = TextIndex::default();
        let (mut prefixes, mut suffixes) = (TrieBuilder::default(), TrieBuilder::default());
        for (pattern, marks) in self.patterns {
            let hit = postings.store(&marks);
            match pattern {
                TextPattern::Present => index.present = Some(hit),
                TextPattern::Exact(text) => drop(index.exact.insert(text.into_boxed_str(), hit)),
                TextPattern::Prefix(text) => prefixes.insert(&text, hit),
                TextPattern::Suffix(text) => suffixes.insert(&text, hit),
            }
        }
        index.prefixes = prefixes.build();
        index.suffixes = suffixes.build();
        index
    }
}

/// Text patterns in a form whose lookup does not depend on their number.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct TextIndex {
    pub(in crate::policy) present: Option<Hit>,
    exact: FxHashMap<Box<str>, Hit>,
    prefixes: Trie<false>,
    suffixes: Trie<true>,
}

impl TextIndex {
    /// Every pattern that equals the text, starts it or ends it; presence is left to the caller, whose attribute defines it.
    #[inline]
    pub(in crate::policy) fn visit(&self, text: &str, mut found: impl FnMut(Hit)) {
        self.visit_start(text, &mut found);
        self.suffixes.visit(text.as_bytes(), &mut found);
    }

    /// The same without suffixes.
    #[inline]
    pub(in crate::policy) fn visit_start(&self, text: &str, mut found: impl FnMut(Hit)) {
        self.visit_exact(text, &mut found);
        self.visit_prefixes(text, &mut found);
    }

    /// Only the pattern that equals the text.
    #[inline]
    pub(in crate::policy) fn visit_exact(&self, text: &str, mut found: impl FnMut(Hit)) {
        if !self.exact.is_empty()
            && let Some(hit) = self.exact.get(text)
        {
            found(*hit);
        }
    }

    /// Only patterns that start the text.
    #[inline]
    pub(in crate::policy) fn visit_prefixes(&self, text: &str, mut found: impl FnMut(Hit)) {
        self.prefixes.visit(text.as_bytes(), &mut found);
    }

    /// Only suffixes.
    #[inline]
    pub(in crate::policy) fn visit_end(&self, text: &str, mut found: impl FnMut(Hit)) {
        self.suffixes.visit(text.as_bytes(), &mut found);
    }
}
<<<<<<< HEAD

/// A radix tree over bytes: walking a text visits all keys it starts with (or, from the end, ends with).
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct Trie<const FROM_END: bool> {
    root: TrieNode,
}

#[derive(Debug, Clone, Default)]
struct TrieNode {
    /// Bytes on the way here, in text order.
    label: Box<[u8]>,
    hit: Option<Hit>,
    /// Sorted by the byte that leads into the child.
    children: Vec<(u8, TrieNode)>,
}

impl<const FROM_END: bool> Trie<FROM_END> {
    pub(in crate::policy) fn insert(&mut self, key: &str, hit: Hit) {
        let mut node = &mut self.root;
        let mut rest = key.as_bytes();
        while let Some(&lead) = Self::lead(rest) {
            let position = match node.children.binary_search_by_key(&lead, |(byte, _)| *byte) {
                Ok(position) => position,
                Err(position) => {
                    let leaf = TrieNode { label: rest.into(), hit: None, children: Vec::new() };
                    node.children.insert(position, (lead, leaf));
                    position
                }
            };
            let Some((_, child)) = node.children.get_mut(position) else { return };
            let common = Self::common(&child.label, rest);
            if common < child.label.len() {
                Self::split(child, common);
            }
            rest = Self::without(rest, common);
            node = child;
        }
        node.hit = Some(hit);
    }

    #[inline]
    pub(in crate::policy) fn visit(&self, text: &[u8], found: &mut impl FnMut(Hit)) {
        let mut node = &self.root;
        let mut rest = text;
        loop {
            if let Some(hit) = node.hit {
                found(hit);
            }
            let Some(lead) = Self::lead(rest) else { return };
            let child = match node.children.as_slice() {
                [] => return,
                [(byte, child)] if byte == lead => child,
                [_] => return,
                children => {
                    match children.binary_search_by_key(lead, |(byte, _)| *byte).ok().and_then(|position| children.get(position))
                    {
                        Some((_, child)) => child,
                        None => return,
                    }
                }
            };
            let stripped = if FROM_END { rest.strip_suffix(&*child.label) } else { rest.strip_prefix(&*child.label) };
            let Some(stripped) = stripped else { return };
            rest = stripped;
            node = child;
        }
    }

    #[inline]
    fn lead(text: &[u8]) -> Option<&u8> {
        if FROM_END { text.last() } else { text.first() }
    }

    fn common(left: &[u8], right: &[u8]) -> usize {
        if FROM_END {
            left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count()
        } else {
            left.iter().zip(right).take_while(|(left, right)| left == right).count()
        }
    }

    /// The text without its leading (or trailing) part of this length.
    fn without(text: &[u8], length: usize) -> &[u8] {
        let kept = if FROM_END { text.get(..text.len().saturating_sub(length)) } else { text.get(length..) };
        kept.unwrap_or_default()
    }

    /// Puts a node between a child and its parent, for a key that leaves after `length` bytes of the label.
    fn split(child: &mut TrieNode, length: usize) {
        let below: Box<[u8]> = Self::without(&child.label, length).into();
        let kept = child.label.len() - below.len();
        let above: Box<[u8]> =
            if FROM_END { child.label.get(below.len()..) } else { child.label.get(..kept) }.unwrap_or_default().into();
        let Some(&lead) = Self::lead(&below) else { return };
        let lower = TrieNode { label: below, hit: child.hit.take(), children: std::mem::take(&mut child.children) };
        child.label = above;
        child.children.push((lead, lower));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hits(words: &[String]) -> Vec<(String, Hit)> {
        let mut postings = Postings::default();
        let store = |word: &String| {
            let mut marks = Marks::default();
            marks.add(Mark { at: 0, bits: 1 });
            (word.clone(), postings.store(&marks))
        };
        let mut unique = words.to_vec();
        unique.sort();
        unique.dedup();
        unique.iter().map(store).collect()
    }

    proptest! {
        #[test]
        fn a_trie_finds_every_key_that_starts_or_ends_a_text(words in prop::collection::vec("[ab]{0,5}", 0..20), text in "[ab]{0,8}") {
            let words = hits(&words);
            let mut forward = Trie::<false>::default();
            let mut backward = Trie::<true>::default();
            for (word, hit) in &words {
                forward.insert(word, *hit);
                backward.insert(word, *hit);
            }
            let mut starts = Vec::new();
            forward.visit(text.as_bytes(), &mut |hit| starts.push(hit));
            let mut ends = Vec::new();
            backward.visit(text.as_bytes(), &mut |hit| ends.push(hit));
            for (word, hit) in &words {
                prop_assert_eq!(starts.contains(hit), text.starts_with(word.as_str()), "{} starts {}", word, text);
                prop_assert_eq!(ends.contains(hit), text.ends_with(word.as_str()), "{} ends {}", word, text);
            }
        }
    }
}
=======
>>>>>>> policy
