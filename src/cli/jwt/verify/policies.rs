//! Verification by RequestAuthentications: `--request-auth`.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::jwt::verify::VerifyArgs;
use crate::cli::jwt::verify::given::key_notes;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::manifests::read_text;
use crate::diag::SourceMap;
use crate::diag::Spanned;
use crate::jose::ClaimRefusal;
use crate::jose::Rules;
use crate::jose::StrictVerification;
use crate::jose::UNREACHABLE_KEYS;
use crate::jose::VerificationKeys;
use crate::manifest::kinds::JwtRule;
use crate::mesh::Mesh;
use crate::render::Judge;
use crate::render::RulePlace;
use crate::render::TokenVerdict;
use crate::simulate::KeySets;
use crate::simulate::KeySource;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::Origin;
use crate::simulate::token_check::TokenCheck;

/// Key sets that were given, as text: for a `jwksUri` or issuer, or for every rule.
#[derive(Default)]
struct GivenSets {
    named: BTreeMap<String, String>,
    every: Option<String>,
}

impl VerifyArgs {
    /// Judged by the proxy, or by the standards with `--strict`; always both.
    pub(super) fn by_policies(
        &self,
        token: Option<&str>,
        mut message: Message,
        now: Timestamp,
        env: &mut Env<'_>,
    ) -> Result<TokenVerdict, Error> {
        let manifests = ManifestArgs::of_files(self.request_auth.clone(), self.namespace.clone(), self.assume_admitted);
        let Loaded { mesh, sources, .. } = manifests.load(env)?;
        let policies = self.policies(&mesh)?;
        let sets = self.given_sets()?;
        let rules = rules_of(&mesh, &policies);
        let check = TokenCheck::of_policies(&mesh, &policies, &sets.for_rules(&rules)).map_err(|error| {
            let place = place(&mesh, &sources, error.origin);
            Error::question(
                format!("the proxy refuses the whole listener because of {place}: {error}"),
                "correct the key set: a JSON object with a `keys` list that holds a usable key".to_owned(),
            )
        })?;
        let mut notes = Vec::new();
        if policies.len() > 1 && self.workload.is_none() {
            notes.push(format!(
                "{} RequestAuthentications are taken to apply together; narrow with --policy or --workload",
                policies.len()
            ));
        }
        if let Some(token) = token
            && !carries(&message, token)
            && let Some(location) = check.place(token, &mut message)
        {
            notes.push(format!("the token is sent in {location}, where the rule looks"));
        }
        let answer = check.answer(&message, now);
        let text = token.map(str::to_owned).or_else(|| check.first_token(&message));
        let strict = text.as_deref().and_then(|text| self.strictly(text, &rules, &sets, now, &mut notes));
        let rule = answer.rule.map(|origin| place(&mesh, &sources, origin));
        let (strict, keys) = strict.map_or((None, None), |(strict, keys)| (Some(strict), keys));
        let mut verdict = TokenVerdict::new(self.judge(), strict, keys, Some(answer)).with_notes(notes);
        verdict.rule = rule;
        if verdict.strict.is_none() && self.judge() == Judge::Standards && text.is_some() {
            verdict.notes.push("the keys of the rule were not given: name them with `--jwks`".to_owned());
        }
        Ok(verdict)
    }

    /// Indexes of the policies that are asked.
    fn policies(&self, mesh: &Mesh) -> Result<Vec<usize>, Error> {
        let all = &mesh.request_authentications;
        if all.is_empty() {
            return Err(Error::question("the manifests hold no RequestAuthentication", "name the file that does".to_owned()));
        }
        if let Some(name) = &self.workload {
            let workload = mesh.workloads.iter().find(|workload| format!("{}/{}", workload.namespace, workload.name) == *name);
            let workload = workload.ok_or_else(|| {
                Error::question(format!("the manifests hold no workload `{name}`"), "write it as NAMESPACE/NAME".to_owned())
            })?;
            let mut applied: Vec<usize> = mesh.jwt_rules(workload).iter().map(|rule| rule.policy).collect();
            applied.sort_unstable();
            applied.dedup();
            if applied.is_empty() {
                return Err(Error::question(
                    format!("no RequestAuthentication applies to `{name}`: its tokens are not looked at"),
                    "`meshsec simulate request --explain` says why each does not".to_owned(),
                ));
            }
            return Ok(applied);
        }
        let is_wanted = |index: &usize| {
            let id = all.get(*index).map(|policy| format!("{}/{}", policy.id.namespace, policy.id.name));
            self.policy.is_none() || self.policy == id
        };
        let found: Vec<usize> = (0..all.len()).filter(is_wanted).collect();
        if found.is_empty() {
            let names: Vec<String> = all.iter().map(|policy| format!("`{}/{}`", policy.id.namespace, policy.id.name)).collect();
            return Err(Error::question(
                format!("the manifests hold no RequestAuthentication `{}`", self.policy.as_deref().unwrap_or_default()),
                format!("there are {}", names.join(", ")),
            ));
        }
        Ok(found)
    }

