//! Turning values into text: one file per output format. Writes only to the writer it is given.

mod decision_json;
mod decision_lines;
mod decision_text;
mod findings;
mod kubernetes_secret;
mod style;
mod yaml;

pub use decision_json::decision_json;
pub use decision_json::error_json;
pub use decision_lines::DecisionLines;
pub use decision_text::decision_line;
pub use decision_text::decision_text;
pub use decision_text::error_line;
pub use findings::findings;
pub use kubernetes_secret::KubernetesSecret;
pub use kubernetes_secret::kubernetes_secret;
pub use style::Style;
pub use yaml::yaml;
