//! What requests feel of a change: which verdicts differ, and whether what is expected holds.

use jiff::Timestamp;

use crate::analysis;
use crate::analysis::Callers;
use crate::analysis::Change;
use crate::analysis::Diff;
use crate::apply::Suite;
use crate::cli::error::Error;
use crate::cli::manifests::read_text;
use crate::cli::simulate::broken_expectation;
use crate::cli::simulate::files::FileCache;
use crate::cli::simulate::question;
use crate::diag::SourceMap;
use crate::mesh::Mesh;
use crate::simulate::DecidedBy;
use crate::simulate::Decision;
use crate::simulate::Detail;
use crate::simulate::KeySets;
use crate::simulate::Setting;
use crate::simulate::Simulator;

/// Scenarios of `--expect`, with the name of their file.
pub(super) struct Expectations {
    suite: Suite,
    file: String,
}

/// A scenario that does not end as expected.
pub(super) struct Broken {
    /// `flows.yaml:3 (name)`
    pub(super) scenario: String,
    /// In words.
    pub(super) why: String,
}

impl Expectations {
    pub(super) fn read(file: &str) -> Result<Self, Error> {
        let suite = Suite::parse(&read_text(file)?).map_err(|error| {
            let help = "give a YAML list of scenarios, or one JSON object per line, each with `expect`".to_owned();
            Error::question(format!("`{file}` is no suite: {error}"), help)
        })?;
        Ok(Self { suite, file: file.to_owned() })
    }

    pub(super) fn len(&self) -> usize {
        self.suite.scenarios.len()
    }

    /// The answers of a mesh, in order.
    pub(super) fn ask(&self, mesh: &Mesh, sources: &SourceMap, namespace: &str, now: Timestamp) -> Result<Vec<Decision>, Error> {
        let setting = Setting {
            mesh,
            default_namespace: Some(namespace),
            now,
            keys: KeySets::default(),
            certificate_defect: None,
            detail: Detail::Verdict,
        };
        let mut simulator = Simulator::new(setting);
        let mut files = FileCache::beside(&self.file);
        let mut answer = |(number, scenario): &(usize, crate::simulate::scenario::Scenario<'static>)| {
            simulator.answer(scenario, &mut files).map_err(|error| {
                let mut error = question(&error, false, sources);
                if let Error::Question { message, .. } = &mut error {
                    *message = format!("`{}`, scenario {number}: {message}", self.file);
                }
                error
            })
        };
        self.suite.scenarios.iter().map(&mut answer).collect()
    }

    /// Which scenarios do not end as expected.
    pub(super) fn broken(&self, decisions: &[Decision]) -> Vec<Broken> {
        let pairs = self.suite.scenarios.iter().zip(decisions);
        let broken = pairs.filter_map(|((number, scenario), decision)| {
            let why = broken_expectation(scenario.expect.as_ref()?, decision)?;
            let name = decision.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
            Some(Broken { scenario: format!("{}, scenario {number}{name}", self.file), why })
        });
        broken.collect()
    }
}

/// For each difference, whether a scenario speaks of it.
///
/// A scenario speaks of a difference when its caller is among those whom it is about, it is about the same port, the same objects decide about
/// it on both sides, and its verdict changes in the same way.
pub(super) fn are_expected(diff: &Diff, meshes: [&Mesh; 2], before: &[Decision], after: &[Decision]) -> Vec<bool> {
    let is_told = |change: &Change| {
        before.iter().zip(after).any(|(old, new)| {
            let is_same_verdict = old.verdict == change.before.verdict && new.verdict == change.after.verdict;
            let is_same_port = change.ports.iter().any(|port| {
                new.connection.port == port.port && new.connection.destination == format!("{}/{}", port.namespace, port.workload)
            });
            let is_same_rule = is_same(old.decided_by.as_ref(), change.before.decided_by.as_ref())
                && is_same(new.decided_by.as_ref(), change.after.decided_by.as_ref());
            is_same_verdict && is_same_port && is_same_rule && is_caller(change, meshes, [old, new])
        })
    };
    diff.changes.iter().map(is_told).collect()
}

