//! One comparison: the same requests over the same kind of connection on both sides.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use biodivine_lib_bdd::Bdd;

use crate::analysis::describe;
use crate::analysis::diff::Comparison;
use crate::analysis::diff::side_by_side;
use crate::analysis::enforced::Enforced;
use crate::analysis::enforced::SetId;
use crate::analysis::outcome::Answer;
use crate::analysis::outcome::Change;
use crate::analysis::outcome::Diff;
use crate::analysis::outcome::Inexact;
use crate::analysis::outcome::WorkloadPort;
use crate::analysis::reach::Reach;
use crate::analysis::reach::Transport;
use crate::analysis::space::boxes;
use crate::analysis::token::Tokens;
use crate::analysis::variables;
use crate::analysis::variables::Obstacle;
use crate::analysis::variables::Peers;
use crate::analysis::variables::Variables;
use crate::analysis::verdicts::Filters;
use crate::analysis::verdicts::Verdicts;
use crate::analysis::witness;
use crate::analysis::witness::Courtroom;
use crate::policy::ChainKind;
use crate::policy::Engines;
use crate::simulate::Verdict;
use crate::simulate::connection::ApplicationProtocol;

/// So many forms of requests are told for one comparison.
const BOX_LIMIT: usize = 48;
/// So many requests are tried to show one of them.
const TRIES: usize = 8;

/// Everything that decides how a comparison comes out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::analysis) struct UnitKey {
    pub(in crate::analysis) transport: Transport,
    pub(in crate::analysis) protocol: ApplicationProtocol,
    pub(in crate::analysis) reach: [Reach; 2],
    pub(in crate::analysis) policies: [SetId; 2],
    pub(in crate::analysis) rules: [SetId; 2],
    /// The port on each side where some policy names it, otherwise zero.
    pub(in crate::analysis) ports: [u16; 2],
    /// The workload's address on each side, where it is known and some policy looks at it.
    pub(in crate::analysis) addresses: [Option<IpAddr>; 2],
    pub(in crate::analysis) is_gateway: bool,
}

/// A comparison and all workload ports that it speaks for.
#[derive(Debug)]
pub(in crate::analysis) struct Unit {
    pub(in crate::analysis) key: UnitKey,
    pub(in crate::analysis) ports: Vec<WorkloadPort>,
}

/// Finds what differs and tells it, with a witness each.
pub(in crate::analysis) fn compare(
    comparison: &Comparison<'_>,
    tokens: &Tokens,
    unit: &Unit,
    courtroom: &mut Courtroom<'_>,
    diff: &mut Diff,
) {
    let mut note = |why: String| {
        let place = unit.ports.first().map_or_else(String::new, ToString::to_string);
        let more = unit.ports.len().saturating_sub(1);
        let place = if more > 0 { format!("{place} and {more} more") } else { place };
        diff.inexact.push(Inexact { place, why });
    };
    for why in &tokens.unseen {
        note(why.clone());
    }
    for reach in &unit.key.reach {
        if let Reach::Unknown(why) = reach {
            note(why.clone());
            return;
        }
    }
    let [first, second] = &comparison.enforced;
    let sides = side_by_side([first, second], unit.key.policies, Enforced::lowered);
    let [Some(before), Some(after)] = sides else { return };
    if let Some(why) = before.refused.iter().chain(&after.refused).next() {
        note(why.clone());
        return;
    }
    let has_providers = [before, after].iter().any(|lowered| !lowered.http.custom.is_empty() || !lowered.tcp.custom.is_empty());
    let mut court = Court { comparison, tokens, unit, has_providers, changes: Vec::new(), notes: Vec::new() };
    let engines = [before, after].map(|lowered| |chain| lowered.engines(chain));
    if let Err(obstacle) = court.run(&engines, courtroom) {
        note(obstacle.why());
    }
    for why in court.notes {
        note(why);
    }
    diff.changes.extend(court.changes);
}

struct Court<'c, 'm> {
    comparison: &'c Comparison<'m>,
    tokens: &'c Tokens,
    unit: &'c Unit,
    /// A CUSTOM policy is at work.
    has_providers: bool,
    changes: Vec<Change>,
    notes: Vec<String>,
}

