//! The port to the world: streams, clock, environment and how to draw.

use std::io::BufRead;
use std::io::Write;

use jiff::Timestamp;

use crate::render::Style;

/// What a command may touch.
pub struct Env<'a> {
    /// Where input comes from when a path is `-`.
    pub stdin: &'a mut (dyn BufRead + Send),
    /// The answer.
    pub stdout: &'a mut dyn Write,
    /// Everything else.
    pub stderr: &'a mut dyn Write,
    /// The time of the call.
    pub now: Timestamp,
    /// Width and colour.
    pub style: Style,
    /// Whether standard error is a terminal, where progress may be drawn.
    pub stderr_is_terminal: bool,
    /// `-q`: only the exit code and errors.
    pub quiet: bool,
}
