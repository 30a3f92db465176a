//! Which known name was probably meant by one that is not known.
//!
//! Names of one mesh are alike (`team-a`, `team-b`), so only what can hardly be anything but a slip of the keyboard counts: one
//! letter too many, too few, wrong or exchanged with its neighbour, in a word of some length.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Known names, to be asked often.
#[derive(Debug)]
pub(super) struct Names<'n> {
    names: Vec<&'n str>,
    /// Hash of every name, whole and without each of its characters; index of the name.
    forms: Vec<(u64, usize)>,
}

impl<'n> Names<'n> {
    pub(super) fn new(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let mut forms: Vec<(u64, usize)> =
            names.iter().enumerate().flat_map(|(index, name)| forms(name).map(move |form| (form, index))).collect();
        forms.sort_unstable();
        Self { names, forms }
    }

    /// The first known name that a slip away from `written` is.
    pub(super) fn meant(&self, written: &str) -> Option<&'n str> {
        let candidates = forms(written).flat_map(|form| {
            let start = self.forms.partition_point(|(known, _)| *known < form);
            self.forms.get(start..).unwrap_or_default().iter().take_while(move |(known, _)| *known == form)
        });
        let best =
            candidates.map(|(_, index)| *index).filter(|index| self.names.get(*index).is_some_and(|name| is_slip(written, name)));
        self.names.get(best.min()?).copied()
    }
}

fn forms(name: &str) -> impl Iterator<Item = u64> + '_ {
    let whole = hash([name, ""]);
    let without = name
        .char_indices()
        .map(|(at, c)| hash([name.get(..at).unwrap_or_default(), name.get(at + c.len_utf8()..).unwrap_or_default()]));
    std::iter::once(whole).chain(without)
}

fn hash(parts: [&str; 2]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.bytes().for_each(|byte| byte.hash(&mut hasher));
    }
    hasher.finish()
}

/// Whether two names differ by one slip in one word of at least four letters, not in a number.
pub(super) fn is_slip(written: &str, known: &str) -> bool {
    if strsim::damerau_levenshtein(written, known) != 1 {
        return false;
    }
    let words = |name| str::split(name, |c: char| !c.is_ascii_alphanumeric()).collect::<Vec<_>>();
    let (written, known) = (words(written), words(known));
    if written.len() != known.len() {
        return false;
    }
    let Some((written, known)) = written.into_iter().zip(known).find(|(a, b)| a != b) else { return false };
    let (a, b) = differing(written, known);
    // A letter for another makes a word of its own more easily than the other slips do.
    let least = if a.len() == 1 && b.len() == 1 { 5 } else { 4 };
    written.len().min(known.len()) >= least && !a.chars().chain(b.chars()).any(|c| c.is_ascii_digit())
}

/// What is left of two texts without their common start and end.
fn differing<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    let start = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let end = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    (a.get(..a.len() - end).unwrap_or_default(), b.get(..b.len() - end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_sibling_is_not() {
        for (written, known, expected) in [
            ("prdo", "prod", true),
            ("reveiws", "reviews", true),
            ("shop.exmaple.com", "shop.example.com", true),
            ("frontned", "frontend", true),
            ("paymentss", "payments", true),
            ("chackout", "checkout", true),
            ("prod", "prod", false),
            ("team-a", "team-b", false),
            ("cart-v1", "cart-v2", false),
            ("shop1", "shop11", false),
            ("test", "rest", false),
            ("dev", "dve", false),
            ("cart", "checkout", false),
        ] {
            let names = Names::new(["zzz", known, "other"]);
            assert_eq!(names.meant(written).is_some(), expected, "{written} for {known}");
            assert_eq!(is_slip(written, known), expected, "{written} for {known}");
        }
    }
}
