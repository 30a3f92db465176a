use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::Condition;
use crate::manifest::kinds::Operation;
use crate::manifest::kinds::Rule;
use crate::manifest::kinds::RuleSource;
use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::policy::Entry;
use crate::policy::LoweringNote;
use crate::policy::NoteKind;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;
use crate::policy::Value;
use crate::policy::lower::key::Key;
use crate::policy::lower::key::Side;
use crate::policy::lower::trust_domain::TrustDomains;
use crate::policy::lower::values;
use crate::policy::template::Template;

/// One rule on its way to the proxy, with all that decides what becomes of it.
pub(super) struct RuleContext<'a> {
    pub(super) policy: usize,
    pub(super) rule: usize,
    pub(super) policy_namespace: &'a str,
    pub(super) action: Action,
    pub(super) chain: ChainKind,
    pub(super) trust_domains: &'a TrustDomains,
    pub(super) notes: &'a mut Vec<LoweringNote>,
}

/// The rule is gone; a note says why.
struct RuleDropped;

/// One field pair or condition before translation.
struct Draft<'r> {
    attribute: Attribute,
    field: &'r str,
    values: &'r [Spanned<String>],
    not_values: &'r [Spanned<String>],
    /// How often istiod migrates the trust domains of its principals.
    migrations: usize,
}

/// A field with its positive and its negative list.
type Field<'r> = (&'r str, Attribute, &'r [Spanned<String>], &'r [Spanned<String>]);

/// More values than this are not multiplied further (see [`RuleContext::texts`]).
const MIGRATION_LIMIT: usize = 256;

