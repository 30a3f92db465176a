//! Choices read from the fuzzer's bytes.

/// Bytes to choose by, read from the front; zeros after the end, so that a short input makes a small case.
#[derive(Debug)]
pub struct Choices<'d> {
    rest: &'d [u8],
}

impl<'d> Choices<'d> {
    pub fn new(data: &'d [u8]) -> Self {
        Self { rest: data }
    }

    pub fn byte(&mut self) -> u8 {
        match self.rest {
            [first, rest @ ..] => {
                self.rest = rest;
                *first
            }
            [] => 0,
        }
    }

    /// A number from 0 on, below the limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    /// True once in so many times; zero is false.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Up to 15 bytes of free text.
    pub fn free_text(&mut self) -> String {
        let length = self.below(16).min(self.rest.len());
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    /// Mostly one of these words; else two of them joined, one cut short, or free text.
    pub fn word(&mut self, words: &[&str]) -> String {
        match self.below(16) {
            0..12 => self.pick(words).to_owned(),
            12 => format!("{}{}", self.pick(words), self.pick(words)),
            13 => {
                let word = self.pick(words);
                word.chars().take(self.below(8)).collect()
            }
            14 => format!("{}{}", self.pick(words), self.free_text()),
            _ => self.free_text(),
        }
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'d [u8] {
        self.rest
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
