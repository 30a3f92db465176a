//! Sets of texts, and the classes into which several of them cut a domain.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

/// A set of characters: some of ASCII, and all others or none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::analysis) struct Letters {
    ascii: u128,
    others: Option<char>,
    all_others: bool,
}

impl Letters {
    /// Every character but control characters.
    pub(in crate::analysis) const ANY: Self = Self { ascii: !0 << 32 & !(1 << 127), others: None, all_others: true };

    /// One character.
    pub(in crate::analysis) fn one(letter: char) -> Self {
        match u32::from(letter) {
            code @ 0..128 => Self { ascii: 1 << code, others: None, all_others: false },
            _ => Self { ascii: 0, others: Some(letter), all_others: false },
        }
    }

    /// The characters of a text, of ASCII only.
    pub(in crate::analysis) fn of(text: &str) -> Self {
        let ascii = text.chars().fold(0, |set, letter| set | Self::one(letter).ascii);
        Self { ascii, others: None, all_others: false }
    }

    /// A letter in either case.
    pub(in crate::analysis) fn in_any_case(letter: char) -> Self {
        if !letter.is_ascii_alphabetic() {
            return Self::one(letter);
        }
        let (lower, upper) = (Self::one(letter.to_ascii_lowercase()), Self::one(letter.to_ascii_uppercase()));
        Self { ascii: lower.ascii | upper.ascii, others: None, all_others: false }
    }

    /// Without these.
    pub(in crate::analysis) fn without(self, text: &str) -> Self {
        Self { ascii: self.ascii & !Self::of(text).ascii, ..self }
    }

    /// With these.
    pub(in crate::analysis) fn with(self, text: &str) -> Self {
        Self { ascii: self.ascii | Self::of(text).ascii, ..self }
    }

    pub(in crate::analysis) fn holds(self, letter: char) -> bool {
        match u32::from(letter) {
            code @ 0..128 => self.ascii >> code & 1 == 1,
            _ => self.all_others || self.others == Some(letter),
        }
    }

    /// The character, when it is only one.
    fn single(self) -> Option<char> {
        match (self.ascii.count_ones(), self.all_others, self.others) {
            (1, false, None) => char::from_u32(self.ascii.trailing_zeros()),
            (0, false, other) => other,
            _ => None,
        }
    }
}

/// Letters, digits and the marks that need no escaping anywhere.
pub(in crate::analysis) fn plain_letters() -> Letters {
    Letters::of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
}

/// One step of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::analysis) enum Piece {
    /// One character.
    One(Letters),
    /// Any number of characters, none included.
    Many(Letters),
}

/// Texts that follow one of several sequences.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(in crate::analysis) struct Language(Vec<Vec<Piece>>);

impl Language {
    /// No text at all.
    pub(in crate::analysis) fn nothing() -> Self {
        Self::default()
    }

    /// One sequence.
    pub(in crate::analysis) fn sequence(pieces: Vec<Piece>) -> Self {
        Self(vec![pieces])
    }

    /// Texts of either.
    #[must_use]
    pub(in crate::analysis) fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Texts of it, each followed by these pieces.
    #[must_use]
    pub(in crate::analysis) fn followed_by(mut self, pieces: &[Piece]) -> Self {
        for sequence in &mut self.0 {
            sequence.extend_from_slice(pieces);
        }
        self
    }

    /// Whether a text belongs to it.
    pub(in crate::analysis) fn holds(&self, text: &str) -> bool {
        self.0.iter().any(|pieces| {
            let mut states = vec![false; pieces.len() + 1];
            if let Some(first) = states.first_mut() {
                *first = true;
            }
            close(pieces, &mut states);
            for letter in text.chars() {
                let mut next = vec![false; pieces.len() + 1];
                for (position, piece) in pieces.iter().enumerate() {
                    if states.get(position) != Some(&true) {
                        continue;
                    }
                    let to = match piece {
                        Piece::One(letters) if letters.holds(letter) => position + 1,
                        Piece::Many(letters) if letters.holds(letter) => position,
                        Piece::One(_) | Piece::Many(_) => continue,
                    };
                    if let Some(state) = next.get_mut(to) {
                        *state = true;
                    }
                }
                close(pieces, &mut next);
                states = next;
            }
            states.last() == Some(&true)
        })
    }
}

