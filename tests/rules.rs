//! Every rule's documented example is run, and the cases of `tests/rules/`.
//!
//! A case file is named after its rule (`MS104.md`) and reads as its description: a sentence, then a YAML block in which every line that
//! must be pointed at ends in a comment with the code. Lines without it must stay silent, which is what near misses are for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

use std::fs;
use std::path::Path;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use jiff::Timestamp;

use meshsec::admission::Cause;
use meshsec::diag::Safety;
use meshsec::diag::Severity;
use meshsec::diag::SourceMap;
use meshsec::lint::Check;
use meshsec::lint::Levels;
use meshsec::lint::Options;
use meshsec::lint::RULES;
use meshsec::lint::Report;
use meshsec::lint::Reported;
use meshsec::lint::Rule;
use meshsec::lint::check;
use meshsec::lint::fix;
use meshsec::lint::levels::Preset;
use meshsec::manifest;
use meshsec::mesh;
use meshsec::mesh::BuildOptions;
use meshsec::simulate::Detail;
use meshsec::simulate::Files;
use meshsec::simulate::KeySets;
use meshsec::simulate::Setting;
use meshsec::simulate::Simulator;
use meshsec::simulate::scenario::MintedToken;
use meshsec::simulate::scenario::Scenario;
use proptest::prelude::*;

/// Rules whose example or recommendation cannot be without another finding, with that one.
const IMPLIED: &[(&str, &str)] = &[
    ("MS126", "MS501"),
    ("MS134", "MS501"),
    ("MS140", "MS223"),
    ("MS142", "MS517"),
    ("MS177", "MS223"),
    ("MS208", "MS518"),
    ("MS603", "MS618"),
    ("MS801", "MS135"),
    ("MS802", "MS135"),
    ("MS820", "MS125"),
    ("MS827", "MS221"),
    ("MS828", "MS221"),
    ("MS829", "MS134"),
    ("MS829", "MS501"),
    ("MS839", "MS821"),
    ("MS843", "MS015"),
];

/// Whether a finding counts against the example of a rule.
fn disturbs(rule: &Rule, reported: &Reported) -> bool {
    reported.rule.code != rule.code
        && reported.finding.severity > Severity::Info
        && !IMPLIED.contains(&(rule.code.0, reported.rule.code.0))
}

