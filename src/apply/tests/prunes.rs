//! What is pruned, and what never is.

use std::collections::BTreeSet;

use crate::apply::ApplySet;
use crate::apply::Item;
use crate::apply::Key;
use crate::apply::Selector;
use crate::apply::prunable;
use crate::apply::tests::items;

const CANDIDATES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: everywhere, namespace: istio-system}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: gateway, namespace: istio-system}
spec: {selector: {matchLabels: {app: gateway}}, rules: [{}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: old, namespace: shop}
spec: {rules: [{}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: wanted, namespace: shop}
spec: {rules: [{}]}
";

#[test]
fn what_is_wanted_no_more_goes_but_for_what_takes_others_along() {
    let candidates = items(CANDIDATES);
    let wanted: BTreeSet<Key> = candidates.iter().map(|item| item.key.clone()).filter(|key| key.name == "wanted").collect();
    let names = |keys: BTreeSet<Key>| keys.into_iter().map(|key| key.name).collect::<Vec<_>>();
    let (pruned, kept) = prunable(&candidates, &wanted, &BTreeSet::new(), "istio-system");
    assert_eq!(names(pruned), ["gateway", "old"]);
    let kept: Vec<&str> = kept.iter().map(|kept| kept.key.name.as_str()).collect();
    assert_eq!(kept, ["shop", "things.example.org", "everywhere", "default"]);

    let also = ["namespace/shop", "peerauthentication/istio-system/default", "authorizationpolicy/everywhere"];
    let also: BTreeSet<String> = also.into_iter().map(str::to_owned).collect();
    let (pruned, kept) = prunable(&candidates, &wanted, &also, "istio-system");
    assert_eq!(names(pruned), ["everywhere", "gateway", "old", "default"]);
    assert_eq!(kept.len(), 2, "{kept:?}");
}

#[test]
fn a_sets_identifier_is_that_of_the_proposal() {
    // base64url(sha256("shop.default.ConfigMap."))
    let set = ApplySet { name: "shop".to_owned(), namespace: "default".to_owned() };
    let id = set.id();
    assert!(id.starts_with("applyset-") && id.ends_with("-v1"), "{id}");
    assert_eq!(id.len(), "applyset-".len() + 43 + "-v1".len(), "{id}");
    let members = items(CANDIDATES);
    let parent = set.parent(members.iter().map(|item| &item.key));
    let parent = Item { key: set.parent_key(), value: parent, document: None };
    let (kinds, namespaces) = set.reach(&parent);
    assert!(kinds.contains("AuthorizationPolicy.security.istio.io") && kinds.contains("Namespace"), "{kinds:?}");
    assert_eq!(namespaces.into_iter().collect::<Vec<_>>(), ["default", "istio-system", "shop"]);
    assert_eq!(set.refusal(&parent), None);
    let mut foreign = parent.clone();
    foreign.value["metadata"]["annotations"]["applyset.kubernetes.io/tooling"] = "kubectl/v1.35".into();
    assert!(set.refusal(&foreign).unwrap().contains("belongs to `kubectl/v1.35`"));
    let mut member = members[0].clone();
    assert!(!set.has(&member));
    set.claim(&mut member.value);
    assert!(set.has(&member));
}

#[test]
fn selectors_are_read_as_kubectl_reads_them() {
    let item =
        |labels: &str| items(&format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {labels}}}\n")).remove(0);
    let cases = [
        ("app=web", "{app: web}", true),
        ("app==web", "{app: web}", true),
        ("app=web", "{app: cart}", false),
        ("app=web,tier=front", "{app: web}", false),
        ("app!=web", "{}", true),
        ("app!=web", "{app: web}", false),
        ("app", "{app: x}", true),
        ("app", "{}", false),
        ("!app", "{}", true),
        ("!app", "{app: x}", false),
    ];
    let mut wrong = Vec::new();
    for (selector, labels, expected) in cases {
        if Selector::parse(selector).unwrap().matches(&item(labels)) != expected {
            wrong.push(format!("{selector} on {labels}: expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for text in ["", "a=b,", "a in (b)", "=b"] {
        assert!(Selector::parse(text).is_err(), "{text}");
    }
}