fn close(pieces: &[Piece], states: &mut [bool]) {
    for (position, piece) in pieces.iter().enumerate() {
        if matches!(piece, Piece::Many(_))
            && states.get(position) == Some(&true)
            && let Some(next) = states.get_mut(position + 1)
        {
            *next = true;
        }
    }
}

/// The characters of a text, one after another.
pub(in crate::analysis) fn literal(text: &str) -> Vec<Piece> {
    text.chars().map(|letter| Piece::One(Letters::one(letter))).collect()
}

/// Texts that belong to the same languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) struct Class {
    /// Numbers of the languages they belong to, in order.
    pub(in crate::analysis) languages: Vec<usize>,
    /// One of the shortest of them.
    pub(in crate::analysis) representative: String,
}

/// More states than this are not explored.
const STATE_LIMIT: usize = 60_000;

/// The cutting would take too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) struct TooMany;

/// Cuts a domain: every text of it that is in none of the forbidden languages falls into exactly one class.
///
/// The languages run side by side over all texts at once, as one machine whose states are sets of positions; a state that was seen
/// before is not looked at again, so the first text that reaches it is one of the shortest.
pub(in crate::analysis) fn cut(domain: &Language, forbidden: &[Language], languages: &[Language]) -> Result<Vec<Class>, TooMany> {
    let mut machine = Machine::default();
    machine.add(domain, Role::Domain);
    for language in forbidden {
        machine.add(language, Role::Forbidden);
    }
    for (number, language) in languages.iter().enumerate() {
        machine.add(language, Role::Language(number));
    }
    machine.run()
}

/// Tells to which languages texts belong.
#[derive(Debug)]
pub(in crate::analysis) struct Classifier(Machine);

impl Classifier {
    /// For these languages.
    pub(in crate::analysis) fn new(languages: &[Language]) -> Self {
        let mut machine = Machine::default();
        for (number, language) in languages.iter().enumerate() {
            machine.add(language, Role::Language(number));
        }
        Self(machine)
    }

    /// Numbers of the languages of each text, in order. Of neighbours that begin alike the beginning is read once, and nothing beyond a
    /// beginning that no language has.
    pub(in crate::analysis) fn languages_of_each<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Vec<Vec<usize>> {
        // The states on the way through the text before, each with the bytes that were read.
        let mut way = vec![(0, self.0.first())];
        let mut before = "";
        let languages = texts.map(|text| {
            let common = before.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
            way.truncate(way.partition_point(|(read, _)| *read <= common));
            let start = way.last().map_or(0, |(read, _)| *read);
            for (at, letter) in text.get(start..).unwrap_or_default().char_indices() {
                let Some((_, state)) = way.last().filter(|(_, state)| !state.is_empty()) else { break };
                let next = self.0.step(state, letter);
                way.push((start + at + letter.len_utf8(), next));
            }
            before = text;
            way.last().map(|(_, state)| self.0.ending(state).0).unwrap_or_default()
        });
        languages.collect()
    }
}

/// Cuttings that were asked for: many comparisons look at the same patterns.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Cuts(RefCell<FxHashMap<Cutting, Result<Vec<Class>, TooMany>>>);

/// Domain, forbidden languages, and languages.
type Cutting = (Language, Vec<Language>, Vec<Language>);

impl Cuts {
    /// As [`cut`].
    pub(in crate::analysis) fn of(
        &self,
        domain: Language,
        forbidden: Vec<Language>,
        languages: Vec<Language>,
    ) -> Result<Vec<Class>, TooMany> {
        let mut known = self.0.borrow_mut();
        let cutting = known.entry((domain, forbidden, languages));
        cutting.or_insert_with_key(|(domain, forbidden, languages)| cut(domain, forbidden, languages)).clone()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Domain,
    Forbidden,
    Language(usize),
}

/// All sequences, one after another; a position is the start of a piece, or the end of a sequence.
#[derive(Debug, Default)]
struct Machine {
    positions: Vec<Position>,
    starts: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Position {
    /// What comes next; `None` at the end.
    piece: Option<Piece>,
    role: Role,
}

type State = Box<[u32]>;

impl Machine {
    fn add(&mut self, language: &Language, role: Role) {
        for pieces in &language.0 {
            self.starts.push(number(self.positions.len()));
            self.positions.extend(pieces.iter().map(|piece| Position { piece: Some(*piece), role }));
            self.positions.push(Position { piece: None, role });
        }
    }

    fn at(&self, position: u32) -> Option<&Position> {
        self.positions.get(position as usize)
    }

