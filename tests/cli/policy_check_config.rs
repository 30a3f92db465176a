//! `meshsec.toml`, `--show-config`, `--add-ignore`, `--honor-peers`, and files that are no manifests.

use std::fs;

use crate::run::Folder;

const CART: &str = r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  action: DENY
  rules:
  - to:
    - operation:
        paths: ["/admin", "/admin/*"]
        ports: ["8080"]
"#;

const LIKE: &str = r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: cart
  namespace: shop
spec:
  selector: {matchLabels: {app: cart}}
  rules:
  - from:
    - source:
        principals: ["spiffe://cluster.local/ns/shop/sa/web"]
"#;

/// Codes that count and codes that are suppressed, each once.
fn codes(folder: &Folder, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let report = folder.run(&[&["policy", "check", ".", "-o", "json"], arguments].concat()).json();
    let (mut counting, mut suppressed) = (Vec::new(), Vec::new());
    for finding in report["findings"].as_array().unwrap() {
        let code = finding["code"].as_str().unwrap().to_owned();
        if finding["suppressed"].is_null() { counting.push(code) } else { suppressed.push(code) }
    }
    counting.dedup();
    suppressed.dedup();
    (counting, suppressed)
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line_and_what_was_probably_meant() {
    let folder = Folder::with(&[("a.yaml", CART)]);
    let mut wrong = Vec::new();
    for (text, line, wanted) in [
        ("[lint]\npresett = \"strict\"\n", 2, "did you mean `preset`?"),
        ("[lint]\npreset = \"stricct\"\n", 2, "did you mean `strict`?"),
        ("[lnt]\n", 1, "did you mean `lint`?"),
        ("[lint.rules]\nMS104 = \"off\"\nMS1004 = \"off\"\n", 3, "there is no rule `MS1004`"),
        ("[lint.rules]\nprincipal-with-spife-scheme = \"off\"\n", 2, "did you mean `principal-with-spiffe-scheme`?"),
        ("[lint]\nselect = [\n  \"MS1\",\n  \"MS0x\",\n]\n", 4, "there is no rule `MS0x`"),
        ("[lint.rules]\nMS104 = \"warn\"\n", 2, "did you mean `warning`?"),
        ("[lint.rules]\nMS104 = \"never\"\n", 2, "there are `off`, `info`, `warning`, `error`"),
        ("[lint.rules.MS602]\ndasy = 3\n", 2, "did you mean `days`?"),
        ("[lint.rules]\nMS602.days = \"ten\"\n", 2, "it takes a whole number"),
        ("[lint.rules]\nMS104.days = 3\n", 2, "rule `MS104` has no option `days`"),
        ("[lint]\nfail-on = \"warnings\"\n", 2, "did you mean `warning`?"),
        ("[[lint.overrides]]\npaths = [\"a\"]\n[[lint.overrides]]\npaths = [\"[\"]\n", 4, "is no glob"),
        ("[mesh]\nistio-version = \"new\"\n", 2, "write it as `1.30.1`"),
        ("[mesh]\ntrust-domain = 3\n", 2, "expected a string"),
        ("[lint\n", 1, "cannot be used"),
    ] {
        folder.write("meshsec.toml", text.as_bytes());
        let ran = folder.run(&["policy", "check", "."]);
        if ran.code != 2 || !ran.err.contains(wanted) || !ran.err.contains(&format!("meshsec.toml:{line}`")) {
            wrong.push(format!("{text}: exit code {}, {}", ran.code, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_option_of_a_rule_changes_what_it_finds() {
    let folder = Folder::with(&[("a.yaml", CART)]);
    let has = |folder: &Folder, code: &str| codes(folder, &["--info"]).0.iter().any(|found| found == code);
    assert!(!has(&folder, "MS172"), "lower case tells nothing");
    folder.write("meshsec.toml", b"[lint.rules]\nMS172.namespaces = [\"sh*\"]\n");
    assert!(has(&folder, "MS172"), "the namespace ignores case");
    folder.write("meshsec.toml", b"[lint.rules]\nMS172 = { level = \"off\", namespaces = [\"sh*\"] }\n");
    assert!(!has(&folder, "MS172"), "off");
    folder.write("meshsec.toml", b"[lint.rules]\nMS172.namespaces = [\"bank\"]\n");
    assert!(!has(&folder, "MS172"), "another namespace");
}

#[test]
fn a_rule_that_is_off_is_turned_on_by_its_code_and_not_by_the_start_of_one() {
    let folder = Folder::with(&[("a.yaml", CART)]);
    for (file, arguments, wanted) in [
        ("", &[][..], false),
        ("", &["--select", "MS9"][..], false),
        ("", &["--select", "MS908"][..], true),
        ("", &["--select", "owner-missing"][..], true),
        ("", &["--preset", "all"][..], true),
        ("", &["--preset", "strict"][..], false),
        ("[lint.rules]\nMS908 = \"warning\"\n", &[][..], true),
        ("[lint.rules]\nMS9 = \"warning\"\n", &[][..], false),
        ("[lint.rules]\nMS908 = { level = \"info\", labels = [\"app.example/owner\"] }\n", &[][..], true),
        ("[lint.rules]\nMS908.labels = [\"app.example/owner\"]\n", &[][..], false),
    ] {
        folder.write("meshsec.toml", file.as_bytes());
        let (found, _) = codes(&folder, arguments);
        assert_eq!(found.iter().any(|code| code == "MS908"), wanted, "{file} {arguments:?}: {found:?}");
    }
}

#[test]
fn the_settings_that_hold_are_shown_with_where_they_come_from() {
    let folder = Folder::with(&[(
        "meshsec.toml",
        "[lint]\nfail-on = \"warning\"\nignore = [\"MS222\"]\n[lint.rules]\nMS170 = \"off\"\nMS602.days = 10\n[mesh]\ntrust-domain = \"corp.example\"\n",
    )]);
    let shown = folder.run(&["policy", "check", "--show-config", "--preset", "strict", "-o", "json"]).json();
    let from = |key: &str| {
        let row = shown["settings"].as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
        let from = row["from"].as_str().unwrap();
        (row["value"].as_str().unwrap().to_owned(), from.rsplit('/').next().unwrap().to_owned())
    };
    for (key, value, place) in [
        ("lint.preset", "strict", "--preset"),
        ("lint.fail-on", "warning", "meshsec.toml:2"),
        ("lint.ignore", "[\"MS222\"]", "meshsec.toml:3"),
        ("lint.select", "[]", "default"),
        ("lint.rules.MS602.days", "10", "meshsec.toml:6"),
        ("lint.rules.MS615.days", "365", "default"),
        ("mesh.trust-domain", "corp.example", "meshsec.toml:8"),
        ("mesh.root-namespace", "istio-system", "default"),
    ] {
        assert_eq!(from(key), (value.to_owned(), place.to_owned()), "{key}");
    }
    let level = |code: &str| {
        let row = shown["rules"].as_array().unwrap().iter().find(|row| row["code"] == code).unwrap();
        (row["level"].as_str().unwrap().to_owned(), row["from"].as_str().unwrap().to_owned())
    };
    assert_eq!(level("MS104"), ("error".to_owned(), "preset `strict` (--preset)".to_owned()));
    let (off, place) = level("MS170");
    assert!(off == "off" && place.ends_with("meshsec.toml:5"), "{off} {place}");
    let (off, place) = level("MS222");
    assert!(off == "off" && place.ends_with("meshsec.toml:3)"), "{off} {place}");
    let text = folder.run(&["policy", "check", "--show-config"]);
    assert!(text.code == 0 && text.out.contains("MS170") && !text.out.contains("MS104"), "{text:?}");
}

#[test]
fn what_is_found_today_is_suppressed_by_comments_that_change_nothing_else() {
    let folder = Folder::with(&[("a.yaml", LIKE), ("b.json", "{}")]);
    let add = ["policy", "check", ".", "--add-ignore", "MS104"];
    assert_eq!(folder.run(&add).code, 2, "without a reason");
    let ran = folder.run(&[&add[..], &["--reason", "old callers"]].concat());
    assert!(ran.code == 0 && ran.err.contains("1 comment written in 1 file"), "{ran:?}");
    let text = fs::read_to_string(folder.path().join("a.yaml")).unwrap();
    let comment = "        # meshsec: ignore[MS104] old callers\n";
    assert_eq!(text.replace(comment, ""), LIKE);
    assert!(text.contains(comment), "{text}");
    let (found, suppressed) = codes(&folder, &[]);
    assert!(!found.contains(&"MS104".to_owned()) && suppressed == ["MS104"], "{found:?} {suppressed:?}");
    assert_eq!(folder.run(&["policy", "check", ".", "--add-ignore", "MS9999", "--reason", "x"]).code, 2);
    let again = folder.run(&[&add[..], &["--reason", "old callers"]].concat());
    assert!(again.err.contains("0 comments"), "{again:?}");
}

#[test]
fn annotations_for_other_programs_count_when_asked_to() {
    let policy = |annotation: &str| {
        format!(
            "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: cart, namespace: shop, annotations: {{{annotation}}}}}
spec: {{selector: {{matchLabels: {{app: crat}}}}, rules: [{{from: [{{source: {{principals: [cluster.local/ns/shop/sa/web]}}}}]}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: cart, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: cart}}}}
  template:
    metadata: {{labels: {{app: cart, sidecar.istio.io/inject: \"true\"}}}}
    spec: {{serviceAccountName: cart, containers: [{{name: cart, image: \"cart:1\", ports: [{{containerPort: 8080}}]}}]}}
"
        )
    };
    for (annotation, flag, wanted) in [
        ("galley.istio.io/analyze-suppress: IST0127", true, true),
        ("galley.istio.io/analyze-suppress: \"IST0001,IST0127\"", true, true),
        ("galley.istio.io/analyze-suppress: \"*\"", true, true),
        ("galley.istio.io/analyze-suppress: IST0101", true, false),
        ("galley.istio.io/analyze-suppress: IST0127", false, false),
        ("kiali.io/ignore-validations: KIA0004", true, true),
        ("kiali.io/ignore-validations: \"\"", true, true),
        ("kiali.io/ignore-validations: KIA0101", true, false),
    ] {
        let folder = Folder::with(&[("a.yaml", &policy(annotation))]);
        let (found, suppressed) = codes(&folder, if flag { &["--honor-peers"] } else { &[] });
        let is_in = |codes: &[String]| codes.iter().any(|code| code == "MS126");
        assert_eq!((is_in(&suppressed), is_in(&found)), (wanted, !wanted), "{annotation} {flag}: {found:?} {suppressed:?}");
    }
    let folder = Folder::with(&[
        ("a.yaml", &policy("kiali.io/ignore-validations: \"\"")),
        ("meshsec.toml", "[lint]\nhonor-peers = true\n"),
    ]);
    let ran = folder.run(&["policy", "check", "."]);
    assert!(ran.out.contains("suppressed by annotations for istioctl or Kiali"), "{ran:?}");
}

#[test]
fn files_that_only_lie_there_are_no_warning_and_files_that_are_named_are() {
    let folder = Folder::with(&[
        ("chart/values.yaml", "replicas: 2\n"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
        ("kustomization.yaml", "resources: [a.yaml]\n"),
        ("a.yaml", CART),
    ]);
    let met = folder.run(&["policy", "check", ".", "--select", "MS024", "--fail-on", "warning"]);
    assert_eq!(met.code, 0, "{met:?}");
    let named = folder.run(&["policy", "check", "chart/values.yaml", "--select", "MS024", "--fail-on", "warning"]);
    assert_eq!(named.code, 1, "{named:?}");
    folder.write("b.yaml", b"apiVersion: v1\nmetadata: {name: x}\n");
    let broken = folder.run(&["policy", "check", ".", "--select", "MS024"]);
    assert_eq!(broken.code, 1, "an object without a kind is a mistake wherever it lies: {broken:?}");
}
