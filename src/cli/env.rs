//! The port to the world: streams, clock, environment and how to draw.

use std::ffi::OsString;
use std::io;
use std::io::BufRead;
use std::io::Write;

use jiff::Timestamp;

use crate::render::Style;

/// Shows a prompt and reads a line that is not shown.
pub type AskSecret<'a> = &'a dyn Fn(&str) -> io::Result<String>;

/// What a command may touch.
pub struct Env<'a> {
    /// Where input comes from when a path is `-`.
    pub stdin: &'a mut (dyn BufRead + Send),
    /// The answer.
    pub stdout: &'a mut dyn Write,
    /// Everything else.
    pub stderr: &'a mut dyn Write,
    /// The value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// Asks the user for a secret that is not shown while typed; none without a terminal.
    pub ask_secret: Option<AskSecret<'a>>,
    /// The time of the call.
    pub now: Timestamp,
    /// Width and colour.
    pub style: Style,
    /// Whether standard error is a terminal, where progress may be drawn.
    pub stderr_is_terminal: bool,
    /// Whether standard input and output are a terminal, where keys are read and lines drawn again.
    pub is_interactive: bool,
    /// `-q`: only the exit code and errors.
    pub quiet: bool,
}
