//! Scenarios from lines of JSON and from YAML, and why a text is none.

use serde::Deserialize;
use serde::Deserializer;

use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::Token;
use crate::simulate::scenario::line;

/// Why a text is no scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScenarioError {
    /// What is wrong, with its line and column when the text has several lines.
    pub message: String,
    /// The known key nearest to an unknown one.
    pub suggestion: Option<String>,
}

/// Every key a scenario may hold, at any level.
const KEYS: &[&str] = &[
    "name",
    "from",
    "to",
    "protocol",
    "method",
    "path",
    "host",
    "headers",
    "token",
    "remoteIp",
    "tls",
    "at",
    "extAuthz",
    "jwks",
    "expect",
    "workload",
    "serviceAccount",
    "principal",
    "namespace",
    "sidecar",
    "ip",
    "kubelet",
    "service",
    "port",
    "subset",
    "app",
    "mode",
    "sni",
    "verdict",
    "httpStatus",
    "policy",
    "rule",
    "reason",
];

impl<'a> Scenario<'a> {
    /// Reads one line of JSON.
    ///
    /// # Errors
    /// The line is no JSON object of the known keys.
    pub fn from_json(line: &'a str) -> Result<Self, ScenarioError> {
        if let Some(scenario) = line::read(line) {
            return Ok(scenario);
        }
        serde_json::from_str(line).map_err(|error| ScenarioError::new(error.to_string()))
    }

    /// Reads a YAML document.
    ///
    /// # Errors
    /// The text is no YAML mapping of the known keys.
    pub fn from_yaml(text: &str) -> Result<Scenario<'static>, ScenarioError> {
        serde_saphyr::from_str::<OwnedScenario>(text)
            .map(|owned| owned.0)
            .map_err(|error| ScenarioError::new(error.without_snippet().to_string()))
    }

    /// Reads a YAML list of scenarios.
    ///
    /// # Errors
    /// The text is no YAML list of mappings of the known keys.
    pub fn list_from_yaml(text: &str) -> Result<Vec<Scenario<'static>>, ScenarioError> {
        serde_saphyr::from_str::<Vec<OwnedScenario>>(text)
            .map(|owned| owned.into_iter().map(|owned| owned.0).collect())
            .map_err(|error| ScenarioError::new(error.without_snippet().to_string()))
    }
}

impl Scenario<'_> {
    /// The first value that cannot be sent as HTTP at all: its key, the value and why.
    #[must_use]
    pub fn unsendable(&self) -> Option<(&'static str, &str, &'static str)> {
        const CONTROL: &str = "holds a control character, which cannot be sent";
        let texts = [("method", &self.method), ("path", &self.path), ("host", &self.host)];
        // Looks at every byte, so that many are looked at at once.
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        let control = |text: &str| text.bytes().fold(false, |found, byte| found | is_control(byte));
        for (field, text) in texts {
            if let Some(text) = text.as_ref().map(Text::as_str).filter(|text| control(text)) {
                return Some((field, text, CONTROL));
            }
        }
        if let Some(Token::Compact(token)) = &self.token
            && control(token.as_str())
        {
            return Some(("token", token.as_str(), CONTROL));
        }
        for (name, value) in &self.headers.0 {
            if name.as_str().is_empty() || !name.as_str().bytes().all(is_token_byte) {
                return Some(("headers", name.as_str(), "is no header name"));
            }
            if control(value.as_str()) {
                return Some(("headers", value.as_str(), CONTROL));
            }
        }
        self.method
            .as_ref()
            .map(Text::as_str)
            .filter(|method| method.is_empty() || method.contains(' '))
            .map(|method| ("method", method, "is no method"))
    }
}

/// Whether a header name may hold a byte (RFC 9110 5.6.2).
fn is_token_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'#' | b'$' | b'%')
        || matches!(byte, b'&' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' | b'~')
}

struct OwnedScenario(Scenario<'static>);

impl<'de> Deserialize<'de> for OwnedScenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scenario = Scenario::deserialize(deserializer)?;
        Ok(Self(scenario.into_owned()))
    }
}

impl ScenarioError {
    fn new(message: String) -> Self {
        let unknown =
            message.split_once("unknown field `").and_then(|(_, rest)| rest.split_once('`')).map(|(name, _)| name.to_owned());
        let suggestion = unknown.and_then(|name| nearest(&name, KEYS.iter().copied()));
        Self { message, suggestion }
    }
}

/// The candidate most like a name, when one is close enough to be meant.
pub(crate) fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}
