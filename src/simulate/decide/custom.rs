//! CUSTOM: which requests an external provider is asked about, and what follows from its answer.

use std::borrow::Cow;

use crate::manifest::kinds::ExtensionProviderKind;
use crate::policy::CustomOutcome;
use crate::policy::Facts;
use crate::policy::Outcome;
use crate::policy::Scratch;
use crate::simulate::decide::Answer;
use crate::simulate::decide::Question;
use crate::simulate::decide::ending::Ending;
use crate::simulate::decision::Branch;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Passed;
use crate::simulate::decision::Verdict;
use crate::simulate::prepared::Chain;
use crate::simulate::prepared::CompiledCustom;
use crate::simulate::provider::Asking;
use crate::simulate::provider::ProviderAnswer;
use crate::simulate::provider::grpc_status;
use crate::simulate::route::ChainRead;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;

/// What a CUSTOM stage did.
pub(super) enum Custom {
    /// No rule matched, or every provider asked approved.
    Passed,
    /// The request ends here.
    Ends(Box<Ending>),
    /// A provider's answer is not known, or it is not known whether it is asked.
    Open { assuming: String, provider: usize },
}

impl Answer<'_> {
    pub(super) fn run_custom(
        &mut self,
        chain: &Chain,
        facts: &Facts<'_>,
        question: &Question<'_>,
        scratch: &mut Scratch,
    ) -> Custom {
        let mut open = None;
        for (index, custom) in chain.custom.iter().enumerate() {
            let dry = custom.dry_run.index.evaluate(facts, scratch);
            if let (Outcome::Unknown { fact, .. }, CustomOutcome::Ask) = (dry, &custom.outcome) {
                open.get_or_insert((format!("the {fact} makes a rule of a dry-run CUSTOM policy match, which denies"), index));
            }
            if let (Outcome::Match { rule }, CustomOutcome::Ask) = (dry, &custom.outcome) {
                let by = self.rule_at(&custom.dry_run.engine, rule);
                let message =
                    "a CUSTOM policy annotated dry-run denies what it matches: the annotation has no effect there".into();
                return Custom::Ends(Box::new(self.denied(&custom.dry_run, rule, by, message)));
            }
            match custom.rules.index.evaluate(facts, scratch) {
                Outcome::NoMatch => {
                    self.step("CUSTOM", Passed::Yes, || format!("no rule asks provider `{}`", custom.provider), None);
                }
                Outcome::Match { rule } => {
                    let by = self.rule_at(&custom.rules.engine, rule);
                    if let CustomOutcome::Deny(why) = &custom.outcome {
                        self.step("CUSTOM", Passed::No, || why.clone(), by.clone());
                        return Custom::Ends(Box::new(self.denied(&custom.rules, rule, by, why.as_str().into())));
                    }
                    let assumed = answer_of(question.ext_authz, &custom.provider);
                    if let Some(asking) = question.asking.filter(|_| assumed == ExtAuthzAnswer::Undetermined) {
                        match self.run_asked(custom, asking, by) {
                            None => continue,
                            Some(ending) => return Custom::Ends(Box::new(ending)),
                        }
                    }
                    self.providers.push((custom.provider.clone(), assumed));
                    match assumed {
                        ExtAuthzAnswer::Allow => {
                            self.step(
                                "CUSTOM",
                                Passed::Yes,
                                || format!("provider `{}` approves, as assumed", custom.provider),
                                by,
                            );
                        }
                        ExtAuthzAnswer::Deny => {
                            self.step(
                                "CUSTOM",
                                Passed::No,
                                || format!("provider `{}` refuses, as assumed", custom.provider),
                                by.clone(),
                            );
                            let mut ending = self.provider_denies(custom);
                            ending.decided_by = by;
                            return Custom::Ends(Box::new(ending));
                        }
                        ExtAuthzAnswer::Error => match self.provider_fails(custom) {
                            None => {
                                self.step(
                                    "CUSTOM",
                                    Passed::Yes,
                                    || format!("provider `{}` fails, and `failOpen` lets the request go on", custom.provider),
                                    by,
                                );
                            }
                            Some(mut ending) => {
                                self.step("CUSTOM", Passed::No, || ending.message.as_ref().to_owned(), by.clone());
                                ending.decided_by = by;
                                return Custom::Ends(Box::new(ending));
                            }
                        },
                        ExtAuthzAnswer::Undetermined => {
                            self.step(
                                "CUSTOM",
                                Passed::Unknown,
                                || format!("provider `{}` is asked; its answer is not known", custom.provider),
                                by,
                            );
                            open.get_or_insert((format!("provider `{}` is asked", custom.provider), index));
                        }
                    }
                }
                Outcome::Unknown { rule, fact } => {
                    let by = self.rule_at(&custom.rules.engine, rule);
                    self.step(
                        "CUSTOM",
                        Passed::Unknown,
                        || format!("whether provider `{}` is asked depends on the {fact}", custom.provider),
                        by,
                    );
                    open.get_or_insert((
                        format!("the {fact} makes the rule match, provider `{}` is asked", custom.provider),
                        index,
                    ));
                }
            }
        }
        open.map_or(Custom::Passed, |(assuming, provider)| Custom::Open { assuming, provider })
    }

    /// What follows from the answer of a provider that is really asked; `None` when the request goes on.
    fn run_asked(&mut self, custom: &CompiledCustom, asking: &Asking, by: Option<DecidedBy>) -> Option<Ending> {
        let name = &custom.provider;
        let Some(answer) = asking.answer(name) else {
            self.pending = Some(name.clone());
            return Some(Ending {
                verdict: Verdict::Undetermined,
                message: format!("provider `{name}` is to be asked").into(),
                ..self.provider_denies(custom)
            });
        };
        let told = match answer {
            ProviderAnswer::Allows(_) => ExtAuthzAnswer::Allow,
            ProviderAnswer::Refuses { .. } | ProviderAnswer::TooLarge => ExtAuthzAnswer::Deny,
            ProviderAnswer::Fails(_) => ExtAuthzAnswer::Error,
        };
        self.providers.push((name.clone(), told));
        let mut ending = match answer {
            ProviderAnswer::Allows(edits) => {
                self.step("CUSTOM", Passed::Yes, || format!("provider `{name}` approves"), by);
                self.edits.push(edits.clone());
                return None;
            }
            ProviderAnswer::Refuses { status, body } => {
                self.refused_with(custom, *status, body, "ext_authz_denied", format!("provider `{name}` refuses the request"))
            }
            ProviderAnswer::TooLarge => {
                let message = format!("the body is larger than provider `{name}` takes");
                self.refused_with(custom, 413, "Payload Too Large", "request_payload_too_large", message)
            }
            ProviderAnswer::Fails(why) => {
                let Some(mut ending) = self.provider_fails(custom) else {
                    let text = || format!("provider `{name}` fails ({why}), and `failOpen` lets the request go on");
                    self.step("CUSTOM", Passed::Yes, text, by);
                    return None;
                };
                ending.message = format!("provider `{name}` fails, and `failOpen` is not set: {why}").into();
                ending
            }
        };
        self.step("CUSTOM", Passed::No, || ending.message.as_ref().to_owned(), by.clone());
        ending.decided_by = by;
        Some(ending)
    }

    fn refused_with(&self, custom: &CompiledCustom, status: u16, body: &str, reason: &str, message: String) -> Ending {
        let is_http = self.route.chain == ChainRead::Http;
        Ending {
            status: is_http.then_some(if self.is_grpc { 200 } else { status }),
            grpc: (is_http && self.is_grpc).then(|| grpc_status(status)),
            body: (is_http && !body.is_empty()).then(|| Cow::Owned(body.to_owned())),
            reason: reason.into(),
            message: message.into(),
            ..self.provider_denies(custom)
        }
    }

    /// Joins what is open about CUSTOM with what the later stages said, assuming approval.
    pub(super) fn settle_custom(&mut self, custom: Custom, chain: &Chain, ending: Ending) -> (Ending, Vec<Branch>) {
        let Custom::Open { assuming, provider } = custom else { return (ending, Vec::new()) };
        let Some(custom) = chain.custom.get(provider) else { return (ending, Vec::new()) };
        if ending.verdict != Verdict::Allowed {
            self.warnings
                .push(format!("provider `{}` is asked first: the caller may see its answer instead", custom.provider).into());
            return (ending, Vec::new());
        }
        let refused = self.provider_denies(custom);
        let open = Ending {
            verdict: Verdict::Undetermined,
            status: None,
            grpc: None,
            body: None,
            reason: "ext_authz_unknown".into(),
            message: format!(
                "everything else lets the request in; it depends on whether provider `{}` approves",
                custom.provider
            )
            .into(),
            decided_by: None,
            nearest_miss: None,
        };
        let branches = vec![
            Branch { assuming: format!("{assuming} and it approves"), decision: Box::new(self.copy_ending(ending)) },
            Branch { assuming: format!("{assuming} and it refuses"), decision: Box::new(self.copy_ending(refused)) },
        ];
        (open, branches)
    }

    pub(super) fn provider_denies(&self, custom: &CompiledCustom) -> Ending {
        Ending {
            verdict: Verdict::Denied,
            status: (self.route.chain == ChainRead::Http).then_some(if self.is_grpc { 200 } else { 403 }),
            grpc: (self.route.chain == ChainRead::Http && self.is_grpc).then_some(7),
            body: None,
            reason: "ext_authz_denied".into(),
            message: format!(
                "provider `{}` refuses the request; it chooses status and body, 403 is only its default",
                custom.provider
            )
            .into(),
            decided_by: None,
            nearest_miss: None,
        }
    }

    /// What an unreachable or failing provider leads to; `None` when the request goes on.
    pub(super) fn provider_fails(&self, custom: &CompiledCustom) -> Option<Ending> {
        let (fail_open, status) = match self.mesh.provider(&custom.provider).map(|provider| &provider.kind) {
            Some(ExtensionProviderKind::HttpExtAuthz(http)) => (http.fail_open, http.status_on_error.as_ref()),
            Some(ExtensionProviderKind::GrpcExtAuthz(grpc)) => (grpc.fail_open, grpc.status_on_error.as_ref()),
            Some(ExtensionProviderKind::Other(_)) | None => (false, None),
        };
        if fail_open {
            return None;
        }
        let status = status.and_then(|text| text.value.parse().ok()).unwrap_or(403);
        Some(Ending {
            status: (self.route.chain == ChainRead::Http).then_some(if self.is_grpc { 200 } else { status }),
            grpc: (self.route.chain == ChainRead::Http && self.is_grpc).then(|| grpc_status(status)),
            reason: "ext_authz_error".into(),
            message: format!("provider `{}` fails, and `failOpen` is not set", custom.provider).into(),
            ..self.provider_denies(custom)
        })
    }
}

fn answer_of(given: Option<&ExtAuthz<'_>>, provider: &str) -> ExtAuthzAnswer {
    match given {
        None => ExtAuthzAnswer::Undetermined,
        Some(ExtAuthz::All(answer)) => *answer,
        Some(ExtAuthz::ByProvider(answers)) => {
            answers.iter().find(|(name, _)| name.as_str() == provider).map_or(ExtAuthzAnswer::Undetermined, |(_, answer)| *answer)
        }
    }
}
