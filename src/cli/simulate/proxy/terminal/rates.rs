use std::collections::VecDeque;

use jiff::Timestamp;

/// Seconds that are looked back at.
const WINDOW: i64 = 5;

/// How many requests were let in and refused of late.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// Second, let in, refused.
    seconds: VecDeque<(i64, u64, u64)>,
}

impl Rates {
    pub(super) fn count(&mut self, at: Timestamp, is_let_in: bool) {
        let second = at.as_second();
        if self.seconds.back().is_none_or(|last| last.0 < second) {
            self.seconds.push_back((second, 0, 0));
        }
        if let Some((_, let_in, refused)) = self.seconds.back_mut() {
            *(if is_let_in { let_in } else { refused }) += 1;
        }
        self.forget(second);
    }

    fn forget(&mut self, now: i64) {
        while self.seconds.front().is_some_and(|(second, ..)| *second <= now - WINDOW) {
            self.seconds.pop_front();
        }
    }

    /// The rates now, in words.
    pub(super) fn describe(&mut self) -> String {
        self.describe_at(Timestamp::now())
    }

    fn describe_at(&mut self, now: Timestamp) -> String {
        self.forget(now.as_second());
        let sum = |pick: fn(&(i64, u64, u64)) -> u64| self.seconds.iter().map(pick).sum::<u64>();
        let (let_in, refused) = (sum(|second| second.1), sum(|second| second.2));
        // In tenths, as whole numbers: no rate is exact to more.
        let per_second = |count: u64| format!("{}.{}/s", count * 2 / 10, count * 2 % 10);
        format!("{}   {} allowed   {} refused", per_second(let_in + refused), per_second(let_in), per_second(refused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_last_five_seconds() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut rates = Rates::default();
        for second in 0..10 {
            for _ in 0..3 {
                rates.count(at(second), true);
            }
            rates.count(at(second), second % 2 == 0);
        }
        assert_eq!(rates.describe_at(at(9)), "4.0/s   3.4/s allowed   0.6/s refused");
        assert_eq!(rates.describe_at(at(12)), "1.6/s   1.4/s allowed   0.2/s refused");
        assert_eq!(rates.describe_at(at(30)), "0.0/s   0.0/s allowed   0.0/s refused");
    }
}
