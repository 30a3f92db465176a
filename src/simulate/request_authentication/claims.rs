//! What becomes of claims after verification: texts for headers, lists for authorization.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::jose::compact_text;

/// The header value of a claim; `None` when no header is added.
pub(super) fn header_text(claim: &Value) -> Option<String> {
    let text = match claim {
        Value::Null => return None,
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_text(number.as_f64()?),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => STANDARD.encode(compact_text(claim)),
    };
    (!text.is_empty()).then_some(text)
}

/// An integer when it is one that fits 64 bits without sign, else six decimals.
fn number_text(number: f64) -> String {
    const TWO_TO_THE_64: f64 = 18_446_744_073_709_551_616.0;
    if (0.0..TWO_TO_THE_64).contains(&number) && number.fract() == 0.0 {
        format!("{:.0}", number.abs())
    } else {
        format!("{number:.6}")
    }
}

/// The payload as it is recorded: listed claims that are strings become the list of their words. One without words stays as it is.
pub(super) fn recorded(payload: &Arc<Value>, space_delimited: &[String]) -> Arc<Value> {
    let mut lists = Vec::new();
    for name in space_delimited {
        let text = payload.get(name).and_then(Value::as_str).unwrap_or_default();
        let words: Vec<Value> = text.split(' ').filter(|word| !word.is_empty()).map(Value::from).collect();
        if !words.is_empty() {
            lists.push((name, words));
        }
    }
    if lists.is_empty() {
        return Arc::clone(payload);
    }
    let mut changed = Value::clone(payload);
    for (name, words) in lists {
        if let Some(claim) = changed.get_mut(name) {
            *claim = Value::Array(words);
        }
    }
    Arc::new(changed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;
    use serde_json::json;

    use super::header_text;
    use super::recorded;

    #[test]
    fn claims_become_header_values() {
        for (claim, expected) in [
            (Value::Null, None),
            (json!(""), None),
            (json!(" "), Some(" ")),
            (json!("a b"), Some("a b")),
            (json!(1.5), Some("1.500000")),
            (json!(7.0), Some("7")),
            (json!(-5.0), Some("-5.000000")),
            (json!(-0.0), Some("0")),
            (json!(18_446_744_073_709_549_568.0), Some("18446744073709549568")),
            (json!(18_446_744_073_709_551_616.0), Some("18446744073709551616.000000")),
            (json!(true), Some("true")),
            (json!(false), Some("false")),
            (json!([1.0]), Some("WzFd")),
            (json!({}), Some("e30=")),
        ] {
            assert_eq!(header_text(&claim).as_deref(), expected, "{claim}");
        }
    }

    #[test]
    fn listed_claims_become_lists() {
        let names = ["scope".to_owned(), "roles".to_owned()];
        for (payload, expected) in [
            (json!({"scope": "a  b ", "other": "a b"}), json!({"scope": ["a", "b"], "other": "a b"})),
            (json!({"scope": "a\tb"}), json!({"scope": ["a\tb"]})),
            (json!({"scope": ""}), json!({"scope": ""})),
            (json!({"scope": "  "}), json!({"scope": "  "})),
            (json!({"scope": ["a b"], "roles": "x"}), json!({"scope": ["a b"], "roles": ["x"]})),
            (json!({"in": {"scope": "a b"}}), json!({"in": {"scope": "a b"}})),
        ] {
            assert_eq!(*recorded(&Arc::new(payload.clone()), &names), expected, "{payload}");
        }
    }
}
