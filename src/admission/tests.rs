//! Recorded answers of the real gates, and what holds for any object.

use std::fmt::Write;

use proptest::prelude::*;
use serde::Deserialize;

use super::judge;
use crate::admission::Cause;
use crate::admission::Verdict;
use crate::diag::SourceId;
use crate::manifest::yaml;

/// One document with what the real gates said about it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    #[serde(default)]
    id: String,
    yaml: String,
    accepted: bool,
    accepted_by_api_server: bool,
    accepted_by_istiod: bool,
    warnings: Vec<String>,
    #[serde(default)]
    api_server_message: String,
    #[serde(default)]
    istiod_message: String,
    #[serde(default)]
    later_message: String,
}

/// What this program says, in the same terms; `None` for a kind that is not judged.
fn answers(text: &str) -> Option<(bool, bool, bool, Vec<String>, String)> {
    let mut documents = yaml::documents(SourceId::default(), text);
    let Some(root) = documents.next().and_then(|parsed| parsed.root) else {
        return Some((false, false, false, Vec::new(), "no tree".to_owned()));
    };
    let verdict = judge(&root, "default")?;
    let mut why = String::new();
    for (gate, refusals) in [("api server", &verdict.api_server), ("istiod", &verdict.istiod)] {
        for refusal in refusals {
            writeln!(why, "  {gate}: {} {:?}: {}", refusal.path, refusal.cause, refusal.message).unwrap();
        }
    }
    let warnings = verdict.client_warnings().iter().map(|warning| warning.text.clone()).collect();
    Some((verdict.is_accepted(), verdict.is_accepted_by_api_server(), verdict.is_accepted_by_istiod(), warnings, why))
}

/// Each disagreement in words.
fn disagreements(recorded: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in recorded.lines() {
        let theirs: Recorded = serde_json::from_str(line).unwrap();
        let Some((accepted, by_api_server, by_istiod, warnings, why)) = answers(&theirs.yaml) else {
            if theirs.accepted {
                found.push(format!("{}not judged", theirs.yaml));
            }
            continue;
        };
        let mut differences = Vec::new();
        if by_api_server != theirs.accepted_by_api_server {
            differences.push(format!("API server: {by_api_server}, real: {}", theirs.accepted_by_api_server));
        }
        if by_istiod != theirs.accepted_by_istiod {
            differences.push(format!("istiod: {by_istiod}, real: {}", theirs.accepted_by_istiod));
        }
        if accepted != theirs.accepted {
            differences.push(format!("both: {accepted}, real: {}", theirs.accepted));
        }
        if warnings != theirs.warnings {
            differences.push(format!("warnings: {warnings:?}, real: {:?}", theirs.warnings));
        }
        if !differences.is_empty() {
            found.push(format!(
                "{}\n{}\n{}\nreal: {}\nreal istiod: {}{}\nours:\n{why}",
                theirs.id,
                theirs.yaml,
                differences.join("\n"),
                theirs.api_server_message,
                theirs.istiod_message,
                theirs.later_message,
            ));
        }
    }
    found
}

/// Documents picked by hand. `oracle admission record` makes the file anew from itself.
const PICKED: &str = include_str!("../../tests/conformance/admission.jsonl");

#[test]
fn picked_documents_are_judged_as_the_real_gates_judge_them() {
    let found = disagreements(PICKED);
    assert!(found.is_empty(), "{} differ\n{}", found.len(), found.join("\n----\n"));
    let count = |is_so: fn(&Recorded) -> bool| PICKED.lines().filter(|line| is_so(&serde_json::from_str(line).unwrap())).count();
    let mix = [
        count(|answer| answer.accepted),
        count(|answer| answer.accepted_by_istiod && !answer.accepted_by_api_server),
        count(|answer| answer.accepted_by_api_server && !answer.accepted_by_istiod),
        count(|answer| !answer.accepted_by_api_server && !answer.accepted_by_istiod),
    ];
    assert!(mix.iter().all(|count| *count > 50), "too few of one answer: {mix:?}");
}

