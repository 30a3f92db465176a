//! What came of verifying a token, for people and for scripts.

use std::io;
use std::io::Write;

use crate::diag::Position;
use crate::jose::Diagnosis;
use crate::jose::ExactJson;
use crate::jose::StrictVerification;
use crate::jose::VerificationKeys;
use crate::render::Style;
use crate::render::exact_json;
use crate::render::exact_json::plain;
use crate::render::exact_json::text;
use crate::render::token_inspection::object;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::token_check::TokenAnswer;

/// By whose rules a token is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// RFC 7515, 7519 and 8725.
    Standards,
    /// The proxy, as it is configured.
    Proxy,
}

/// The verdict in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerdictWord {
    /// Accepted.
    Verified,
    /// Refused.
    Refused,
    /// There was none where one is looked for.
    NoToken,
    /// It depends on keys that were not given.
    Undetermined,
}

impl VerdictWord {
    fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Refused => "refused",
            Self::NoToken => "no-token",
            Self::Undetermined => "undetermined",
        }
    }
}

/// A rule of a RequestAuthentication.
#[derive(Debug, Clone)]
pub struct RulePlace {
    /// `namespace/name`.
    pub policy: String,
    /// Index in `jwtRules`.
    pub rule: usize,
    /// Where it stands.
    pub position: Option<Position>,
}

impl std::fmt::Display for RulePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RequestAuthentication {} rule {}", self.policy, self.rule)?;
        self.position.iter().try_for_each(|position| write!(f, " ({position})"))
    }
}

/// Both judgements of one token.
#[derive(Debug)]
pub struct TokenVerdict {
    /// Whose judgement counts.
    pub judge: Judge,
    /// That of the standards; `None` when there are no keys to judge with, or no token.
    pub strict: Option<StrictVerification>,
    /// The keys it was made with.
    pub keys: Option<VerificationKeys>,
    /// That of the proxy; `None` when it could not be configured so.
    pub envoy: Option<TokenAnswer>,
    /// The rule that settled the proxy's.
    pub rule: Option<RulePlace>,
    /// What else to know.
    pub notes: Vec<String>,
}

impl TokenVerdict {
    /// Both judgements.
    #[must_use]
    pub fn new(
        judge: Judge,
        strict: Option<StrictVerification>,
        keys: Option<VerificationKeys>,
        envoy: Option<TokenAnswer>,
    ) -> Self {
        Self { judge, strict, keys, envoy, rule: None, notes: Vec::new() }
    }

    /// The same with notes.
    #[must_use]
    pub fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// The judgement that counts.
    #[must_use]
    pub fn word(&self) -> VerdictWord {
        match self.judge {
            Judge::Standards => self.strict_word(),
            Judge::Proxy => self.envoy_word(),
        }
    }

    fn strict_word(&self) -> VerdictWord {
        match &self.strict {
            Some(strict) if strict.is_verified() => VerdictWord::Verified,
            Some(_) => VerdictWord::Refused,
            None if self.envoy_word() == VerdictWord::NoToken => VerdictWord::NoToken,
            None => VerdictWord::Undetermined,
        }
    }

    fn envoy_word(&self) -> VerdictWord {
        match self.envoy.as_ref().map(|answer| &answer.outcome) {
            Some(AuthenticationOutcome::Passed { claims: Some(_), .. }) => VerdictWord::Verified,
            Some(AuthenticationOutcome::Passed { claims: None, .. }) => VerdictWord::NoToken,
            Some(AuthenticationOutcome::Rejected { .. }) => VerdictWord::Refused,
            Some(AuthenticationOutcome::Undetermined { .. }) | None => VerdictWord::Undetermined,
        }
    }

    /// Whether the proxy and the standards disagree.
    fn differ(&self) -> bool {
        let (strict, envoy) = (self.strict_word(), self.envoy_word());
        let settled = |word| matches!(word, VerdictWord::Verified | VerdictWord::Refused);
        settled(strict) && settled(envoy) && strict != envoy
    }

