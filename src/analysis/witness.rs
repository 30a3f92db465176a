//! One request of a form, and the simulator's answers to it on both sides.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::analysis::describe::Speaker;
use crate::analysis::outcome::Witness;
use crate::analysis::reach::Transport;
use crate::analysis::slot::Slot;
use crate::analysis::space::boxes::Box as Form;
use crate::analysis::space::boxes::Part;
use crate::analysis::token;
use crate::analysis::variables::Variable;
use crate::mesh::Mesh;
use crate::simulate::Decision;
use crate::simulate::Detail;
use crate::simulate::Files;
use crate::simulate::KeySets;
use crate::simulate::Setting;
use crate::simulate::Simulator;
use crate::simulate::Verdict;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::scenario::MintedToken;
use crate::simulate::scenario::Scenario;

/// A request of a form; each number picks another one.
pub(in crate::analysis) fn scenario(speaker: &Speaker<'_>, form: &Form, number: usize) -> Option<Value> {
    Writer { speaker, form, number }.write()
}

struct Writer<'w> {
    speaker: &'w Speaker<'w>,
    form: &'w Form,
    number: usize,
}

impl Writer<'_> {
    fn write(&self) -> Option<Value> {
        let unit = self.speaker.unit;
        let key = &unit.key;
        let port = unit.ports.first()?;
        let mut scenario = Map::new();
        let mut from = Map::new();
        let mut tls = Map::new();
        let workload = format!("{}/{}", port.namespace, port.workload);
        let mut to = json!(format!("{workload}:{}", port.port));
        match &key.transport {
            Transport::Plaintext => {}
            Transport::OneWay(name) => {
                tls.insert("mode".to_owned(), json!("simple"));
                tls.insert("sni".to_owned(), json!(name));
            }
            Transport::Mesh(domains) => {
                from.insert("principal".to_owned(), json!(self.identity(domains)?));
                // A workload that is called by its own name is not known to the caller's proxy, which would pass plaintext through.
                tls.insert("mode".to_owned(), json!("istio-mutual"));
            }
            Transport::Own(group, service, service_port) => {
                let group = self.speaker.groups.get(*group)?;
                let known: BTreeSet<&String> = self.speaker.known(self.form).into_iter().map(|account| &account.name).collect();
                let mut members = group.members.iter().filter(|(_, name)| known.contains(name));
                from.insert("workload".to_owned(), json!(members.nth(self.number).or_else(|| group.members.first())?.0));
                to = json!({"service": service, "workload": workload, "port": service_port});
            }
        }
        if let Some(address) = self.value(&Slot::SourceIp, true) {
            from.insert("ip".to_owned(), json!(address));
        }
        if key.addresses == [None, None]
            && let Some(address) = self.value(&Slot::DestinationIp, true)
        {
            if let Value::String(_) = to {
                to = json!({"workload": workload, "port": port.port});
            }
            to.as_object_mut()?.insert("ip".to_owned(), json!(address));
        }
        if !from.is_empty() {
            scenario.insert("from".to_owned(), Value::Object(from));
        }
        scenario.insert("to".to_owned(), to);
        let protocol = match key.protocol {
            ApplicationProtocol::Http if self.speaker.variables.conventions.any_method => "http2",
            ApplicationProtocol::Http => "http",
            ApplicationProtocol::Tcp => "tcp",
        };
        scenario.insert("protocol".to_owned(), json!(protocol));
        for (name, slot) in [("method", Slot::Method), ("path", Slot::Path), ("host", Slot::Authority)] {
            if let Some(value) = self.value(&slot, false) {
                scenario.insert(name.to_owned(), json!(value));
            }
        }
        if let Some(address) = self.value(&Slot::RemoteIp, true) {
            scenario.insert("remoteIp".to_owned(), json!(address));
        }
        if let Some(name) = self.value(&Slot::Sni, false) {
            tls.insert("sni".to_owned(), json!(name));
        }
        let mut headers = self.headers();
        if let Some((header, value)) = self.token() {
            match value.strip_prefix("Bearer ").filter(|_| header == "authorization") {
                Some(token) => {
                    scenario.insert("token".to_owned(), json!(token));
                }
                None => {
                    headers.insert(header, json!(value));
                }
            }
            let issuers = self.speaker.tokens.kinds().iter().filter_map(|kind| kind.issuer.clone());
            let keys: Map<String, Value> = issuers.map(|issuer| (issuer, token::key_set())).collect();
            scenario.insert("jwks".to_owned(), Value::Object(keys));
        }
        if !headers.is_empty() {
            scenario.insert("headers".to_owned(), Value::Object(headers));
        }
        if !tls.is_empty() {
            scenario.insert("tls".to_owned(), Value::Object(tls));
        }
        if let Some(answers) = self.providers() {
            scenario.insert("extAuthz".to_owned(), answers);
        }
        Some(Value::Object(scenario))
    }

    /// An identity of the form, a known one where there is one.
    fn identity(&self, domains: &[String]) -> Option<String> {
        let known = self.speaker.known(self.form);
        if let Some(account) = known.get(self.number) {
            return Some(account.name.trim_start_matches("spiffe://").to_owned());
        }
        let number = self.number.saturating_sub(known.len());
        let Some((variable, classes)) = self.speaker.classes(self.form, &Slot::Peer) else {
            let domain = domains.first().filter(|domain| *domain != crate::analysis::slot::ANY_DOMAIN);
            return Some(format!("{}/ns/default/sa/default", domain.map_or("any.example", String::as_str)));
        };
        let class = variable.classes.get(*classes.get(number % classes.len().max(1))?)?;
        Some(class.representative.trim_start_matches("spiffe://").to_owned())
    }

    /// A value of the form; nothing where any would do, unless one is needed, or where there is none.
    fn value(&self, slot: &Slot, is_needed: bool) -> Option<String> {
        let (variable, classes) = self.speaker.classes(self.form, slot)?;
        if !is_needed && !self.form.contains_key(&variable.domain) {
            return None;
        }
        let class = *classes.get(self.number % classes.len().max(1))?;
        if variable.absent == Some(class) {
            return None;
        }
        Some(variable.classes.get(class)?.representative.clone())
    }

    fn headers(&self) -> Map<String, Value> {
        let mut headers = Map::new();
        for variable in &self.speaker.variables.all {
            let Slot::Header(name) = &variable.slot else { continue };
            let values =
                if variable.is_set { self.values(variable) } else { self.value(&variable.slot, false).into_iter().collect() };
            match values.as_slice() {
                [] => {}
                [one] => drop(headers.insert(name.clone(), json!(one))),
                several => drop(headers.insert(name.clone(), json!(several))),
            }
        }
        headers
    }

    /// Values that together match what the form wants of a set, and nothing else.
    fn values(&self, variable: &Variable) -> Vec<String> {
        let Some(Part::Flags(flags)) = self.form.get(&variable.domain) else { return Vec::new() };
        let wanted: BTreeSet<usize> = flags.iter().filter(|(_, value)| *value).map(|(flag, _)| *flag).collect();
        // What the form leaves open may be brought along; what it excludes may not.
        let excluded: BTreeSet<usize> = flags.iter().filter(|(_, value)| !*value).map(|(flag, _)| *flag).collect();
        let fitting: Vec<_> = variable
            .classes
            .iter()
            .filter(|class| !class.languages.is_empty() && class.languages.iter().all(|flag| !excluded.contains(flag)))
            .collect();
        let mut left = wanted;
        let mut values = Vec::new();
        while let Some(flag) = left.first().copied() {
            let mut with_it: Vec<_> = fitting.iter().filter(|class| class.languages.contains(&flag)).collect();
            with_it.sort_by_key(|class| std::cmp::Reverse(class.languages.iter().filter(|flag| left.contains(flag)).count()));
            let Some(class) = with_it.first() else { return values };
            for flag in &class.languages {
                left.remove(flag);
            }
            values.push(class.representative.clone());
        }
        values
    }

    /// The header with the token of the form.
    fn token(&self) -> Option<(String, String)> {
        let (variable, kinds) = self.speaker.classes(self.form, &Slot::Token)?;
        if !self.form.contains_key(&variable.domain) {
            return None;
        }
        let kind = self.speaker.tokens.kinds().get(*kinds.get(self.number % kinds.len().max(1))?)?;
        let mut claims = Map::new();
        if let Some(subject) = self.value(&Slot::Subject, false) {
            claims.insert("sub".to_owned(), json!(subject));
        }
        for variable in &self.speaker.variables.all {
            let Slot::Claim(path) = &variable.slot else { continue };
            let values = self.values(variable);
            if values.is_empty() {
                continue;
            }
            // In a list a value stays as it is, blanks included.
            insert(&mut claims, path, json!(values));
        }
        kind.token(&claims)
    }

    fn providers(&self) -> Option<Value> {
        let variable = self.speaker.variables.of(&Slot::Providers)?;
        let refused: BTreeSet<usize> = match self.form.get(&variable.domain) {
            Some(Part::Flags(flags)) => flags.iter().filter(|(_, value)| !*value).map(|(provider, _)| *provider).collect(),
            Some(Part::Classes(_)) | None => BTreeSet::new(),
        };
        let answers = self
            .speaker
            .variables
            .providers
            .iter()
            .enumerate()
            .map(|(number, name)| (name.clone(), json!(if refused.contains(&number) { "deny" } else { "allow" })));
        Some(Value::Object(answers.collect()))
    }
}

