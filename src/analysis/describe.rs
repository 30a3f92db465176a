//! A form of requests in words: who sends them, and what they look like.

use std::collections::BTreeSet;

use crate::analysis::compare::Unit;
use crate::analysis::outcome::Callers;
use crate::analysis::outcome::Requests;
use crate::analysis::outcome::some_of;
use crate::analysis::reach::Group;
use crate::analysis::reach::Transport;
use crate::analysis::slot::Slot;
use crate::analysis::space::boxes::Box;
use crate::analysis::space::boxes::Part;
use crate::analysis::space::language::Classifier;
use crate::analysis::token::Tokens;
use crate::analysis::variables::Variable;
use crate::analysis::variables::Variables;
use crate::analysis::words::Description;
use crate::analysis::words::Statements;
use crate::analysis::words::one_of;
use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::simulate::connection::ApplicationProtocol;

/// Says what a form of requests is.
pub(in crate::analysis) struct Speaker<'s> {
    pub(in crate::analysis) variables: &'s Variables,
    pub(in crate::analysis) tokens: &'s Tokens,
    pub(in crate::analysis) unit: &'s Unit,
    pub(in crate::analysis) groups: &'s [Group],
}

impl Speaker<'_> {
    pub(in crate::analysis) fn describe(&self, form: &Box) -> (Callers, Requests) {
        (self.callers(form), self.requests(form))
    }

    /// The classes a form allows for a variable, all of them when it does not say.
    pub(in crate::analysis) fn classes(&self, form: &Box, slot: &Slot) -> Option<(&Variable, Vec<usize>)> {
        let variable = self.variables.of(slot)?;
        let classes = match form.get(&variable.domain) {
            Some(Part::Classes(classes)) => classes.clone(),
            Some(Part::Flags(_)) | None => (0..variable.classes.len()).collect(),
        };
        Some((variable, classes))
    }

    /// Names in certificates of known accounts that a form speaks of, each with its workloads.
    pub(in crate::analysis) fn known(&self, form: &Box) -> Vec<(String, Vec<String>)> {
        let members: BTreeSet<(&String, &String)> =
            self.groups.iter().flat_map(|group| &group.members).map(|(workload, name)| (name, workload)).collect();
        let wanted = self.classes(form, &Slot::Peer);
        let signatures: Option<(Classifier, BTreeSet<&[usize]>)> = wanted.map(|(variable, classes)| {
            let conventions = self.variables.conventions;
            let languages: Vec<_> = variable
                .terms
                .iter()
                .map(|(attribute, pattern)| crate::analysis::slot::language(attribute, pattern, conventions))
                .collect();
            let of = |class: &usize| variable.classes.get(*class).map(|class| class.languages.as_slice());
            (Classifier::new(&languages), classes.iter().filter_map(of).collect())
        });
        let mut known: Vec<(String, Vec<String>)> = Vec::new();
        for (name, workload) in members {
            if let Some((_, workloads)) = known.last_mut().filter(|(last, _)| last == name) {
                workloads.push(workload.clone());
                continue;
            }
            let is_wanted =
                signatures.as_ref().is_none_or(|(classifier, wanted)| wanted.contains(classifier.languages_of(name).as_slice()));
            if is_wanted && self.is_of_domain(name) {
                known.push((name.clone(), vec![workload.clone()]));
            }
        }
        known
    }

    fn is_of_domain(&self, name: &str) -> bool {
        match &self.unit.key.transport {
            Transport::Mesh(domains) => {
                let domain = name.strip_prefix("spiffe://").and_then(|name| name.split('/').next()).unwrap_or_default();
                domains.iter().any(|own| own == domain || own == crate::analysis::slot::ANY_DOMAIN)
            }
            Transport::Own(..) => true,
            Transport::Plaintext | Transport::OneWay(_) => false,
        }
    }

    fn callers(&self, form: &Box) -> Callers {
        match &self.unit.key.transport {
            Transport::Plaintext => Callers::Plaintext,
            Transport::OneWay(name) => {
                Callers::Identities { text: format!("anyone in TLS for `{name}`, without a certificate"), workloads: Vec::new() }
            }
            Transport::Own(group, ..) => {
                let members = self.groups.get(*group).map_or(&[][..], |group| group.members.as_slice());
                let known: BTreeSet<String> = self.known(form).into_iter().map(|(name, _)| name).collect();
                let workloads = members.iter().filter(|(_, name)| known.contains(name)).map(|(workload, _)| workload.clone());
                Callers::Workloads { workloads: workloads.collect() }
            }
            Transport::Mesh(domains) => {
                let known = self.known(form);
                let workloads: Vec<String> = known.iter().flat_map(|(_, workloads)| workloads.clone()).collect();
                let domain = domains.first().map_or("", String::as_str);
                Callers::Identities { text: self.identities(form, domain), workloads }
            }
        }
    }

    fn identities(&self, form: &Box, domain: &str) -> String {
        let Some(variable) = self.variables.of(&Slot::Peer).filter(|variable| form.contains_key(&variable.domain)) else {
            return "any identity of the mesh".to_owned();
        };
        let (_, classes) = self.classes(form, &Slot::Peer).unwrap_or((variable, Vec::new()));
        let words: Vec<String> = variable
            .terms
            .iter()
            .zip(&variable.words)
            .map(|((attribute, _), words)| match attribute {
                Attribute::Principal => short_principal(words, domain),
                _ => words.clone(),
            })
            .collect();
        let statements = Statements { words: &words, members: &variable.members, count: variable.classes.len() };
        match statements.describe(&classes) {
            Description::AnyOf(words) => one_of(&words),
            Description::But(first, others) if first.is_empty() => format!("any identity but {}", one_of(&others)),
            Description::But(first, others) => format!("{} but not {}", one_of(&first), one_of(&others)),
            Description::Other => {
                let names = classes.iter().filter_map(|class| variable.classes.get(*class));
                let names: Vec<String> =
                    names.map(|class| short_principal(class.representative.trim_start_matches("spiffe://"), domain)).collect();
                format!("identities such as {}", some_of(&names, "kinds"))
            }
        }
    }

    fn is_http(&self) -> bool {
        let reads_http = |reach: &crate::analysis::reach::Reach| {
            matches!(reach, crate::analysis::reach::Reach::Filtered { chain: ChainKind::Http, .. })
        };
        self.unit.key.protocol == ApplicationProtocol::Http || self.unit.key.reach.iter().any(reads_http)
    }

    fn requests(&self, form: &Box) -> Requests {
        let mut parts = Vec::new();
        for (domain, part) in form {
            let Some(variable) = self.variables.of_domain(*domain).filter(|variable| variable.slot != Slot::Peer) else {
                continue;
            };
            let told = match (&variable.slot, part) {
                (Slot::Token, Part::Classes(kinds)) => self.kinds(kinds),
                (Slot::Providers, Part::Flags(flags)) => {
                    let answer = |(provider, approves): &(usize, bool)| {
                        let name = self.variables.providers.get(*provider).map_or("", String::as_str);
                        format!("`{name}` {}", if *approves { "approves" } else { "refuses" })
                    };
                    flags.iter().map(answer).collect::<Vec<_>>().join(", ")
                }
                (_, Part::Classes(classes)) => one_value(variable, classes),
                (_, Part::Flags(flags)) => several_values(variable, flags),
            };
            parts.push((title(&variable.slot), told));
        }
        Requests { text: self.line(&parts), parts }
    }

    fn kinds(&self, kinds: &[usize]) -> String {
        let all = self.tokens.kinds();
        let name = |kind: &usize| {
            let Some(kind) = all.get(*kind) else { return String::new() };
            let Some(issuer) = &kind.issuer else { return "none".to_owned() };
            let audiences: Vec<String> = kind.audiences.iter().map(|audience| format!("`{audience}`")).collect();
            let audience = match (audiences.as_slice(), kind.asked_for.is_empty()) {
                ([], true) => String::new(),
                ([], false) => " for another audience".to_owned(),
                (some, _) => format!(" for {}", some.join(" and ")),
            };
            let place = kind.place().map_or_else(String::new, |place| format!(" in `{place}`"));
            format!("of `{issuer}`{audience}{place}")
        };
        if kinds.len() + 1 == all.len() && !kinds.contains(&0) {
            return "any".to_owned();
        }
        let mut names: Vec<String> = kinds.iter().map(name).collect();
        names.dedup();
        one_of(&names)
    }

    /// Everything in one line: method and path first.
    fn line(&self, parts: &[(String, String)]) -> String {
        let of = |name: &str| parts.iter().find(|(own, _)| own == name).map(|(_, text)| text.as_str());
        let others: Vec<String> = parts
            .iter()
            .filter(|(name, _)| name != "method" && name != "path")
            .map(|(name, text)| match text.strip_prefix("not ") {
                Some(rest) => format!("{name} is not {rest}"),
                None => format!("{name} {text}"),
            })
            .collect();
        let start = match (of("method"), of("path")) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            (Some(method), None) => format!("{method} requests"),
            (None, Some(path)) => format!("requests to {path}"),
            (None, None) if !self.is_http() && others.is_empty() => return "every connection".to_owned(),
            (None, None) if others.is_empty() => return "every request".to_owned(),
            (None, None) if !self.is_http() => "connections".to_owned(),
            (None, None) => "requests".to_owned(),
        };
        if others.is_empty() { start } else { format!("{start} with {}", others.join(", ")) }
    }
}

