use colored::ColoredString;
use colored::Colorize;

/// Whether to colour, and how wide the output is. Colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape codes are written.
    pub color: bool,
    /// Columns.
    pub width: u16,
}

impl Style {
    /// A style; also tells the colouring library, which keeps its own switch.
    #[must_use]
    pub fn new(color: bool, width: u16) -> Self {
        colored::control::set_override(color);
        Self { color, width }
    }

    /// No colour, a fixed width.
    #[must_use]
    pub fn plain() -> Self {
        Self { color: false, width: 100 }
    }

    fn paint(self, text: &str, change: impl FnOnce(ColoredString) -> ColoredString) -> String {
        if self.color { change(text.normal()).to_string() } else { text.to_owned() }
    }

    /// Something wrong, or a refusal.
    #[must_use]
    pub fn error(self, text: &str) -> String {
        self.paint(text, |text| text.red().bold())
    }

    /// Something surprising.
    #[must_use]
    pub fn warning(self, text: &str) -> String {
        self.paint(text, |text| text.yellow().bold())
    }

    /// Something good.
    #[must_use]
    pub fn success(self, text: &str) -> String {
        self.paint(text, |text| text.green().bold())
    }

    /// Something on the side.
    #[must_use]
    pub fn note(self, text: &str) -> String {
        self.paint(text, |text| text.cyan().bold())
    }

    /// A place or another detail.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(text, Colorize::dimmed)
    }
}
