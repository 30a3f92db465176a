//! Random pairs of meshes and random requests: what the simulator tells apart, the diff has told.

use std::collections::BTreeMap;
use std::time::Instant;

use meshsec::analysis;
use meshsec::analysis::Callers;
use meshsec::analysis::Diff;
use meshsec::policy::template_covers;
use meshsec::simulate::Verdict;
use meshsec::simulate::scenario::Scenario;
use serde_json::Value;

use crate::NoFiles;
use crate::generate;
use crate::generate::Dice;
use crate::mesh_of;
use crate::now;
use crate::simulator;

/// How many pairs of meshes, and how many requests for each.
fn sizes() -> (u64, usize) {
    let number = |name: &str, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    (number("MESHSEC_DIFF_MESHES", 40), usize::try_from(number("MESHSEC_DIFF_REQUESTS", 100)).unwrap())
}

/// Whether a value is one that is told: `a or b`, `all but a`, `a* but not ab`. Forms that only give examples are taken to hold.
fn is_meant(told: &str, value: &str) -> bool {
    let matches = |pattern: &str| {
        if pattern.contains("{*}") || pattern.contains("{**}") {
            template_covers(pattern, value)
        } else if pattern == "*" {
            !value.is_empty()
        } else if let Some(end) = pattern.strip_prefix('*') {
            value.ends_with(end)
        } else if let Some(start) = pattern.strip_suffix('*') {
            value.starts_with(start)
        } else {
            value == pattern
        }
    };
    let any = |list: &str| list.replace(" or ", ", ").split(", ").any(matches);
    if told.starts_with("such as") || told.contains("one of") {
        return true;
    }
    if let Some(others) = told.strip_prefix("all but ") {
        return !any(others);
    }
    match told.split_once(" but not ") {
        Some((list, others)) => any(list) && !any(others),
        None => told == "present" || any(told),
    }
}

/// Whether some change, or something that is said to be inexact, speaks of such a request.
fn is_told(diff: &Diff, scenario: &Value, verdicts: [Verdict; 2], workload: &str, port: u16) -> bool {
    let declared: &[u16] = match workload {
        "a/api" => &[8080, 5432, 9090],
        "b/web" => &[8080],
        _ => &[],
    };
    let is_there = |shown: &analysis::WorkloadPort| {
        let is_other = shown.is_any_other && !declared.contains(&port);
        format!("{}/{}", shown.namespace, shown.workload) == workload && (shown.port == port || is_other)
    };
    let is_of = |callers: &Callers| match callers {
        Callers::Anyone | Callers::Plaintext => true,
        Callers::Identities { .. } => scenario["from"].get("principal").is_some() || scenario["from"].get("workload").is_some(),
        Callers::Workloads { workloads } => {
            workloads.iter().any(|workload| scenario["from"]["workload"].as_str() == Some(workload.as_str()))
        }
    };
    diff.changes.iter().any(|change| {
        let is_meant = |(name, told): &(String, String)| match name.as_str() {
            "method" => scenario["method"].as_str().is_some_and(|method| is_meant(told, method)),
            "path" => scenario["path"].as_str().is_some_and(|path| is_meant(told, path.split('?').next().unwrap())),
            _ => true,
        };
        [change.before.verdict, change.after.verdict] == verdicts
            && change.ports.iter().any(is_there)
            && is_of(&change.callers)
            && change.requests.parts.iter().all(is_meant)
    })
}

#[test]
fn the_simulator_finds_no_difference_that_was_not_told() {
    let (meshes, requests) = sizes();
    let first: u64 = std::env::var("MESHSEC_DIFF_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut missed = Vec::new();
    let (mut asked, mut differing, mut inexact) = (0_usize, 0_usize, BTreeMap::<String, usize>::new());
    let (mut changes, mut slowest) = (0, 0);
    for seed in first..first + meshes {
        let mut dice = Dice::new(seed);
        let before = generate::mesh(&mut dice);
        let after = generate::edited(&mut dice, &before);
        let (before, after) = (generate::text(&before), generate::text(&after));
        let meshes = [mesh_of(&before), mesh_of(&after)];
        let start = Instant::now();
        let diff = analysis::diff(&meshes[0], &meshes[1], now());
        slowest = slowest.max(start.elapsed().as_millis());
        changes += diff.changes.len();
        let mut sides = [simulator(&meshes[0]), simulator(&meshes[1])];
        for change in &diff.changes {
            let text = change.witness.scenario.to_string();
            let scenario = Scenario::from_json(&text).unwrap();
            let verdicts = sides.each_mut().map(|side| side.answer(&scenario, &mut NoFiles).unwrap().verdict);
            assert_eq!(verdicts, [change.before.verdict, change.after.verdict], "seed {seed}: {text}");
            assert_ne!(verdicts[0], verdicts[1], "seed {seed}: {text}");
        }
        for note in &diff.inexact {
            *inexact.entry(note.why.clone()).or_default() += 1;
        }
        for _ in 0..requests {
            let value = generate::request(&mut dice);
            let text = value.to_string();
            let scenario = Scenario::from_json(&text).unwrap();
            let [one, other] = &mut sides;
            let (Ok(one), Ok(other)) = (one.answer(&scenario, &mut NoFiles), other.answer(&scenario, &mut NoFiles)) else {
                continue;
            };
            asked += 1;
            if one.verdict == other.verdict {
                continue;
            }
            differing += 1;
            let workload = value["to"]["workload"].as_str().unwrap();
            let told = is_told(&diff, &value, [one.verdict, other.verdict], workload, one.connection.port);
            let is_excused = diff
                .inexact
                .iter()
                .any(|note| note.place.contains(workload) || note.place == "the mesh" || note.place.contains("more"));
            if !told && !is_excused {
                missed.push(format!(
                    "seed {seed}: {} -> {}: {text}\n  before: {}\n  after: {}",
                    one.verdict, other.verdict, one.message, other.message
                ));
            }
        }
    }
    eprintln!(
        "{meshes} pairs, {asked} requests, {differing} of them differ, {changes} changes, slowest {slowest} ms, inexact {inexact:?}"
    );
    assert!(asked > 0 && differing > 0 && changes > 0, "nothing was compared");
    let shown: Vec<&String> = missed.iter().take(5).collect();
    assert!(missed.is_empty(), "{} missed, the first: {shown:#?}", missed.len());
}
