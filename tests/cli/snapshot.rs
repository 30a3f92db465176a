//! `snapshot save -f` and `snapshot show`: the file answers as the manifests it was made of.

use std::fs;
use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::run::Folder;

const POLICY: &str = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n  rules:\n  - to:\n    - operation: {methods: [GET]}\n";
const WORKLOAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\nspec:\n  template:\n    metadata:\n      \
                        labels: {app: cart, sidecar.istio.io/inject: \"true\"}\n    spec:\n      containers:\n      - {name: app, env: [{name: TOKEN, value: hidden}]}\n";

/// The answers without the places, which are others in another file.
fn answers(lines: &[Value]) -> Vec<Value> {
    lines.iter().map(|line| json!([line["verdict"], line["httpStatus"], line["reason"]])).collect()
}

#[test]
fn every_recorded_mesh_answers_from_its_snapshot_as_from_its_manifests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/regressions");
    let mut compared = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let mesh = entry.unwrap().path();
        let flows = mesh.with_extension("jsonl");
        if mesh.extension().is_none_or(|extension| extension != "yaml") || !flows.exists() {
            continue;
        }
        let here = Folder::with(&[]);
        let (mesh, flows) = (mesh.to_str().unwrap(), flows.to_str().unwrap());
        for name in ["mesh.yaml", "mesh.yaml.gz"] {
            let saved = here.run(&["snapshot", "save", "-q", "-f", mesh, "-o", name]);
            assert_eq!((saved.code, saved.out.as_str()), (0, ""), "{mesh}: {saved:?}");
        }
        let ask = |mesh: &str| {
            let ran = here.run(&["simulate", "batch", "-f", mesh, flows, "-o", "jsonl"]);
            (ran.code, answers(&ran.lines()))
        };
        let expected = ask(mesh);
        assert!(!expected.1.is_empty(), "{mesh}");
        for name in ["mesh.yaml", "mesh.yaml.gz"] {
            assert_eq!(ask(name), expected, "{mesh} from {name}");
        }
        compared += 1;
    }
    assert!(compared > 5, "{compared} meshes");
}

#[test]
fn a_snapshot_of_a_snapshot_holds_the_same_objects() {
    let here = Folder::with(&[
        ("a.yaml", WORKLOAD),
        ("b.yaml", POLICY),
        ("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: hidden}\n"),
    ]);
    let saved = here.run(&["snapshot", "save", "-f", ".", "-o", "one.yaml"]);
    assert!(saved.code == 0 && saved.err.contains("saved 2 objects of 1 namespace in one.yaml"), "{saved:?}");
    assert_eq!(here.run(&["snapshot", "save", "-q", "-f", "one.yaml", "-o", "two.yaml"]).code, 0);
    assert_eq!(here.run(&["snapshot", "save", "-q", "-f", "b.yaml", "-f", "a.yaml", "-o", "three.yaml"]).code, 0);
    let objects = |name: &str| {
        let text = fs::read_to_string(here.path().join(name)).unwrap();
        assert!(!text.contains("hidden"), "{text}");
        text.split_once("\n---\n").unwrap().1.to_owned()
    };
    assert_eq!(objects("one.yaml"), objects("two.yaml"));
    assert_eq!(objects("one.yaml"), objects("three.yaml"));
    let shown = here.run(&["snapshot", "show", "one.yaml"]);
    for part in ["files", "2 objects of 1 namespace", "left out", "1 Secret", "AuthorizationPolicy  shop"] {
        assert!(shown.out.contains(part), "{part} is not in\n{}", shown.out);
    }
    let shown = here.run(&["snapshot", "show", "one.yaml", "-o", "json"]).json();
    assert_eq!((&shown["objects"], &shown["leftOut"]), (&json!(2), &json!({"Secret": 1})), "{shown}");
    let to_stdout = here.run(&["snapshot", "save", "-q", "-f", "one.yaml", "-o", "-"]);
    assert!(to_stdout.out.starts_with("# A mesh as meshsec "), "{to_stdout:?}");
    assert_eq!(here.run_with(&["snapshot", "show", "-", "-o", "json"], &to_stdout.out).json()["objects"], json!(2));
}