/// `shop/cart` for an identity of the mesh's own trust domain.
fn short_principal(principal: &str, domain: &str) -> String {
    let account =
        principal.strip_prefix(domain).and_then(|rest| rest.strip_prefix("/ns/")).and_then(|rest| rest.split_once("/sa/"));
    match account {
        Some((namespace, name)) if !name.contains(['/', '*']) && !namespace.contains('*') => format!("{namespace}/{name}"),
        Some((namespace, "*")) => format!("namespace {namespace}"),
        Some(_) | None => principal.to_owned(),
    }
}

fn title(slot: &Slot) -> String {
    match slot {
        Slot::Peer => "caller".to_owned(),
        Slot::Token => "token".to_owned(),
        Slot::Providers => "provider".to_owned(),
        Slot::Method => "method".to_owned(),
        Slot::Path => "path".to_owned(),
        Slot::Authority => "host".to_owned(),
        Slot::Header(name) => format!("header `{name}`"),
        Slot::SourceIp => "source address".to_owned(),
        Slot::RemoteIp => "client address".to_owned(),
        Slot::DestinationIp => "destination address".to_owned(),
        Slot::Sni => "server name".to_owned(),
        Slot::Subject => "token's subject".to_owned(),
        Slot::Claim(path) => format!("token's claim `{}`", path.join("][")),
    }
}

