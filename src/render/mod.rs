//! Turning values into text: one file per output format. Writes only to the writer it is given.

mod decision_json;
mod decision_lines;
mod decision_text;
mod exact_json;
mod findings;
mod kubernetes_secret;
mod style;
mod token_inspection;
mod yaml;

pub use decision_json::decision_json;
pub use decision_json::error_json;
pub use decision_lines::DecisionLines;
pub use decision_text::decision_line;
pub use decision_text::decision_text;
pub use decision_text::error_line;
pub use exact_json::exact_json;
pub use findings::findings;
pub use kubernetes_secret::KubernetesSecret;
pub use kubernetes_secret::kubernetes_secret;
pub use style::Style;
pub use token_inspection::token_inspection_json;
pub use token_inspection::token_inspection_text;
pub use yaml::yaml;
