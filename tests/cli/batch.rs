//! `meshsec simulate batch`.

use std::fmt::Write;

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::run::Folder;

fn shop() -> Folder {
    Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", READERS)])
}

const BASE: [&str; 6] = ["simulate", "batch", "-f", "mesh.yaml", "-f", "allow.yaml"];

#[test]
fn a_bad_line_costs_no_other_line() {
    let good = r#"{"name":"one","from":"shop/web","to":"api.shop:80"}"#;
    let input = format!("{good}\n{{nonsense\n\n{}\n{good}\n", r#"{"from":"shop/wbe","to":"api.shop:80"}"#);
    let ran = shop().run_with(&[&BASE[..], &["-o", "jsonl"]].concat(), &input);
    assert_eq!(ran.code, 2);
    let lines = ran.lines();
    assert_eq!(lines.len(), 5);
    assert_eq!((&lines[0]["verdict"], &lines[4]["verdict"]), (&"allowed".into(), &"allowed".into()));
    assert_eq!((&lines[1]["error"]["line"], &lines[2]["error"]["line"]), (&2.into(), &3.into()));
    assert!(lines[3]["error"]["message"].as_str().unwrap().contains("shop/web"), "{}", lines[3]);
}

#[test]
fn answers_keep_the_order_of_the_questions_over_many_chunks() {
    let mut input = String::new();
    for number in 0..20_000 {
        let method = if number % 3 == 0 { "POST" } else { "GET" };
        writeln!(input, r#"{{"name":"{number}","from":"shop/web","to":"api.shop:80","method":"{method}"}}"#).unwrap();
    }
    let ran = shop().run_with(&[&BASE[..], &["-", "-o", "jsonl", "-j", "3"]].concat(), &input);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for (number, line) in ran.lines().iter().enumerate() {
        let verdict = if number % 3 == 0 { "denied" } else { "allowed" };
        assert_eq!((line["name"].as_str(), line["verdict"].as_str()), (Some(number.to_string().as_str()), Some(verdict)));
    }
}

#[test]
fn an_expectation_that_does_not_hold_is_named_and_ends_with_1() {
    let folder = shop();
    folder
        .write("r.jsonl", br#"{"name":"x","from":"shop/web","to":"api.shop:80","expect":{"verdict":"denied","httpStatus":403}}"#);
    let ran = folder.run(&[&BASE[..], &["r.jsonl"]].concat());
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("line 1 (x): expected denied, got allowed"), "{}", ran.err);
}

#[test]
fn json_is_one_array() {
    let line = r#"{"from":"shop/web","to":"api.shop:80"}"#;
    for (input, count) in [(String::new(), 0), (format!("{line}\n"), 1), (format!("{line}\n{line}"), 2)] {
        let ran = shop().run_with(&[&BASE[..], &["-o", "json"]].concat(), &input);
        assert_eq!(ran.json().as_array().unwrap().len(), count, "{ran:?}");
    }
}

const BLOCKED: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api-blocks, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - from: [{source: {ipBlocks: [10.1.0.0/16]}}]
";

#[test]
fn the_address_of_one_line_is_not_that_of_the_next() {
    let folder = Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", BLOCKED)]);
    let line = |ip: &str| format!(r#"{{"from":{{"workload":"shop/web"{ip}}},"to":"api.shop:80"}}"#);
    let input = [line(r#","ip":"10.1.0.1""#), line(r#","ip":"10.2.0.1""#), line(""), line(r#","ip":"10.1.0.2""#)].join("\n");
    let ran = folder.run_with(&[&BASE[..], &["-o", "jsonl", "-j", "1"]].concat(), &input);
    let verdicts: Vec<_> = ran.lines().iter().map(|line| line["verdict"].as_str().unwrap().to_owned()).collect();
    assert_eq!(verdicts, ["allowed", "denied", "undetermined", "allowed"], "{ran:?}");
}

const BY_HOST: &str = "\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec:
  host: api.shop.svc.cluster.local
  trafficPolicy: {tls: {mode: SIMPLE}}
";

#[test]
fn the_host_of_one_line_is_not_that_of_the_next() {
    let folder = Folder::with(&[("mesh.yaml", SHOP), ("allow.yaml", BY_HOST)]);
    let line = |host: &str| format!(r#"{{"from":"shop/web","to":"api.shop:5432","host":"{host}"}}"#);
    let args = [&BASE[..], &["-o", "jsonl", "-j", "1"]].concat();
    let alone = folder.run_with(&args, &line("other.example"));
    let after = folder.run_with(&args, &[line("api.shop"), line("other.example")].join("\n"));
    assert_eq!(after.lines()[1], alone.lines()[0]);
}