impl RuleContext<'_> {
    /// The `from` and `to` entries, in istiod's order; `None` when the rule is gone.
    pub(super) fn lower(&mut self, rule: &Rule) -> Option<(Vec<Entry>, Vec<Entry>)> {
        let Rule { from, to, when, place: _ } = rule;
        let mut outcome = Ok(());
        let mut principals = Vec::new();
        let mut permissions = Vec::new();
        for condition in when {
            match self.condition(condition, from.len().max(1)) {
                Ok(Some((Side::From, test))) => principals.push(test),
                Ok(Some((Side::To, test))) => permissions.push(test),
                Ok(None) => {}
                Err(RuleDropped) => outcome = Err(RuleDropped),
            }
        }
        let mut to_entries = Vec::with_capacity(to.len().max(1));
        for operation in to {
            match self.operation(operation.as_ref()) {
                Ok(tests) => to_entries.push(tests),
                Err(RuleDropped) => outcome = Err(RuleDropped),
            }
        }
        let mut from_entries = Vec::with_capacity(from.len().max(1));
        for source in from {
            match self.source(source.as_ref()) {
                Ok(tests) => from_entries.push(tests),
                Err(RuleDropped) => outcome = Err(RuleDropped),
            }
        }
        outcome.ok()?;
        Some((with_conditions(from_entries, principals), with_conditions(to_entries, permissions)))
    }

    fn condition(&mut self, condition: &Condition, sources: usize) -> Result<Option<(Side, Test)>, RuleDropped> {
        let Condition { key, values, not_values, place } = condition;
        match Key::parse(key.as_str()) {
            Key::Unknown => {
                let text = format!("the rule is gone: `{}` is not a condition key", key.as_str());
                self.note(NoteKind::RuleDropped, text, key.span);
                Err(RuleDropped)
            }
            Key::Broken | Key::Known(..) if values.is_empty() && not_values.is_empty() => {
                let text = format!("a condition on `{}` without values constrains nothing", key.as_str());
                self.note(NoteKind::ConditionDropped, text, place.span);
                Ok(None)
            }
            Key::Broken => {
                let why = format!("the brackets of `{}` are not as they must be", key.as_str());
                self.drop_condition(&why, key.span).map(|()| None)
            }
            Key::Known(side, attribute) => {
                // istiod shares the condition between the `from` entries and migrates it once for each of them.
                let draft = Draft { attribute, field: key.as_str(), values, not_values, migrations: sources };
                Ok(self.test(&draft)?.map(|test| (side, test)))
            }
        }
    }

    fn operation(&mut self, operation: Option<&Operation>) -> Result<Vec<Test>, RuleDropped> {
        let Some(operation) = operation else { return Ok(Vec::new()) };
        let Operation { hosts, not_hosts, ports, not_ports, methods, not_methods, paths, not_paths, place: _ } = operation;
        self.tests([
            ("hosts", Attribute::Host, hosts, not_hosts),
            ("methods", Attribute::Method, methods, not_methods),
            ("paths", Attribute::Path, paths, not_paths),
            ("ports", Attribute::DestinationPort, ports, not_ports),
        ])
    }

    fn source(&mut self, source: Option<&RuleSource>) -> Result<Vec<Test>, RuleDropped> {
        let Some(source) = source else { return Ok(Vec::new()) };
        let RuleSource {
            principals,
            not_principals,
            request_principals,
            not_request_principals,
            namespaces,
            not_namespaces,
            service_accounts,
            not_service_accounts,
            trust_domains,
            not_trust_domains,
            ip_blocks,
            not_ip_blocks,
            remote_ip_blocks,
            not_remote_ip_blocks,
            place: _,
        } = source;
        self.tests([
            ("principals", Attribute::Principal, principals, not_principals),
            ("requestPrincipals", Attribute::RequestPrincipal, request_principals, not_request_principals),
            ("serviceAccounts", Attribute::ServiceAccount, service_accounts, not_service_accounts),
            ("trustDomains", Attribute::TrustDomain, trust_domains, not_trust_domains),
            ("namespaces", Attribute::Namespace, namespaces, not_namespaces),
            ("remoteIpBlocks", Attribute::RemoteIp, remote_ip_blocks, not_remote_ip_blocks),
            ("ipBlocks", Attribute::SourceIp, ip_blocks, not_ip_blocks),
        ])
    }

    fn tests<const N: usize>(&mut self, fields: [Field<'_>; N]) -> Result<Vec<Test>, RuleDropped> {
        let mut tests = Vec::new();
        let mut outcome = Ok(());
        for (field, attribute, values, not_values) in fields {
            match self.test(&Draft { attribute, field, values, not_values, migrations: 1 }) {
                Ok(test) => tests.extend(test),
                Err(RuleDropped) => outcome = Err(RuleDropped),
            }
        }
        outcome.map(|()| tests)
    }

    fn test(&mut self, draft: &Draft<'_>) -> Result<Option<Test>, RuleDropped> {
        let Some(first) = draft.values.first().or(draft.not_values.first()) else { return Ok(None) };
        if self.chain == ChainKind::Tcp && is_http_only(&draft.attribute) {
            let why = format!("`{}` has no meaning on TCP", draft.field);
            return self.drop_condition(&why, first.span).map(|()| None);
        }
        let values = self.patterns(draft, draft.values);
        let not_values = self.patterns(draft, draft.not_values);
        let test = Test {
            attribute: draft.attribute.clone(),
            field: draft.field.to_owned(),
            values: values?,
            not_values: not_values?,
            place: Spanned::new((), first.span),
        };
        Ok((!test.values.is_empty() || !test.not_values.is_empty()).then_some(test))
    }

    /// What the values of one list mean. A bad value ends an ALLOW rule; otherwise it is left out.
    fn patterns(&mut self, draft: &Draft<'_>, written: &[Spanned<String>]) -> Result<Vec<Value>, RuleDropped> {
        let mut patterns = Vec::with_capacity(written.len());
        let mut is_dropped = false;
        for (text, written) in self.texts(draft, written) {
            let pattern = match self.pattern(&draft.attribute, &text) {
                Ok(pattern) => pattern,
                Err(why) if self.action == Action::Allow => {
                    self.note(NoteKind::RuleDropped, format!("the rule is gone: {why}"), written.span);
                    is_dropped = true;
                    continue;
                }
                Err(why) => {
                    self.note(NoteKind::ValueDropped, format!("{why}, so it is left out of `{}`", draft.field), written.span);
                    continue;
                }
            };
            if let Pattern::Template(template) = &pattern
                && Template::parse(template).is_none()
            {
                let text = format!("the proxy refuses the path template `{template}`, and with it the whole listener");
                self.note(NoteKind::ProxyRefuses, text, written.span);
            }
            patterns.push(Value { pattern, written: written.clone() });
        }
        if is_dropped {
            return Err(RuleDropped);
        }
        if patterns.is_empty()
            && let Some(first) = written.first()
        {
            let text = format!("no value of `{}` is left, so the rule matches more than it says", draft.field);
            self.note(NoteKind::ConditionDropped, text, first.span);
        }
        Ok(patterns)
    }

    /// The texts to translate with the value each comes from: trust domains are migrated here.
    ///
    /// istiod migrates a `source.principal` condition once for every `from` entry and keeps what repeats. The repetition changes no
    /// answer; it is followed, so that translation prints what istiod prints, up to a limit.
    fn texts<'w>(&self, draft: &Draft<'_>, written: &'w [Spanned<String>]) -> Vec<(String, &'w Spanned<String>)> {
        let mut texts: Vec<(String, &Spanned<String>)> = written.iter().map(|value| (value.value.clone(), value)).collect();
        match &draft.attribute {
            Attribute::Principal => {
                for pass in 0..draft.migrations {
                    if pass > 0 && texts.len() > MIGRATION_LIMIT {
                        break;
                    }
                    let migrate = |(text, value): (String, _)| {
                        self.trust_domains.migrate_principal(&text).into_iter().map(move |text| (text, value))
                    };
                    texts = texts.into_iter().flat_map(migrate).collect();
                }
                texts
            }
            Attribute::TrustDomain => {
                let mut expanded: Vec<(String, &Spanned<String>)> = Vec::new();
                let mut seen = std::collections::BTreeSet::new();
                for (text, value) in texts {
                    for text in self.trust_domains.expand(&text) {
                        if seen.insert(text.clone()) {
                            expanded.push((text, value));
                        }
                    }
                }
                expanded
            }
            Attribute::Namespace
            | Attribute::ServiceAccount
            | Attribute::SourceIp
            | Attribute::RemoteIp
            | Attribute::DestinationIp
            | Attribute::DestinationPort
            | Attribute::Sni
            | Attribute::Host
            | Attribute::Method
            | Attribute::Path
            | Attribute::Header(_)
            | Attribute::RequestPrincipal
            | Attribute::Audiences
            | Attribute::Presenter
            | Attribute::Claim(_)
            | Attribute::Metadata(..) => texts,
        }
    }

    fn pattern(&self, attribute: &Attribute, text: &str) -> Result<Pattern, String> {
        Ok(match attribute {
            Attribute::Principal
            | Attribute::Sni
            | Attribute::Host
            | Attribute::Method
            | Attribute::Header(_)
            | Attribute::Audiences
            | Attribute::Presenter
            | Attribute::Claim(_) => Pattern::Text(TextPattern::parse(text)),
            Attribute::Path => values::path(text),
            Attribute::SourceIp | Attribute::RemoteIp | Attribute::DestinationIp => values::cidr(text)?,
            Attribute::DestinationPort => values::port(text)?,
            Attribute::Namespace => Pattern::NamespaceGlob(text.to_owned()),
            Attribute::ServiceAccount => values::service_account(text, self.policy_namespace),
            Attribute::TrustDomain => Pattern::TrustDomainGlob(text.to_owned()),
            Attribute::RequestPrincipal => values::request_principal(text),
            Attribute::Metadata(..) => values::metadata(text),
        })
    }

    /// A condition that cannot be said to the proxy: an ALLOW rule goes with it, any other goes on without it.
    fn drop_condition(&mut self, why: &str, span: Span) -> Result<(), RuleDropped> {
        if self.action == Action::Allow {
            self.note(NoteKind::RuleDropped, format!("the rule is gone: {why}"), span);
            Err(RuleDropped)
        } else {
            let text = format!("{why}: the condition is gone, and the rule matches more than it says");
            self.note(NoteKind::ConditionDropped, text, span);
            Ok(())
        }
    }

    fn note(&mut self, kind: NoteKind, text: String, span: Span) {
        self.notes.push(LoweringNote { kind, policy: self.policy, rule: Some(self.rule), text, span });
    }
}

/// Every entry gets all conditions of its side; without entries the conditions are the only one.
fn with_conditions(entries: Vec<Vec<Test>>, conditions: Vec<Test>) -> Vec<Entry> {
    if entries.is_empty() {
        return vec![Entry { tests: conditions }];
    }
    let join = |mut tests: Vec<Test>| {
        tests.extend(conditions.iter().cloned());
        Entry { tests }
    };
    entries.into_iter().map(join).collect()
}

/// Attributes that exist only where the proxy reads HTTP. `remote.ip` is not one of them.
fn is_http_only(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::Host
        | Attribute::Method
        | Attribute::Path
        | Attribute::Header(_)
        | Attribute::RequestPrincipal
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Claim(_) => true,
        Attribute::Principal
        | Attribute::Namespace
        | Attribute::ServiceAccount
        | Attribute::TrustDomain
        | Attribute::SourceIp
        | Attribute::RemoteIp
        | Attribute::DestinationIp
        | Attribute::DestinationPort
        | Attribute::Sni
        | Attribute::Metadata(..) => false,
    }
}
