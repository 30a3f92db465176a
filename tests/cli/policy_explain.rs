//! `meshsec policy explain`.

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::run::Folder;

/// One policy of each kind of surprise.
const SURPRISES: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-deletes, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  action: DENY
  rules:
  - from: [{source: {notNamespaces: [shop, web]}}]
    to: [{operation: {methods: [DELETE], paths: ['/admin/*', '/x']}}, {operation: {ports: ['5432']}}]
    when: [{key: 'request.headers[x-team]', notValues: [ops]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nothing, namespace: empty}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: watch, namespace: shop, annotations: {istio.io/dry-run: 'true'}}
spec:
  selector: {matchLabels: {app: api}}
  action: DENY
  rules: [{}]
";

#[test]
fn a_rule_is_found_by_code_and_by_name() {
    let folder = Folder::with(&[]);
    let by_code = folder.run(&["policy", "explain", "ms104"]);
    let by_name = folder.run(&["policy", "explain", "principal-with-spiffe-scheme"]);
    assert_eq!((by_code.code, &by_code.out), (0, &by_name.out), "{}", by_code.err);
    for heading in
        ["Finds", "Why it matters", "Example", "Instead", "Specification", "Level", "Who else reports it", "How to suppress"]
    {
        assert!(by_code.out.contains(&format!("\n{heading}\n")), "{heading} is missing in {}", by_code.out);
    }
    assert!(by_code.out.contains("# meshsec: ignore[MS104]"));
}

#[test]
fn what_the_api_server_refuses_cannot_be_suppressed() {
    let ran = Folder::with(&[]).run(&["policy", "explain", "MS003"]);
    assert!(ran.out.contains("It cannot be suppressed in the file"), "{}", ran.out);
}

#[test]
fn without_anything_every_rule_is_listed() {
    let folder = Folder::with(&[]);
    let all = folder.run(&["policy", "explain"]);
    assert_eq!(all.code, 0, "{}", all.err);
    assert_eq!(all.out.lines().count(), meshsec::lint::RULES.len() + 1);
    let some = folder.run(&["policy", "explain", "MS1"]);
    assert!(some.out.contains("MS104") && !some.out.contains("MS001"), "{}", some.out);
    let json = folder.run(&["policy", "explain", "MS104", "-o", "json"]).json();
    assert_eq!(json[0]["name"], "principal-with-spiffe-scheme");
}

#[test]
fn a_word_that_is_neither_rule_nor_file_is_refused_with_the_nearest() {
    let folder = Folder::with(&[]);
    for (word, help) in
        [("MS999", "lists the rules"), ("principal-with-spife-scheme", "did you mean `principal-with-spiffe-scheme`")]
    {
        let ran = folder.run(&["policy", "explain", word]);
        assert_eq!(ran.code, 2, "{word}");
        assert!(ran.err.contains(help) || ran.err.contains("did you mean"), "{word}: {}", ran.err);
    }
    let ran = folder.run(&["policy", "explain", "absent.yaml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot read `absent.yaml`"), "{}", ran.err);
}

#[test]
fn policies_are_told_in_english_on_http_and_on_tcp() {
    let folder = Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS), ("more.yaml", SURPRISES)]);
    let ran = folder.run(&["policy", "explain", "-f", "mesh.yaml", "-f", "allow.yaml", "-f", "more.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expected = "\
AuthorizationPolicy shop/api-readers (ALLOW) allow.yaml:1:1
  rule 0 allow.yaml:7:5
    on HTTP lets in requests where the method is `GET` and the caller's principal is `cluster.local/ns/shop/sa/web`
    on TCP nothing is left of it
      note: the rule is gone: `methods` has no meaning on TCP
  so: it lets no TCP connection in: on ports that carry TCP everything is refused unless another ALLOW policy lets it in
";
    assert!(ran.out.contains(expected), "{}", ran.out);
    let expected = "\
    on HTTP refuses requests where ((the method is `DELETE` and the path is `/x` or starts with `/admin/`) or the port is `5432`) and the \
caller's namespace is not `shop` or `web` (also without a mesh identity) and header `x-team` is not `ops` (also without the header)
";
    assert!(ran.out.contains(expected), "{}", ran.out);
    for expected in [
        "AuthorizationPolicy shop/watch (DENY, dry-run)",
        "refuses every request",
        "nothing is enforced: proxies only report",
        "it lets nothing in, and what no other ALLOW policy lets in is refused",
    ] {
        assert!(ran.out.contains(expected), "{expected} is missing in {}", ran.out);
    }
}

#[test]
fn the_policies_of_a_workload_are_one_table_in_order_of_evaluation() {
    let folder = Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS), ("more.yaml", SURPRISES)]);
    let ran = folder.run(&["policy", "explain", ".", "-o", "json"]);
    let json = ran.json();
    let table = &json["tables"][0];
    assert_eq!(table["workloads"], serde_json::json!(["shop/api"]));
    let rows = |chain: &str| -> Vec<String> {
        let rows = table[chain]["rows"].as_array().unwrap();
        rows.iter().map(|row| format!("{} {}", row["step"].as_str().unwrap(), row["name"].as_str().unwrap())).collect()
    };
    assert_eq!(rows("http"), ["deny no-deletes", "allow api-readers", "dry-run-deny watch"]);
    // The ALLOW rule is gone on TCP, and what is left of the DENY rule refuses more than it says.
    assert_eq!(rows("tcp"), ["deny no-deletes", "dry-run-deny watch"]);
    assert_eq!((&table["http"]["otherwise"], &table["tcp"]["otherwise"]), (&"deny".into(), &"deny".into()));
    let other = &json["tables"][1];
    assert_eq!(other["workloads"], serde_json::json!([]));
    assert!(other["scope"].as_str().unwrap().contains("namespace `empty`"), "{other}");
}

#[test]
fn a_policy_alone_has_a_table_for_the_workloads_it_names() {
    let folder = Folder::with(&[("allow.yaml", READERS)]);
    let ran = folder.run(&["policy", "explain", "allow.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("together, for workloads of namespace `shop` with label app=api (none of them was given)"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("otherwise refused"), "{}", ran.out);
}

#[test]
fn a_refused_policy_is_not_explained() {
    let folder = Folder::with(&[("bad.yaml", &READERS.replace("methods", "method"))]);
    let ran = folder.run(&["policy", "explain", "bad.yaml"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("method"), "{}", ran.err);
}

#[test]
fn what_explain_says_is_what_simulate_does() {
    let folder = Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS), ("more.yaml", SURPRISES)]);
    let base = ["simulate", "request", "-f", ".", "--from", "shop/web", "--to", "api.shop:80", "-q"];
    for (further, code) in [(&["-X", "GET"][..], 0), (&["-X", "POST"], 1)] {
        assert_eq!(folder.run(&[&base[..], further].concat()).code, code, "{further:?}");
    }
}
