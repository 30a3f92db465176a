//! What one sees on a terminal: lines as they come, rates below them, and keys that are obeyed.

mod filter;
mod keys;
mod mode;
mod rates;
mod screen;

use std::cell::RefCell;
use std::io;
use std::io::Write;

use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::mpsc;

use crate::cli::error::Error;
use crate::proxy::Record;
use crate::render::Style;
use crate::simulate::Verdict;
use filter::Filter;
use keys::Key;
use mode::CharacterMode;
use rates::Rates;
pub(super) use screen::Screen;

/// A terminal that is looked at.
pub(super) struct View<'s, 'e> {
    screen: &'s RefCell<Screen<'e>>,
    style: Style,
    keys: mpsc::UnboundedReceiver<Key>,
    resumed: Signal,
    quit: Signal,
    filter: Filter,
    /// A filter that is being typed.
    typed: Option<String>,
    rates: Rates,
    /// Restores the terminal when it goes, however that comes about.
    mode: CharacterMode,
}

/// What a key or a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// To end.
    Quit,
    /// To be shown what has changed.
    Draw,
}

impl<'s, 'e> View<'s, 'e> {
    /// Takes the terminal over. `None` when it is not ours to take, as in the background of a shell.
    pub(super) fn open(screen: &'s RefCell<Screen<'e>>, style: Style) -> Result<Option<Self>, Error> {
        let Some(mode) = CharacterMode::enter() else { return Ok(None) };
        let listen = |kind| signal(kind).map_err(Error::Signals);
        Ok(Some(Self {
            screen,
            style,
            keys: keys::read(),
            // It has no name of its own in the library.
            resumed: listen(SignalKind::from_raw(mode::CONTINUED))?,
            quit: listen(SignalKind::quit())?,
            filter: Filter::default(),
            typed: None,
            rates: Rates::default(),
            mode,
        }))
    }

    /// The next thing the user asks for.
    pub(super) async fn wish(&mut self) -> Wish {
        tokio::select! {
            Some(key) = self.keys.recv() => if self.obey(key) { Wish::Quit } else { Wish::Draw },
            _ = self.quit.recv() => Wish::Quit,
            _ = self.resumed.recv() => {
                self.mode.enter_again();
                Wish::Draw
            }
        }
    }

    /// Does what a key says. Whether it says to end.
    fn obey(&mut self, key: Key) -> bool {
        match (key, &mut self.typed) {
            (Key::Char('q'), None) => return true,
            (Key::Char('/'), None) => self.typed = Some(String::new()),
            (Key::Escape, None) => self.filter = Filter::default(),
            (Key::Char(character), Some(typed)) => typed.push(character),
            (Key::Backspace, Some(typed)) => drop(typed.pop()),
            (Key::Clear, Some(typed)) => typed.clear(),
            (Key::Escape, Some(_)) => self.typed = None,
            (Key::Enter, Some(_)) => self.filter = Filter::new(self.typed.take().unwrap_or_default()),
            (Key::Char(_) | Key::Backspace | Key::Clear | Key::Enter, None) => {}
        }
        false
    }

    /// Counts a decision.
    pub(super) fn count(&mut self, record: &Record) {
        self.rates.count(record.at, record.decision.verdict == Verdict::Allowed);
    }

    /// Whether a line is to be shown.
    pub(super) fn shows(&mut self, write: impl FnOnce(&mut dyn Write, Style) -> io::Result<()>) -> bool {
        self.filter.takes(|| {
            let mut line = Vec::new();
            // Writing into memory cannot fail.
            let _ = write(&mut line, Style { color: false, ..self.style });
            String::from_utf8_lossy(&line).into_owned()
        })
    }

    /// Draws what stands below the lines.
    pub(super) fn draw(&mut self, connections: usize) -> io::Result<()> {
        let text = match &self.typed {
            Some(typed) => format!("/{typed}_   Enter filters by these words, -word leaves out, Esc leaves it"),
            None => {
                format!("{}   {connections} connections{}   q ends, / filters", self.rates.describe(), self.filter.describe())
            }
        };
        let width = mode::width().unwrap_or(self.style.width);
        let text: String = text.chars().take(usize::from(width).saturating_sub(1)).collect();
        self.screen.borrow_mut().draw(&self.style.faint(&text))
    }
}

impl Drop for View<'_, '_> {
    fn drop(&mut self) {
        // A terminal that is gone needs no cleaning.
        let _ = self.screen.borrow_mut().erase();
    }
}