impl<'c> Court<'c, '_> {
    fn run<F: Fn(ChainKind) -> &'c Engines>(&mut self, engines: &[F; 2], courtroom: &mut Courtroom<'_>) -> Result<(), Obstacle> {
        let key = &self.unit.key;
        let filtered = |reach: &Reach, of: &F| match reach {
            Reach::Filtered { chain, .. } => Some((*chain, of(*chain))),
            Reach::Ends(_) | Reach::Unknown(_) | Reach::Unguarded => None,
        };
        let sides: Vec<Option<(ChainKind, &Engines)>> =
            key.reach.iter().zip(engines).map(|(reach, of)| filtered(reach, of)).collect();
        let own: Vec<&Engines> = sides.iter().flatten().map(|(_, engines)| *engines).collect();
        let settings = &self.comparison.meshes[0].settings;
        let is_http = sides.iter().flatten().any(|(chain, _)| *chain == ChainKind::Http);
        let nothing = Tokens::none();
        let tokens = if is_http { self.tokens } else { &nothing };
        let question = variables::Question {
            cuts: &self.comparison.cuts,
            engines: &own,
            tokens,
            peers: self.peers(),
            is_gateway: key.is_gateway,
            has_tls: key.transport != Transport::Plaintext,
            remote_is_source: !is_http || (key.is_gateway && settings.num_trusted_proxies == 0),
            normalization: settings.path_normalization,
        };
        let variables = Variables::new(&question)?;
        let mut verdicts = Vec::with_capacity(2);
        for (side, own) in sides.iter().enumerate() {
            verdicts.push(self.verdicts(&variables, tokens, side, *own)?);
        }
        let [before, after] = verdicts.as_slice() else { return Ok(()) };
        for (old, was) in before {
            for (new, is) in after {
                if old == new {
                    continue;
                }
                let both = variables.space.and(was, is)?;
                let both = variables.space.and(&both, &variables.possible)?;
                self.tell(&variables, tokens, &both, [*old, *new], courtroom);
            }
        }
        Ok(())
    }

    /// The namespace whose part of the mesh answers as the whole does: who is named by an identity needs nothing else, unless a provider may
    /// stand elsewhere, or a gateway's servers.
    fn nearby(&self) -> Option<&'c str> {
        let is_own = matches!(self.unit.key.transport, Transport::Own(..));
        let port = self.unit.ports.first().filter(|_| !is_own && !self.has_providers && !self.unit.key.is_gateway);
        port.map(|port| port.namespace.as_str())
    }

    fn peers(&self) -> Peers {
        match &self.unit.key.transport {
            Transport::Plaintext | Transport::OneWay(_) => Peers::Nobody,
            Transport::Mesh(domains) => Peers::Everyone(domains.clone()),
            Transport::Own(group, ..) => {
                let members = self.comparison.groups.get(*group).map_or(&[][..], |group| group.members.as_slice());
                Peers::Only(members.iter().map(|(_, name)| name.clone()).collect())
            }
        }
    }

    fn verdicts(
        &self,
        variables: &Variables,
        tokens: &Tokens,
        side: usize,
        engines: Option<(ChainKind, &Engines)>,
    ) -> Result<Verdicts, Obstacle> {
        let key = &self.unit.key;
        let all = |verdict| Ok(BTreeMap::from([(verdict, variables.space.all())]));
        match (key.reach.get(side), engines) {
            (Some(Reach::Ends(verdict)), _) => all(*verdict),
            (Some(Reach::Unguarded), _) => all(Verdict::Allowed),
            (Some(Reach::Filtered { chain, sees_peer, sni, then }), Some((_, engines))) => {
                // Who comes by itself may ask for any server name.
                let is_free = matches!(key.transport, Transport::Mesh(_));
                let filters = Filters {
                    variables,
                    tokens,
                    side,
                    port: key.ports.get(side).copied().unwrap_or_default(),
                    sees_peer: *sees_peer,
                    sni: (!is_free).then_some(sni.as_str()),
                    destination_ip: key.addresses.get(side).copied().flatten(),
                    is_http: *chain == ChainKind::Http,
                };
                let mut verdicts = filters.verdicts(engines)?;
                if let Some(then) = then
                    && let Some(allowed) = verdicts.remove(&Verdict::Allowed)
                {
                    verdicts.insert(*then, allowed);
                }
                Ok(verdicts)
            }
            (Some(Reach::Filtered { .. } | Reach::Unknown(_)) | None, _) => all(Verdict::Undetermined),
        }
    }

    /// Every form of these requests, with a witness.
    fn tell(
        &mut self,
        variables: &Variables,
        tokens: &Tokens,
        requests: &Bdd,
        verdicts: [Verdict; 2],
        courtroom: &mut Courtroom<'_>,
    ) {
        let (forms, is_complete) = boxes::boxes(&variables.space, requests, BOX_LIMIT);
        if !is_complete {
            self.notes.push(format!(
                "more than {BOX_LIMIT} forms of requests go from {} to {}: only these are told",
                verdicts[0], verdicts[1]
            ));
        }
        let speaker = describe::Speaker {
            variables,
            tokens,
            unit: self.unit,
            groups: &self.comparison.groups,
            accounts: &self.comparison.accounts,
            class_of_names: OnceCell::new(),
        };
        for form in forms {
            let (callers, requests) = speaker.describe(&form);
            let confirmed = (0..TRIES).find_map(|number| {
                let scenario = witness::scenario(&speaker, &form, number)?;
                courtroom.hear(scenario, verdicts, self.nearby())
            });
            match confirmed {
                Some((decisions, witness)) => {
                    let [before, after] = decisions.map(|decision| Answer::from(&*decision));
                    self.changes.push(Change { callers, ports: self.unit.ports.clone(), requests, before, after, witness });
                }
                None => self.notes.push(format!(
                    "{} from {callers} should go from {} to {}, and no request was found that shows it",
                    requests.text, verdicts[0], verdicts[1]
                )),
            }
        }
    }
}