/// Compares with a file of answers that `oracle admission generate` wrote; `MESHSEC_ADMISSION_FILE` names it.
#[test]
#[expect(clippy::disallowed_methods, reason = "a file of recorded answers, named by whoever runs the test")]
fn a_generated_file_of_answers_agrees() {
    let Ok(path) = std::env::var("MESHSEC_ADMISSION_FILE") else {
        println!("SKIPPED a_generated_file_of_answers_agrees: MESHSEC_ADMISSION_FILE names no file");
        return;
    };
    let recorded = std::fs::read_to_string(path).unwrap();
    let found = disagreements(&recorded);
    let shown = found.iter().take(12).cloned().collect::<Vec<_>>().join("\n----\n");
    assert!(found.is_empty(), "{} of {} differ\n{shown}", found.len(), recorded.lines().count());
}

fn verdict(text: &str) -> Verdict {
    let root = yaml::documents(SourceId::default(), text).next().and_then(|parsed| parsed.root).unwrap();
    judge(&root, "default").unwrap()
}

/// What the API server says about a `spec`: places, causes, messages and help.
fn told(kind: &str, spec: &str) -> Vec<String> {
    let group = if kind == "DestinationRule" { "networking" } else { "security" };
    let text = format!("apiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n");
    let refusals = verdict(&text).api_server;
    let help = |refusal: &super::Refusal| refusal.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    refusals
        .iter()
        .map(|refusal| format!("{}: {:?}: {}{}", refusal.path, refusal.cause, refusal.message, help(refusal)))
        .collect()
}

#[test]
fn every_mistake_is_told_at_its_place() {
    let spec = "{Action: deny, rules: [{from: [{source: {ip_blocks: [a], principal: [b], ports: 5}}, null], to: [{operation: {ports: [80]}}]}]}";
    assert_eq!(
        told("AuthorizationPolicy", spec),
        [
            "spec.Action: FieldAliasOrCase: unknown field `Action` in `spec` (write `action`)",
            "spec.rules[0].from[0].source.ip_blocks: FieldAliasOrCase: unknown field `ip_blocks` in `source` (write `ipBlocks`)",
            "spec.rules[0].from[0].source.principal: UnknownField: unknown field `principal` in `source` (did you mean `principals`?)",
            "spec.rules[0].from[0].source.ports: UnknownField: unknown field `ports` in `source` (`source` takes `ipBlocks`, \
             `namespaces`, `notIpBlocks`, `notNamespaces`, `notPrincipals`, `notRemoteIpBlocks`, `notRequestPrincipals`, \
             `notServiceAccounts`, `notTrustDomains`, `principals`, `remoteIpBlocks`, `requestPrincipals`, `serviceAccounts`, \
             `trustDomains`)",
            "spec.rules[0].from[1]: NullListItem: an item of `from` is empty (remove the dash, or write the item)",
            "spec.rules[0].to[0].operation.ports[0]: WrongScalarType: `ports` must be a string, found a number (write it in quotes: \
             `\"80\"`)",
        ]
    );
    assert_eq!(
        told("PeerAuthentication", "{mtls: {mode: strict}, portLevelMtls: {http: {}, 70000: {mode: 2}}}"),
        [
            "spec.mtls.mode: EnumValue: `mode` cannot be `strict` (did you mean `STRICT`? it takes `UNSET`, `DISABLE`, `PERMISSIVE`, \
             `STRICT`)",
            "spec.portLevelMtls[http]: PortModeKeyNotNumber: `http` is no port number (write the number of the workload's port)",
            "spec.portLevelMtls[70000]: PortModeRange: `70000` is out of range for a port (write a port from 1 to 65535)",
            "spec.portLevelMtls[70000].mode: EnumValue: `mode` must be a string, found a number (the number of a word passes offline \
             tools only: write one of `UNSET`, `DISABLE`, `PERMISSIVE`, `STRICT`)",
            "spec.portLevelMtls: PortModesWithoutSelector: `portLevelMtls` needs a selector with labels (select the workloads whose \
             ports are meant, or remove `portLevelMtls`)",
        ]
    );
    assert_eq!(
        told("RequestAuthentication", "{selector: {}, targetRefs: [{name: a}], jwtRules: [{jwksUri: 'ftp://a', jwks: ''}]}"),
        [
            "spec.targetRefs[0]: TargetKindNotAllowed: `targetRefs` has no `kind` (write `kind`)",
            "spec.jwtRules[0].jwksUri: JwksUriScheme: `ftp://a` is neither an `http` nor an `https` URL (write a URL that starts with \
             `https://`)",
            "spec.jwtRules[0].jwks: JwksAndUri: only one of `jwksUri`, `jwks` can be set (keep one of them: keys come from one place)",
            "spec.targetRefs: SelectorAndTarget: only one of `selector`, `targetRefs` can be set (keep one of them: labels address \
             sidecars, targets address gateways and waypoints. Write two policies for both)",
        ]
    );
    assert_eq!(
        told("DestinationRule", "{trafficPolicy: {connectionPool: {tcp: {maxConnections: 2147483648, connectTimeout: 5}}}}"),
        [
            "spec.trafficPolicy.connectionPool.tcp.maxConnections: ConnectionPoolInvalid: `maxConnections` is out of range: 2147483648 \
             (write a number from -2147483648 to 2147483647)",
            "spec.trafficPolicy.connectionPool.tcp.connectTimeout: WrongScalarType: `connectTimeout` must be a string, found a number \
             (write it in quotes: `\"5\"`)",
            "spec: DestinationHostInvalid: `spec` has no `host` (write `host`)",
        ]
    );
}