/// Checks one text, with every rule at its own level, also those that are off unless they are asked for.
fn report(text: &str) -> Report {
    let mut sources = SourceMap::default();
    let id = sources.add("example.yaml", text);
    let levels = Levels { preset: Preset::All, ..Levels::default() };
    let known_namespaces = BTreeSet::new();
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
        if own == 0 || report.active().any(|reported| disturbs(rule, reported)) {
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
        if is_own || report.active().any(|reported| disturbs(rule, reported)) {
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

/// A request that a finding shows needs nothing beside the manifests.
struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, path: &str) -> Result<Arc<str>, String> {
        Err(format!("`{path}` was not given"))
    }

    fn mint(&mut self, token: &MintedToken) -> Result<String, String> {
        Err(format!("`{}` was not given", token.signed_by))
    }
}

#[test]
fn a_request_that_a_finding_shows_comes_out_as_it_says() {
    let cases = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")).unwrap();
    let cases: Vec<String> = cases.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    let blocks = cases.iter().flat_map(|text| text.split("```yaml\n").skip(1)).map(|block| block.split("```").next().unwrap());
    let (mut wrong, mut asked) = (Vec::new(), BTreeSet::new());
    for text in RULES.iter().map(|rule| rule.example).chain(blocks) {
        let report = report(text);
        let mut sources = SourceMap::default();
        let id = sources.add("example.yaml", text);
        let (mesh, _) = mesh::build(&manifest::read(&sources, &[id]), &BuildOptions::default());
        for reported in report.active() {
            let Some(witness) = &reported.finding.witness else { continue };
            let setting = Setting {
                mesh: &mesh,
                default_namespace: None,
                now: Timestamp::from_second(1_795_680_000).unwrap(),
                keys: KeySets::new(),
                certificate_defect: None,
                detail: Detail::Verdict,
            };
            let scenario = Scenario::from_json(witness).unwrap();
            let wanted =
                scenario.expect.as_ref().and_then(|expect| expect.verdict.as_ref()).map(|verdict| verdict.as_str().to_owned());
            let verdict = match Simulator::new(setting).answer(&scenario, &mut NoFiles) {
                Ok(decision) => decision.verdict.as_str().to_owned(),
                Err(error) => format!("{error:?}"),
            };
            asked.insert(reported.rule.code.0);
            if wanted.is_some_and(|wanted| wanted != verdict) || verdict.contains(' ') {
                wrong.push(format!("{} {}: {witness} gives {verdict}", reported.rule.code, reported.rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for code in ["MS139", "MS140", "MS162", "MS167", "MS170", "MS177", "MS185", "MS189", "MS190", "MS192", "MS193"] {
        assert!(asked.contains(code), "{code} shows no request anywhere");
    }
}

/// The text after the repairs of its findings, and the codes of those that had one.
fn repaired(text: &str) -> (String, BTreeSet<&'static str>) {
    let mut sources = SourceMap::default();
    let id = sources.add("example.yaml", text);
    let report = report(text);
    let codes = report.active().filter(|reported| reported.finding.fix.is_some()).map(|reported| reported.rule.code.0).collect();
    let fixed = fix::apply(&report, &sources, Safety::Unsafe, Severity::Info);
    (fixed.get(&id).map_or_else(|| text.to_owned(), |(text, _)| text.clone()), codes)
}

#[test]
fn a_repair_removes_what_it_repairs() {
    let mut wrong = Vec::new();
    for rule in RULES.iter() {
        let mut text = rule.example.to_owned();
        let (_, codes) = repaired(&text);
        // Repairs of one place have their turn one after the other.
        for _ in 0..4 {
            text = repaired(&text).0;
        }
        let left = told(&report(&text));
        for code in codes.iter().filter(|code| left.iter().any(|line| line.starts_with(**code))) {
            wrong.push(format!("{}: {code} is still found in\n{text}", rule.code));
        }
        if let Some(line) = left.iter().find(|line| line.starts_with("MS001") || line.starts_with("MS002")) {
            wrong.push(format!("{}: {line} after the repair in\n{text}", rule.code));
        }
    }
    let broken: BTreeSet<&str> = ["MS001", "MS002", "MS025"].into();
    wrong.retain(|line| !broken.contains(line.get(..5).unwrap_or_default()));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Manifests as people damage them: the check goes through, and repairs never make YAML into something else.
    #[test]
    fn damaged_manifests_are_checked_and_repaired_without_harm(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        insert in prop::sample::select(vec!["", "\t", "null", "[]", "{}", "\"", "'", ": ", "- ", "\n", "#", "&a ", "*a", "{{ x }}", "\u{feff}", "é", "0x1F", "*"]),
    ) {
        let text = RULES[which.index(RULES.len())].example;
        let marks: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let start = marks[at.index(marks.len())];
        let end = marks.iter().copied().find(|end| *end >= start + length).unwrap_or(text.len());
        let damaged = format!("{}{insert}{}", &text[..start], &text[end..]);
        let was_yaml = is_yaml(&damaged);
        let (fixed, _) = repaired(&damaged);
        prop_assert!(!was_yaml || is_yaml(&fixed), "{damaged}\nbecame\n{fixed}");
    }
}

/// Whether every document of a text is YAML.
fn is_yaml(text: &str) -> bool {
    let mut sources = SourceMap::default();
    let id = sources.add("example.yaml", text);
    manifest::yaml::documents(id, text).all(|parsed| parsed.root.is_some())
}
