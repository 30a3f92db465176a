//! What rules know of a caller, and what it does to them when that comes or goes.

use crate::apply::order::effect::Effect;
use crate::apply::order::effect::Policies;
use crate::apply::order::effect::What;
use crate::apply::order::effect::rules;
use crate::apply::order::overlap::Requests;
use crate::apply::order::scope::Scope;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::Rule;

/// Something a rule may ask for that another object provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    /// The claims of a token.
    Claims,
    /// The identity at the other end of mutual TLS.
    Peer,
}

/// How rules stand to a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// They match only with it.
    For,
    /// They may match only without it, or with another one.
    Against,
}

/// Whether a rule asks for a fact, either way.
pub(super) fn needs(rule: &Rule, fact: Fact) -> bool {
    stands(rule, fact, Stand::For) || stands(rule, fact, Stand::Against)
}

fn stands(rule: &Rule, fact: Fact, stand: Stand) -> bool {
    let is_for = stand == Stand::For;
    let from = rule.from.iter().flatten().any(|source| {
        let lists = match (fact, is_for) {
            (Fact::Claims, true) => vec![&source.request_principals],
            (Fact::Claims, false) => vec![&source.not_request_principals],
            (Fact::Peer, true) => vec![&source.principals, &source.namespaces, &source.service_accounts, &source.trust_domains],
            (Fact::Peer, false) => {
                vec![&source.not_principals, &source.not_namespaces, &source.not_service_accounts, &source.not_trust_domains]
            }
        };
        lists.iter().any(|list| !list.is_empty())
    });
    from || rule.when.iter().any(|condition| {
        let key = condition.key.as_str();
        let is_about = match fact {
            Fact::Claims => key.starts_with("request.auth."),
            Fact::Peer => key.starts_with("source.") && !key.starts_with("source.ip"),
        };
        is_about && !if is_for { &condition.values } else { &condition.not_values }.is_empty()
    })
}

/// A fact becomes known. What matched before without it is what stood before; what refuses afterwards is what stands after.
pub(super) fn appears(scope: &Scope, fact: Fact, policies: &Policies<'_>, effects: &mut Vec<Effect>) {
    turn(scope, fact, (Stand::For, Stand::Against), policies, effects);
}

/// A fact is known no more.
pub(super) fn vanishes(scope: &Scope, fact: Fact, policies: &Policies<'_>, effects: &mut Vec<Effect>) {
    turn(scope, fact, (Stand::Against, Stand::For), policies, effects);
}

/// Rules that stand in the first way match more, those in the second less.
fn turn(scope: &Scope, fact: Fact, (more, less): (Stand, Stand), policies: &Policies<'_>, effects: &mut Vec<Effect>) {
    for standing in policies.around(scope) {
        let mut tell = |side: &Option<(Scope, &AuthorizationPolicy)>,
                        stand: Stand,
                        of_allow: Option<fn(Requests) -> What>,
                        of_deny: Option<fn(Requests) -> What>| {
            let Some((own, policy)) = side else { return };
            let make = if policy.action.value == Action::Allow { of_allow } else { of_deny };
            let Some(make) = make.filter(|_| own.overlaps(scope)) else { return };
            let concerned: Vec<Rule> = rules(policy).into_iter().filter(|rule| stands(rule, fact, stand)).collect();
            if !concerned.is_empty() {
                // Where both meet is not said more narrowly than where the rule applies.
                effects.push(Effect::by_fact(own, make(Requests::Matching(concerned))));
            }
        };
        // A rule that comes with this very change opens nothing before it is there, and then its own step counts.
        tell(&standing.before, more, Some(What::AllowMore), None);
        tell(&standing.before, less, None, Some(What::DenyLess));
        tell(&standing.after, more, None, Some(What::DenyMore));
        tell(&standing.after, less, Some(What::AllowLess), None);
    }
}
