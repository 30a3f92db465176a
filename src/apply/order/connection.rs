//! What a connection shows of its caller while clients and servers turn.
//!
//! A client and a server that both turn have two ways to get there. In between, a connection may be refused that is not before and after, or
//! show its caller in a way that rules see neither before nor after. The order of the two avoids what it can.

use std::marker::PhantomData;

use crate::apply::order::constraint::Strength;
use crate::manifest::kinds::MutualTlsMode;

/// How a client connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::apply) enum Client {
    /// By mutual TLS when the server takes it.
    Auto,
    /// Without showing who it is, be it with TLS or not.
    Plaintext,
    /// By mutual TLS.
    Mutual,
}

/// What one side of a connection can do.
pub(in crate::apply) trait Way: Copy + Eq + 'static {
    /// All of it.
    const ALL: [Self; 3];
}

impl Way for Client {
    const ALL: [Self; 3] = [Self::Auto, Self::Plaintext, Self::Mutual];
}

impl Way for MutualTlsMode {
    const ALL: [Self; 3] = [Self::Permissive, Self::Strict, Self::Disable];
}

/// A set of turns from one way to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::apply) struct Turns<W> {
    /// One bit for each pair of ways.
    bits: u16,
    of: PhantomData<W>,
}

impl<W> Default for Turns<W> {
    fn default() -> Self {
        Self { bits: 0, of: PhantomData }
    }
}

impl<W: Way> Turns<W> {
    /// One turn; none when nothing turns.
    pub(super) fn new(from: W, to: W) -> Self {
        let index = |way: W| W::ALL.iter().position(|other| *other == way);
        let bit = index(from).zip(index(to)).filter(|_| from != to).map(|(from, to)| 1 << (3 * from + to));
        Self { bits: bit.unwrap_or_default(), of: PhantomData }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits, of: PhantomData }
    }

    pub(super) fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (W, W)> {
        let pairs = W::ALL.into_iter().flat_map(|from| W::ALL.into_iter().map(move |to| (from, to)));
        pairs.enumerate().filter(move |(index, _)| self.bits >> index & 1 == 1).map(|(_, pair)| pair)
    }
}

/// What a server learns of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// There is no connection.
    Refused,
    /// Not who it is.
    Nothing,
    /// Who it is.
    Peer,
}

fn shown(client: Client, server: MutualTlsMode) -> Shown {
    match (client, server) {
        (Client::Plaintext, MutualTlsMode::Strict) | (Client::Mutual, MutualTlsMode::Disable) => Shown::Refused,
        (Client::Plaintext, _) | (Client::Auto, MutualTlsMode::Disable) => Shown::Nothing,
        (Client::Auto | Client::Mutual, _) => Shown::Peer,
    }
}

/// What turns do to connections whose other side may do anything.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Learned {
    /// Some are refused that were not.
    pub(super) refuses_more: bool,
    /// Some are no longer refused.
    pub(super) refuses_less: bool,
    /// Some show their caller that did not.
    pub(super) peer_appears: bool,
    /// Some no longer do.
    pub(super) peer_vanishes: bool,
}

/// What the turns of clients and of servers do to connections.
pub(super) fn learned(clients: Turns<Client>, servers: Turns<MutualTlsMode>) -> Learned {
    let of_clients =
        clients.iter().flat_map(|(from, to)| MutualTlsMode::ALL.map(|server| (shown(from, server), shown(to, server))));
    let of_servers = servers.iter().flat_map(|(from, to)| Client::ALL.map(|client| (shown(client, from), shown(client, to))));
    of_clients.chain(of_servers).fold(Learned::default(), |learned, (before, after)| Learned {
        refuses_more: learned.refuses_more || before != Shown::Refused && after == Shown::Refused,
        refuses_less: learned.refuses_less || before == Shown::Refused && after != Shown::Refused,
        peer_appears: learned.peer_appears || before != Shown::Peer && after == Shown::Peer,
        peer_vanishes: learned.peer_vanishes || before == Shown::Peer && after != Shown::Peer,
    })
}

/// Why clients have to turn before servers, if they have to.
pub(super) fn clients_first(clients: Turns<Client>, servers: Turns<MutualTlsMode>) -> Option<(Strength, &'static str)> {
    let harms = pairs(clients, servers).filter_map(|(client, server)| {
        let between = shown(client.0, server.1);
        let strength = harm(shown(client.0, server.0), between, shown(client.1, server.1))?;
        let why = match (between, server.1) {
            (Shown::Peer, _) => "clients stop speaking mutual TLS before servers take it",
            (Shown::Nothing, _) => "clients stop sending plaintext before servers take it",
            (Shown::Refused, MutualTlsMode::Strict) => "clients speak mutual TLS before servers demand it",
            (Shown::Refused, _) => "clients stop speaking mutual TLS before servers refuse it",
        };
        Some((strength, why))
    });
    harms.max_by_key(|(strength, _)| *strength)
}

/// Why servers have to turn before clients, if they have to.
pub(super) fn servers_first(clients: Turns<Client>, servers: Turns<MutualTlsMode>) -> Option<(Strength, &'static str)> {
    let harms = pairs(clients, servers).filter_map(|(client, server)| {
        let between = shown(client.1, server.0);
        let strength = harm(shown(client.0, server.0), between, shown(client.1, server.1))?;
        let why = match (between, server.0) {
            (Shown::Peer, _) => "servers stop taking mutual TLS before clients speak it",
            (Shown::Nothing, _) => "servers stop taking plaintext before clients send it",
            (Shown::Refused, MutualTlsMode::Strict) => "servers take plaintext before clients send it",
            (Shown::Refused, _) => "servers take mutual TLS before clients speak it",
        };
        Some((strength, why))
    });
    harms.max_by_key(|(strength, _)| *strength)
}

/// Why one rule for clients has to come before another goes: without any, clients do something else again.
pub(super) fn comes_before_the_other_goes(first: Turns<Client>, second: Turns<Client>) -> Option<(Strength, &'static str)> {
    let is_relieved = first.iter().any(|(from, to)| from == Client::Auto && second.iter().any(|turn| turn == (to, from)));
    is_relieved.then_some((Strength::Hole, "one rule for clients comes before the other goes"))
}

fn pairs<A: Way, B: Way>(first: Turns<A>, second: Turns<B>) -> impl Iterator<Item = ((A, A), (B, B))> {
    first.iter().flat_map(move |one| second.iter().map(move |other| (one, other)))
}

/// What is wrong with a state in between.
fn harm(before: Shown, between: Shown, after: Shown) -> Option<Strength> {
    match between {
        Shown::Refused => (before != Shown::Refused && after != Shown::Refused).then_some(Strength::Outage),
        Shown::Nothing | Shown::Peer => (before != between && after != between).then_some(Strength::Hole),
    }
}
