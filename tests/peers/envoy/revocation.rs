//! Envoy with the revocation lists made here: whom it keeps out, and when it keeps out everybody.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::pki::KeyType;
use rustls::ClientConnection;
use rustls::StreamOwned;
use serde_json::json;

use super::configuration::OF_THE_MESH;
use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::inline;
use super::configuration::secret;
use super::configuration::secrets;
use super::configuration::server;
use super::envoy;
use super::link::Expected;
use super::link::Link;
use super::link::Pair;
use super::link::check;
use super::process::PATIENCE;
use super::process::refusal;
use super::process::replace;
use super::process::wait_until;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::DAY;
use crate::material::Identity;
use crate::material::SERVER;
use crate::material::crl_for;
use crate::rustls::Side;
use crate::rustls::provider;

const GOOD: Expected = Expected::Accepted(CLIENT);
const NO_LIST: Expected = Expected::ByServer("unable_to_get_certificate_CRL");
const LEAF_IS_REVOKED: &str = "depth_0:_certificate_revocation_check_against_provided_CRLs_failed:_certificate_revoked";
const SIGNER_IS_REVOKED: &str = "depth_1:_certificate_revocation_check_against_provided_CRLs_failed:_certificate_revoked";
const REVOKED: Expected = Expected::ByServer(LEAF_IS_REVOKED);

/// A client against a server that has these lists.
fn link(name: &str, client: &Identity, authority: &Authority, bundle: &str, crl: &str, expected: Expected) -> Link {
    Link {
        name: name.to_owned(),
        client: inline(client, &authority.bundle(), "", Peer::Exactly(SERVER)),
        tls: Tls::V13,
        server: inline(&authority.issue(SERVER), bundle, crl, OF_THE_MESH),
        expected,
    }
}

#[test]
fn the_complete_set_of_lists_keeps_out_what_is_revoked_and_nobody_else() {
    let Some(program) = envoy("the_complete_set_of_lists_keeps_out_what_is_revoked_and_nobody_else") else { return };
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let bundle = authority.bundle();
    let (good, bad) = (authority.issue(CLIENT), authority.issue(CLIENT));
    let root = authority.root_crl(&[]).pem();
    let leaf_revoked = root.clone() + &authority.intermediate_crl(&[&bad.leaf]).pem();
    let intermediate = authority.intermediate.certificate();
    let intermediate_revoked = authority.root_crl(&[intermediate]).pem() + &authority.intermediate_crl(&[]).pem();
    let mut links = vec![
        link("no lists", &bad, &authority, &bundle, "", GOOD),
        link("empty lists", &bad, &authority, &bundle, &authority.crls(), GOOD),
        link("another is revoked", &good, &authority, &bundle, &leaf_revoked, GOOD),
        link("the leaf is revoked", &bad, &authority, &bundle, &leaf_revoked, REVOKED),
        link(
            "the intermediate is revoked",
            &good,
            &authority,
            &bundle,
            &intermediate_revoked,
            Expected::ByServer(SIGNER_IS_REVOKED),
        ),
    ];
    for key_type in [KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519] {
        let authority = Authority::new("test", key_type);
        let bundle = authority.bundle();
        let (good, bad) = (authority.issue(CLIENT), authority.issue(CLIENT));
        let lists = authority.root_crl(&[]).pem() + &authority.intermediate_crl(&[&bad.leaf]).pem();
        links.push(link(&format!("lists signed by {key_type}"), &good, &authority, &bundle, &lists, GOOD));
        links.push(link(&format!("revoked in a list signed by {key_type}"), &bad, &authority, &bundle, &lists, REVOKED));
    }
    // A server that was revoked is kept out by the client in the same way.
    let revoked_server = authority.issue(SERVER);
    let lists = root + &authority.intermediate_crl(&[&revoked_server.leaf]).pem();
    links.push(Link {
        name: "the server is revoked".to_owned(),
        client: inline(&good, &bundle, &lists, Peer::Exactly(SERVER)),
        tls: Tls::V13,
        server: inline(&revoked_server, &bundle, "", OF_THE_MESH),
        expected: Expected::ByClient(LEAF_IS_REVOKED),
    });
    check(&program, &links);
}