#[test]
fn annotations_end_at_256_kibibytes() {
    for (length, is_accepted) in [(262_143, true), (262_144, false)] {
        let value = "x".repeat(length);
        let text = format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: a, annotations: {{a: {value}}}}}\n"
        );
        assert_eq!(verdict(&text).is_accepted(), is_accepted, "{length}");
    }
}

#[test]
fn what_the_api_server_left_is_judged_anew() {
    let text = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a}\nspec: {selector: {matchLabels: {'a*': null}}}\n";
    let verdict = verdict(text);
    assert!(verdict.is_accepted() && !verdict.is_accepted_by_istiod());
    assert_eq!(verdict.istiod.iter().map(|refusal| refusal.cause).collect::<Vec<_>>(), [Cause::SelectorWildcard]);
    assert_eq!(verdict.client_warnings().len(), 1, "a selector without labels is left");
}

/// Pieces of documents: the words and signs of the picked ones.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    for line in PICKED.lines().step_by(7) {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        words.extend(recorded.yaml.split_inclusive(|letter: char| !letter.is_alphanumeric()).map(str::to_owned));
    }
    words.sort();
    words.dedup();
    words.retain(|word| word.len() < 40);
    prop::collection::vec(prop::sample::select(words), 0..40)
}

proptest! {
    #[test]
    fn any_spec_is_judged_without_a_panic(spec in pieces(), kind in 0_usize..4) {
        let (group, kind) = [
            ("security", "AuthorizationPolicy"),
            ("security", "RequestAuthentication"),
            ("security", "PeerAuthentication"),
            ("networking", "DestinationRule"),
        ][kind];
        let spec = spec.concat();
        let text = format!("apiVersion: {group}.istio.io/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n");
        for parsed in yaml::documents(SourceId::default(), &text) {
            let Some(verdict) = parsed.root.and_then(|root| judge(&root, "default")) else { continue };
            for refusal in verdict.api_server.iter().chain(&verdict.istiod) {
                prop_assert!(!refusal.message.ends_with('.') && !refusal.message.is_empty(), "{:?}", refusal);
                prop_assert!(refusal.span.line >= 1 && refusal.span.offset as usize <= text.len(), "{:?}", refusal);
            }
            prop_assert!(verdict.is_accepted_by_istiod() || verdict.after_api_server.is_some() || !verdict.is_accepted());
        }
    }
}
