//! A form of requests in words: who sends them, and what they look like.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::analysis::compare::Unit;
use crate::analysis::outcome::Callers;
use crate::analysis::outcome::Requests;
use crate::analysis::outcome::some_of;
use crate::analysis::reach::Account;
use crate::analysis::reach::Group;
use crate::analysis::reach::Transport;
use crate::analysis::slot;
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
    pub(in crate::analysis) accounts: &'s [Account],
    /// Classes of the accounts, found when they are asked for.
    pub(in crate::analysis) class_of_names: OnceCell<Vec<Option<usize>>>,
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

    /// Known accounts that a form speaks of.
    pub(in crate::analysis) fn known(&self, form: &Box) -> Vec<&Account> {
        let is_wanted: std::boxed::Box<dyn Fn(usize) -> bool> = match self.variables.of(&Slot::Peer) {
            Some(variable) if form.contains_key(&variable.domain) => {
                let (_, classes) = self.classes(form, &Slot::Peer).unwrap_or((variable, Vec::new()));
                let own = self.class_of_names.get_or_init(|| self.classify(variable));
                std::boxed::Box::new(move |at| {
                    own.get(at).copied().flatten().is_some_and(|class| classes.binary_search(&class).is_ok())
                })
            }
            Some(_) | None => std::boxed::Box::new(|_| true),
        };
        let known = self.accounts.iter().enumerate().filter(|(at, account)| is_wanted(*at) && self.is_of_domain(&account.name));
        known.map(|(_, account)| account).collect()
    }

    /// The class of every known account.
    fn classify(&self, variable: &Variable) -> Vec<Option<usize>> {
        let conventions = self.variables.conventions;
        let languages: Vec<_> =
            variable.terms.iter().map(|(attribute, pattern)| slot::language(attribute, pattern, conventions)).collect();
        let classifier = Classifier::new(&languages);
        let classes: FxHashMap<&[usize], usize> =
            variable.classes.iter().enumerate().map(|(number, class)| (class.languages.as_slice(), number)).collect();
        let languages = classifier.languages_of_each(self.accounts.iter().map(|account| account.name.as_str()));
        languages.iter().map(|languages| classes.get(languages.as_slice()).copied()).collect()
    }

    fn is_of_domain(&self, name: &str) -> bool {
        match &self.unit.key.transport {
            Transport::Mesh(domains) => {
                let domain = name.strip_prefix("spiffe://").and_then(|name| name.split('/').next()).unwrap_or_default();
                domains.iter().any(|own| own == domain || own == slot::ANY_DOMAIN)
            }
            Transport::Own(..) => true,
            Transport::Plaintext | Transport::OneWay(_) => false,
        }
    }

    fn callers(&self, form: &Box) -> Callers {
        match &self.unit.key.transport {
            Transport::Plaintext => Callers::Plaintext,
            Transport::OneWay(name) => Callers::Identities {
                text: format!("anyone in TLS for `{name}`, without a certificate"),
                is_all: false,
                workloads: Vec::new(),
            },
            Transport::Own(group, ..) => {
                let members = self.groups.get(*group).map_or(&[][..], |group| group.members.as_slice());
                let known: BTreeSet<&String> = self.known(form).into_iter().map(|account| &account.name).collect();
                let workloads = members.iter().filter(|(_, name)| known.contains(name)).map(|(workload, _)| workload.clone());
                Callers::Workloads { workloads: workloads.collect() }
            }
            Transport::Mesh(domains) => {
                let domain = domains.first().map_or("", String::as_str);
                let is_all = self.variables.of(&Slot::Peer).is_none_or(|variable| !form.contains_key(&variable.domain));
                let known = if is_all { Vec::new() } else { self.known(form) };
                let workloads = known.into_iter().flat_map(|account| account.workloads.clone()).collect();
                Callers::Identities { text: self.identities(form, domain), is_all, workloads }
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
            .map(
                |((attribute, _), words)| {
                    if *attribute == Attribute::Principal { short_principal(words, domain) } else { words.clone() }
                },
            )
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
            parts.push((variable.slot.clone(), told));
        }
        let text = self.line(&parts);
        Requests { text, parts: parts.into_iter().map(|(slot, text)| (title(&slot), text)).collect() }
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
    fn line(&self, parts: &[(Slot, String)]) -> String {
        let of = |slot: &Slot| parts.iter().find(|(own, _)| own == slot).map(|(_, text)| text.as_str());
        let others = parts.iter().filter(|(slot, _)| !matches!(slot, Slot::Method | Slot::Path));
        let others: Vec<String> = others.map(|(slot, text)| phrase(slot, text)).collect();
        let start = match (of(&Slot::Method), of(&Slot::Path)) {
            (Some(method), Some(path)) => format!("{method} {path}"),
            (Some(method), None) => format!("{method} requests"),
            (None, Some(path)) => format!("requests to {path}"),
            (None, None) if !self.is_http() && others.is_empty() => "every connection".to_owned(),
            (None, None) if others.is_empty() => "every request".to_owned(),
            (None, None) if !self.is_http() => "connections".to_owned(),
            (None, None) => "requests".to_owned(),
        };
        [start].into_iter().chain(others).collect::<Vec<_>>().join(" ")
    }
}

fn phrase(slot: &Slot, text: &str) -> String {
    match (slot, text) {
        (Slot::Token, "none") => "without a token".to_owned(),
        (Slot::Token, "any") => "with a token".to_owned(),
        (Slot::Token, text) if text.starts_with("none or ") => format!("with a token: {text}"),
        (Slot::Token, text) => format!("with a token {text}"),
        (Slot::Providers, text) => format!("where {text}"),
        (Slot::Authority, text) => format!("for host {text}"),
        (Slot::Header(name), "absent") => format!("without header `{name}`"),
        (Slot::Header(name), text) => format!("with header `{name}` {text}"),
        (Slot::SourceIp, text) => format!("from address {text}"),
        (Slot::RemoteIp, text) => format!("from client address {text}"),
        (Slot::DestinationIp, text) => format!("to address {text}"),
        (Slot::Sni, text) => format!("for server name {text}"),
        (Slot::Subject, "absent") => "without a subject".to_owned(),
        (Slot::Subject, text) => format!("with subject {text}"),
        (Slot::Claim(path), "absent") => format!("without claim `{}`", path.join("][")),
        (Slot::Claim(path), text) => format!("with claim `{}` {text}", path.join("][")),
        (Slot::Peer | Slot::Method | Slot::Path, text) => text.to_owned(),
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
        Description::AnyOf(words) if is_presence(&words) => "present".to_owned(),
        Description::AnyOf(words) => one_of(&words),
        Description::But(first, others) if first.is_empty() && is_presence(&others) => "absent".to_owned(),
        Description::But(first, others) if first.is_empty() => format!("all but {}", one_of(&others)),
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
        (true, _) if is_presence(&without) => "absent".to_owned(),
        (true, _) => format!("other than {}", one_of(&without)),
    }
}

/// The star alone asks for nothing but that there is something.
fn is_presence(words: &[String]) -> bool {
    matches!(words, [one] if one == "*")
}
