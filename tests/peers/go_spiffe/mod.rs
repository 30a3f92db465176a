//! go-spiffe, in the version that istiod links, and istiod's own reading of identities and bundles. `MESHSEC_ORACLE` names the program
//! of `tests/oracle`.

mod bundles;
mod identities;
#[cfg(feature = "store")]
mod jwt_svids;
mod material;
mod svids;

use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;

/// The peer's answer to each question, or nothing, said aloud, when it is absent.
fn ask(test: &str, what: &str, questions: &[Value]) -> Option<Vec<Value>> {
    let Ok(oracle) = std::env::var("MESHSEC_ORACLE") else {
        eprintln!("skipped: {test}: MESHSEC_ORACLE does not name the program of tests/oracle");
        return None;
    };
    let mut child = Command::new(oracle).args(["spiffe", what]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{test}: the peer failed");
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(questions.is_empty() || answers.len() == questions.len(), "{test}: {} answers", answers.len());
    Some(answers)
}

fn list(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|element| element.as_str().unwrap()).collect()
}