    /// Adds a position with all that follow without a character.
    fn enter(&self, mut position: u32, state: &mut Vec<u32>) {
        loop {
            state.push(position);
            match self.at(position) {
                Some(Position { piece: Some(Piece::Many(_)), .. }) => position += 1,
                Some(_) | None => return,
            }
        }
    }

    fn step(&self, state: &[u32], letter: char) -> State {
        let mut next = Vec::with_capacity(state.len() + 1);
        self.step_into(state, letter, &mut next);
        next.into()
    }

    /// The same into a list that is used again.
    fn step_into(&self, state: &[u32], letter: char, next: &mut Vec<u32>) {
        next.clear();
        for position in state {
            match self.at(*position).and_then(|position| position.piece.as_ref()) {
                Some(Piece::One(letters)) if letters.holds(letter) => self.enter(position + 1, next),
                Some(Piece::Many(letters)) if letters.holds(letter) => self.enter(*position, next),
                Some(Piece::One(_) | Piece::Many(_)) | None => {}
            }
        }
        next.sort_unstable();
        next.dedup();
    }

    fn is_alive(&self, state: &[u32]) -> bool {
        state.iter().any(|position| self.at(*position).is_some_and(|position| position.role == Role::Domain))
    }

    fn first(&self) -> State {
        let mut first = Vec::new();
        for start in &self.starts {
            self.enter(*start, &mut first);
        }
        first.sort_unstable();
        first.dedup();
        first.into()
    }

    /// The languages a text that ends here belongs to, and whether it is one of the domain's that is not forbidden.
    fn ending(&self, state: &[u32]) -> (Vec<usize>, bool) {
        let mut is_of_domain = false;
        let mut is_forbidden = false;
        let mut languages = Vec::new();
        for position in state {
            match self.at(*position) {
                Some(Position { piece: None, role: Role::Domain }) => is_of_domain = true,
                Some(Position { piece: None, role: Role::Forbidden }) => is_forbidden = true,
                Some(Position { piece: None, role: Role::Language(number) }) if languages.last() != Some(number) => {
                    languages.push(*number);
                }
                Some(_) | None => {}
            }
        }
        languages.sort_unstable();
        languages.dedup();
        (languages, is_of_domain && !is_forbidden)
    }