    /// Why, by the judge that counts.
    fn cause(&self) -> Option<Diagnosis> {
        let strict = || self.strict.as_ref()?.refusals.first().map(crate::jose::Refusal::diagnosis);
        let envoy = || self.envoy.as_ref()?.diagnosis.clone();
        match self.judge {
            Judge::Standards => strict().or_else(|| envoy().filter(|_| self.strict.is_none())),
            Judge::Proxy => envoy(),
        }
    }

    /// The key that made the signature, in words.
    fn key(&self) -> Option<String> {
        let jwk = self.keys.as_ref()?.keys().get(self.strict.as_ref()?.key?)?.jwk();
        Some(match jwk.key_id() {
            Some(kid) => format!("`{kid}` ({})", jwk.description()),
            None => jwk.description(),
        })
    }

    /// What is not compared with anything although the token has it.
    fn unchecked(&self) -> Vec<&'static str> {
        let Some(strict) = &self.strict else { return Vec::new() };
        let has = |name: &&&str| strict.claims().is_some_and(|claims| claims.get(name).is_some());
        strict.unchecked.iter().filter(has).copied().collect()
    }
}

/// Writes a verdict for people.
///
/// # Errors
/// When the writer fails.
pub fn token_verdict_text(out: &mut dyn Write, verdict: &TokenVerdict, style: Style) -> io::Result<()> {
    let word = verdict.word();
    let headline = match (word, verdict.judge) {
        (VerdictWord::Verified, Judge::Standards) => by_standards(verdict),
        (VerdictWord::Verified, Judge::Proxy) => by_proxy(verdict),
        (VerdictWord::Refused, Judge::Proxy) => envoy_refusal(verdict).unwrap_or_default(),
        (VerdictWord::Refused, Judge::Standards) => verdict.cause().map(|cause| cause.message).unwrap_or_default(),
        (VerdictWord::NoToken, _) => "the proxy sees no token and lets the request pass as anonymous".to_owned(),
        (VerdictWord::Undetermined, _) => undetermined(verdict),
    };
    let painted = match word {
        VerdictWord::Verified => style.success(word.name()),
        VerdictWord::Refused | VerdictWord::NoToken => style.error(word.name()),
        VerdictWord::Undetermined => style.warning(word.name()),
    };
    writeln!(out, "{painted}: {}", plain(&headline))?;
    if let Some(cause) = verdict.cause().filter(|_| word != VerdictWord::Verified) {
        diagnosis(out, &cause, style)?;
    }
    if let Some(rule) = &verdict.rule {
        writeln!(out, "  {} {}", style.note("rule  "), plain(&rule.to_string()))?;
    }
    if verdict.judge == Judge::Standards {
        further(out, verdict, 1, style)?;
    }
    for name in verdict.unchecked() {
        let flag = if name == "iss" { "give `--iss`" } else { "give `--aud`" };
        writeln!(out, "  {} `{name}` was not compared with anything: {flag}", style.warning("note  "))?;
    }
    for note in &verdict.notes {
        writeln!(out, "  {} {}", style.note("note  "), plain(note))?;
    }
    differences(out, verdict, style)
}

fn by_standards(verdict: &TokenVerdict) -> String {
    let algorithm = verdict.strict.as_ref().and_then(StrictVerification::algorithm).map_or("", crate::jose::Algorithm::name);
    let who = principal(verdict).map(|principal| format!(", {principal}")).unwrap_or_default();
    format!("signed with {algorithm} by key {}{who}", verdict.key().unwrap_or_default())
}

fn by_proxy(verdict: &TokenVerdict) -> String {
    let principal = match verdict.envoy.as_ref().map(|answer| &answer.outcome) {
        Some(AuthenticationOutcome::Passed { principal: Some(principal), .. }) => {
            format!("request.auth.principal is {}", text(principal))
        }
        _ => "without a principal, because `iss` and `sub` are not both there".to_owned(),
    };
    format!("the proxy accepts the token, {principal}")
}

fn principal(verdict: &TokenVerdict) -> Option<String> {
    let claims = verdict.strict.as_ref()?.claims()?;
    Some(format!("principal {}", text(&format!("{}/{}", claims.text("iss")?, claims.text("sub")?))))
}

