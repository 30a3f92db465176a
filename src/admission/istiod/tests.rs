use std::fmt::Write;

use proptest::prelude::*;

use crate::admission::judge;
use crate::diag::SourceId;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;

/// Answers of istiod's own webhook, and the objects they are about.
const BOUNDARIES: &str = include_str!("testdata/boundaries.txt");

const KINDS: &[(&str, &str)] = &[
    ("AuthorizationPolicy", "security.istio.io/v1"),
    ("RequestAuthentication", "security.istio.io/v1"),
    ("PeerAuthentication", "security.istio.io/v1"),
    ("DestinationRule", "networking.istio.io/v1"),
];

fn tree(text: &str) -> Option<Node> {
    yaml::documents(SourceId::default(), text).next().and_then(|parsed| parsed.root)
}

/// The text of an object on a line of the recorded answers.
fn object(kind: &str, rest: &str) -> String {
    let (name, version) = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).unwrap();
    if *name == kind {
        return format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {rest}\n");
    }
    format!("{{apiVersion: {version}, kind: {name}, {}", rest.strip_prefix('{').unwrap())
}

#[test]
fn objects_at_the_edges_are_judged_as_istiod_judges_them() {
    let mut wrong = String::new();
    let mut count = 0;
    for line in BOUNDARIES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (answer, kind, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let root = tree(&object(kind, rest)).unwrap();
        let verdict = judge(&root, "default").unwrap();
        let warnings = verdict.client_warnings().len().to_string();
        let ours = if verdict.is_accepted_by_istiod() { warnings } else { "refused".to_owned() };
        if ours != answer {
            writeln!(wrong, "{line}\n  ours: {ours} {:?}", verdict.istiod).unwrap();
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 500, "only {count} objects");
}

/// Any tree, with names and words that mean something more often than chance has it.
fn any_value() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = include_str!("testdata/boundaries.txt")
        .split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '/' | '-' | '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let scalar = prop_oneof![
        4 => prop::sample::select(words.clone()).prop_map(|word| format!("{word:?}")),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| format!("{number:?}")),
        1 => Just("null".to_owned()),
        1 => Just("true".to_owned()),
        2 => "[ -~\u{e9}]{0,12}".prop_map(|text| format!("{:?}", text.replace('\u{7f}', ""))),
    ];
    scalar.prop_recursive(6, 64, 5, move |inner| {
        let key = prop::sample::select(words.clone());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key, inner, 0..5).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{key:?}: {value}")).collect();
                format!("{{{}}}", fields.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_tree_is_too_strange(value in any_value(), metadata in any_value(), kind in 0_usize..4) {
        let (kind, version) = KINDS[kind];
        let text = format!("{{apiVersion: {version}, kind: {kind}, metadata: {metadata}, spec: {value}}}");
        if let Some(root) = tree(&text) {
            for refusal in judge(&root, "default").unwrap().istiod {
                prop_assert!(!refusal.message.is_empty() && !refusal.path.is_empty(), "{refusal:?}");
                prop_assert!(!refusal.message.ends_with('.'), "{refusal:?}");
            }
        }
    }
}
