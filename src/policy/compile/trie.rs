use crate::policy::compile::marks::Hit;

/// Keys of a [`Trie`] being gathered: a radix tree over bytes, read from the start or from the end.
#[derive(Debug, Default)]
pub(in crate::policy) struct TrieBuilder<const FROM_END: bool> {
    root: Branch,
}

#[derive(Debug, Default)]
struct Branch {
    /// Bytes on the way here, in text order.
    label: Vec<u8>,
    hit: Option<Hit>,
    /// Sorted by the byte that leads into the child.
    children: Vec<(u8, Branch)>,
}

impl<const FROM_END: bool> TrieBuilder<FROM_END> {
    pub(in crate::policy) fn insert(&mut self, key: &str, hit: Hit) {
        let mut branch = &mut self.root;
        let mut rest = key.as_bytes();
        while let Some((lead, _)) = split::<FROM_END>(rest) {
            let position = match branch.children.binary_search_by_key(&lead, |(byte, _)| *byte) {
                Ok(position) => position,
                Err(position) => {
                    let leaf = Branch { label: rest.to_vec(), ..Branch::default() };
                    branch.children.insert(position, (lead, leaf));
                    position
                }
            };
            let Some((_, child)) = branch.children.get_mut(position) else { return };
            let common = Self::common(&child.label, rest);
            if common < child.label.len() {
                Self::divide(child, common);
            }
            rest = Self::without(rest, common);
            branch = child;
        }
        branch.hit = Some(hit);
    }

    fn common(left: &[u8], right: &[u8]) -> usize {
        if FROM_END {
            left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count()
        } else {
            left.iter().zip(right).take_while(|(left, right)| left == right).count()
        }
    }

    /// The text without its first (or last) bytes of this number.
    fn without(text: &[u8], length: usize) -> &[u8] {
        let kept = if FROM_END { text.get(..text.len().saturating_sub(length)) } else { text.get(length..) };
        kept.unwrap_or_default()
    }

    /// Puts a branch between a child and its parent, for a key that leaves after `length` bytes of the label.
    fn divide(child: &mut Branch, length: usize) {
        let below = Self::without(&child.label, length).to_vec();
        let above = if FROM_END { child.label.get(below.len()..) } else { child.label.get(..length) };
        let above = above.unwrap_or_default().to_vec();
        let Some((lead, _)) = split::<FROM_END>(&below) else { return };
        let lower = Branch { label: below, hit: child.hit.take(), children: std::mem::take(&mut child.children) };
        child.label = above;
        child.children.push((lead, lower));
    }

    /// Lays the tree out flat, the children of a node side by side.
    pub(in crate::policy) fn build(self) -> Trie<FROM_END> {
        let mut trie = Trie { nodes: vec![Node::default()], labels: Vec::new() };
        let mut pending = std::collections::VecDeque::from([(0_usize, self.root)]);
        while let Some((position, Branch { label, hit, children })) = pending.pop_front() {
            // The leading byte is in the parent's set.
            let (_, label) = split::<FROM_END>(&label).unwrap_or_default();
            let label_start = small(trie.labels.len());
            trie.labels.extend_from_slice(label);
            let first_child = trie.nodes.len();
            let mut node = Node {
                leads: [0; 4],
                before: [0; 4],
                first_child: small(first_child),
                label_start,
                label_end: small(trie.labels.len()),
                hit,
            };
            for (lead, _) in &children {
                if let Some(word) = node.leads.get_mut(usize::from(lead >> 6)) {
                    *word |= 1 << (lead & 63);
                }
            }
            let mut count = 0;
            for (before, leads) in node.before.iter_mut().zip(node.leads) {
                *before = count;
                count += leads.count_ones();
            }
            if let Some(place) = trie.nodes.get_mut(position) {
                *place = node;
            }
            trie.nodes.resize(first_child + children.len(), Node::default());
            let numbered = children.into_iter().enumerate();
            pending.extend(numbered.map(|(number, (_, child))| (first_child + number, child)));
        }
        trie
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The leading byte of a text, from the side it is read, and the others.
#[inline]
fn split<const FROM_END: bool>(text: &[u8]) -> Option<(u8, &[u8])> {
    let (lead, rest) = if FROM_END { text.split_last()? } else { text.split_first()? };
    Some((*lead, rest))
}

/// Text keys: walking a text visits all keys it starts with (or ends with), however many keys there are.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct Trie<const FROM_END: bool> {
    /// The first is the root.
    nodes: Vec<Node>,
    labels: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// The bytes that lead to children, as a set, and how many of them stand before each of its words.
    leads: [u64; 4],
    before: [u32; 4],
    first_child: u32,
    /// Bytes on the way here after the leading one.
    label_start: u32,
    label_end: u32,
    hit: Option<Hit>,
}

impl<const FROM_END: bool> Trie<FROM_END> {
    #[inline]
    pub(in crate::policy) fn visit(&self, text: &[u8], found: &mut impl FnMut(Hit)) {
        let Some(mut node) = self.nodes.first() else { return };
        let mut rest = text;
        loop {
            if let Some(hit) = node.hit {
                found(hit);
            }
            let Some((lead, after)) = split::<FROM_END>(rest) else { return };
            let word = usize::from(lead >> 6);
            let bit = 1_u64 << (lead & 63);
            let (Some(leads), Some(before)) = (node.leads.get(word), node.before.get(word)) else { return };
            if leads & bit == 0 {
                return;
            }
            let number = before + (leads & (bit - 1)).count_ones();
            let Some(child) = self.nodes.get((node.first_child + number) as usize) else { return };
            let Some(label) = self.labels.get(child.label_start as usize..child.label_end as usize) else { return };
            let stripped = if FROM_END { after.strip_suffix(label) } else { after.strip_prefix(label) };
            let Some(stripped) = stripped else { return };
            rest = stripped;
            node = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::compile::marks::Mark;
    use crate::policy::compile::marks::Marks;
    use crate::policy::compile::marks::Postings;
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
            let mut forward = TrieBuilder::<false>::default();
            let mut backward = TrieBuilder::<true>::default();
            for (word, hit) in &words {
                forward.insert(word, *hit);
                backward.insert(word, *hit);
            }
            let (forward, backward) = (forward.build(), backward.build());
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