#[test]
fn what_is_missing_from_a_snapshot_is_undetermined() {
    let here = Folder::with(&[("a.yaml", WORKLOAD), ("b.yaml", POLICY)]);
    assert_eq!(here.run(&["snapshot", "save", "-q", "-f", "a.yaml", "-f", "b.yaml", "-o", "mesh.yaml"]).code, 0);
    let ask = |file: &str| here.run(&["simulate", "request", "-f", file, "--to", "shop/cart:80", "--path", "/"]);
    assert_ne!(ask("mesh.yaml").code, 4, "everything is known");
    let text = fs::read_to_string(here.path().join("mesh.yaml")).unwrap();
    let unread = "unread:\n- group: security.istio.io\n  kind: PeerAuthentication\n  namespace: shop\n  why: forbidden\nobjects:";
    here.write("part.yaml", text.replacen("objects:", unread, 1).as_bytes());
    let ran = ask("part.yaml");
    assert!(ran.code == 4 && ran.out.contains("undetermined"), "{ran:?}");
    assert!(
        ran.err
            .contains("PeerAuthentication objects of namespace `shop` could not be read when the snapshot was saved: forbidden"),
        "{ran:?}"
    );
    assert_eq!(here.run(&["snapshot", "save", "-q", "-f", "part.yaml", "-o", "again.yaml"]).code, 0);
    assert_eq!(ask("again.yaml").code, 4, "what is missing stays missing");
}

#[test]
fn what_is_no_whole_snapshot_is_refused() {
    let here = Folder::with(&[("a.yaml", WORKLOAD), ("b.yaml", POLICY)]);
    assert_eq!(here.run(&["snapshot", "save", "-q", "-f", "a.yaml", "-f", "b.yaml", "-o", "mesh.yaml"]).code, 0);
    let text = fs::read_to_string(here.path().join("mesh.yaml")).unwrap();
    here.write("cut.yaml", &text.as_bytes()[..text.len() - 40]);
    here.write("later.yaml", text.replace("meshsec.dev/v1", "meshsec.dev/v2").as_bytes());
    here.write("odd.yaml", text.replace("savedAt:", "savedOn:").as_bytes());
    let mut packed = vec![0x1f, 0x8b];
    packed.extend(b"no gzip");
    here.write("damaged.yaml.gz", &packed);
    for (arguments, says) in [
        (vec!["snapshot", "show", "a.yaml"], "`a.yaml` is no snapshot"),
        (vec!["snapshot", "show", "cut.yaml"], "`cut.yaml` is cut off"),
        (vec!["policy", "effective", "-f", "cut.yaml", "--workload", "shop/cart"], "`cut.yaml` is cut off"),
        (vec!["snapshot", "show", "later.yaml"], "its form is `meshsec.dev/v2`"),
        (vec!["snapshot", "show", "odd.yaml"], "its head cannot be read"),
        (vec!["snapshot", "show", "damaged.yaml.gz"], "is compressed and damaged"),
        (vec!["snapshot", "show", "absent.yaml"], "cannot read `absent.yaml`"),
        (vec!["snapshot", "save", "-f", "a.yaml", "-o", "b.yaml"], "`b.yaml` is there, and is no snapshot"),
        (vec!["snapshot", "save", "-f", "a.yaml", "-o", "absent/x.yaml"], "`absent` is no directory"),
        (vec!["snapshot", "save", "-f", "a.yaml", "-o", "."], "`.` is a directory"),
        (vec!["snapshot", "save", "-f", "a.yaml", "--context", "x", "-o", "x.yaml"], "`--context` is about a cluster"),
        (vec!["snapshot", "save", "-f", "a.yaml", "-n", "a", "-n", "b", "-o", "x.yaml"], "cannot be in several"),
        (vec!["snapshot", "save", "--kubeconfig", "absent", "-o", "x.yaml"], "kubeconfig"),
    ] {
        let ran = here.run(&arguments);
        assert!(ran.code == 2 && ran.err.contains(says), "{arguments:?}: {ran:?}");
    }
    assert_eq!(fs::read_to_string(here.path().join("b.yaml")).unwrap(), POLICY);
    assert_eq!(here.run(&["snapshot", "save", "-q", "-f", "a.yaml", "-o", "b.yaml", "--overwrite"]).code, 0);
    assert_eq!(
        here.run(&["snapshot", "save", "-q", "-f", "a.yaml", "-o", "cut.yaml"]).code,
        0,
        "a snapshot is replaced, a broken one too"
    );
}

#[test]
fn manifests_that_cannot_be_in_a_mesh_are_not_saved() {
    let wrong = POLICY.replace("methods:", "metods:");
    let here = Folder::with(&[("a.yaml", WORKLOAD), ("b.yaml", &wrong)]);
    let ran = here.run(&["snapshot", "save", "-f", "a.yaml", "-f", "b.yaml", "-o", "mesh.yaml"]);
    assert!(ran.code == 2 && ran.err.contains("metods"), "{ran:?}");
    assert!(!here.path().join("mesh.yaml").exists());
    let empty = Folder::with(&[("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n")]);
    let ran = empty.run(&["snapshot", "save", "-f", "s.yaml", "-o", "mesh.yaml"]);
    assert!(ran.code == 2 && ran.err.contains("nothing of a mesh was found"), "{ran:?}");
}
