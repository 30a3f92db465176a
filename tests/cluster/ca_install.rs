//! `ca install`: the plug-in authority comes into the cluster, and no other one is lost to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

use crate::harness::Server;

/// An authority in a home of its own.
struct Site<'s> {
    server: &'s Server,
    home: String,
}

impl<'s> Site<'s> {
    fn new(server: &'s Server) -> Self {
        let site = Self { server, home: server.folder().join("home").to_str().unwrap().to_owned() };
        site.run(&["ca", "init", "--insecure-no-password", "-q"], 0);
        site
    }

    /// Standard output and error of a command that has to end with this code.
    fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        let ran = self.server.meshsec(&[arguments, &["--home", &self.home]].concat()).ended_with(code);
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains("PRIVATE KEY") && !text.contains("LS0tLS1CRUdJTiBQUklWQVRF"), "{text}");
        }
        (ran.stdout, ran.stderr)
    }

    fn install(&self, namespace: &str, flags: &[&str], code: i32) -> (String, String) {
        self.run(&[&["ca", "install", "--namespace", namespace], flags].concat(), code)
    }
}

fn secret(server: &Server, namespace: &str) -> Option<Value> {
    let found = server.kubectl(&["get", "secret", "cacerts", "-n", namespace, "--ignore-not-found", "-o", "json"]).ok();
    serde_json::from_str(&found).ok()
}

fn version(server: &Server, namespace: &str) -> String {
    secret(server, namespace).unwrap()["metadata"]["resourceVersion"].as_str().unwrap().to_owned()
}

/// What istiod tells a namespace to trust.
fn tell(server: &Server, namespace: &str, roots: &str) {
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"root-cert.pem": roots},
        "metadata": {"name": "istio-ca-root-cert", "namespace": namespace, "labels": {"istio.io/config": "true"}}});
    server.kubectl_with(&["apply", "-f", "-"], &map.to_string()).ok();
}

fn istiod(server: &Server, namespace: &str) {
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "istiod", "namespace": namespace, "labels": {"app": "istiod"}},
        "spec": {"selector": {"matchLabels": {"app": "istiod"}}, "template": {"metadata": {"labels": {"app": "istiod"}},
            "spec": {"containers": [{"name": "discovery", "image": "pilot"}]}}}});
    server.kubectl_with(&["apply", "-f", "-"], &deployment.to_string()).ok();
}

fn roots_of(server: &Server, namespace: &str) -> String {
    let path = "jsonpath={.data.root-cert\\.pem}";
    let encoded = server.kubectl(&["get", "secret", "cacerts", "-n", namespace, "-o", path]).ok();
    String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
}

#[test]
fn an_authority_is_created_found_unchanged_and_loads() {
    let Some(server) = Server::own("an_authority_is_created_found_unchanged_and_loads") else { return };
    let server = &server;
    let site = Site::new(server);
    let namespace = server.namespace();
    for place in ["client", "server"] {
        let (out, _) = site.install(&namespace, &[&format!("--dry-run={place}")], 0);
        assert!(out.contains(&format!("created ({place} dry run)")), "{out}");
        assert_eq!(secret(server, &namespace), None);
    }
    let (out, _) = site.install(&namespace, &["-o", "json"], 0);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (told["result"].as_str(), told["readBack"].as_bool(), told["usable"].as_bool()),
        (Some("created"), Some(true), Some(true)),
        "{told}"
    );
    // The one that is exported is the one that is there, and istiod's checks pass on it.
    let found = secret(server, &namespace).unwrap();
    let checked = server.meshsec_with(&["ca", "verify", "-", "-o", "json"], &found.to_string()).json();
    assert_eq!(
        (&checked["usable"], &checked["signer"]["fingerprint"]),
        (&json!(true), &told["signer"]["fingerprint"]),
        "{checked}"
    );
    let before = version(server, &namespace);
    let (out, _) = site.install(&namespace, &[], 0);
    assert!(out.contains("secret/cacerts unchanged"), "{out}");
    assert_eq!(version(server, &namespace), before, "nothing was written");
    site.install("absent", &[], 2);
}

