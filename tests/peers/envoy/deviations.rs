//! What Envoy, as a server, says to client certificates that are not made as ours are: which rules it holds others to, and which
//! are left to those who issue.

use meshsec::pki::Certificate;
use meshsec::pki::KeyType;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertificateRevocationListParams;
use rcgen::CustomExtension;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyIdMethod;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::SanType;
use rcgen::SerialNumber;
use serde_json::json;
use time::OffsetDateTime;

use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::inline;
use super::configuration::server;
use super::envoy;
use super::link::Expected;
use super::link::Link;
use super::link::check;
use super::process::refusal;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::Identity;
use crate::material::SERVER;

const SERVER_AUTH: ExtendedKeyUsagePurpose = ExtendedKeyUsagePurpose::ServerAuth;
const CLIENT_AUTH: ExtendedKeyUsagePurpose = ExtendedKeyUsagePurpose::ClientAuth;

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().unwrap())
}

/// The chain of a client, each certificate as the profile says until a case changes it.
struct Chain {
    root: CertificateParams,
    /// Between the root and the one that signs; not in the chain unless asked for.
    middle: Option<CertificateParams>,
    intermediate: CertificateParams,
    leaf: CertificateParams,
    leaf_key: KeyPair,
    /// Whether the server trusts the intermediate instead of the root.
    is_intermediate_trusted: bool,
    /// Whether the server has a list of each authority.
    has_crls: bool,
}

