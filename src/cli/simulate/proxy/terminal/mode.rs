//! The terminal's own mode: keys one by one and unseen, while lines and Ctrl-C stay as they are.

use std::io;

use rustix::process::getpgrp;
use rustix::termios::LocalModes;
use rustix::termios::OptionalActions;
use rustix::termios::SpecialCodeIndex;
use rustix::termios::Termios;
use rustix::termios::tcgetattr;
use rustix::termios::tcgetpgrp;
use rustix::termios::tcgetwinsize;
use rustix::termios::tcsetattr;

/// The signal of a program that goes on.
pub(super) const CONTINUED: i32 = rustix::process::Signal::CONT.as_raw();

/// A terminal that gives keys one by one until this goes.
#[derive(Debug)]
pub(super) struct CharacterMode {
    before: Termios,
}

impl CharacterMode {
    /// `None` when standard input is no terminal, or this program is in the background of one.
    pub(super) fn enter() -> Option<Self> {
        let stdin = io::stdin();
        if tcgetpgrp(&stdin).ok()? != getpgrp() {
            return None;
        }
        let mode = Self { before: tcgetattr(&stdin).ok()? };
        mode.enter_again();
        Some(mode)
    }

    /// The same after the program was stopped, and its shell used the terminal.
    pub(super) fn enter_again(&self) {
        let mut ours = self.before.clone();
        ours.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        ours.special_codes[SpecialCodeIndex::VMIN] = 1;
        ours.special_codes[SpecialCodeIndex::VTIME] = 0;
        // Where it cannot be set keys come line by line.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &ours);
    }
}

impl Drop for CharacterMode {
    fn drop(&mut self) {
        // A terminal that is gone needs no mode.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Columns of the terminal.
pub(super) fn width() -> Option<u16> {
    tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col).filter(|columns| *columns > 0)
}
