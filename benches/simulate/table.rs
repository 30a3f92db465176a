//! The figures, as they are printed.

/// One line of the table.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure with its unit.
    pub(crate) figure: String,
    /// What is wanted, when something is.
    pub(crate) budget: String,
    /// Whether it is as wanted.
    pub(crate) holds: Option<bool>,
}

/// A figure to compare with a budget.
pub(crate) enum Want {
    /// Nothing is wanted.
    Nothing,
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

impl Row {
    /// A figure with its unit and what is wanted of it.
    pub(crate) fn new(what: impl Into<String>, figure: f64, unit: &str, want: &Want) -> Self {
        let (budget, holds) = match want {
            Want::Nothing => (String::new(), None),
            Want::AtLeast(least) => (format!(">= {}", number(*least)), Some(figure >= *least)),
            Want::AtMost(most) => (format!("<= {}", number(*most)), Some(figure <= *most)),
        };
        Self { what: what.into(), figure: format!("{} {unit}", number(figure)), budget, holds }
    }

    /// Something that was not measured, and why.
    pub(crate) fn skipped(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), figure: format!("skipped: {}", why.into()), budget: String::new(), holds: None }
    }

    /// Prints the line.
    pub(crate) fn print(&self) {
        let mark = match self.holds {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        };
        println!("{:<64} {:>24}  {:>13}  {mark}", self.what, self.figure, self.budget);
    }
}

/// Prints what the columns are.
pub(crate) fn head() {
    println!("{:<64} {:>24}  {:>13}", "what", "figure", "budget");
}

/// A number with groups of thousands, or two digits after the point when it is small.
pub(crate) fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