fn authority(name: &str, path_length: u8) -> CertificateParams {
    let mut params = common(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn common(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if !name.is_empty() {
        params.distinguished_name.push(DnType::CommonName, name);
    }
    params.not_before = OffsetDateTime::now_utc() - time::Duration::minutes(2);
    params.not_after = OffsetDateTime::now_utc() + time::Duration::days(1);
    params.use_authority_key_identifier_extension = true;
    params
}

impl Chain {
    fn new() -> Self {
        let mut leaf = common("");
        leaf.subject_alt_names = vec![uri(CLIENT)];
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![SERVER_AUTH, CLIENT_AUTH];
        Self {
            root: authority("root", 2),
            middle: None,
            intermediate: authority("intermediate", 0),
            leaf,
            leaf_key: KeyPair::generate().unwrap(),
            is_intermediate_trusted: false,
            has_crls: false,
        }
    }

    /// What the client shows, whom the server trusts, and the server's lists.
    fn make(self) -> (Identity, String, String) {
        let list =
            |params: &CertificateParams, key: &KeyPair| if self.has_crls { empty_list(params, key) } else { String::new() };
        let mut key = KeyPair::generate().unwrap();
        let root = self.root.self_signed(&key).unwrap().pem();
        let mut crl = list(&self.root, &key);
        let mut signer = self.root;
        let mut above = Vec::new();
        for params in self.middle.into_iter().chain([self.intermediate]) {
            let own_key = KeyPair::generate().unwrap();
            let made = params.signed_by(&own_key, &Issuer::from_params(&signer, &key)).unwrap();
            above.insert(0, made.pem());
            (signer, key) = (params, own_key);
            crl += &list(&signer, &key);
        }
        let issuer = Issuer::from_params(&signer, &key);
        let leaf = self.leaf.signed_by(&self.leaf_key, &issuer).unwrap();
        let chain = leaf.pem() + &above.concat();
        let trusted = if self.is_intermediate_trusted { above.swap_remove(0) } else { root };
        let leaf = Certificate::from_der(leaf.der()).unwrap();
        (Identity { leaf, chain, key: self.leaf_key.serialize_pem() }, trusted, crl)
    }
}

/// A list that revokes nothing, also from those whose certificate does not let them make one.
fn empty_list(signer: &CertificateParams, key: &KeyPair) -> String {
    let mut signer = signer.clone();
    signer.key_usages.push(KeyUsagePurpose::CrlSign);
    let params = CertificateRevocationListParams {
        this_update: OffsetDateTime::now_utc() - time::Duration::minutes(2),
        next_update: OffsetDateTime::now_utc() + time::Duration::days(1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&Issuer::from_params(&signer, key)).unwrap().pem().unwrap()
}

/// An extension in DER, not critical.
fn extension(oid: &[u64], content: &[u8]) -> CustomExtension {
    CustomExtension::from_oid_content(oid, content.to_vec())
}

/// What deviates, how it ends, and the change that makes it deviate.
type Case = (&'static str, Expected, fn(&mut Chain));

#[test]
fn envoy_holds_a_client_to_some_rules_of_the_profile_only() {
    let Some(program) = envoy("envoy_holds_a_client_to_some_rules_of_the_profile_only") else { return };
    let refused = Expected::ByServer;
    let good = Expected::Accepted(CLIENT);
    let cases: Vec<Case> = vec![
        ("as the profile says", good, |_| {}),
        ("two URIs", Expected::Accepted("spiffe://cluster.local/ns/shop/sa/client,spiffe://cluster.local/second"), |chain| {
            chain.leaf.subject_alt_names.push(uri("spiffe://cluster.local/second"));
        }),
        ("no URI", Expected::Accepted(""), |chain| {
            chain.leaf.subject_alt_names = vec![SanType::DnsName("client.shop.svc".try_into().unwrap())];
        }),
        ("the leaf is an authority", good, |chain| chain.leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        ("the leaf may sign certificates", good, |chain| chain.leaf.key_usages.push(KeyUsagePurpose::KeyCertSign)),
        ("no key usage", good, |chain| chain.leaf.key_usages.clear()),
        ("key usage not critical", good, |chain| {
            chain.leaf.key_usages.clear();
            chain.leaf.custom_extensions.push(extension(&[2, 5, 29, 15], &[3, 2, 7, 0x80]));
        }),
        ("empty subject, names not critical", good, |chain| {
            chain.leaf.subject_alt_names.clear();
            let length = u8::try_from(CLIENT.len()).unwrap();
            let names = [&[0x30, length + 2, 0x86, length], CLIENT.as_bytes()].concat();
            chain.leaf.custom_extensions.push(extension(&[2, 5, 29, 17], &names));
        }),
        ("no extended key usage", good, |chain| chain.leaf.extended_key_usages.clear()),
        ("for clients only", good, |chain| chain.leaf.extended_key_usages = vec![CLIENT_AUTH]),
        ("for servers only", refused("purpose"), |chain| chain.leaf.extended_key_usages = vec![SERVER_AUTH]),
        ("for any purpose", refused("purpose"), |chain| {
            chain.leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
        }),
        ("a P-521 key", Expected::ByClient("NO_COMMON_SIGNATURE_ALGORITHMS"), |chain| {
            chain.leaf_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        }),
        ("an unknown critical extension", refused("depth_0:_unhandled_critical_extension"), |chain| {
            let mut unknown = extension(&[1, 3, 6, 1, 4, 1, 99999, 1], &[5, 0]);
            unknown.set_criticality(true);
            chain.leaf.custom_extensions.push(unknown);
        }),
        ("an authority for clients only", good, |chain| chain.intermediate.extended_key_usages = vec![CLIENT_AUTH]),
        ("an authority for servers only", refused("purpose"), |chain| chain.intermediate.extended_key_usages = vec![SERVER_AUTH]),
        ("an authority that may not sign", refused("unable_to_get_local_issuer_certificate"), |chain| {
            chain.intermediate.key_usages = vec![KeyUsagePurpose::CrlSign];
        }),
        ("an intermediate that is no authority", refused("depth_1:_invalid_CA_certificate"), |chain| {
            chain.intermediate.is_ca = IsCa::ExplicitNoCa;
        }),
        ("room for another authority", good, |chain| chain.middle = Some(authority("middle", 1))),
        ("no room for another authority", refused("depth_2:_path_length_constraint_exceeded"), |chain| {
            chain.middle = Some(authority("middle", 0));
        }),
        ("the intermediate is the anchor", good, |chain| chain.is_intermediate_trusted = true),
        ("lists of everyone", good, |chain| chain.has_crls = true),
        (
            "the intermediate is the anchor, with lists",
            refused("depth_1:_certificate_revocation_check_against_provided_CRLs_failed:_unable_to_get_certificate_CRL"),
            |chain| {
                (chain.is_intermediate_trusted, chain.has_crls) = (true, true);
            },
        ),
        ("a list of one who may sign none", refused("key_usage_does_not_include_CRL_signing"), |chain| {
            chain.has_crls = true;
            chain.intermediate.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        }),
    ];
    let ours = Authority::new("server", KeyType::EcdsaP256);
    let own = ours.issue(SERVER);
    let links: Vec<Link> = cases
        .into_iter()
        .map(|(name, expected, change)| {
            let mut chain = Chain::new();
            change(&mut chain);
            let (client, trusted, crl) = chain.make();
            Link {
                name: name.to_owned(),
                client: inline(&client, &ours.bundle(), "", Peer::Exactly(SERVER)),
                tls: Tls::V13,
                server: inline(&own, &trusted, &crl, Peer::Anyone),
                expected,
            }
        })
        .collect();
    check(&program, &links);
}

#[test]
fn envoy_does_not_start_with_a_certificate_of_its_own_that_may_not_sign_handshakes() {
    let test = "envoy_does_not_start_with_a_certificate_of_its_own_that_may_not_sign_handshakes";
    let Some(program) = envoy(test) else { return };
    let folder = tempfile::tempdir().unwrap();
    for (usage, is_good) in [(KeyUsagePurpose::DigitalSignature, true), (KeyUsagePurpose::KeyEncipherment, false)] {
        let mut chain = Chain::new();
        chain.leaf.key_usages = vec![usage];
        let (own, trusted, _) = chain.make();
        let listener =
            server(&folder.path().join("socket"), &folder.path().join("log"), &inline(&own, &trusted, "", Peer::Anyone));
        let said = refusal(&program, folder.path(), &json!({"static_resources": {"listeners": [listener]}}));
        assert_eq!(said.is_none(), is_good, "{usage:?}: {said:?}");
    }
}