    fn given_sets(&self) -> Result<GivenSets, Error> {
        let mut sets = GivenSets::default();
        for argument in &self.jwks {
            let (target, file) = match argument.rsplit_once('=') {
                Some((target, file)) if !Path::new(argument).exists() => (Some(target), file),
                _ => (None, argument.as_str()),
            };
            let text = if file == "unreachable" { UNREACHABLE_KEYS.to_owned() } else { read_text(file)? };
            match target {
                Some(target) => {
                    sets.named.insert(target.to_owned(), text);
                }
                None => sets.every = Some(text),
            }
        }
        Ok(sets)
    }

    /// What the standards say: the rule whose issuer the token names, its keys and its audiences.
    fn strictly(
        &self,
        token: &str,
        rules: &[&JwtRule],
        sets: &GivenSets,
        now: Timestamp,
        notes: &mut Vec<String>,
    ) -> Option<(StrictVerification, Option<VerificationKeys>)> {
        let read = VerificationKeys::default().verify(token, &Rules::default(), now);
        let issuer = read.claims().and_then(|claims| claims.text("iss")).map(str::to_owned);
        let named = rules.iter().find(|rule| Some(rule.issuer.as_str()) == issuer.as_deref());
        let rule = named.or_else(|| rules.iter().find(|rule| rule.issuer.as_str().is_empty()));
        let Some(rule) = rule else {
            let refusals = match (issuer, read.claims()) {
                (Some(seen), _) => {
                    let wanted = rules.iter().map(|rule| rule.issuer.value.clone()).collect();
                    vec![ClaimRefusal::Issuer { wanted, seen }.into()]
                }
                (None, Some(_)) => vec![ClaimRefusal::Missing { claim: "iss" }.into()],
                (None, None) => read.refusals,
            };
            // Whose token it may be is asked of the rules.
            return Some((StrictVerification { refusals, unchecked: Vec::new(), ..read }, None));
        };
        let text = sets.text_of(rule)?;
        let keys = match VerificationKeys::from_jwks(text.as_bytes()) {
            Ok(keys) => keys,
            Err(error) => {
                notes.push(format!("by the standards the rule has no key set: {error}"));
                return None;
            }
        };
        notes.extend(key_notes(&keys));
        let own = self.rules();
        let audiences = rule.audiences.iter().map(|audience| audience.value.clone()).chain(own.audiences).collect();
        let issuers = if rule.issuer.as_str().is_empty() { own.issuers } else { vec![rule.issuer.value.clone()] };
        let strict = keys.verify(token, &Rules { issuers, audiences, ..self.rules() }, now);
        Some((strict, Some(keys)))
    }
}

impl GivenSets {
    /// The set of a rule: inline wins, as istiod has it.
    fn text_of<'t>(&'t self, rule: &'t JwtRule) -> Option<&'t str> {
        if let Some(inline) = rule.jwks.as_ref().filter(|jwks| !jwks.value.is_empty()) {
            return Some(&inline.value);
        }
        let uri = rule.jwks_uri.as_ref().map_or("", Spanned::as_str);
        let named = self.named.get(uri).or_else(|| self.named.get(rule.issuer.as_str()));
        named.or(self.every.as_ref()).map(String::as_str)
    }

    /// The same as the simulator takes them.
    fn for_rules(&self, rules: &[&JwtRule]) -> KeySets {
        let mut keys = KeySets::new();
        let source = |text: &str| if text == UNREACHABLE_KEYS { KeySource::Unreachable } else { KeySource::from_text(text) };
        for rule in rules {
            let uri = rule.jwks_uri.as_ref().map_or("", Spanned::as_str);
            let target = if uri.is_empty() { rule.issuer.as_str() } else { uri };
            if let Some(text) = self.text_of(rule) {
                keys.insert(target.to_owned(), source(text));
            }
        }
        keys
    }
}

/// Whether the user wrote the token into the request already: it is then sent so, and nowhere else.
fn carries(message: &Message, token: &str) -> bool {
    let is_in = |text: &str| !token.is_empty() && text.contains(token);
    message.path.as_deref().is_some_and(is_in) || message.headers.iter().any(|(_, value)| is_in(value))
}

fn rules_of<'m>(mesh: &'m Mesh, policies: &[usize]) -> Vec<&'m JwtRule> {
    let policies = policies.iter().filter_map(|index| mesh.request_authentications.get(*index));
    policies.flat_map(|policy| &policy.spec.jwt_rules).collect()
}

/// The rule in words, with its place in the files.
fn place(mesh: &Mesh, sources: &SourceMap, origin: Origin) -> RulePlace {
    let policy = mesh.request_authentications.get(origin.policy);
    let rule = policy.and_then(|policy| policy.spec.jwt_rules.get(origin.rule));
    RulePlace {
        policy: policy.map(|policy| format!("{}/{}", policy.id.namespace, policy.id.name)).unwrap_or_default(),
        rule: origin.rule,
        position: rule.map(|rule| sources.position(rule.place.span)),
    }
}