/// Whether who asked is among those whom a difference is about.
fn is_caller(change: &Change, meshes: [&Mesh; 2], decisions: [&Decision; 2]) -> bool {
    let seen: Vec<&str> = decisions.iter().filter_map(|decision| decision.connection.source_principal.as_deref()).collect();
    let is_one_of = |names: &[String]| {
        let workloads = meshes.into_iter().flat_map(|mesh| &mesh.workloads);
        workloads.filter(|workload| names.contains(&format!("{}/{}", workload.namespace, workload.name))).any(|workload| {
            let account = format!("/ns/{}/sa/{}", workload.namespace, workload.service_account);
            seen.iter().any(|principal| principal.ends_with(&account))
        })
    };
    match &change.callers {
        Callers::Anyone => true,
        Callers::Plaintext => seen.is_empty(),
        Callers::Identities { is_all: true, .. } => !seen.is_empty(),
        Callers::Identities { workloads, .. } | Callers::Workloads { workloads } => is_one_of(workloads),
    }
}

fn is_same(one: Option<&DecidedBy>, other: Option<&DecidedBy>) -> bool {
    let name = |by: &DecidedBy| (by.kind, by.namespace.clone(), by.name.clone(), by.rule);
    one.map(name) == other.map(name)
}

/// Every difference between two meshes.
pub(super) fn difference(before: &Mesh, after: &Mesh, now: Timestamp) -> Diff {
    analysis::diff(before, after, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;
    use crate::mesh;
    use crate::mesh::BuildOptions;

    const STAGE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {serviceAccountName: api, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {serviceAccountName: web, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop}
spec: {serviceAccountName: cart, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 80}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: p, namespace: shop}
spec: {selector: {matchLabels: {app: api}}, action: DENY, rules: [RULES]}
";

    /// The callers of the differences, and whether scenarios speak of them, when a policy comes to deny by these rules.
    fn told(rules: &str, callers: &[&str]) -> Vec<(String, bool)> {
        let built = [STAGE.replace("rules: [RULES]", "rules: []"), STAGE.replace("RULES", rules)].map(|text| {
            let mut sources = SourceMap::default();
            let id = sources.add("mesh.yaml", text);
            let (mesh, _) = mesh::build(&manifest::read(&sources, &[id]), &BuildOptions::default());
            (mesh, sources)
        });
        let lines = callers.iter().map(|from| format!("{{{from}\"to\":\"api:80\",\"expect\":{{\"verdict\":\"denied\"}}}}\n"));
        let suite = Suite::parse(&lines.collect::<String>()).unwrap();
        let expectations = Expectations { suite, file: "flows.jsonl".to_owned() };
        let answers =
            built.each_ref().map(|(mesh, sources)| expectations.ask(mesh, sources, "shop", Timestamp::UNIX_EPOCH).unwrap());
        let meshes = built.each_ref().map(|(mesh, _)| mesh);
        let diff = difference(meshes[0], meshes[1], Timestamp::UNIX_EPOCH);
        let told = are_expected(&diff, meshes, &answers[0], &answers[1]);
        let at_80 = |change: &Change| change.ports.iter().any(|port| port.port == 80);
        let changes = diff.changes.iter().zip(told).filter(|(change, _)| at_80(change));
        changes.map(|(change, is_told)| (change.callers.to_string(), is_told)).collect()
    }

    #[test]
    fn a_scenario_speaks_of_the_callers_it_is_about_and_of_no_others() {
        type Told<'a> = &'a [(&'a str, bool)];
        const WEB: &str = "\"from\":\"shop/web\",";
        const CART: &str = "\"from\":\"shop/cart\",";
        let of = |name: &str| format!("{{from: [{{source: {{serviceAccounts: [{name}]}}}}]}}");
        let (web, everybody) = (of("web"), "{}".to_owned());
        let cases: [(&str, &String, &[&str], Told<'_>); 5] = [
            ("the caller asks", &web, &[WEB], &[("shop/web", true)]),
            ("another one asks, who is let in as before", &web, &[CART], &[("shop/web", false)]),
            ("plaintext is not the caller", &web, &[""], &[("shop/web", false)]),
            ("of everybody, somebody asks", &everybody, &[CART], &[("anyone", true)]),
            ("of everybody, plaintext asks", &everybody, &[""], &[("anyone", true)]),
        ];
        let mut wrong = Vec::new();
        for (name, rules, callers, expected) in cases {
            let told = told(rules, callers);
            let expected: Vec<(String, bool)> = expected.iter().map(|(text, is_told)| ((*text).to_owned(), *is_told)).collect();
            if told != expected {
                wrong.push(format!("{name}: {told:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
