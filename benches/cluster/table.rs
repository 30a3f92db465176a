//! The figures, as they are printed: one line for a program, its peer below it.

use std::time::Duration;

use crate::measure::Cost;

/// The runs of one command.
pub(crate) struct Runs {
    what: String,
    costs: Vec<Cost>,
}

impl Runs {
    /// No runs yet.
    pub(crate) fn of(what: impl Into<String>) -> Self {
        Self { what: what.into(), costs: Vec::new() }
    }

    /// One more.
    pub(crate) fn add(&mut self, cost: Cost) {
        self.costs.push(cost);
    }

    fn median(&self, figure: fn(&Cost) -> f64) -> f64 {
        let mut figures: Vec<f64> = self.costs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    }

    fn seconds(&self) -> f64 {
        self.median(|cost| cost.time.as_secs_f64())
    }

    /// Prints the line.
    pub(crate) fn print(&self) {
        println!("{}", self.line());
    }

    /// Prints the line of a peer of `ours`, and whether it is slower.
    pub(crate) fn print_beside(&self, ours: &Self) {
        let times = self.seconds() / ours.seconds();
        println!("{}  {times:>6.1} times as long  {}", self.line(), if times > 1.0 { "ok" } else { "MISSED" });
    }

    fn line(&self) -> String {
        let best = self.costs.iter().map(|cost| cost.time).min().unwrap_or(Duration::ZERO);
        format!(
            "{:<58} {:>7.2} s {:>7.2} s {:>7.2} s {:>6.0} MB",
            self.what,
            best.as_secs_f64(),
            self.seconds(),
            self.median(|cost| cost.processor.as_secs_f64()),
            self.costs.iter().map(|cost| cost.megabytes).fold(0.0, f64::max)
        )
    }
}

/// Prints what the columns are.
pub(crate) fn head() {
    println!("{:<58} {:>9} {:>9} {:>9} {:>9}", "what", "best", "median", "processor", "memory");
}
