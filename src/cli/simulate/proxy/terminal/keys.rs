//! Keys, from the bytes that a terminal sends.

use std::io;
use std::io::Read;
use std::thread;

use tokio::sync::mpsc;

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Backspace,
    /// Ctrl-U.
    Clear,
    Escape,
}

const ESCAPE: u8 = 0x1b;

/// Reads keys on a thread that ends with the program, or with its input.
pub(super) fn read() -> mpsc::UnboundedReceiver<Key> {
    let (sender, keys) = mpsc::unbounded_channel();
    let reading = thread::Builder::new().name("keys".to_owned()).spawn(move || {
        let mut bytes = Vec::new();
        let mut chunk = [0; 64];
        while let Ok(length @ 1..) = io::stdin().read(&mut chunk) {
            bytes.extend_from_slice(chunk.get(..length).unwrap_or_default());
            for key in take(&mut bytes) {
                if sender.send(key).is_err() {
                    return;
                }
            }
        }
    });
    // Without a thread there are no keys, and signals still end the program.
    drop(reading);
    keys
}

/// Takes all keys that are whole; what may go on is left.
fn take(bytes: &mut Vec<u8>) -> Vec<Key> {
    let mut keys = Vec::new();
    while let Some(&first) = bytes.first() {
        let (length, key) = match first {
            ESCAPE => (sequence(bytes), (sequence(bytes) == 1).then_some(Key::Escape)),
            b'\r' | b'\n' => (1, Some(Key::Enter)),
            0x08 | 0x7f => (1, Some(Key::Backspace)),
            0x15 => (1, Some(Key::Clear)),
            0..0x20 => (1, None),
            _ => match character(bytes) {
                Some(Some(character)) => (character.len_utf8(), Some(Key::Char(character))),
                Some(None) => (1, None),
                None => break,
            },
        };
        bytes.drain(..length.min(bytes.len()));
        keys.extend(key);
    }
    keys
}

/// Length of what begins with an escape: one alone is the key; arrows and the like are sequences (ECMA-48 section 5.4).
fn sequence(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        Some(b'[') => {
            let end = bytes.iter().skip(2).position(|byte| (0x40..=0x7e).contains(byte));
            end.map_or(bytes.len(), |end| end + 3)
        }
        Some(b'O') => 3,
        Some(_) | None => 1,
    }
}

/// The first character; `Some(None)` where there is none, `None` while more of it may come.
fn character(bytes: &[u8]) -> Option<Option<char>> {
    let start = bytes.get(..4).unwrap_or(bytes);
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() == 0 => return error.error_len().map(|_| None),
        Err(error) => std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    Some(text.chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_keys() {
        let mut wrong = Vec::new();
        for (bytes, expected, left) in [
            (&b"q"[..], vec![Key::Char('q')], 0),
            (b"/a\x7f\r", vec![Key::Char('/'), Key::Char('a'), Key::Backspace, Key::Enter], 0),
            (b"\x1b", vec![Key::Escape], 0),
            (b"\x1b[A\x1b[1;5Cx", vec![Key::Char('x')], 0),
            (b"\x1bOPx", vec![Key::Char('x')], 0),
            (b"\x1bq", vec![Key::Escape, Key::Char('q')], 0),
            ("\u{e4}\u{1f600}".as_bytes(), vec![Key::Char('\u{e4}'), Key::Char('\u{1f600}')], 0),
            (b"a\xc3", vec![Key::Char('a')], 1),
            (b"\xff\xfeb", vec![Key::Char('b')], 0),
            (b"\x15\x00\x01", vec![Key::Clear], 0),
        ] {
            let mut rest = bytes.to_vec();
            let keys = take(&mut rest);
            if (&keys, rest.len()) != (&expected, left) {
                wrong.push(format!("{bytes:?}: {keys:?}, {rest:?} left"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
