//! Verdicts as functions of requests: the filters of one side, in the order of the proxy, over the variables of both.

use std::collections::BTreeMap;
use std::net::IpAddr;

use biodivine_lib_bdd::Bdd;

use crate::analysis::slot;
use crate::analysis::slot::Place;
use crate::analysis::slot::Slot;
use crate::analysis::space::blocks;
use crate::analysis::token::Reception;
use crate::analysis::token::Tokens;
use crate::analysis::variables::Obstacle;
use crate::analysis::variables::Variables;
use crate::policy::Attribute;
use crate::policy::CustomOutcome;
use crate::policy::Engine;
use crate::policy::EngineRule;
use crate::policy::Engines;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::Value;
use crate::simulate::Verdict;

/// One side's filters, and what is settled about the requests that reach them.
#[derive(Debug, Clone, Copy)]
pub(in crate::analysis) struct Filters<'f> {
    pub(in crate::analysis) variables: &'f Variables,
    pub(in crate::analysis) tokens: &'f Tokens,
    /// Which of the two outcomes of a token is this side's.
    pub(in crate::analysis) side: usize,
    pub(in crate::analysis) port: u16,
    /// The caller's certificate is seen.
    pub(in crate::analysis) sees_peer: bool,
    /// The server name, when the connection settles it.
    pub(in crate::analysis) sni: Option<&'f str>,
    /// The address that is called, when the manifests know it.
    pub(in crate::analysis) destination_ip: Option<IpAddr>,
    pub(in crate::analysis) is_http: bool,
}

/// Requests by verdict; together they are all requests, and no two have one in common.
pub(in crate::analysis) type Verdicts = BTreeMap<Verdict, Bdd>;

