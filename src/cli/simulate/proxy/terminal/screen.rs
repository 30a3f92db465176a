//! Lines that stay, above one that is drawn again and again.

use std::cell::RefCell;
use std::io;
use std::io::Write;

/// Goes to the beginning of the line and clears it.
const ERASE: &[u8] = b"\r\x1b[K";

/// Both streams of a terminal.
pub(in crate::cli::simulate::proxy) struct Screen<'e> {
    out: &'e mut dyn Write,
    err: &'e mut dyn Write,
    is_drawn: bool,
}

/// One of the streams: what is written to it stays, above the line that is drawn.
pub(in crate::cli::simulate::proxy) struct Above<'s, 'e> {
    screen: &'s RefCell<Screen<'e>>,
    is_err: bool,
}

impl<'e> Screen<'e> {
    pub(in crate::cli::simulate::proxy) fn new(out: &'e mut dyn Write, err: &'e mut dyn Write) -> RefCell<Self> {
        RefCell::new(Self { out, err, is_drawn: false })
    }

    /// The stream of the answer, and the other.
    pub(in crate::cli::simulate::proxy) fn streams<'s>(screen: &'s RefCell<Self>) -> (Above<'s, 'e>, Above<'s, 'e>) {
        (Above { screen, is_err: false }, Above { screen, is_err: true })
    }

    pub(super) fn draw(&mut self, text: &str) -> io::Result<()> {
        self.erase()?;
        self.out.write_all(text.as_bytes())?;
        self.is_drawn = true;
        self.out.flush()
    }

    pub(super) fn erase(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_drawn) {
            self.out.write_all(ERASE)?;
            self.out.flush()?;
        }
        Ok(())
    }
}

impl Write for Above<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut screen = self.screen.borrow_mut();
        screen.erase()?;
        if self.is_err { screen.err.write(bytes) } else { screen.out.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut screen = self.screen.borrow_mut();
        if self.is_err { screen.err.flush() } else { screen.out.flush() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays_above_what_is_drawn() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let screen = Screen::new(&mut out, &mut err);
        let (mut lines, mut notes) = Screen::streams(&screen);
        lines.write_all(b"one\n").unwrap();
        screen.borrow_mut().draw("rates").unwrap();
        screen.borrow_mut().draw("rates!").unwrap();
        notes.write_all(b"note\n").unwrap();
        lines.write_all(b"two\n").unwrap();
        drop((lines, notes));
        assert_eq!(String::from_utf8(out).unwrap(), "one\nrates\r\x1b[Krates!\r\x1b[Ktwo\n");
        assert_eq!(err, b"note\n");
    }
}
