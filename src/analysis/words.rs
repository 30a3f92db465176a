//! Sets of classes in words: the shortest of a few forms.

use std::collections::BTreeSet;

/// What can be said about the classes of one attribute: statements, each with the classes of which it holds.
#[derive(Debug, Clone, Copy)]
pub(in crate::analysis) struct Statements<'s> {
    /// The statements.
    pub(in crate::analysis) words: &'s [String],
    /// Classes that each of them covers, in order.
    pub(in crate::analysis) members: &'s [Vec<usize>],
    /// How many classes there are.
    pub(in crate::analysis) count: usize,
}

/// A set of classes in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) enum Description {
    /// One of these statements holds.
    AnyOf(Vec<String>),
    /// One of the first holds, and none of the others; the first are empty for "anything".
    But(Vec<String>, Vec<String>),
    /// No combination of statements says it.
    Other,
}

impl Statements<'_> {
    /// The shortest description of a set of classes.
    pub(in crate::analysis) fn describe(&self, classes: &[usize]) -> Description {
        let wanted: BTreeSet<usize> = classes.iter().copied().collect();
        let rest: BTreeSet<usize> = (0..self.count).filter(|class| !wanted.contains(class)).collect();
        let mut forms = Vec::new();
        let everything: BTreeSet<usize> = (0..self.count).collect();
        if let Some(words) = self.cover(&wanted, &everything) {
            forms.push((words.len(), Description::AnyOf(words)));
        }
        if let Some(words) = self.cover(&rest, &everything) {
            forms.push((words.len() + 1, Description::But(Vec::new(), words)));
        }
        // The narrowest statement around all of it, without what is too much.
        let around = self
            .members
            .iter()
            .zip(self.words)
            .filter(|(members, _)| members.len() < self.count && wanted.iter().all(|class| members.binary_search(class).is_ok()))
            .min_by_key(|(members, _)| members.len());
        if let Some((members, words)) = around {
            let extra: BTreeSet<usize> = members.iter().copied().filter(|class| !wanted.contains(class)).collect();
            if let Some(without) = self.cover(&extra, &members.iter().copied().collect())
                && !without.is_empty()
            {
                forms.push((without.len() + 2, Description::But(vec![words.clone()], without)));
            }
        }
        forms.sort_by_key(|(length, _)| *length);
        forms.into_iter().next().map_or(Description::Other, |(_, form)| form)
    }

    /// Statements that together hold of exactly these classes among all of `universe`, the widest first.
    fn cover(&self, wanted: &BTreeSet<usize>, universe: &BTreeSet<usize>) -> Option<Vec<String>> {
        let mut left = wanted.clone();
        let mut chosen = Vec::new();
        let is_within =
            |at: &usize| self.of(*at).iter().filter(|class| universe.contains(class)).all(|class| wanted.contains(class));
        let within: Vec<usize> = (0..self.members.len()).filter(is_within).collect();
        while !left.is_empty() {
            let gain = |at: &usize| self.of(*at).iter().filter(|class| left.contains(class)).count();
            let best = within.iter().copied().rev().max_by_key(gain).filter(|at| gain(at) > 0)?;
            for class in self.of(best) {
                left.remove(class);
            }
            chosen.push(best);
        }
        chosen.sort_unstable();
        Some(chosen.into_iter().filter_map(|at| self.words.get(at).cloned()).collect())
    }

    fn of(&self, statement: usize) -> &[usize] {
        self.members.get(statement).map_or(&[], Vec::as_slice)
    }
}

/// `a or b`, of long lists the start and how many there are.
pub(in crate::analysis) fn one_of(words: &[String]) -> String {
    const SHOWN: usize = 4;
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        few if few.len() <= SHOWN => {
            let (last, start) = few.split_last().map_or(("", &[][..]), |(last, start)| (last.as_str(), start));
            format!("{} or {last}", start.join(", "))
        }
        many => {
            let start: Vec<&str> = many.iter().take(SHOWN - 1).map(String::as_str).collect();
            format!("{} or one of {} more", start.join(", "), many.len() - start.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_form_is_told() {
        let words: Vec<String> = ["/a*", "/ab", "*.jpg"].map(str::to_owned).into();
        // Classes: nothing, /a only, /a and /ab, /a and .jpg, .jpg only.
        let members = [vec![1, 2, 3], vec![2], vec![3, 4]];
        let statements = Statements { words: &words, members: &members, count: 5 };
        let text = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let cases = [
            (vec![2], Description::AnyOf(text(&["/ab"]))),
            (vec![1, 2, 3], Description::AnyOf(text(&["/a*"]))),
            (vec![0, 1, 3, 4], Description::But(vec![], text(&["/ab"]))),
            (vec![1, 3], Description::But(text(&["/a*"]), text(&["/ab"]))),
            (vec![1, 2, 3, 4], Description::AnyOf(text(&["/a*", "*.jpg"]))),
            (vec![0], Description::But(vec![], text(&["/a*", "*.jpg"]))),
            (vec![4], Description::But(text(&["*.jpg"]), text(&["/a*"]))),
            (vec![0, 1], Description::But(vec![], text(&["/ab", "*.jpg"]))),
            (vec![1, 4], Description::Other),
        ];
        for (classes, expected) in cases {
            assert_eq!(statements.describe(&classes), expected, "{classes:?}");
        }
    }
}
