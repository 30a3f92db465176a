//! Disagreements with istiod and Envoy that were found and settled: the recorded answers of the real ones hold.

use std::fs;

use crate::run::root;
use crate::run::run_in;

#[test]
fn recorded_answers_of_istiod_and_envoy_hold() {
    let folder = root().join("tests/oracle/regressions");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        count += 1;
        let mesh = path.file_name().unwrap().to_str().unwrap();
        let requests = mesh.replace(".yaml", ".jsonl");
        let ran = run_in(&folder, &["simulate", "batch", "-f", mesh, &requests], "");
        if ran.code != 0 {
            wrong.push(format!("{mesh}:\n{}{}", ran.out, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 0, "no recorded case was found");
}
