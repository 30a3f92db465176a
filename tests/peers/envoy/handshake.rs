//! Two Envoys with certificates made here talk to each other, and only when they should.

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
use meshsec::pki::KeyType;

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
    let good = Expected::Accepted(CLIENT);
    let links = [
        link("good", (&client, &our_bundle), (&server, &our_bundle), good),
        link("the chain ends with the root", (&client, &our_bundle), (&with_root, &our_bundle), good),
        link("two roots", (&client, &both), (&server, &both), good),
        link("another server than expected", (&client, &our_bundle), (&client, &our_bundle), Expected::ByClient("SAN")),
        link(
            "a client of another trust domain",
            (&foreign_domain, &our_bundle),
            (&server, &our_bundle),
            Expected::ByServer("SAN_matcher,_certificate_SANs_are_[spiffe://other.example/"),
        ),
        link("the chain lacks the intermediate", (&client, &our_bundle), (&alone, &our_bundle), Expected::ByClient("unable")),
        link(
            "the server trusts another root",
            (&client, &our_bundle),
            (&server, &other_bundle),
            Expected::ByServer("unable_to_get_local_issuer_certificate"),
        ),
        link(
            "the client trusts another root",
            (&client, &other_bundle),
            (&server, &our_bundle),
            Expected::ByClient("unable_to_get_local_issuer_certificate"),
        ),
        link(
            "a server of another root",
            (&client, &our_bundle),
            (&other.issue(SERVER), &our_bundle),
            Expected::ByClient("unable_to_get_local_issuer_certificate"),
        ),
        link(
            "an expired client",
            (&ours.issue_expired(CLIENT), &our_bundle),
            (&server, &our_bundle),
            Expected::ByServer("certificate_has_expired"),
        ),
        link(
            "a client of the future",
            (&ours.issue_early(CLIENT), &our_bundle),
            (&server, &our_bundle),
            Expected::ByServer("certificate_is_not_yet_valid"),
        ),
        link(
            "an expired server",
            (&client, &our_bundle),
            (&ours.issue_expired(SERVER), &our_bundle),
            Expected::ByClient("certificate_has_expired"),
        ),
    ];
    check(&program, &links);
}

#[test]
fn a_name_constraint_lets_its_own_trust_domain_through_only() {
    let Some(program) = envoy("a_name_constraint_lets_its_own_trust_domain_through_only") else { return };
    let constrained = Authority::constrained("constrained");
    let free = Authority::new("free", KeyType::EcdsaP256);
    let any = Peer::Prefix("spiffe://");
    let links = [
        ("same trust domain", &constrained, CLIENT, Expected::Accepted(CLIENT)),
        (
            "another trust domain",
            &constrained,
            "spiffe://other.example/a",
            Expected::ByServer("depth_0:_permitted_subtree_violation"),
        ),
        (
            "a trust domain below",
            &constrained,
            "spiffe://x.cluster.local/a",
            Expected::ByServer("depth_0:_permitted_subtree_violation"),
        ),
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
        (
            "ours, by the other authority",
            other.issue(CLIENT),
            &both[..],
            Expected::ByServer("depth_1:_unable_to_get_local_issuer_certificate"),
        ),
        (
            "of the other domain, by our authority",
            ours.issue(foreign),
            &both[..],
            Expected::ByServer("depth_1:_unable_to_get_local_issuer_certificate"),
        ),
        ("expired", ours.issue_expired(CLIENT), &both[..], Expected::ByServer("depth_0:_certificate_has_expired")),
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