#[test]
fn an_incomplete_set_of_lists_keeps_everybody_out() {
    let Some(program) = envoy("an_incomplete_set_of_lists_keeps_everybody_out") else { return };
    let (ours, other) = (Authority::new("ours", KeyType::EcdsaP256), Authority::new("other", KeyType::EcdsaP256));
    let (client, stranger) = (ours.issue(CLIENT), other.issue(CLIENT));
    let (root, intermediate) = (ours.root_crl(&[]).pem(), ours.intermediate_crl(&[]).pem());
    let bundle = ours.bundle();
    let both = ours.bundle() + &other.bundle();
    let all = ours.crls() + &other.crls();
    let now = Timestamp::now();
    let minute = SignedDuration::from_mins(1);
    let expired = crl_for(&ours.intermediate, &[], now - DAY, now - minute).pem();
    let early = crl_for(&ours.intermediate, &[], now + minute * 10, now + DAY).pem();
    let links = [
        link("the intermediate's list alone", &client, &ours, &bundle, &intermediate, NO_LIST),
        link("the root's list alone", &client, &ours, &bundle, &root, NO_LIST),
        link("lists of another root's side", &client, &ours, &both, &other.crls(), NO_LIST),
        link("lists of our side alone: ours come in", &client, &ours, &both, &ours.crls(), GOOD),
        link("lists of our side alone: others do not", &stranger, &ours, &both, &ours.crls(), NO_LIST),
        link("lists of both sides", &client, &ours, &both, &all, GOOD),
        link("lists of both sides, others too", &stranger, &ours, &both, &all, Expected::Accepted(CLIENT)),
        link("an expired list", &client, &ours, &bundle, &(root.clone() + &expired), Expected::ByServer("CRL_has_expired")),
        link(
            "a list of the future",
            &client,
            &ours,
            &bundle,
            &(root.clone() + &early),
            Expected::ByServer("CRL_is_not_yet_valid"),
        ),
    ];
    check(&program, &links);
}

#[test]
fn of_two_lists_of_one_authority_the_first_counts() {
    let Some(program) = envoy("of_two_lists_of_one_authority_the_first_counts") else { return };
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let bundle = authority.bundle();
    let client = authority.issue(CLIENT);
    let root = authority.root_crl(&[]).pem();
    let (with, without) = (authority.intermediate_crl(&[&client.leaf]).pem(), authority.intermediate_crl(&[]).pem());
    let now = Timestamp::now();
    let expired = crl_for(&authority.intermediate, &[], now - DAY, now - SignedDuration::from_mins(1)).pem();
    let links = [
        ("revoked in the first", [&with, &without, &root], REVOKED),
        ("revoked in the second", [&without, &with, &root], GOOD),
        ("expired before the current one", [&expired, &with, &root], REVOKED),
        ("expired after the current one", [&with, &expired, &root], REVOKED),
    ];
    let links = links.map(|(name, lists, expected)| {
        let lists: String = lists.into_iter().map(String::as_str).collect();
        link(name, &client, &authority, &bundle, &lists, expected)
    });
    check(&program, &links);
}

#[test]
fn lists_in_no_block_of_the_right_label_load_and_keep_everybody_out() {
    let Some(program) = envoy("lists_in_no_block_of_the_right_label_load_and_keep_everybody_out") else { return };
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let bundle = authority.bundle();
    let client = authority.issue(CLIENT);
    let good = authority.crls();
    let der = folder.path().join("crl.der");
    fs::write(&der, authority.root_crl(&[]).der()).unwrap();
    let mut links: Vec<Link> = [
        ("text around and CRLF", format!("# lists\n{good}# end\n").replace('\n', "\r\n"), GOOD),
        ("another label", good.replace("X509 CRL", "CRL"), NO_LIST),
        ("a certificate", bundle.clone(), NO_LIST),
        ("words", "nothing is revoked\n".to_owned(), NO_LIST),
    ]
    .into_iter()
    .map(|(name, crl, expected)| link(name, &client, &authority, &bundle, &crl, expected))
    .collect();
    let mut in_der = link("DER", &client, &authority, &bundle, &good, NO_LIST);
    in_der.server["validation_context"]["crl"] = json!({"filename": der});
    links.push(in_der);
    check(&program, &links);
    let broken = inline(&client, &bundle, &good.replacen("MI", "**", 1), OF_THE_MESH);
    let configuration =
        json!({"static_resources": {"listeners": [server(&folder.path().join("s"), &folder.path().join("log"), &broken)]}});
    let said = refusal(&program, folder.path(), &configuration).unwrap_or_default();
    assert!(said.contains("Failed to load CRL"), "a damaged block: {said}");
}

