use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::diag::Spanned;
use crate::manifest::Header;
use crate::manifest::Labels;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::ObjectRef;
use crate::mesh::Settings;

/// A policy in short.
#[derive(Debug, Clone)]
struct Short {
    namespace: &'static str,
    name: String,
    created: i64,
    selector: Option<Vec<&'static str>>,
    mode: Option<MutualTlsMode>,
    ports: Vec<(u16, MutualTlsMode)>,
}

fn labels(names: &[&str]) -> Labels {
    names.iter().map(|name| ((*name).to_owned(), Spanned::new("x".to_owned(), Span::default()))).collect()
}

fn plain(names: &[&str]) -> BTreeMap<String, String> {
    names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect()
}

/// The mesh of these policies, in istiod's order.
fn mesh_of(policies: &[Short]) -> Mesh {
    let mut sorted: Vec<&Short> = policies.iter().collect();
    sorted.sort_by(|a, b| (a.created, &a.name, a.namespace).cmp(&(b.created, &b.name, b.namespace)));
    let object = |short: &&Short| Object {
        id: ObjectRef { kind: "PeerAuthentication", namespace: short.namespace.to_owned(), name: short.name.clone() },
        header: Header { creation_timestamp: Timestamp::from_second(short.created).ok(), ..Header::default() }.into(),
        spec: PeerAuthentication {
            selector: short.selector.as_ref().map(|names| Selector { match_labels: labels(names), ..Selector::default() }),
            mode: short.mode.map(|mode| Spanned::new(mode, Span::default())),
            port_level: short.ports.iter().map(|(port, mode)| (u32::from(*port), Spanned::new(*mode, Span::default()))).collect(),
            ..PeerAuthentication::default()
        }
        .into(),
        span: Span::default(),
    };
    Mesh { peer_authentications: sorted.iter().map(object).collect(), ..Mesh::default() }
}