fn envoy_refusal(verdict: &TokenVerdict) -> Option<String> {
    match &verdict.envoy.as_ref()?.outcome {
        AuthenticationOutcome::Rejected { status, .. } => Some(format!("{} {}", status.http_status(), status.text())),
        AuthenticationOutcome::Passed { .. } | AuthenticationOutcome::Undetermined { .. } => None,
    }
}

fn undetermined(verdict: &TokenVerdict) -> String {
    match verdict.envoy.as_ref().map(|answer| &answer.outcome) {
        Some(AuthenticationOutcome::Undetermined { missing }) => {
            format!("it depends on the keys of `{missing}`: give them with `--jwks {missing}=FILE`")
        }
        _ => "it depends on keys that were not given".to_owned(),
    }
}

fn diagnosis(out: &mut dyn Write, cause: &Diagnosis, style: Style) -> io::Result<()> {
    for (name, value) in [
        ("cause ", format!("{}: {}", cause.cause, cause.message)),
        ("field ", cause.field.clone()),
        ("wanted", cause.wanted.clone()),
        ("seen  ", cause.seen.clone()),
        ("fix   ", cause.fix.clone()),
    ] {
        if !value.is_empty() {
            writeln!(out, "  {} {}", style.note(name), plain(&value))?;
        }
    }
    Ok(())
}

/// The other reasons of a strict refusal.
fn further(out: &mut dyn Write, verdict: &TokenVerdict, skip: usize, style: Style) -> io::Result<()> {
    for refusal in verdict.strict.iter().flat_map(|strict| &strict.refusals).skip(skip) {
        let Diagnosis { field, wanted, seen, message, .. } = refusal.diagnosis();
        writeln!(out, "  {} {}", style.note("also  "), plain(&format!("{message} (`{field}`: wanted {wanted}, seen {seen})")))?;
    }
    Ok(())
}

/// What the other judge says, when it says something else.
fn differences(out: &mut dyn Write, verdict: &TokenVerdict, style: Style) -> io::Result<()> {
    if !verdict.differ() {
        return Ok(());
    }
    let envoy_accepts = verdict.envoy_word() == VerdictWord::Verified;
    match (verdict.judge, envoy_accepts) {
        (Judge::Standards, true) => {
            writeln!(out, "\n{} a proxy with such a rule accepts this token", style.warning("Envoy differs:"))?;
            why_envoy_accepts(out, verdict)
        }
        (Judge::Standards, false) => {
            writeln!(
                out,
                "\n{} a proxy with such a rule answers {}",
                style.warning("Envoy differs:"),
                envoy_refusal(verdict).unwrap_or_default()
            )?;
            verdict
                .envoy
                .as_ref()
                .and_then(|answer| answer.diagnosis.as_ref())
                .map_or(Ok(()), |cause| diagnosis(out, cause, style))
        }
        (Judge::Proxy, true) => {
            writeln!(out, "\n{} a verifier by the standards (RFC 8725) refuses this token", style.warning("strictly refused:"))?;
            if let Some(cause) = verdict.strict.as_ref().and_then(|strict| strict.refusals.first()) {
                diagnosis(out, &cause.diagnosis(), style)?;
            }
            further(out, verdict, 1, style)?;
            why_envoy_accepts(out, verdict)
        }
        (Judge::Proxy, false) => {
            writeln!(out, "\n{} a verifier by the standards (RFC 8725) accepts this token", style.warning("strictly verified:"))
        }
    }
}

fn why_envoy_accepts(out: &mut dyn Write, verdict: &TokenVerdict) -> io::Result<()> {
    let mut views: Vec<&str> = Vec::new();
    for view in verdict.strict.iter().flat_map(|strict| &strict.refusals).filter_map(crate::jose::Refusal::envoy_view) {
        if !views.contains(&view) {
            views.push(view);
            writeln!(out, "  {view}")?;
        }
    }
    Ok(())
}

