use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;

/// A tree without its places. Of a key that is written twice the last counts, as it does for the Kubernetes tools.
///
/// What JSON has no number for stays the text it was written as.
#[must_use]
pub fn value_of(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => Value::Bool(*value),
        yaml::Value::String(text) => Value::String(text.clone()),
        yaml::Value::Number(number) => match number.value {
            NumberValue::Integer(value) => Value::from(value),
            NumberValue::Unsigned(value) => Value::from(value),
            NumberValue::Float(value) => {
                Number::from_f64(value).map_or_else(|| Value::String(number.text.clone()), Value::Number)
            }
        },
        yaml::Value::Sequence(items) => items.iter().map(value_of).collect(),
        yaml::Value::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                object.insert(key.value.clone(), value_of(value));
            }
            Value::Object(object)
        }
    }
}
