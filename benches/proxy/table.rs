//! The figures, as they are printed.

/// What all rounds of one side of a row came to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) rounds: u32,
    pub(crate) requests: u64,
    pub(crate) failed: u64,
    pub(crate) seconds: f64,
    pub(crate) processor_seconds: f64,
    /// Sums over the rounds of what 50, 99 and 99.9 of a hundred requests took at most.
    pub(crate) milliseconds: [f64; 3],
}

impl Figures {
    /// Processor time of 100,000 requests.
    fn cost(&self) -> f64 {
        if self.requests == 0 { f64::INFINITY } else { self.processor_seconds * 1e5 / self.requests as f64 }
    }
}

/// Prints what the columns are.
pub(crate) fn head() {
    println!(
        "{:<58} {:<14} {:>10} {:>8} {:>8} {:>8} {:>9}  requests per CPU second",
        "what", "side", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU s/1e5"
    );
}

/// Prints one side of a row; the other is what it is compared with.
pub(crate) fn print(what: &str, side: &str, figures: &Figures, other: Option<&Figures>) {
    let rate = figures.requests as f64 / figures.seconds;
    let [half, most, nearly_all] = figures.milliseconds.map(|sum| sum / f64::from(figures.rounds.max(1)));
    let compared = other.map_or_else(String::new, |other| {
        let factor = other.cost() / figures.cost();
        format!("  {factor:.2} of Envoy's{}", if factor < 1.0 { ", BEHIND" } else { "" })
    });
    let failed = if figures.failed > 0 { format!("  {} FAILED", figures.failed) } else { String::new() };
    println!(
        "{what:<58} {side:<14} {rate:>10.0} {half:>8.2} {most:>8.2} {nearly_all:>8.2} {:>9.2}{compared}{failed}",
        figures.cost()
    );
}

/// Prints a row that could not be measured.
pub(crate) fn skipped(what: &str, why: &str) {
    println!("{what:<58} SKIPPED: {why}");
}
