//! A new root takes the place of the old one while two Envoys keep talking.

use std::path::Path;
use std::path::PathBuf;
use std::thread;

use meshsec::pki::KeyType;
use serde_json::json;

use super::configuration::OF_THE_MESH;
use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::inline;
use super::configuration::secret;
use super::configuration::secrets;
use super::envoy;
use super::link::Expected;
use super::link::Link;
use super::link::Pair;
use super::link::check;
use super::load::HOLD;
use super::load::under_load;
use super::process::Envoy;
use super::process::replace;
use super::process::wait_until;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::SERVER;

/// The old authority and the new one, and what workloads are given in each step of the way from one to the other.
struct Rotation {
    old: Authority,
    new: Authority,
}

impl Rotation {
    fn new() -> Self {
        Self { old: Authority::new("old", KeyType::EcdsaP256), new: Authority::new("new", KeyType::EcdsaP384) }
    }

    /// Who signs in this step.
    fn signer(&self, step: usize) -> &Authority {
        if step < 2 { &self.old } else { &self.new }
    }

    /// Whom everybody trusts in this step.
    fn bundle(&self, step: usize) -> String {
        match step {
            0 => self.old.bundle(),
            3 => self.new.bundle(),
            _ => self.old.bundle() + &self.new.bundle(),
        }
    }
}

/// Where one side finds its secrets.
struct Side {
    folder: PathBuf,
    spiffe_id: &'static str,
}

impl Side {
    fn new(folder: &Path, name: &str, spiffe_id: &'static str) -> Self {
        let folder = folder.join(name);
        std::fs::create_dir(&folder).unwrap();
        Self { folder, spiffe_id }
    }

    /// Replaces roots and certificate by those of a step, the roots first.
    fn go(&self, rotation: &Rotation, step: usize) {
        let roots = json!({"trusted_ca": {"inline_string": rotation.bundle(step)}});
        replace(&self.folder.join("ROOTCA.json"), &secret("ROOTCA", "validation_context", &roots));
        let own = rotation.signer(step).issue(self.spiffe_id);
        let own = json!({"certificate_chain": {"inline_string": own.chain}, "private_key": {"inline_string": own.key}});
        replace(&self.folder.join("default.json"), &secret("default", "tls_certificate", &own));
    }
}

/// Waits until an Envoy has taken in the secrets that are written meanwhile.
fn taken_in(envoy: &Envoy, write: impl FnOnce()) {
    let taken = || ["sds.default.update_success", "sds.ROOTCA.update_success"].map(|name| envoy.counter(name));
    let before = taken();
    write();
    wait_until("new secrets", || taken().iter().zip(before).all(|(now, before)| *now > before));
}

/// Two Envoys in step 0, and what is needed to bring them further.
struct Rotating {
    rotation: Rotation,
    client: Side,
    server: Side,
    pair: Pair,
    _folder: tempfile::TempDir,
}

impl Rotating {
    fn start(program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rotation = Rotation::new();
        let client = Side::new(folder.path(), "client", CLIENT);
        let server = Side::new(folder.path(), "server", SERVER);
        client.go(&rotation, 0);
        server.go(&rotation, 0);
        let link = Link {
            name: "rotating".to_owned(),
            client: secrets(&client.folder, Peer::Exactly(SERVER)),
            tls: Tls::V13,
            server: secrets(&server.folder, OF_THE_MESH),
            expected: Expected::Accepted(CLIENT),
        };
        let pair = Pair::start(program, &[link]);
        Self { rotation, client, server, pair, _folder: folder }
    }

    fn client_goes(&self, step: usize) {
        taken_in(&self.pair.client, || self.client.go(&self.rotation, step));
        thread::sleep(HOLD);
    }

    fn server_goes(&self, step: usize) {
        taken_in(&self.pair.server, || self.server.go(&self.rotation, step));
        thread::sleep(HOLD);
    }
}

#[test]
fn the_way_through_both_roots_and_back_breaks_no_connection() {
    let Some(program) = envoy("the_way_through_both_roots_and_back_breaks_no_connection") else { return };
    let rotating = Rotating::start(&program);
    let load = under_load(&rotating.pair, || {
        // Either side may be the first.
        for (index, step) in [1, 2, 3, 2, 1, 0, 1, 2, 3].into_iter().enumerate() {
            if index % 2 == 0 {
                rotating.server_goes(step);
                rotating.client_goes(step);
            } else {
                rotating.client_goes(step);
                rotating.server_goes(step);
            }
        }
    });
    assert_eq!(load.failed, Vec::<String>::new());
    let handshakes = rotating.pair.server.counter(".ssl.handshake");
    let reused = rotating.pair.server.counter(".ssl.session_reused");
    assert!(
        load.answered > 100 && handshakes >= load.answered && reused == 0,
        "{load:?}, {handshakes} handshakes, {reused} reused"
    );
    let roots = rotating.pair.server.admin("GET", "/certs");
    let [old, new] = [&rotating.rotation.old, &rotating.rotation.new].map(|made| made.root.certificate().serial().to_string());
    assert!(roots.contains(&new) && !roots.contains(&old), "the old root is gone: {roots}");
}

#[test]
fn the_jump_from_the_old_root_to_the_new_one_breaks_connections() {
    let Some(program) = envoy("the_jump_from_the_old_root_to_the_new_one_breaks_connections") else { return };
    let rotating = Rotating::start(&program);
    let load = under_load(&rotating.pair, || {
        rotating.server_goes(3);
        rotating.client_goes(3);
    });
    assert!(load.answered > 10 && !load.failed.is_empty(), "{load:?}");
    assert!(rotating.pair.ask(0).is_good(), "both sides have arrived");
}

#[test]
fn a_pair_works_if_and_only_if_its_sides_are_at_most_one_step_apart() {
    let Some(program) = envoy("a_pair_works_if_and_only_if_its_sides_are_at_most_one_step_apart") else { return };
    let rotation = Rotation::new();
    let unknown = "unable_to_get_local_issuer_certificate";
    let side = |id, step, peer| inline(&rotation.signer(step).issue(id), &rotation.bundle(step), "", peer);
    let mut links = Vec::new();
    for client in 0..=3 {
        for server in 0..=3_usize {
            let expected = match (client, server) {
                _ if server.abs_diff(client) <= 1 => Expected::Accepted(CLIENT),
                // The server's certificate comes first and is good; the client's is not.
                (2, 0) | (1, 3) => Expected::ByServer(unknown),
                _ => Expected::ByClient(unknown),
            };
            links.push(Link {
                name: format!("client in step {client}, server in step {server}"),
                client: side(CLIENT, client, Peer::Exactly(SERVER)),
                tls: Tls::V13,
                server: side(SERVER, server, OF_THE_MESH),
                expected,
            });
        }
    }
    check(&program, &links);
}
