//! Suites in both forms, and texts that are none.

use crate::apply::Suite;
use crate::apply::SuiteError;

#[test]
fn a_suite_is_a_list_or_a_file_of_lines() {
    let yaml = "- {name: a, to: 'api.shop:80', expect: {verdict: allowed}}\n- to: api.shop:80\n  path: /x\n  expect: {verdict: denied}\n";
    let lines = "{\"name\": \"a\", \"to\": \"api.shop:80\", \"expect\": {\"verdict\": \"allowed\"}}\n\n{\"to\": \"api.shop:80\", \"path\": \"/x\", \"expect\": \"denied\"}\n";
    let (from_yaml, from_lines) = (Suite::parse(yaml).unwrap(), Suite::parse(lines).unwrap());
    let scenarios = |suite: &Suite| suite.scenarios.iter().map(|(_, scenario)| scenario.clone()).collect::<Vec<_>>();
    assert_eq!(scenarios(&from_yaml), scenarios(&from_lines));
    assert_eq!(from_lines.scenarios[1].0, 3);
    assert_eq!(from_yaml.scenarios[1].0, 2);
}

#[test]
fn a_suite_without_expectations_proves_nothing() {
    assert_eq!(Suite::parse("- to: api.shop:80\n").unwrap_err(), SuiteError::NothingExpected { number: 1 });
    assert_eq!(Suite::parse("[]\n").unwrap_err(), SuiteError::Empty);
    for text in ["", "a: b\n", "{\"to\": 1}\n", "- {to: a.b, methd: GET, expect: {verdict: denied}}\n"] {
        assert!(Suite::parse(text).is_err(), "{text}");
    }
}
