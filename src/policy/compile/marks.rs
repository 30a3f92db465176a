use std::collections::BTreeMap;

/// Which tests a value settles: bits to set, by place in [`Scratch`](crate::policy::Scratch)'s accumulator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::policy) struct Marks {
    words: BTreeMap<u32, u64>,
}

impl Marks {
    pub(in crate::policy) fn add(&mut self, mark: Mark) {
        *self.words.entry(mark.at).or_default() |= mark.bits;
    }
}

/// One bit of the accumulator.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Mark {
    pub(in crate::policy) at: u32,
    pub(in crate::policy) bits: u64,
}

/// The marks of one value, in [`Postings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) struct Hit {
    start: u32,
    end: u32,
}

/// The marks of all values of an engine, side by side.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct Postings {
    marks: Vec<Mark>,
}

impl Postings {
    pub(in crate::policy) fn store(&mut self, marks: &Marks) -> Hit {
        let position = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let start = position(self.marks.len());
        self.marks.extend(marks.words.iter().map(|(&at, &bits)| Mark { at, bits }));
        Hit { start, end: position(self.marks.len()) }
    }

    /// Where the first bit of a value goes.
    pub(in crate::policy) fn first(&self, hit: Hit) -> Option<u32> {
        self.marks.get(hit.start as usize).map(|mark| mark.at)
    }

    /// Sets the bits of one value that matched.
    #[inline]
    pub(in crate::policy) fn apply(&self, hit: Hit, accumulator: &mut [u64]) {
        let marks = self.marks.get(hit.start as usize..hit.end as usize).unwrap_or_default();
        for mark in marks {
            if let Some(word) = accumulator.get_mut(mark.at as usize) {
                *word |= mark.bits;
            }
        }
    }
}
