//! DENY, then ALLOW, and what their outcome means for the caller.

use std::sync::Arc;

use crate::policy::Facts;
use crate::policy::FailedTest;
use crate::policy::Outcome;
use crate::policy::Scratch;
use crate::simulate::decide::Answer;
use crate::simulate::decide::ending::Ending;
use crate::simulate::decision::AuthenticationStatus;
use crate::simulate::decision::Branch;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Detail;
use crate::simulate::decision::MissReport;
use crate::simulate::decision::Passed;
use crate::simulate::decision::Verdict;
use crate::simulate::explain;
use crate::simulate::prepared::Chain;
use crate::simulate::prepared::Compiled;
use crate::simulate::route::ChainRead;

/// What Envoy's RBAC filter answers an HTTP request with.
const ACCESS_DENIED: &str = "RBAC: access denied";

impl Answer<'_> {
    /// DENY, then ALLOW.
    pub(super) fn run_rbac(&mut self, chain: &Chain, facts: &Facts<'_>, scratch: &mut Scratch) -> Ending {
        self.trace_rules(chain, facts);
        self.note_dry_runs(chain, facts, scratch);
        let mut open: Option<(&'static str, Option<DecidedBy>, &'static str)> = None;
        if let Some(deny) = &chain.deny {
            match deny.index.evaluate(facts, scratch) {
                Outcome::Match { rule } => {
                    let by = self.rule_at(&deny.engine, rule);
                    self.step("DENY", Passed::No, || "a rule matches".to_owned(), by.clone());
                    let message = self.matched(deny, rule);
                    return self.denied(deny, rule, by, message);
                }
                Outcome::NoMatch => {
                    self.step("DENY", Passed::Yes, || format!("none of {} rules matches", deny.engine.rules.len()), None);
                }
                Outcome::Unknown { rule, fact } => {
                    let by = self.rule_at(&deny.engine, rule);
                    self.step("DENY", Passed::Unknown, || format!("whether a rule matches depends on the {fact}"), by.clone());
                    open = Some(("DENY", by, fact));
                }
            }
        }
        let Some(allow) = &chain.allow else {
            if let Some((action, by, fact)) = open {
                return self.open(action, by, fact);
            }
            self.step(
                "ALLOW",
                Passed::Yes,
                || "no ALLOW policy selects the workload: what is not denied is let in".to_owned(),
                None,
            );
            return self.allowed(None, Arc::clone(&self.route.prepared.words.unrestricted));
        };
        match allow.index.evaluate(facts, scratch) {
            Outcome::NoMatch => self.no_allow_matched(chain, allow, facts, scratch),
            Outcome::Match { rule } => {
                let by = self.rule_at(&allow.engine, rule);
                self.step("ALLOW", Passed::Yes, || "a rule matches".to_owned(), by.clone());
                match open {
                    Some((action, by, fact)) => self.open(action, by, fact),
                    None => self.allowed(by, self.matched(allow, rule)),
                }
            }
            Outcome::Unknown { rule, fact } => {
                let by = self.rule_at(&allow.engine, rule);
                self.step("ALLOW", Passed::Unknown, || format!("whether a rule matches depends on the {fact}"), by.clone());
                let (action, by, fact) = open.unwrap_or(("ALLOW", by, fact));
                self.open(action, by, fact)
            }
        }
    }

    pub(super) fn no_allow_matched(
        &mut self,
        chain: &Chain,
        allow: &Compiled,
        facts: &Facts<'_>,
        scratch: &mut Scratch,
    ) -> Ending {
        // The scratch is as the evaluation of this engine left it.
        let miss = allow.index.nearest_miss_again(facts, scratch);
        let nearest_miss = miss.as_ref().and_then(|miss| {
            let rule = self.rule_at(&allow.engine, miss.rule)?;
            Some(MissReport {
                rule,
                failed: miss.failed.iter().map(|test| (test.text(), test.place)).collect(),
                discreet: miss.failed.iter().map(FailedTest::discreet_text).collect(),
            })
        });
        let count = chain.allow_policies.len();
        let decided_by = match &nearest_miss {
            Some(miss) => Some(DecidedBy { rule: None, ..miss.rule.clone() }),
            None => chain.allow_policies.first().and_then(|policy| self.policy(*policy)),
        };
        let message = match (&nearest_miss, miss) {
            (Some(report), Some(miss)) => {
                let start = allow.words.get(miss.rule).map_or("", |words| &words.nearest);
                let failed = report.failed.first().map_or("", |(text, _)| text.as_str());
                [start, failed].concat().into()
            }
            _ => format!("none of {count} ALLOW policies has a rule that could match").into(),
        };
        self.step("ALLOW", Passed::No, || format!("none of {} rules matches", allow.engine.rules.len()), decided_by.clone());
        Ending { nearest_miss, ..self.refusal(Arc::clone(&self.route.prepared.words.no_allow), decided_by, message) }
    }

    pub(super) fn trace_rules(&mut self, chain: &Chain, facts: &Facts<'_>) {
        if self.detail == Detail::Trace {
            self.rules = explain::rules(chain, facts);
        }
    }

    pub(super) fn note_dry_runs(&mut self, chain: &Chain, facts: &Facts<'_>, scratch: &mut Scratch) {
        if let Some(deny) = &chain.dry_run_deny
            && let Outcome::Match { rule } = deny.index.evaluate(facts, scratch)
            && let Some(by) = self.rule_at(&deny.engine, rule)
        {
            self.warnings.push(format!("dry-run DENY {}/{} would have denied this", by.namespace, by.name).into());
        }
        if let Some(allow) = &chain.dry_run_allow {
            let enforced_matches =
                chain.allow.as_ref().is_some_and(|allow| matches!(allow.index.evaluate(facts, scratch), Outcome::Match { .. }));
            if allow.index.evaluate(facts, scratch) == Outcome::NoMatch && !enforced_matches {
                self.warnings.push("the dry-run ALLOW policies would have denied this: none of their rules matches".into());
            }
        }
    }

    /// The answer when a rule matches or not by a fact that was not given; both branches are kept.
    pub(super) fn open(&mut self, action: &str, by: Option<DecidedBy>, fact: &str) -> Ending {
        let warnings = self.warnings.len();
        let refused =
            self.refusal("rbac_access_denied".into(), by.clone(), format!("the {action} policies keep the request out").into());
        let allowed = self.allowed(by.clone(), "the policies let the request in".into());
        self.warnings.truncate(warnings);
        let (if_match, if_not) = if action == "DENY" { (refused, allowed) } else { (allowed, refused) };
        self.branches = vec![
            Branch { assuming: format!("the {fact} makes the rule match"), decision: Box::new(self.copy_ending(if_match)) },
            Branch { assuming: format!("the {fact} does not make it match"), decision: Box::new(self.copy_ending(if_not)) },
        ];
        Ending {
            verdict: Verdict::Undetermined,
            status: None,
            grpc: None,
            body: None,
            reason: "fact_missing".into(),
            message: format!("whether a rule of the {action} policies matches depends on the {fact}, which was not given").into(),
            decided_by: by,
            nearest_miss: None,
        }
    }

    pub(super) fn allowed(&mut self, by: Option<DecidedBy>, message: Arc<str>) -> Ending {
        if self.authentication.status == AuthenticationStatus::Missing {
            self.warnings.push("nothing requires a token here: RequestAuthentication lets a request without one pass; require it with an ALLOW policy on `requestPrincipals`".into());
        }
        Ending {
            verdict: Verdict::Allowed,
            status: self.is_http.then_some(200),
            grpc: None,
            body: None,
            reason: Arc::clone(&self.route.prepared.words.none),
            message,
            decided_by: by,
            nearest_miss: None,
        }
    }

    pub(super) fn reaches_unguarded(&mut self) -> Ending {
        self.step("ALLOW", Passed::Yes, || "no proxy reads these bytes: no policy is enforced".to_owned(), None);
        self.allowed(None, "the bytes reach the application: no proxy of its own reads them, so no policy is enforced".into())
    }

    /// The sentence on a rule that matched.
    pub(super) fn matched(&self, engine: &Compiled, rule: usize) -> Arc<str> {
        Arc::clone(engine.words.get(rule).map_or(&self.route.prepared.words.none, |words| &words.matched))
    }

    pub(super) fn denied(&self, engine: &Compiled, rule: usize, by: Option<DecidedBy>, message: Arc<str>) -> Ending {
        let reason = engine.words.get(rule).map_or(&self.route.prepared.words.none, |words| &words.refusal);
        self.refusal(Arc::clone(reason), by, message)
    }

    pub(super) fn refusal(&self, reason: Arc<str>, by: Option<DecidedBy>, message: Arc<str>) -> Ending {
        let http = self.route.chain == ChainRead::Http;
        Ending {
            verdict: Verdict::Denied,
            status: http.then_some(if self.is_grpc { 200 } else { 403 }),
            grpc: (http && self.is_grpc).then_some(7),
            body: http.then_some(ACCESS_DENIED.into()),
            reason,
            message,
            decided_by: by,
            nearest_miss: None,
        }
    }
}