/// The same question answered the way istiod's code walks: every policy of the two namespaces is looked at, and one that is strictly
/// older (or as old and first by name) takes the place of the one kept so far.
fn literally(policies: &[Short], root: &str, namespace: &str, own: &[&str], port: u16) -> MutualTlsMode {
    let mut kept: [Option<&Short>; 3] = [None, None, None];
    for policy in policies {
        if policy.namespace != root && policy.namespace != namespace {
            continue;
        }
        let wanted = policy.selector.clone().unwrap_or_default();
        if !wanted.iter().all(|label| own.contains(label)) {
            continue;
        }
        let level = match (wanted.is_empty(), policy.namespace == root) {
            (true, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (false, true) => continue,
        };
        let is_older = match kept[level] {
            None => true,
            Some(before) => policy.created < before.created || (policy.created == before.created && policy.name < before.name),
        };
        if is_older {
            kept[level] = Some(policy);
        }
    }
    let mut mode = MutualTlsMode::Permissive;
    for policy in kept.into_iter().flatten() {
        if let Some(written) = policy.mode
            && written != MutualTlsMode::Unset
        {
            mode = written;
        }
    }
    let entry = kept[2].and_then(|policy| policy.ports.iter().find(|(own, _)| *own == port));
    match entry {
        Some((_, written)) if *written != MutualTlsMode::Unset => *written,
        _ => mode,
    }
}

fn modes() -> impl Strategy<Value = MutualTlsMode> {
    prop_oneof![
        Just(MutualTlsMode::Unset),
        Just(MutualTlsMode::Disable),
        Just(MutualTlsMode::Permissive),
        Just(MutualTlsMode::Strict)
    ]
}

fn policies() -> impl Strategy<Value = Vec<Short>> {
    let namespaces = prop_oneof![Just("istio-system"), Just("foo"), Just("bar")];
    let names = prop::collection::btree_set(prop_oneof![Just("app"), Just("tier")], 0..3);
    let selectors = prop::option::of(names.prop_map(|names| names.into_iter().collect::<Vec<_>>()));
    let ports = prop::collection::btree_map(prop_oneof![Just(80_u16), Just(8080)], modes(), 0..3);
    let policy = (namespaces, 0..3_i64, selectors, prop::option::of(modes()), ports);
    prop::collection::vec(policy, 0..6).prop_map(|drawn| {
        let name = |index: usize| format!("{}{index}", ["b", "a", "c"][index % 3]);
        let short = |(index, (namespace, created, selector, mode, ports)): (usize, (_, _, _, _, BTreeMap<u16, _>))| Short {
            namespace,
            name: name(index),
            created,
            selector,
            mode,
            ports: ports.into_iter().collect(),
        };
        drawn.into_iter().enumerate().map(short).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn the_mode_of_a_port_is_what_a_literal_walk_finds(
        policies in policies(),
        namespace in prop_oneof![Just("foo"), Just("bar"), Just("istio-system")],
        own in prop::sample::subsequence(vec!["app", "tier"], 0..=2),
        port in prop_oneof![Just(80_u16), Just(8080), Just(9999)],
    ) {
        let mesh = mesh_of(&policies);
        let got = mesh.server_mode_for(namespace, &plain(&own), port);
        prop_assert_eq!(got.mode, literally(&policies, "istio-system", namespace, &own, port));
        prop_assert_ne!(got.mode, MutualTlsMode::Unset);
        if let Some(origin) = got.from {
            let policy = &mesh.peer_authentications[origin.policy];
            let written = match origin.level {
                Level::Port => policy.spec.port_level.get(&u32::from(port)).map(|mode| mode.value),
                Level::Mesh | Level::Namespace | Level::Workload => policy.spec.mode.map(|mode| mode.value),
            };
            prop_assert_eq!(written, Some(got.mode));
        } else {
            prop_assert_eq!(got.mode, MutualTlsMode::Permissive);
        }
    }

    #[test]
    fn the_order_in_which_policies_are_written_does_not_matter(policies in policies(), port in prop_oneof![Just(80_u16), Just(8080)]) {
        let mut reversed = policies.clone();
        reversed.reverse();
        let (one, other) = (mesh_of(&policies), mesh_of(&reversed));
        let own = plain(&["app"]);
        prop_assert_eq!(one.server_mode_for("foo", &own, port).mode, other.server_mode_for("foo", &own, port).mode);
    }
}

#[test]
fn service_level_looks_at_no_selector() {
    let policy = |namespace, name: &str, selector: Option<Vec<&'static str>>, mode| Short {
        namespace,
        name: name.to_owned(),
        created: 0,
        selector,
        mode,
        ports: Vec::new(),
    };
    for (name, policies, expected) in [
        ("none", vec![], MutualTlsMode::Permissive),
        ("mesh", vec![policy("istio-system", "a", None, Some(MutualTlsMode::Strict))], MutualTlsMode::Strict),
        ("mesh unset", vec![policy("istio-system", "a", None, None)], MutualTlsMode::Permissive),
        ("empty selector", vec![policy("istio-system", "a", Some(vec![]), Some(MutualTlsMode::Disable))], MutualTlsMode::Disable),
        (
            "namespace",
            vec![
                policy("istio-system", "a", None, Some(MutualTlsMode::Strict)),
                policy("foo", "a", None, Some(MutualTlsMode::Disable)),
            ],
            MutualTlsMode::Disable,
        ),
        (
            "namespace unset",
            vec![policy("istio-system", "a", None, Some(MutualTlsMode::Strict)), policy("foo", "a", None, None)],
            MutualTlsMode::Strict,
        ),
        ("workload", vec![policy("foo", "a", Some(vec!["app"]), Some(MutualTlsMode::Strict))], MutualTlsMode::Permissive),
        ("another namespace", vec![policy("bar", "a", None, Some(MutualTlsMode::Strict))], MutualTlsMode::Permissive),
    ] {
        assert_eq!(mesh_of(&policies).service_level_mode("foo").mode, expected, "{name}");
    }
}

#[test]
fn the_root_namespace_can_be_another_one() {
    let strict = |namespace| Short {
        namespace,
        name: "a".to_owned(),
        created: 0,
        selector: None,
        mode: Some(MutualTlsMode::Strict),
        ports: Vec::new(),
    };
    let mut mesh = mesh_of(&[strict("bar")]);
    assert_eq!(mesh.service_level_mode("foo").mode, MutualTlsMode::Permissive);
    mesh.settings = Settings { root_namespace: "bar".to_owned(), ..Settings::default() };
    assert_eq!(mesh.service_level_mode("foo").mode, MutualTlsMode::Strict);
}
