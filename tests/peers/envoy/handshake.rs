//! Two Envoys with certificates made here talk to each other, and only when they should.

use meshsec::pki::KeyType;

use super::configuration::OF_THE_MESH;
use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::federated;
use super::configuration::inline;
use super::envoy;
use super::link::Expected;
use super::link::Link;
use super::link::check;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::Identity;
use crate::material::SERVER;

const NO_ISSUER: &str = "unable_to_get_local_issuer_certificate";
const EXPIRED: &str = "depth_0:_certificate_has_expired";
const NOT_PERMITTED: &str = "depth_0:_permitted_subtree_violation";

fn link(name: &str, client: (&Identity, &str), server: (&Identity, &str), expected: Expected) -> Link {
    Link {
        name: name.to_owned(),
        client: inline(client.0, client.1, "", Peer::Exactly(SERVER)),
        tls: Tls::V13,
        server: inline(server.0, server.1, "", OF_THE_MESH),
        expected,
    }
}

#[test]
fn two_envoys_talk_when_each_shows_what_the_other_trusts_and_not_otherwise() {
    let Some(program) = envoy("two_envoys_talk_when_each_shows_what_the_other_trusts_and_not_otherwise") else { return };
    let (ours, other) = (Authority::new("ours", KeyType::EcdsaP256), Authority::new("other", KeyType::EcdsaP256));
    let (our_bundle, other_bundle) = (ours.bundle(), other.bundle());
    let both = format!("{other_bundle}{our_bundle}");
    let (client, server) = (ours.issue(CLIENT), ours.issue(SERVER));
    let with_root = Identity { chain: server.chain.clone() + &our_bundle, key: server.key.clone(), leaf: server.leaf.clone() };
    let alone = Identity { chain: server.leaf.pem(), key: server.key.clone(), leaf: server.leaf.clone() };
    let foreign_domain = ours.issue("spiffe://other.example/ns/shop/sa/client");
    let (stranger, expired, early) = (other.issue(SERVER), ours.issue_expired(CLIENT), ours.issue_early(CLIENT));
    let expired_server = ours.issue_expired(SERVER);
    let good = Expected::Accepted(CLIENT);
    let foreign = "SAN_matcher,_certificate_SANs_are_[spiffe://other.example/";
    // Client and server, each with the roots it trusts.
    let (asks, answers) = ((&client, our_bundle.as_str()), (&server, our_bundle.as_str()));
    let links = [
        link("good", asks, answers, good),
        link("the chain ends with the root", asks, (&with_root, &our_bundle), good),
        link("two roots", (&client, &both), (&server, &both), good),
        link("another server than expected", asks, (&client, &our_bundle), Expected::ByClient("SAN_matcher")),
        link("a client of another trust domain", (&foreign_domain, &our_bundle), answers, Expected::ByServer(foreign)),
        link("the chain lacks the intermediate", asks, (&alone, &our_bundle), Expected::ByClient("unable")),
        link("the server trusts another root", asks, (&server, &other_bundle), Expected::ByServer(NO_ISSUER)),
        link("the client trusts another root", (&client, &other_bundle), answers, Expected::ByClient(NO_ISSUER)),
        link("a server of another root", asks, (&stranger, &our_bundle), Expected::ByClient(NO_ISSUER)),
        link("an expired client", (&expired, &our_bundle), answers, Expected::ByServer(EXPIRED)),
        link("an expired server", asks, (&expired_server, &our_bundle), Expected::ByClient(EXPIRED)),
        link("a client of the future", (&early, &our_bundle), answers, Expected::ByServer("certificate_is_not_yet_valid")),
    ];
    check(&program, &links);
}

#[test]
fn a_name_constraint_lets_its_own_trust_domain_through_only() {
    let Some(program) = envoy("a_name_constraint_lets_its_own_trust_domain_through_only") else { return };
    let constrained = Authority::constrained("constrained");
    let by_root = Authority::constrained_by_root("by root");
    let free = Authority::new("free", KeyType::EcdsaP256);
    let any = Peer::Prefix("spiffe://");
    let links = [
        ("same trust domain", &constrained, CLIENT, Expected::Accepted(CLIENT)),
        ("another trust domain", &constrained, "spiffe://other.example/a", Expected::ByServer(NOT_PERMITTED)),
        ("a trust domain below", &constrained, "spiffe://x.cluster.local/a", Expected::ByServer(NOT_PERMITTED)),
        ("same trust domain, the root's constraint", &by_root, CLIENT, Expected::Accepted(CLIENT)),
        ("another trust domain, the root's constraint", &by_root, "spiffe://other.example/a", Expected::ByServer(NOT_PERMITTED)),
        ("no constraint", &free, "spiffe://other.example/a", Expected::Accepted("spiffe://other.example/a")),
    ];
    let links = links.map(|(name, authority, id, expected)| {
        let bundle = authority.bundle();
        Link {
            name: name.to_owned(),
            client: inline(&authority.issue(id), &bundle, "", Peer::Exactly(SERVER)),
            tls: Tls::V13,
            server: inline(&authority.issue(SERVER), &bundle, "", any),
            expected,
        }
    });
    check(&program, &links);
}

/// Envoy's own SPIFFE validator, which SPIRE configures.
#[test]
fn envoy_takes_a_client_under_the_bundle_of_its_own_trust_domain_only() {
    let Some(program) = envoy("envoy_takes_a_client_under_the_bundle_of_its_own_trust_domain_only") else { return };
    let (ours, other) = (Authority::for_trust_domain("cluster.local"), Authority::for_trust_domain("other.example"));
    let both = [("cluster.local", ours.bundle()), ("other.example", other.bundle())];
    let foreign = "spiffe://other.example/ns/shop/sa/client";
    let links = [
        ("ours", ours.issue(CLIENT), &both[..], Expected::Accepted(CLIENT)),
        ("of the other domain", other.issue(foreign), &both[..], Expected::Accepted(foreign)),
        ("of a domain without a bundle", other.issue(foreign), &both[..1], Expected::ByServer("no_trust_bundle_store")),
        ("ours, by the other authority", other.issue(CLIENT), &both[..], Expected::ByServer(NO_ISSUER)),
        ("of the other domain, by our authority", ours.issue(foreign), &both[..], Expected::ByServer(NO_ISSUER)),
        ("expired", ours.issue_expired(CLIENT), &both[..], Expected::ByServer(EXPIRED)),
    ];
    let own = ours.issue(SERVER);
    let links = links.map(|(name, client, bundles, expected)| Link {
        name: name.to_owned(),
        client: inline(&client, &ours.bundle(), "", Peer::Exactly(SERVER)),
        tls: Tls::V13,
        server: federated(&own, bundles),
        expected,
    });
    check(&program, &links);
}
