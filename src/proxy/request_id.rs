//! Fresh ids of requests: random UUIDs (RFC 9562 section 5.4).

use std::cell::RefCell;

use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rand::SystemRandom;

const ID_BYTES: usize = 16;
/// Random bytes are fetched for so many ids at once: fetching is what costs.
const IDS: usize = 64;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Makes ids.
#[derive(Debug, Default)]
pub(super) struct RequestIds {
    random: SystemRandom,
    /// Random bytes, of which the last are used first.
    ahead: RefCell<Vec<u8>>,
}

impl RequestIds {
    /// A fresh one.
    pub(super) fn next(&self) -> String {
        let mut ahead = self.ahead.borrow_mut();
        if ahead.len() < ID_BYTES {
            ahead.resize(IDS * ID_BYTES, 0);
            // Ids that cannot be made are equal, which nothing depends on.
            let _ = self.random.fill(&mut ahead);
        }
        let rest = ahead.len().saturating_sub(ID_BYTES);
        let mut text = String::with_capacity(36);
        for (position, byte) in ahead.drain(rest..).enumerate() {
            let byte = match position {
                6 => (byte & 0x0f) | 0x40,
                8 => (byte & 0x3f) | 0x80,
                _ => byte,
            };
            if matches!(position, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for half in [byte >> 4, byte & 0x0f] {
                text.push(DIGITS.get(usize::from(half)).map_or('0', |digit| char::from(*digit)));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_random_uuids() {
        let ids = RequestIds::default();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 * IDS {
            let id = ids.next();
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
            assert!(id.bytes().all(|byte| byte == b'-' || DIGITS.contains(&byte)), "{id}");
            assert!(seen.insert(id));
        }
    }
}