/// A server that reads its lists from a file, and a client.
fn watching(program: &str, folder: &Path, authority: &Authority, client: &Identity, tls: Tls) -> (Pair, PathBuf) {
    let own = authority.issue(SERVER);
    let crl = folder.join("ca-crl.pem");
    replace(&crl, &authority.crls());
    let certificate = json!({"certificate_chain": {"inline_string": own.chain}, "private_key": {"inline_string": own.key}});
    let roots = json!({"trusted_ca": {"inline_string": authority.bundle()}, "crl": {"filename": crl}});
    replace(&folder.join("default.json"), &secret("default", "tls_certificate", &certificate));
    replace(&folder.join("ROOTCA.json"), &secret("ROOTCA", "validation_context", &roots));
    let mut watching = link("watching", client, authority, "", "", GOOD);
    watching.tls = tls;
    watching.server = secrets(folder, OF_THE_MESH);
    (Pair::start(program, &[watching]), crl)
}

/// How often the server has read its secrets.
fn reloads(pair: &Pair) -> u64 {
    pair.server.counter("server_ssl_socket_factory.ssl_context_update_by_sds")
}

/// Replaces the lists by a rename and waits until the server has read them.
fn reload(pair: &Pair, crl: &Path, lists: &str) {
    let before = reloads(pair);
    replace(crl, lists);
    wait_until("the lists to be read again", || reloads(pair) > before);
}

#[test]
fn a_list_is_read_again_when_its_file_is_renamed_over() {
    let Some(program) = envoy("a_list_is_read_again_when_its_file_is_renamed_over") else { return };
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let client = authority.issue(CLIENT);
    let (pair, crl) = watching(&program, folder.path(), &authority, &client, Tls::V13);
    let outcome = |what: &str, expected| pair.disagreement(0, what, expected);
    assert_eq!(outcome("nothing revoked", GOOD), None);
    let lists = authority.root_crl(&[]).pem() + &authority.intermediate_crl(&[&client.leaf]).pem();
    let before = reloads(&pair);
    fs::write(&crl, &lists).unwrap();
    thread::sleep(Duration::from_millis(500));
    assert_eq!((outcome("written in place, which nobody notices", GOOD), reloads(&pair)), (None, before));
    reload(&pair, &crl, &lists);
    assert_eq!(outcome("revoked", REVOKED), None);
    reload(&pair, &crl, &authority.crls());
    assert_eq!(outcome("no longer revoked", GOOD), None);
    fs::remove_file(&crl).unwrap();
    thread::sleep(Duration::from_millis(500));
    assert_eq!((outcome("the file is gone", GOOD), reloads(&pair)), (None, before + 2));
}

#[test]
fn a_revoked_client_does_not_come_in_by_resuming_its_session() {
    let Some(program) = envoy("a_revoked_client_does_not_come_in_by_resuming_its_session") else { return };
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let client = authority.issue(CLIENT);
    let (pair, crl) = watching(&program, folder.path(), &authority, &client, Tls::V13Resumed);
    let is_resumed = || pair.ask(0).is_good() && pair.server.counter(".ssl.session_reused") > 0;
    wait_until("a resumed session", is_resumed);
    reload(&pair, &crl, &(authority.root_crl(&[]).pem() + &authority.intermediate_crl(&[&client.leaf]).pem()));
    assert_eq!(pair.disagreement(0, "revoked", REVOKED), None);
}

/// A connection of rustls to the server, kept open between requests.
struct Open(StreamOwned<ClientConnection, UnixStream>);

impl Open {
    fn connect(pair: &Pair, side: Side<'_>) -> Self {
        let name = "server.shop.svc".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(side.client(&provider())), name).unwrap();
        let socket = UnixStream::connect(pair.server_socket(0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(StreamOwned::new(connection, socket))
    }

    /// Whether the server answers a request.
    fn is_answered(&mut self) -> bool {
        let mut answer = [0; 1024];
        let asked = self.0.write_all(b"GET / HTTP/1.1\r\nhost: peer\r\n\r\n").and_then(|()| self.0.read(&mut answer));
        asked.is_ok_and(|length| answer[..length].starts_with(b"HTTP/1.1 200 "))
    }
}

#[test]
fn open_connections_of_a_revoked_client_live_on() {
    let Some(program) = envoy("open_connections_of_a_revoked_client_live_on") else { return };
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let (client, bundle) = (authority.issue(CLIENT), authority.bundle());
    let (pair, crl) = watching(&program, folder.path(), &authority, &client, Tls::V13);
    let side = Side { identity: &client, bundle: &bundle, crl: "" };
    let mut open = Open::connect(&pair, side);
    assert!(open.is_answered());
    reload(&pair, &crl, &(authority.root_crl(&[]).pem() + &authority.intermediate_crl(&[&client.leaf]).pem()));
    assert!(!Open::connect(&pair, side).is_answered(), "a new connection");
    assert!(open.is_answered(), "the one that was open");
}
