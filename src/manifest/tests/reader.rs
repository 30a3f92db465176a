use proptest::prelude::*;

use super::at;
use super::read_all;
use super::summaries;
use crate::diag::Severity;
use crate::manifest::Body;

fn names(texts: &[&str]) -> Vec<String> {
    let manifests = read_all(texts);
    manifests.documents.iter().map(|document| format!("{}/{}", document.header.kind.value, document.header.name.value)).collect()
}

#[test]
fn documents_come_in_reading_order_with_their_headers() {
    let first = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  namespace: \"\"\n  labels: {istio-injection: enabled}\n  \
                 annotations: {a: b}\n  creationTimestamp: 2023-05-01T00:00:00Z\n  uid: x\n---\nkind: ServiceAccount\napiVersion: v1\nmetadata: \
                 {generateName: sa-, namespace: shop, creationTimestamp: null}\n";
    let second = "{\"apiVersion\": \"example.org/v1\", \"kind\": \"Gateway\", \"metadata\": {\"name\": \"g\"}, \"spec\": 5}";
    let manifests = read_all(&[first, second]);
    assert!(manifests.findings.is_empty(), "{:?}", manifests.findings);
    assert_eq!(manifests.files, 2);
    let [namespace, account, gateway] = manifests.documents.as_slice() else { panic!("{:?}", manifests.documents) };
    assert!(matches!((&namespace.body, &account.body, &gateway.body), (Body::Namespace, Body::ServiceAccount, Body::Other)));
    assert_eq!((namespace.header.name.as_str(), at(&namespace.header.name)), ("shop", (4, 9)));
    assert!(namespace.header.namespace.is_none());
    assert_eq!(namespace.header.labels["istio-injection"].value, "enabled");
    assert_eq!(namespace.header.annotation("a"), Some("b"));
    assert_eq!(namespace.header.creation_timestamp.unwrap().to_string(), "2023-05-01T00:00:00Z");
    assert_eq!((account.span.line, account.span.column), (11, 1));
    assert_eq!((account.header.name.as_str(), account.header.namespace.as_ref().unwrap().as_str()), ("sa-", "shop"));
    assert_eq!((gateway.header.group(), gateway.header.name.as_str()), ("example.org", "g"));
}

#[test]
fn lists_stand_for_their_members() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n- apiVersion: v1\n  kind: \
                List\n  items:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n  - null\n";
    assert_eq!(names(&[list]), ["Namespace/a", "Namespace/b"]);
    // The members of a typed list need no type of their own.
    let typed = "{apiVersion: security.istio.io/v1, kind: PeerAuthenticationList, items: [{metadata: {name: a}, spec: {}}]}";
    assert_eq!(names(&[typed]), ["PeerAuthentication/a"]);
    assert!(names(&["apiVersion: v1\nkind: List\nitems: []\n"]).is_empty());

    let partly = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a, nme: b}\n- apiVersion: v1\n  \
                  kind: Namespace\n  metadata: {name: b}\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: c, name: d}\n";
    let manifests = read_all(&[partly]);
    assert_eq!(manifests.documents.len(), 1);
    assert_eq!(
        summaries(&manifests.findings),
        ["error[MS003] 6:23 unknown field `nme` in `metadata`", "error[MS002] 12:23 the key `name` is written twice"]
    );
}

#[test]
fn a_later_object_replaces_an_earlier_one() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {v: ";
    let manifests = read_all(&[&format!("{namespace}one}}}}\n"), "# first\n", &format!("{namespace}two}}}}\n")]);
    assert_eq!(manifests.documents.len(), 1);
    assert_eq!(manifests.documents[0].header.labels["v"].value, "two");
    assert_eq!(summaries(&manifests.findings), ["warning[MS904] 3:18 Namespace `a` is written twice; the later one counts"]);
    let finding = &manifests.findings[0];
    assert_ne!(finding.primary.as_ref().unwrap().span.0.source, finding.secondary[0].span.0.source);

    // Another namespace, group or kind is another object, and so is one without a name we know.
    assert_eq!(
        names(&[
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: x}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: \
             {name: a, namespace: y1}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n---\napiVersion: v1\nkind: \
             Namespace\nmetadata: {name: a}\n"
        ])
        .len(),
        4
    );
    let generated = "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\nspec: {template: {spec: {containers: []}}}\n";
    assert_eq!(names(&[generated, generated]).len(), 2);
    assert_eq!(names(&["apiVersion: batch.org/v1\nkind: X\n---\napiVersion: batch.org/v1\nkind: X\n"]).len(), 2);
}

