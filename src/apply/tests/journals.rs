//! A journal is what was written, and tells what is done from the objects themselves.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::apply::Action;
use crate::apply::Done;
use crate::apply::Item;
use crate::apply::Journal;
use crate::apply::JournalError;
use crate::apply::Key;
use crate::apply::Progress;
use crate::apply::State;
use crate::apply::content;
use crate::apply::digest;
use crate::apply::plan;
use crate::apply::same_content;
use crate::apply::tests::between;
use crate::apply::tests::items;

const BEFORE: &str = "
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: goes, namespace: shop, uid: u1, resourceVersion: '7'}
spec: {action: DENY, rules: [{}]}
";
const AFTER: &str = "
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: comes, namespace: shop}
spec: {rules: [{}]}
";

fn journal() -> Journal {
    let manifests: BTreeMap<Key, Value> = items(AFTER).into_iter().map(|item| (item.key, item.value)).collect();
    Journal::of(&plan(between(BEFORE, AFTER), &[], "istio-system"), &manifests, "run-1".to_owned(), Timestamp::UNIX_EPOCH)
}

fn live(value: Value) -> Item {
    Item { key: items(AFTER).remove(0).key, value, document: None }
}

#[test]
fn a_journal_is_read_as_it_was_written_and_no_other_version_is() {
    let journal = journal();
    let read = Journal::parse(&journal.to_text()).unwrap();
    assert_eq!(read.steps, journal.steps);
    assert_eq!(read.steps.iter().map(|step| step.action).collect::<Vec<_>>(), [Action::Create, Action::Prune]);
    let newer = journal.to_text().replacen("\"version\": 1", "\"version\": 2", 1);
    assert_eq!(Journal::parse(&newer).unwrap_err(), JournalError::Version(2));
    for text in ["", "{}", "[1]", "{\"version\": 1}"] {
        assert!(matches!(Journal::parse(text), Err(JournalError::Malformed(_))), "{text}");
    }
}

#[test]
fn an_object_tells_whether_its_step_is_done() {
    let journal = journal();
    let [create, remove] = &journal.steps[..] else { panic!("{journal:?}") };
    let sent = live(journal.sent(create).unwrap());
    assert!(journal.is_done(create, Some(&sent)));
    assert!(!journal.is_done(create, None));
    let mut of_another_run = sent.clone();
    of_another_run.value["metadata"]["annotations"]["meshsec.dev/applied-by"] = json!("run-2");
    assert!(!journal.is_done(create, Some(&of_another_run)));
    let there = items(BEFORE).remove(0);
    let mut later = there.clone();
    later.value["metadata"]["uid"] = json!("u2");
    assert!(journal.is_done(remove, None) && !journal.is_done(remove, Some(&there)));
    assert!(journal.is_done(remove, Some(&later)), "a later object of that name is not the one that was to go");
    assert!(Journal::is_as_before(remove, Some(&there)) && !Journal::is_as_before(remove, None));
    assert!(Journal::is_as_before(create, None) && !Journal::is_as_before(create, Some(&sent)));
}

#[test]
fn lines_that_were_cut_short_are_passed_over() {
    let step = |step| Done::Step { step, uid: None, resource_version: None, content: Some("c".to_owned()) }.to_line();
    let text = step(0) + &step(1) + &step(2).chars().take(10).collect::<String>() + "\n" + &Done::Undone { step: 1 }.to_line();
    let progress = Progress::parse(&text);
    assert_eq!((progress.done.keys().copied().collect::<Vec<_>>(), progress.ended), (vec![0], None));
    let ended = Progress::parse(&(text + &Done::Finished.to_line()));
    assert_eq!(ended.ended, Some(State::Finished));
    let stopped = Progress::parse(&Done::Stopped { message: "gone".to_owned() }.to_line());
    assert_eq!(stopped.stopped.as_deref(), Some("gone"));
}

#[test]
fn an_object_is_left_alone_only_when_it_was_applied_from_this_manifest_and_still_holds_it() {
    let wanted = items(AFTER).remove(0);
    let journal = journal();
    let mut applied = live(journal.sent(&journal.steps[0]).unwrap());
    applied.value["metadata"]["uid"] = json!("u");
    applied.value["metadata"]["labels"] = json!({ "of": "others" });
    assert!(applied.is_as_applied(&wanted));
    let mut changed = applied.clone();
    changed.value["spec"]["action"] = json!("DENY");
    assert!(changed.is_as_applied(&wanted), "a field that is not ours may be anything");
    changed.value["spec"]["rules"] = json!([{}, {}]);
    assert!(!changed.is_as_applied(&wanted));
    let mut never = applied;
    never.value["metadata"]["annotations"] = json!({});
    assert!(!never.is_as_applied(&wanted));
}

#[test]
fn digests_are_of_what_is_said_and_not_of_how() {
    let one: Value = serde_json::from_str(r#"{"a": 1, "b": {"c": [1, 2], "d": "x"}}"#).unwrap();
    let other: Value = serde_json::from_str(r#"{"b": {"d": "x", "c": [1, 2]}, "a": 1}"#).unwrap();
    let third: Value = serde_json::from_str(r#"{"b": {"d": "x", "c": [2, 1]}, "a": 1}"#).unwrap();
    assert_eq!(digest(&one), digest(&other));
    assert_ne!(digest(&one), digest(&third));
    let object = json!({"metadata": {"name": "n", "uid": "u", "managedFields": [], "annotations": {"meshsec.dev/applied-by": "r"}}, "status": {"a": 1}});
    assert!(same_content(&object, &json!({"metadata": {"name": "n"}})));
    assert_eq!(content(&object), content(&json!({"metadata": {"name": "n", "generation": 4}})));
}