fn one_value(variable: &Variable, classes: &[usize]) -> String {
    let mut words = variable.words.clone();
    let mut members = variable.members.clone();
    if let Some(absent) = variable.absent {
        words.push("absent".to_owned());
        members.push(vec![absent]);
    }
    let statements = Statements { words: &words, members: &members, count: variable.classes.len() };
    match statements.describe(classes) {
        Description::AnyOf(words) => one_of(&words),
        Description::But(first, others) if first.is_empty() => format!("not {}", one_of(&others)),
        Description::But(first, others) => format!("{} but not {}", one_of(&first), one_of(&others)),
        Description::Other => {
            let values = classes.iter().filter_map(|class| variable.classes.get(*class));
            let values: Vec<String> = values.map(|class| class.representative.clone()).collect();
            format!("such as {}", some_of(&values, "forms"))
        }
    }
}

fn several_values(variable: &Variable, flags: &[(usize, bool)]) -> String {
    let words = |wanted: bool| -> Vec<String> {
        let own = flags.iter().filter(|(_, value)| *value == wanted);
        own.filter_map(|(flag, _)| variable.words.get(*flag).cloned()).collect()
    };
    let (with, without) = (words(true), words(false));
    match (with.is_empty(), without.is_empty()) {
        (false, true) => with.join(" and "),
        (false, false) => format!("{} but not {}", with.join(" and "), one_of(&without)),
        (true, _) => format!("not {}", one_of(&without)),
    }
}
