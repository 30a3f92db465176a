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
