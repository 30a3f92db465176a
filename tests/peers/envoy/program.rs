//! Envoys that live on the files which the program writes, from the first certificate to the revocation of the last.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::configuration::OF_THE_MESH;
use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::secrets;
use super::configuration::write_secrets;
use super::envoy;
use super::link::Expected;
use super::link::Link;
use super::link::Pair;
use super::link::check;
use super::process::wait_until;
use crate::material::CLIENT;
use crate::material::SERVER;
use crate::program::Program;

const GOOD: Expected = Expected::Accepted(CLIENT);
const REVOKED: Expected = Expected::ByServer("certificate_revoked");
const NO_LIST: Expected = Expected::ByServer("unable_to_get_certificate_CRL");

/// A workload's proxy: its published directory, and its secrets.
struct Workload {
    certs: PathBuf,
    secrets: PathBuf,
}

impl Workload {
    /// Issues a first certificate.
    fn new(program: &Program, folder: &Path, name: &str, account: &str, crl: Option<&Path>) -> Self {
        let (certs, secrets) = (folder.join(name), folder.join(format!("{name}-secrets")));
        fs::create_dir(&secrets).unwrap();
        program.issue(account, &certs);
        write_secrets(&secrets, &certs, crl);
        Self { certs, secrets }
    }
}

fn link(name: &str, client: &Workload, server: &Workload, expected: Expected) -> Link {
    Link {
        name: name.to_owned(),
        client: secrets(&client.secrets, Peer::Exactly(SERVER)),
        tls: Tls::V13,
        server: secrets(&server.secrets, OF_THE_MESH),
        expected,
    }
}

#[test]
fn envoys_talk_with_what_the_program_issues() {
    let Some(envoy) = envoy("envoys_talk_with_what_the_program_issues") else { return };
    for options in [&[][..], &["--key-type", "ecdsa-p384", "--constrain"], &["--key-type", "rsa-2048"]] {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::init(folder.path(), options);
        let workload = |name, account| Workload::new(&program, folder.path(), name, account, None);
        let (client, server) = (workload("client", "client"), workload("server", "server"));
        let links = [
            link("good", &client, &server, GOOD),
            link("another server than expected", &client, &client, Expected::ByClient("SAN_matcher")),
        ];
        check(&envoy, &links);
    }
}

#[test]
fn the_programs_lists_keep_out_whom_it_revoked() {
    let Some(envoy) = envoy("the_programs_lists_keep_out_whom_it_revoked") else { return };
    let folder = tempfile::tempdir().unwrap();
    let crl = folder.path().join("ca-crl.pem");
    let program = Program::init(folder.path(), &[]);
    let write_lists = |arguments: &[&str]| program.run(&[&["ca", "crl", "--out", crl.to_str().unwrap()], arguments].concat());
    write_lists(&["--for", "istio"]);
    let workload = |name, account| Workload::new(&program, folder.path(), name, account, None);
    let (client, other) = (workload("client", "client"), workload("other", "other"));
    let server = Workload::new(&program, folder.path(), "server", "server", Some(&crl));
    let others = "spiffe://cluster.local/ns/shop/sa/other";
    let links = [link("client", &client, &server, GOOD), link("other", &other, &server, Expected::Accepted(others))];
    let pair = Pair::start(&envoy, &links);
    let reloads = || pair.server.counter("server_ssl_socket_factory.ssl_context_update_by_sds");
    let mut wrong = Vec::new();
    let mut ask = |when: &str, client, other| {
        for (index, expected) in [client, other].into_iter().enumerate() {
            wrong.extend(pair.disagreement(index, when, expected));
        }
    };
    let publish = |arguments: &[&str]| {
        let before = reloads();
        write_lists(arguments);
        // Each of the two listeners has the secret.
        wait_until("the lists to be read again", || reloads() >= before + 2);
    };
    let other_is_good = Expected::Accepted(others);
    ask("nothing revoked", GOOD, other_is_good);
    program.run(&["svid", "revoke", "--spiffe-id", CLIENT, "--reason", "key-compromise"]);
    ask("revoked, and the lists not written", GOOD, other_is_good);
    publish(&["--for", "istio"]);
    ask("the client is revoked", REVOKED, other_is_good);
    publish(&["--name", "default"]);
    ask("the intermediate's list alone", REVOKED, NO_LIST);
    publish(&["--for", "istio"]);
    ask("the complete set again", REVOKED, other_is_good);
    let intermediate = fs::read_to_string(other.certs.join("cert-chain.pem")).unwrap();
    program.run(&["svid", "revoke", "--serial", &serial_of_second(&intermediate), "--reason", "ca-compromise"]);
    publish(&["--for", "istio"]);
    ask("the intermediate is revoked", REVOKED, REVOKED);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The serial number of the second certificate of a chain.
fn serial_of_second(chain: &str) -> String {
    let second = rustls::pki_types::pem::PemObject::pem_slice_iter(chain.as_bytes()).nth(1).unwrap();
    let second: rustls::pki_types::CertificateDer<'_> = second.unwrap();
    meshsec::pki::Certificate::from_der(&second).unwrap().serial().to_string()
}
