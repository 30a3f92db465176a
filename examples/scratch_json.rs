use meshsec::manifest::yaml::*;
fn js(n: &Node) -> serde_json::Value {
    use serde_json::Value as J;
    match &n.value {
        Value::Null => J::Null,
        Value::Bool(b) => J::Bool(*b),
        Value::Number(x) => match x.value {
            NumberValue::Integer(i) => i.into(),
            NumberValue::Unsigned(u) => u.into(),
            NumberValue::Float(f) => serde_json::Number::from_f64(f).map_or(J::String(format!("FLOAT {f}")), J::Number),
        },
        Value::String(s) => J::String(s.clone()),
        Value::Sequence(v) => J::Array(v.iter().map(js).collect()),
        Value::Mapping(m) => J::Object(m.iter().map(|(k, v)| (k.value.clone(), js(v))).collect()),
    }
}
fn main() {
    // stdin: JSON strings, one a line; stdout: one line for each: array of documents or ERR
    for line in std::io::stdin().lines() {
        let text: String = serde_json::from_str(&line.unwrap()).unwrap();
        let mut out = Vec::new();
        for p in documents(meshsec::diag::SourceId::default(), &text) {
            if let Some(f) = p.findings.iter().find(|f| f.is_error()) {
                out.push(serde_json::json!({"ERR": f.headline}));
            } else if let Some(r) = p.root {
                out.push(js(&r));
            }
        }
        println!("{}", serde_json::Value::Array(out));
    }
}