impl Filters<'_> {
    /// What becomes of every request.
    pub(in crate::analysis) fn verdicts(&self, engines: &Engines) -> Result<Verdicts, Obstacle> {
        let space = &self.variables.space;
        // CUSTOM comes before the token is looked at: no rule sees claims there.
        let refused_by_provider = self.custom(engines)?;
        let bad_token = if self.is_http { self.kinds(Reception::Refused) } else { space.none() };
        let denied = self.any_rule(engines.deny.as_ref(), true)?;
        let mut kept_out = match &engines.allow {
            None => denied,
            Some(allow) => {
                let allowed = self.engine(allow, true)?;
                space.or(&denied, &allowed.not())?
            }
        };
        kept_out = space.and_not(&kept_out, &bad_token)?;
        let denied = space.or(&refused_by_provider, &kept_out)?;
        let unauthenticated = space.and_not(&bad_token, &refused_by_provider)?;
        let allowed = space.and_not(&denied.not(), &unauthenticated)?;
        Ok(BTreeMap::from([(Verdict::Allowed, allowed), (Verdict::Denied, denied), (Verdict::Unauthenticated, unauthenticated)]))
    }

    fn custom(&self, engines: &Engines) -> Result<Bdd, Obstacle> {
        let space = &self.variables.space;
        let mut refused = space.none();
        for custom in &engines.custom {
            let mut matched = self.engine(&custom.engine, false)?;
            if custom.outcome == CustomOutcome::Ask {
                let number = self.variables.providers.iter().position(|provider| *provider == custom.provider);
                let approved = match (self.variables.of(&Slot::Providers), number) {
                    (Some(variable), Some(number)) => space.flag(variable.domain, number),
                    _ => space.none(),
                };
                matched = space.and_not(&matched, &approved)?;
                matched = space.or(&matched, &self.engine(&custom.dry_run, false)?)?;
            }
            refused = space.or(&refused, &matched)?;
        }
        Ok(refused)
    }

    fn any_rule(&self, engine: Option<&Engine>, with_claims: bool) -> Result<Bdd, Obstacle> {
        engine.map_or_else(|| Ok(self.variables.space.none()), |engine| self.engine(engine, with_claims))
    }

    /// Requests that some rule matches. Halves are joined, so that no diagram is copied more often than it has to be.
    fn engine(&self, engine: &Engine, with_claims: bool) -> Result<Bdd, Obstacle> {
        let mut sets = engine.rules.iter().map(|rule| self.rule(rule, with_claims)).collect::<Result<Vec<_>, _>>()?;
        while sets.len() > 1 {
            sets = sets
                .chunks(2)
                .map(|pair| match pair {
                    [one, other] => Ok(self.variables.space.or(one, other)?),
                    pair => Ok(pair.first().cloned().unwrap_or_else(|| self.variables.space.none())),
                })
                .collect::<Result<_, Obstacle>>()?;
        }
        Ok(sets.pop().unwrap_or_else(|| self.variables.space.none()))
    }

    fn rule(&self, rule: &EngineRule, with_claims: bool) -> Result<Bdd, Obstacle> {
        let from = self.side(&rule.from, with_claims)?;
        let to = self.side(&rule.to, with_claims)?;
        Ok(self.variables.space.and(&from, &to)?)
    }

    fn side(&self, entries: &[Entry], with_claims: bool) -> Result<Bdd, Obstacle> {
        let space = &self.variables.space;
        let mut any = space.none();
        for entry in entries {
            let mut all = space.all();
            for test in &entry.tests {
                all = space.and(&all, &self.test(test, with_claims)?)?;
            }
            any = space.or(&any, &all)?;
        }
        Ok(any)
    }

    fn test(&self, test: &Test, with_claims: bool) -> Result<Bdd, Obstacle> {
        let space = &self.variables.space;
        let wanted = if test.values.is_empty() { space.all() } else { self.values(&test.attribute, &test.values, with_claims)? };
        if test.not_values.is_empty() {
            return Ok(wanted);
        }
        Ok(space.and_not(&wanted, &self.values(&test.attribute, &test.not_values, with_claims)?)?)
    }

    /// Requests that one of the values matches.
    fn values(&self, attribute: &Attribute, values: &[Value], with_claims: bool) -> Result<Bdd, Obstacle> {
        let space = &self.variables.space;
        let patterns = || values.iter().map(|value| &value.pattern);
        let constant = |holds: bool| if holds { space.all() } else { space.none() };
        let slot = match slot::place(attribute, self.variables.conventions) {
            Place::Port => return Ok(constant(patterns().any(|pattern| *pattern == Pattern::Port(self.port)))),
            Place::Unmodelled(why) => return Err(Obstacle::Unmodelled(why.to_owned())),
            Place::Issuer if with_claims => {
                return Ok(self.issuers(|issuer| patterns().any(|own| self.holds(attribute, own, issuer))));
            }
            Place::Issuer | Place::Nowhere => return Ok(space.none()),
            Place::Slot(slot) => slot,
        };
        match slot {
            Slot::Peer if !self.sees_peer => Ok(space.none()),
            Slot::Sni => match self.sni {
                Some(sni) => Ok(constant(patterns().any(|pattern| self.holds(attribute, pattern, sni)))),
                None => self.variables.matching(attribute, patterns()),
            },
            Slot::DestinationIp if self.destination_ip.is_some() => {
                let covers = |pattern: &Pattern| {
                    let Pattern::Cidr(block, length) = pattern else { return false };
                    self.destination_ip.is_some_and(|address| blocks::holds((*block, *length), address))
                };
                Ok(constant(patterns().any(covers)))
            }
            Slot::Subject | Slot::Claim(_) if !with_claims => Ok(space.none()),
            Slot::Subject if *attribute == Attribute::RequestPrincipal => {
                let mut any = space.none();
                for pattern in patterns() {
                    let Pattern::RequestPrincipal { issuer: wanted, .. } = pattern else { continue };
                    let wanted = Pattern::Text(wanted.clone());
                    let iss = Attribute::Claim(vec!["iss".to_owned()]);
                    let issuers = self.issuers(|issuer| self.holds(&iss, &wanted, issuer));
                    let subject = self.variables.matching(attribute, std::iter::once(pattern))?;
                    any = space.or(&any, &space.and(&issuers, &subject)?)?;
                }
                Ok(any)
            }
            Slot::Subject | Slot::Claim(_) => {
                Ok(space.and(&self.kinds(Reception::Verified), &self.variables.matching(attribute, patterns())?)?)
            }
            Slot::Peer
            | Slot::Token
            | Slot::Providers
            | Slot::Method
            | Slot::Path
            | Slot::Authority
            | Slot::Header(_)
            | Slot::SourceIp
            | Slot::RemoteIp
            | Slot::DestinationIp => self.variables.matching(attribute, patterns()),
        }
    }

    fn holds(&self, attribute: &Attribute, pattern: &Pattern, text: &str) -> bool {
        slot::language(attribute, pattern, self.variables.conventions).holds(text)
    }

    /// Requests with a verified token of one of these issuers.
    fn issuers(&self, is_wanted: impl Fn(&str) -> bool) -> Bdd {
        self.tokens_where(|kind| kind.has(self.side, Reception::Verified) && kind.issuer.as_deref().is_some_and(&is_wanted))
    }

    /// Requests whose token this side receives so.
    fn kinds(&self, reception: Reception) -> Bdd {
        self.tokens_where(|kind| kind.has(self.side, reception))
    }

    fn tokens_where(&self, is_wanted: impl Fn(&crate::analysis::token::Kind) -> bool) -> Bdd {
        let space = &self.variables.space;
        let kinds = self.tokens.kinds();
        let wanted: Vec<usize> = (0..kinds.len()).filter(|at| kinds.get(*at).is_some_and(&is_wanted)).collect();
        match self.variables.of(&Slot::Token) {
            Some(variable) => space.any_of(variable.domain, &wanted),
            None if wanted.contains(&0) => space.all(),
            None => space.none(),
        }
    }
}