/// Writes a verdict as JSON.
///
/// # Errors
/// When the writer fails.
pub fn token_verdict_json(out: &mut dyn Write, verdict: &TokenVerdict) -> io::Result<()> {
    let judge = match verdict.judge {
        Judge::Standards => "strict",
        Judge::Proxy => "envoy",
    };
    let part = |value: Option<&ExactJson>| value.cloned().unwrap_or(ExactJson::Null);
    let strict = verdict.strict.as_ref();
    let value = object([
        ("schema", "meshsec.token-verification/v1".into()),
        ("verdict", verdict.word().name().into()),
        ("verified", (verdict.word() == VerdictWord::Verified).into()),
        ("judge", judge.into()),
        (
            "cause",
            verdict.cause().filter(|_| verdict.word() != VerdictWord::Verified).map(|cause| diagnosis_value(&cause)).into(),
        ),
        ("strict", strict.map(|strict| strict_value(verdict, strict)).into()),
        ("envoy", verdict.envoy.as_ref().map(|answer| envoy_value(verdict, answer)).into()),
        ("differ", verdict.differ().into()),
        ("header", part(strict.and_then(StrictVerification::header))),
        ("claims", part(strict.and_then(StrictVerification::claims))),
        ("notChecked", verdict.unchecked().into_iter().collect()),
        ("notes", verdict.notes.iter().map(String::as_str).collect()),
    ]);
    exact_json(out, &value)
}

fn diagnosis_value(cause: &Diagnosis) -> ExactJson {
    object([
        ("cause", cause.cause.name().into()),
        ("field", cause.field.as_str().into()),
        ("wanted", cause.wanted.as_str().into()),
        ("seen", cause.seen.as_str().into()),
        ("message", cause.message.as_str().into()),
        ("fix", cause.fix.as_str().into()),
    ])
}

fn strict_value(verdict: &TokenVerdict, strict: &StrictVerification) -> ExactJson {
    let key = strict.key.and_then(|index| verdict.keys.as_ref()?.keys().get(index)).map(|key| {
        let jwk = key.jwk();
        object([("kid", jwk.key_id().into()), ("kty", jwk.key_type().into()), ("description", jwk.description().into())])
    });
    object([
        ("verified", strict.is_verified().into()),
        ("signatureVerified", strict.key.is_some().into()),
        ("algorithm", strict.algorithm().map(crate::jose::Algorithm::name).into()),
        ("key", key.into()),
        ("refusals", strict.refusals.iter().map(|refusal| diagnosis_value(&refusal.diagnosis())).collect()),
    ])
}

fn envoy_value(verdict: &TokenVerdict, answer: &TokenAnswer) -> ExactJson {
    let accepted = match verdict.envoy_word() {
        VerdictWord::Verified => ExactJson::Bool(true),
        VerdictWord::Refused | VerdictWord::NoToken => ExactJson::Bool(false),
        VerdictWord::Undetermined => ExactJson::Null,
    };
    let (status, message, challenge) = match &answer.outcome {
        AuthenticationOutcome::Rejected { status, www_authenticate, .. } => {
            (Some(i64::from(status.http_status())), Some(status.text()), Some(www_authenticate.as_str()))
        }
        AuthenticationOutcome::Passed { .. } | AuthenticationOutcome::Undetermined { .. } => (None, None, None),
    };
    let principal = match &answer.outcome {
        AuthenticationOutcome::Passed { principal, .. } => principal.clone(),
        AuthenticationOutcome::Rejected { .. } | AuthenticationOutcome::Undetermined { .. } => None,
    };
    let rule = verdict.rule.as_ref().map(|rule| {
        object([
            ("policy", rule.policy.as_str().into()),
            ("rule", rule.rule.into()),
            ("file", rule.position.as_ref().map(|position| position.file.to_string()).into()),
            ("line", rule.position.as_ref().map(|position| i64::from(position.line)).into()),
            ("column", rule.position.as_ref().map(|position| i64::from(position.column)).into()),
        ])
    });
    object([
        ("outcome", verdict.envoy_word().name().into()),
        ("accepted", accepted),
        ("httpStatus", status.into()),
        ("message", message.into()),
        ("wwwAuthenticate", challenge.into()),
        ("principal", principal.into()),
        ("decidedBy", rule.into()),
        ("cause", answer.diagnosis.as_ref().map(diagnosis_value).into()),
        ("attempts", answer.attempts.iter().map(ToString::to_string).collect()),
    ])
}
