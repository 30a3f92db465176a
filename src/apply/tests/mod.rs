mod holes;
mod journals;
mod orders;
mod prunes;
mod suites;

use std::collections::BTreeSet;

use crate::apply::Action;
use crate::apply::Change;
use crate::apply::Item;
use crate::apply::Key;
use crate::apply::changes;
use crate::apply::json_of;
use crate::diag::SourceMap;
use crate::manifest;
use crate::manifest::ReadObject;

/// The objects of a text.
fn items(text: &str) -> Vec<Item> {
    let mut sources = SourceMap::default();
    let id = sources.add("test.yaml", text);
    let mut items = Vec::new();
    manifest::objects(id, text, &mut |object: ReadObject<'_>| {
        assert!(object.document.is_some(), "{:?} in {text}", object.findings);
        let value = json_of(object.node.unwrap());
        let text = |name: &str| value["metadata"][name].as_str().map(str::to_owned);
        let key = Key {
            api_version: value["apiVersion"].as_str().unwrap().to_owned(),
            kind: value["kind"].as_str().unwrap().to_owned(),
            namespace: text("namespace"),
            name: text("name").unwrap(),
        };
        items.push(Item { key, document: object.document, value });
    });
    items
}

/// What leads from one text to the other; what is only in the first is removed.
fn between(before: &str, after: &str) -> Vec<Change> {
    let (before, after) = (items(before), items(after));
    let removed: BTreeSet<Key> =
        before.iter().map(|item| item.key.clone()).filter(|key| after.iter().all(|item| item.key != *key)).collect();
    changes(before, after, &removed, Action::Prune)
}