fn insert(claims: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => drop(claims.insert(last.clone(), value)),
        [first, rest @ ..] => {
            let inner = claims.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

/// A witness brings everything along.
struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, _path: &str) -> Result<Arc<str>, String> {
        Err("there are no files".to_owned())
    }

    fn mint(&mut self, _token: &MintedToken) -> Result<String, String> {
        Err("there are no keys".to_owned())
    }
}

/// Where witnesses are heard: the simulators of both sides.
pub(in crate::analysis) struct Courtroom<'m> {
    sides: [Simulator<'m>; 2],
    /// What is near each namespace that was asked about.
    parts: BTreeMap<String, [Mesh; 2]>,
    meshes: [&'m Mesh; 2],
    now: Timestamp,
    has_inline_keys: bool,
}

fn setting(mesh: &Mesh, now: Timestamp) -> Setting<'_> {
    Setting { mesh, default_namespace: None, now, keys: KeySets::new(), certificate_defect: None, detail: Detail::Verdict }
}

impl<'m> Courtroom<'m> {
    pub(in crate::analysis) fn new(meshes: [&'m Mesh; 2], now: Timestamp) -> Self {
        let rules = meshes.iter().flat_map(|mesh| &mesh.request_authentications).flat_map(|policy| &policy.spec.jwt_rules);
        let has_inline_keys = rules.into_iter().any(|rule| rule.jwks.as_ref().is_some_and(|jwks| !jwks.value.is_empty()));
        let sides = meshes.map(|mesh| Simulator::new(setting(mesh, now)));
        Self { sides, parts: BTreeMap::new(), meshes, now, has_inline_keys }
    }

    /// The answers to a scenario, when they are the expected ones.
    ///
    /// With a namespace, only what is near it is asked: the price of a question does not grow with the rest of the mesh.
    pub(in crate::analysis) fn hear(
        &mut self,
        scenario: Value,
        expected: [Verdict; 2],
        nearby: Option<&str>,
    ) -> Option<([Box<Decision>; 2], Witness)> {
        let text = scenario.to_string();
        let asked = Scenario::from_json(&text).ok()?;
        let is_confirmed = |decisions: &[Box<Decision>; 2]| decisions.iter().map(|decision| decision.verdict).eq(expected);
        let decisions = if let Some(namespace) = nearby {
            let (meshes, now) = (self.meshes, self.now);
            let parts = self.parts.entry(namespace.to_owned()).or_insert_with(|| meshes.map(|mesh| mesh.part(namespace)));
            let [mut before, mut after] = parts.each_ref().map(|mesh| Simulator::new(setting(mesh, now)));
            ask([&mut before, &mut after], &asked).filter(is_confirmed)
        } else {
            let [before, after] = &mut self.sides;
            ask([before, after], &asked).filter(is_confirmed)
        };
        if let Some(decisions) = decisions {
            return Some((decisions, Witness { scenario, assumes: None }));
        }
        if !self.has_inline_keys || !scenario.as_object().is_some_and(|scenario| scenario.contains_key("jwks")) {
            return None;
        }
        // The key set stands in the manifests, and its private key is the issuer's: the rules are asked with another one in its place.
        let copies = self.meshes.map(without_inline_keys);
        let [mut before, mut after] =
            [0, 1].map(|side: usize| Simulator::new(setting(copies.get(side).unwrap_or(&copies[0]), self.now)));
        let decisions = ask([&mut before, &mut after], &asked).filter(is_confirmed)?;
        let assumes = "the issuer's own key set stands in the manifests: with `jwks` taken out of the RequestAuthentication, the one of the scenario counts";
        Some((decisions, Witness { scenario, assumes: Some(assumes.to_owned()) }))
    }
}

fn ask(sides: [&mut Simulator<'_>; 2], scenario: &Scenario<'_>) -> Option<[Box<Decision>; 2]> {
    let [before, after] = sides;
    let before = before.answer(scenario, &mut NoFiles).ok()?;
    let after = after.answer(scenario, &mut NoFiles).ok()?;
    Some([Box::new(before), Box::new(after)])
}

fn without_inline_keys(mesh: &Mesh) -> Mesh {
    let mut copy = mesh.clone();
    for policy in &mut copy.request_authentications {
        for rule in &mut Arc::make_mut(&mut policy.spec).jwt_rules {
            rule.jwks = None;
        }
    }
    copy
}
