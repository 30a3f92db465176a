//! Envoys that live on the files which the program writes, from the first certificate to the revocation of the last.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use meshsec::pki::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

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
use super::load::HOLD;
use super::load::under_load;
use super::process::Envoy;
use super::process::wait_until;
use crate::material::CLIENT;
use crate::material::SERVER;
use crate::program::Program;

const GOOD: Expected = Expected::Accepted(CLIENT);
const REVOKED: Expected = Expected::ByServer("certificate_revoked");
const NO_LIST: Expected = Expected::ByServer("unable_to_get_certificate_CRL");

/// A workload, with the directory where its certificate is published and the secrets of its proxy.
struct Workload<'a> {
    program: &'a Program,
    account: &'static str,
    certs: PathBuf,
    secrets: PathBuf,
}

impl<'a> Workload<'a> {
    /// Issues a first certificate.
    fn new(program: &'a Program, folder: &Path, account: &'static str, has_crl: bool) -> Self {
        let (certs, secrets) = (folder.join(account), folder.join(format!("{account}-secrets")));
        fs::create_dir(&secrets).unwrap();
        program.issue(account, &certs);
        write_secrets(&secrets, &certs, has_crl);
        Self { program, account, certs, secrets }
    }

    /// Issues anew, and waits until the proxy shows the new certificate.
    fn renew(&self, proxy: &Envoy) {
        self.program.issue(self.account, &self.certs);
        let serial = self.serial(0);
        wait_until("the new certificate", || proxy.admin("GET", "/certs").contains(&serial));
        thread::sleep(HOLD);
    }

    /// Puts the complete set of lists beside its certificate.
    fn write_lists(&self) {
        self.write_list(&["--for", "istio"]);
    }

    fn write_list(&self, which: &[&str]) {
        let crl = self.certs.join("ca-crl.pem");
        self.program.run(&[&["ca", "crl", "--out", crl.to_str().unwrap()], which].concat());
    }

    /// The serial number of a certificate of the chain.
    fn serial(&self, index: usize) -> String {
        let chain = fs::read(self.certs.join("cert-chain.pem")).unwrap();
        let certificate = CertificateDer::pem_slice_iter(&chain).nth(index).unwrap().unwrap();
        Certificate::from_der(&certificate).unwrap().serial().to_string()
    }
}

fn link(name: &str, client: &Workload<'_>, server: &Workload<'_>, expected: Expected) -> Link {
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
        let workload = |account| Workload::new(&program, folder.path(), account, false);
        let (client, server) = (workload("client"), workload("server"));
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
    let program = Program::init(folder.path(), &[]);
    let workload = |account, has_crl| Workload::new(&program, folder.path(), account, has_crl);
    let (client, other, server) = (workload("client", false), workload("other", false), workload("server", true));
    server.write_lists();
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
        server.write_list(arguments);
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
    program.run(&["svid", "revoke", "--serial", &other.serial(1), "--reason", "ca-compromise"]);
    publish(&["--for", "istio"]);
    ask("the intermediate is revoked", REVOKED, REVOKED);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_rotation_by_the_program_breaks_no_connection() {
    let Some(envoy) = envoy("a_rotation_by_the_program_breaks_no_connection") else { return };
    for has_crl in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::init(folder.path(), &[]);
        let workload = |account| Workload::new(&program, folder.path(), account, has_crl);
        let (client, server) = (workload("client"), workload("server"));
        let write_lists = || {
            for workload in [&client, &server].into_iter().filter(|_| has_crl) {
                workload.write_lists();
            }
        };
        write_lists();
        let pair = Pair::start(&envoy, &[link("rotating", &client, &server, GOOD)]);
        let old = roots(&server);
        let load = under_load(&pair, || {
            program.run(&["ca", "rotate", "prepare"]);
            server.renew(&pair.server);
            client.renew(&pair.client);
            assert_eq!(roots(&server).len(), 2, "both roots");
            write_lists();
            program.run(&["ca", "rotate", "activate"]);
            client.renew(&pair.client);
            server.renew(&pair.server);
            program.run(&["ca", "rotate", "taint"]);
            // What was issued before has not expired yet, and nobody holds it any more.
            program.run(&["ca", "rotate", "revoke", "--force"]);
            server.renew(&pair.server);
            client.renew(&pair.client);
            write_lists();
            thread::sleep(HOLD);
        });
        assert_eq!(load.failed, Vec::<String>::new(), "with lists: {has_crl}");
        assert!(load.answered > 100, "{load:?}");
        let new = roots(&server);
        assert!(new.len() == 1 && new != old, "the new root alone");
    }
}

#[test]
fn a_root_that_signs_before_peers_have_its_lists_breaks_connections() {
    let Some(envoy) = envoy("a_root_that_signs_before_peers_have_its_lists_breaks_connections") else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = Program::init(folder.path(), &[]);
    let client = Workload::new(&program, folder.path(), "client", false);
    let server = Workload::new(&program, folder.path(), "server", true);
    server.write_lists();
    let pair = Pair::start(&envoy, &[link("rotating", &client, &server, GOOD)]);
    program.run(&["ca", "rotate", "prepare"]);
    server.renew(&pair.server);
    client.renew(&pair.client);
    assert_eq!(pair.disagreement(0, "nothing signed by the new root", GOOD), None);
    program.run(&["ca", "rotate", "activate"]);
    client.renew(&pair.client);
    assert_eq!(pair.disagreement(0, "no list of the new root", NO_LIST), None);
    server.write_lists();
    wait_until("the new lists", || pair.ask(0).is_good());
}

#[test]
fn a_root_that_signs_before_peers_have_it_breaks_connections() {
    let Some(envoy) = envoy("a_root_that_signs_before_peers_have_it_breaks_connections") else { return };
    let folder = tempfile::tempdir().unwrap();
    let program = Program::init(folder.path(), &[]);
    let workload = |account| Workload::new(&program, folder.path(), account, false);
    let (client, server) = (workload("client"), workload("server"));
    let pair = Pair::start(&envoy, &[link("rotating", &client, &server, GOOD)]);
    program.run(&["ca", "rotate", "prepare"]);
    program.run(&["ca", "rotate", "activate"]);
    let load = under_load(&pair, || server.renew(&pair.server));
    assert!(load.answered > 10 && !load.failed.is_empty(), "{load:?}");
    client.renew(&pair.client);
    assert_eq!(pair.disagreement(0, "both sides have both roots", GOOD), None);
}

/// The roots that a workload was given.
fn roots(workload: &Workload<'_>) -> Vec<CertificateDer<'static>> {
    let roots = fs::read(workload.certs.join("root-cert.pem")).unwrap();
    CertificateDer::pem_slice_iter(&roots).map(Result::unwrap).collect()
}
