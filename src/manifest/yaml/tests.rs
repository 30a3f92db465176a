use super::*;

/// A tree with places, one value a line.
fn outline(text: &str) -> String {
    fn write(node: &Node, name: &str, depth: usize, out: &mut String) {
        let Span { line, column, offset, length, .. } = node.span;
        let shown = match &node.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => format!("{} {:?}", number.text, number.value),
            Value::String(text) => format!("{text:?}"),
            Value::Sequence(_) => "[]".to_owned(),
            Value::Mapping(_) => "{}".to_owned(),
        };
        *out += &format!("{}{name}{shown} @{line}:{column} {offset}+{length}\n", "  ".repeat(depth));
        match &node.value {
            Value::Sequence(items) => items.iter().for_each(|item| write(item, "- ", depth + 1, out)),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    write(value, &format!("{}@{}:{}: ", key.value, key.span.line, key.span.column), depth + 1, out);
                }
            }
            _ => {}
        }
    }
    let mut out = String::new();
    for parsed in documents(SourceId::default(), text) {
        for finding in parsed.findings {
            let span = finding.primary.map_or_else(Span::default, |label| label.span.0);
            out += &format!("{} {}:{} {}\n", finding.code, span.line, span.column, finding.headline);
        }
        if let Some(root) = parsed.root {
            write(&root, "", 0, &mut out);
        }
    }
    out
}

#[test]
fn smoke() {
    for text in [
        "a: 1\nb:\n  - x\n  -\n  - y: \"é\"\n    z:\nc: {d: [1, 2], e: ~}\nf: |\n  one\n  two\ng: &q\n  h: i\nj: *q\n",
        "ключ: да\nb: 'x' # c\n",
        "a: 1\n---\nb: [\n---\nc: 3\n",
        "a:\n\tb: 1\n",
        "a: 1\r\nb:\r\n  c: 2\r\n",
        "{\"a\": \"\\ud83d\\ude00\\/\", \"b\": [1.5, true, null]}",
        "a:\n- b\n- c:\n    d\n",
        "a: 1\na: 2\n",
        "a: *x\n",
        "- - - 1\n",
        "a: !!str 5\n",
        "a: b: c\n",
        "a: \"x\n",
        "? a\n: b\n",
        "a: >-\n  x\n  y\n\nb: c",
    ] {
        println!("{text}=>\n{}", outline(text));
    }
}
