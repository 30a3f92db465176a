//! Every rule's documented example is run, and the cases of `tests/rules/`.
//!
//! A case file is named after its rule (`MS104.md`) and reads as its description: a sentence, then a YAML block in which every line that
//! must be pointed at ends in a comment with the code. Lines without it must stay silent, which is what near misses are for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

use std::fs;
use std::path::Path;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use jiff::Timestamp;

use meshsec::admission::Cause;
use meshsec::diag::Severity;
use meshsec::diag::SourceMap;
use meshsec::lint::Check;
use meshsec::lint::Levels;
use meshsec::lint::Options;
use meshsec::lint::RULES;
use meshsec::lint::Report;
use meshsec::lint::check;
use meshsec::mesh::BuildOptions;

/// Checks one text, with every rule at its own level.
fn report(text: &str) -> Report {
    let mut sources = SourceMap::default();
    let id = sources.add("example.yaml", text);
    let (levels, known_namespaces) = (Levels::default(), BTreeSet::new());
    let options = Options {
        mesh: BuildOptions::default(),
        levels: &levels,
        known_namespaces: &known_namespaces,
        assume_admitted: false,
        now: Timestamp::from_second(1_795_680_000).unwrap(),
        threads: NonZeroUsize::MIN,
        progress: &|| (),
    };
    check(&sources, &[id], &options)
}

/// Code and headline of what counts.
fn told(report: &Report) -> Vec<String> {
    report.active().map(|reported| format!("{} {}", reported.rule.code, reported.finding.headline)).collect()
}

#[test]
fn every_example_shows_its_rule_and_no_other_warning() {
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| !matches!(rule.check, Check::Admission([]))) {
        let report = report(rule.example);
        let own = report.active().filter(|reported| reported.rule.code == rule.code).count();
        let others = report
            .active()
            .filter(|reported| reported.rule.code != rule.code && reported.finding.severity > Severity::Info)
            .count();
        if own == 0 || others > 0 {
            wrong.push(format!("{} {}: the example gives {:#?}", rule.code, rule.name, told(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_found_in_what_a_rule_recommends() {
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        let report = report(rule.instead);
        let is_own = report.active().any(|reported| reported.rule.code == rule.code);
        if is_own || report.active().any(|reported| reported.finding.severity > Severity::Info) {
            wrong.push(format!("{} {}: what it recommends gives {:#?}", rule.code, rule.name, told(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_and_names_are_unique_and_well_formed() {
    let mut names = BTreeMap::new();
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        for word in [rule.code.0, rule.name] {
            if let Some(other) = names.insert(word, rule.name) {
                wrong.push(format!("`{word}` is used by {other} and {}", rule.name));
            }
        }
        let is_code = rule.code.0.len() == 5 && rule.code.0.starts_with("MS");
        let is_name = rule.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let is_told = [rule.finds, rule.why].iter().all(|text| text.ends_with('.') && text.len() > 10);
        if !is_code || !is_name || !is_told || rule.specification.is_empty() {
            wrong.push(format!("{} {} is not well formed", rule.code, rule.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_case_fires_on_the_marked_lines_and_nowhere_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(RULES.iter().any(|rule| rule.code.0 == code), "{} is named after no rule", path.display());
        let text = fs::read_to_string(&path).unwrap();
        for (index, block) in text.split("```yaml\n").skip(1).enumerate() {
            let block = block.split("```").next().unwrap();
            let mark = format!("# {code}");
            let wanted: BTreeSet<usize> =
                block.lines().enumerate().filter(|(_, line)| line.ends_with(&mark)).map(|(at, _)| at + 1).collect();
            let found: BTreeSet<usize> = report(block)
                .active()
                .filter(|reported| reported.rule.code.0 == code)
                .map(|reported| reported.finding.span().line as usize)
                .collect();
            cases += 1;
            if wanted != found {
                wrong.push(format!("{code}, case {}: wanted lines {wanted:?}, found {found:?}", index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases > 0, "there are no cases");
}

#[test]
fn every_cause_of_admission_is_claimed_by_one_rule() {
    let mut wrong = Vec::new();
    for cause in Cause::ALL {
        let claimed: Vec<&str> = RULES
            .iter()
            .filter(|rule| matches!(rule.check, Check::Admission(causes) if causes.contains(cause)))
            .map(|rule| rule.code.0)
            .collect();
        if claimed.len() != 1 {
            wrong.push(format!("{cause:?} is claimed by {claimed:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
