//! Scenarios that have to hold: a suite, as a list in YAML or JSON, or one per line.

use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::ScenarioError;

/// Scenarios with what is expected of each.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// The scenarios, each with the number of the line it starts in, or of its place in a list.
    pub scenarios: Vec<(usize, Scenario<'static>)>,
}

/// Why a text is no suite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuiteError {
    /// A scenario cannot be read.
    #[error("scenario {number}: {error}")]
    Scenario {
        /// Its line, or its place in the list.
        number: usize,
        /// Why.
        error: ScenarioError,
    },
    /// Nothing is expected of a scenario.
    #[error("scenario {number} has no `expect`")]
    NothingExpected {
        /// Its line, or its place in the list.
        number: usize,
    },
    /// There is no scenario.
    #[error("it holds no scenario")]
    Empty,
}

impl Suite {
    /// Reads a suite. Lines that each hold one JSON object are JSON lines; anything else is a list in YAML.
    ///
    /// # Errors
    /// When a scenario cannot be read, none is there, or nothing is expected of one.
    pub fn parse(text: &str) -> Result<Self, SuiteError> {
        let is_lines = text.lines().map(str::trim).find(|line| !line.is_empty()).is_some_and(|line| line.starts_with('{'));
        let scenarios = if is_lines {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            let read = |(index, line): (usize, &str)| {
                let number = index + 1;
                match Scenario::from_json(line) {
                    Ok(scenario) => Ok((number, scenario.into_owned())),
                    Err(error) => Err(SuiteError::Scenario { number, error }),
                }
            };
            lines.map(read).collect::<Result<Vec<_>, _>>()?
        } else {
            let list = Scenario::list_from_yaml(text).map_err(|error| SuiteError::Scenario { number: 0, error })?;
            list.into_iter().enumerate().map(|(index, scenario)| (index + 1, scenario)).collect()
        };
        if let Some((number, _)) = scenarios.iter().find(|(_, scenario)| scenario.expect.is_none()) {
            return Err(SuiteError::NothingExpected { number: *number });
        }
        if scenarios.is_empty() {
            return Err(SuiteError::Empty);
        }
        Ok(Self { scenarios })
    }
}
