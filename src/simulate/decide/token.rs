//! The token filter's part: verified claims, a refusal, or keys that are not known.

use std::net::IpAddr;
use std::sync::Arc;

use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::policy::Known;
use crate::policy::Scratch;
use crate::simulate::decide::Answer;
use crate::simulate::decide::Question;
use crate::simulate::decide::connection_facts;
use crate::simulate::decide::ending::Ending;
use crate::simulate::decide::http_facts;
use crate::simulate::decision::AuthenticationReport;
use crate::simulate::decision::AuthenticationStatus;
use crate::simulate::decision::Branch;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Passed;
use crate::simulate::decision::Verdict;
use crate::simulate::message::Message;
use crate::simulate::replay::KeptToken;
use crate::simulate::request_authentication::AuthenticationOutcome;

impl Answer<'_> {
    /// Runs the token filter. On success the claims authorization sees.
    pub(super) fn authenticate(
        &mut self,
        question: &Question<'_>,
        message: &mut Message,
        tokens: &mut crate::simulate::request_authentication::TokenCache,
    ) -> Result<Option<Arc<serde_json::Value>>, Box<Ending>> {
        if let Some(kept) = question.kept {
            return self.authenticate_again(&kept.token);
        }
        let Some(authenticator) = &self.route.prepared.authenticator else { return Ok(None) };
        let now = u64::try_from(question.at.as_second()).unwrap_or(0);
        match authenticator.authenticate(message, now, tokens) {
            AuthenticationOutcome::Passed { claims: None, .. } => {
                self.authentication.status = AuthenticationStatus::Missing;
                self.step(
                    "token",
                    Passed::Yes,
                    || "no token where one is looked for; RequestAuthentication lets such a request pass".to_owned(),
                    None,
                );
                Ok(None)
            }
            AuthenticationOutcome::Passed { claims: Some(claims), provider, issuer, principal } => {
                let by = provider
                    .and_then(|index| authenticator.providers().get(index))
                    .and_then(|provider| self.jwt_rule(provider.origin()));
                self.step("token", Passed::Yes, || format!("verified, issuer {}", issuer.as_deref().unwrap_or("none")), by);
                self.authentication =
                    AuthenticationReport { status: AuthenticationStatus::Valid, issuer, principal, reason: None };
                Ok(Some(claims))
            }
            AuthenticationOutcome::Rejected { status, provider, .. } => {
                let by = authenticator.providers().get(provider).and_then(|provider| self.jwt_rule(provider.origin()));
                let text = status.text();
                self.authentication.status = AuthenticationStatus::Invalid;
                self.authentication.reason = Some(text);
                self.step("token", Passed::No, || text.to_owned(), by.clone());
                Err(Box::new(self.rejected(status, by)))
            }
            AuthenticationOutcome::Undetermined { missing } => {
                self.authentication.status = AuthenticationStatus::Undetermined;
                self.step("token", Passed::Unknown, || format!("the keys of {missing} are not known"), None);
                Err(Box::new(Ending {
                    verdict: Verdict::Undetermined,
                    status: None,
                    grpc: None,
                    body: None,
                    reason: "jwks_unknown".into(),
                    message: format!("whether the token is accepted depends on the key set of `{missing}`: give it with `--jwks {missing}=FILE`").into(),
                    decided_by: None,
                    nearest_miss: None,
                }))
            }
        }
    }

    /// The same for a request whose token was looked at before and is not there any more.
    fn authenticate_again(&mut self, token: &KeptToken) -> Result<Option<Arc<serde_json::Value>>, Box<Ending>> {
        match token {
            KeptToken::Absent => Ok(None),
            KeptToken::Good(claims) => Ok(Some(Arc::clone(claims))),
            KeptToken::Refused(status) => Err(Box::new(self.rejected(*status, None))),
            KeptToken::Unknown(why) => Err(Box::new(Ending {
                verdict: Verdict::Undetermined,
                status: None,
                grpc: None,
                body: None,
                reason: "token_not_kept".into(),
                message: (*why).into(),
                decided_by: None,
                nearest_miss: None,
            })),
        }
    }

    /// What the caller of a refused token sees.
    pub(super) fn rejected(&self, status: TokenStatus, by: Option<DecidedBy>) -> Ending {
        let (text, code) = (status.text(), status.http_status());
        Ending {
            verdict: Verdict::Unauthenticated,
            status: Some(if self.is_grpc { 200 } else { code }),
            grpc: self.is_grpc.then_some(if code == 403 { 7 } else { 16 }),
            body: Some(text.into()),
            reason: status.response_code_details().into(),
            message: format!("the token is refused: {text}").into(),
            decided_by: by,
            nearest_miss: None,
        }
    }

    /// The answers if a token whose keys are not known is good, and if it is not.
    pub(super) fn branch_on_token(
        &mut self,
        question: &Question<'_>,
        remote_ip: Known<IpAddr>,
        message: &Message,
        scratch: &mut Scratch,
    ) {
        let mut branches = Vec::new();
        let payload = question.token.and_then(|token| UnverifiedToken::parse(token).ok());
        if let Some(token) = payload {
            let facts =
                connection_facts(self.route, question, remote_ip, Some(http_facts(message, Some(token.payload()), question)));
            let (steps, warnings) = (self.steps.len(), self.warnings.len());
            let if_good = self.run_rbac(&self.route.prepared.http, &facts, scratch);
            self.steps.truncate(steps);
            self.warnings.truncate(warnings);
            branches.push(Branch { assuming: "the signature is good".to_owned(), decision: Box::new(self.copy_ending(if_good)) });
        }
        let if_bad = self.rejected(TokenStatus::VerificationFail, None);
        branches.push(Branch { assuming: "the signature is not good".to_owned(), decision: Box::new(self.copy_ending(if_bad)) });
        self.branches = branches;
    }
}