#[test]
fn another_root_is_refused_with_the_steps_and_forced_only_by_name() {
    let Some(server) = Server::own("another_root_is_refused_with_the_steps_and_forced_only_by_name") else { return };
    let server = &server;
    let (ours, theirs) = (Site::new(server), Site::new(server));
    let namespace = server.namespace();
    theirs.install(&namespace, &[], 0);
    let before = version(server, &namespace);
    let (out, err) = ours.install(&namespace, &[], 2);
    assert!(out.is_empty() && err.contains("no root of `default` is trusted in the mesh of `test`"), "{err}");
    for step in ["steps:", "ISTIO_MULTIROOT_MESH=true", "istio-ca-root-cert", "--force"] {
        assert!(err.contains(step), "{step} is not in {err}");
    }
    assert_eq!(version(server, &namespace), before);
    // What workloads trust counts also where the Secret is gone.
    tell(server, &server.namespace(), &roots_of(server, &namespace));
    server.kubectl(&["delete", "secret", "cacerts", "-n", &namespace]).ok();
    let (_, err) = ours.install(&namespace, &[], 2);
    assert!(err.contains("no root of `default` is trusted"), "{err}");
    let (out, err) = ours.install(&namespace, &["--force"], 0);
    assert!(out.contains("created") && err.contains("connections break until istiod"), "{out}{err}");
}

#[test]
fn the_steps_of_a_rotation_are_taken_one_by_one() {
    let Some(server) = Server::own("the_steps_of_a_rotation_are_taken_one_by_one") else { return };
    let server = &server;
    let site = Site::new(server);
    let (namespace, shop) = (server.namespace(), server.namespace());
    istiod(server, &namespace);
    site.install(&namespace, &[], 0);
    let old = roots_of(server, &namespace);
    tell(server, &shop, &old);
    site.run(&["ca", "rotate", "prepare", "-q"], 0);
    let (out, _) = site.install(&namespace, &[], 0);
    assert!(out.contains("1 added, 0 removed") && out.contains("until it is restarted"), "{out}");
    let both = roots_of(server, &namespace);
    site.run(&["ca", "rotate", "activate", "-q"], 0);
    let (_, err) = site.install(&namespace, &[], 2);
    assert!(err.contains(&format!("workloads in namespace `{shop}` do not trust what `default` signs yet")), "{err}");
    tell(server, &shop, &both);
    let (out, _) = site.install(&namespace, &["--restart"], 0);
    assert!(out.contains("restarted: deployment/istiod"), "{out}");
    let path = "jsonpath={.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}";
    let restarted = server.kubectl(&["get", "deployment", "istiod", "-n", &namespace, "-o", path]).ok();
    assert!(restarted.starts_with("20") && restarted.ends_with('Z'), "{restarted}");
    // kubectl restarts it afterwards without a word, as soon as the second is over.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    server.kubectl(&["rollout", "restart", "deployment/istiod", "-n", &namespace]).ok();
}

#[test]
fn fields_and_keys_of_others_are_not_taken_in_silence() {
    let Some(server) = Server::own("fields_and_keys_of_others_are_not_taken_in_silence") else { return };
    let server = &server;
    let site = Site::new(server);
    let namespace = server.namespace();
    let exported =
        server.meshsec(&["ca", "export", "--for", "istio", "-o", "k8s", "--namespace", &namespace, "--home", &site.home]).ok();
    server.kubectl_with(&["apply", "-f", "-"], &exported).ok();
    let (out, _) = site.install(&namespace, &[], 0);
    assert!(out.contains("unchanged"), "{out}");
    site.run(&["ca", "intermediate", "--name", "east", "-q"], 0);
    let (_, err) = site.install(&namespace, &["--name", "east"], 3);
    assert!(err.contains("others manage") && err.contains("--force-conflicts"), "{err}");
    site.install(&namespace, &["--name", "east", "--force-conflicts"], 0);
    server.kubectl(&["patch", "secret", "cacerts", "-n", &namespace, "-p", r#"{"data":{"istio-generated":""}}"#]).ok();
    let (_, err) = site.install(&namespace, &["--name", "east"], 2);
    assert!(err.contains("also holds `istio-generated`"), "{err}");
    let (out, _) = site.install(&namespace, &["--name", "east", "--force"], 0);
    assert!(out.contains("configured"), "{out}");
    assert_eq!(secret(server, &namespace).unwrap()["data"].as_object().unwrap().len(), 4);
}