    fn run(&self) -> Result<Vec<Class>, TooMany> {
        let groups = Groups::new(&self.positions);
        let first = self.first();
        // Every state that was reached: from which, and by which character.
        let mut reached: Vec<(usize, char)> = vec![(0, '\0')];
        let mut known: FxHashSet<State> = FxHashSet::default();
        known.insert(first.clone());
        let mut pending = VecDeque::from([(first, 0)]);
        let mut classes: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        let mut next = Vec::new();
        while let Some((state, at)) = pending.pop_front() {
            if let (languages, true) = self.ending(&state) {
                classes.entry(languages).or_insert(at);
            }
            for letter in groups.candidates(self, &state) {
                self.step_into(&state, letter, &mut next);
                if !self.is_alive(&next) || known.contains(next.as_slice()) {
                    continue;
                }
                if known.len() >= STATE_LIMIT {
                    return Err(TooMany);
                }
                reached.push((at, letter));
                known.insert(next.as_slice().into());
                pending.push_back((next.as_slice().into(), reached.len() - 1));
            }
        }
        let class = |(languages, at)| Class { languages, representative: text_of(&reached, at) };
        Ok(classes.into_iter().map(class).collect())
    }
}

fn number(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// The characters on the way to a state.
fn text_of(reached: &[(usize, char)], mut at: usize) -> String {
    let mut letters = Vec::new();
    while at != 0 {
        let Some((before, letter)) = reached.get(at) else { break };
        letters.push(*letter);
        at = *before;
    }
    letters.iter().rev().collect()
}

/// Characters that no set of several characters tells apart, in the order in which they are written where any would do.
#[derive(Debug)]
struct Groups(Vec<Vec<char>>);

const PREFERRED: &str = "xyzwvutsrqponmlkjihgfedcba0123456789XYZWVUTSRQPONMLKJIHGFEDCBA-_./~:@!$&'()*+,;=%?# \"<>[\\]^`{|}";

impl Groups {
    fn new(positions: &[Position]) -> Self {
        let mut sets: Vec<Letters> = positions
            .iter()
            .filter_map(|position| match position.piece? {
                Piece::One(letters) | Piece::Many(letters) => letters.single().is_none().then_some(letters),
            })
            .collect();
        sets.sort_unstable();
        sets.dedup();
        let mut groups: Vec<(Vec<bool>, Vec<char>)> = Vec::new();
        // The last ones stand for everything beyond ASCII.
        for letter in PREFERRED.chars().chain(['\u{e9}', '\u{fc}', '\u{4e2d}', '\u{3b1}']) {
            let holds: Vec<bool> = sets.iter().map(|letters| letters.holds(letter)).collect();
            match groups.iter_mut().find(|(known, _)| *known == holds) {
                Some((_, letters)) => letters.push(letter),
                None => groups.push((holds, vec![letter])),
            }
        }
        Self(groups.into_iter().map(|(_, letters)| letters).collect())
    }

    /// Characters of which every other one leads where one of them leads.
    fn candidates(&self, machine: &Machine, state: &[u32]) -> Vec<char> {
        let mut singles: Vec<char> = state
            .iter()
            .filter_map(|position| match machine.at(*position)?.piece.as_ref()? {
                Piece::One(letters) | Piece::Many(letters) => letters.single(),
            })
            .collect();
        singles.sort_unstable();
        singles.dedup();
        let others: Vec<char> = self
            .0
            .iter()
            .filter_map(|group| group.iter().find(|letter| singles.binary_search(letter).is_err()).copied())
            .collect();
        others.into_iter().chain(singles).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn glob(text: &str) -> Language {
        let pieces = text.chars().map(|letter| match letter {
            '*' => Piece::Many(Letters::ANY),
            letter => Piece::One(Letters::one(letter)),
        });
        Language::sequence(pieces.collect())
    }

    fn cut_by(domain: &str, globs: &[&str]) -> BTreeSet<(Vec<usize>, String)> {
        let languages: Vec<Language> = globs.iter().map(|text| glob(text)).collect();
        let classes = cut(&glob(domain), &[], &languages).unwrap();
        classes.into_iter().map(|class| (class.languages, class.representative)).collect()
    }

    #[test]
    fn prefixes_suffixes_and_words_cut_a_domain_into_every_class_that_has_a_text() {
        let classes = cut_by("*", &["/a*", "/ab", "*.jpg"]);
        let wanted = [(vec![], ""), (vec![0], "/a"), (vec![0, 1], "/ab"), (vec![0, 2], "/a.jpg"), (vec![2], ".jpg")];
        assert_eq!(classes, wanted.into_iter().map(|(languages, text)| (languages, text.to_owned())).collect());
    }

    #[test]
    fn a_class_without_a_text_does_not_exist() {
        // Nothing is both one word and another, and nothing lies outside of a prefix that covers the domain.
        let classes = cut_by("ab*", &["ab*", "abc", "abd"]);
        let languages: Vec<Vec<usize>> = classes.into_iter().map(|(languages, _)| languages).collect();
        assert_eq!(languages, [vec![0], vec![0, 1], vec![0, 2]]);
    }

    proptest! {
        #[test]
        fn neighbours_do_not_change_the_languages_of_a_text(
            globs in prop::collection::vec("[abé*]{0,4}", 0..6), texts in prop::collection::vec("[abcéè]{0,5}", 0..12),
        ) {
            let languages: Vec<Language> = globs.iter().map(|text| glob(text)).collect();
            let found = Classifier::new(&languages).languages_of_each(texts.iter().map(String::as_str));
            let own = |text: &String| (0..languages.len()).filter(|at| languages[*at].holds(text)).collect::<Vec<_>>();
            prop_assert_eq!(found, texts.iter().map(own).collect::<Vec<_>>(), "{:?} {:?}", globs, texts);
        }

        #[test]
        fn every_text_is_in_the_class_of_its_languages(
            globs in prop::collection::vec("[ab*]{0,4}", 0..6), text in "[abc]{0,6}",
        ) {
            let languages: Vec<Language> = globs.iter().map(|text| glob(text)).collect();
            let classes = cut(&glob("*"), &[], &languages).unwrap();
            let own: Vec<usize> = (0..languages.len()).filter(|at| languages[*at].holds(&text)).collect();
            prop_assert!(classes.iter().any(|class| class.languages == own), "{:?} {}", globs, text);
            for class in &classes {
                let found: Vec<usize> = (0..languages.len()).filter(|at| languages[*at].holds(&class.representative)).collect();
                prop_assert_eq!(&found, &class.languages, "{}", &class.representative);
            }
        }
    }
}