#[test]
fn what_is_no_object_is_left_out_with_a_warning() {
    for text in ["replicas: 2\n", "- a\n- b\n", "just text\n", "5\n"] {
        let manifests = read_all(&[text]);
        assert!(manifests.documents.is_empty(), "{text}");
        let found = summaries(&manifests.findings);
        assert_eq!(found, ["warning[MS024] 1:1 no Kubernetes object: neither `apiVersion` nor `kind`"], "{text}");
    }
}

#[test]
fn mistakes_in_other_kinds_are_warnings() {
    let manifests = read_all(&["apiVersion: example.org/v1\nkind: X\na: 1\na: 2\nmetadata: 5\n"]);
    assert_eq!(manifests.documents.len(), 1);
    assert_eq!(manifests.findings[0].severity, Severity::Warning);
    assert_eq!(summaries(&manifests.findings), ["warning[MS002] 4:1 the key `a` is written twice"]);
}

#[test]
fn one_bad_document_does_not_hide_the_next() {
    let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: [}\n---\n\
                apiVersion: v1\nkind: Namespace\nmetadata: {name: c, lables: {}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: d}\n";
    assert_eq!(names(&[text]), ["Namespace/a", "Namespace/d"]);
    let found = summaries(&read_all(&[text]).findings);
    assert_eq!(
        found,
        [
            "error[MS001] 7:18 bad YAML: mismatched bracket '[' closed by '}'",
            "error[MS003] 11:21 unknown field `lables` in `metadata`"
        ]
    );
}

#[test]
fn a_text_full_of_mistakes_is_given_up() {
    let manifests = read_all(&[&"a\n---\n".repeat(20_000), "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"]);
    assert_eq!(manifests.findings.len(), 10_001);
    let last = summaries(&manifests.findings).pop().unwrap();
    assert_eq!(last, "error[MS025] 20001:1 more than 10000 findings in one text: the rest of it is not read");
    assert_eq!(manifests.documents.len(), 1);
}

/// A text with every kind of mistake waiting to happen.
const POLICY: &str = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: allow\n  labels: {a: b}\nspec:\n  \
                      selector:\n    matchLabels:\n      app: cart\n  action: DENY\n  rules:\n  - from:\n    - source:\n        \
                      principals: [\"x/*\"]\n    to:\n    - operation:\n        ports: [\"80\"]\n    when:\n    - key: source.ip\n      values: \
                      [1.2.3.4]\n";

proptest! {
    #[test]
    fn a_damaged_policy_is_read_as_it_stands_or_refused(
        at in 0..POLICY.len(),
        removed in 0_usize..6,
        added in prop::sample::select(vec!["", " ", "\n", ":", "- ", "[", "}", "'", "&a ", "*a", "x", "5", "\t", "null", "---\n", "#", "é"]),
    ) {
        let text = [POLICY.get(..at).unwrap(), added, POLICY.get((at + removed).min(POLICY.len())..).unwrap()].concat();
        let manifests = read_all(&[&text]);
        prop_assert!(!manifests.documents.is_empty() || !manifests.findings.is_empty(), "{}", text);
        for finding in &manifests.findings {
            let span = finding.primary.as_ref().unwrap().span.0;
            prop_assert!((span.offset + span.length) as usize <= text.len() + 1, "{:?} in {}", finding, text);
        }
    }
}
