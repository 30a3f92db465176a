//! `svid install`: a Secret for each service account, written when it is due and not otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::Server;

struct Site<'s> {
    server: &'s Server,
    home: String,
    namespace: String,
}

impl<'s> Site<'s> {
    fn new(server: &'s Server, accounts: &[&str]) -> Self {
        let home = server.folder().join("home").to_str().unwrap().to_owned();
        let site = Self { server, home, namespace: server.namespace() };
        site.meshsec(&["ca", "init", "--insecure-no-password", "-q"], 0);
        for account in accounts {
            server.kubectl(&["create", "serviceaccount", account, "-n", &site.namespace]).ok();
        }
        site
    }

    /// A command that has to end with this code, and shows no key.
    fn meshsec(&self, arguments: &[&str], code: i32) -> (String, String) {
        let ran = self.server.meshsec(&[arguments, &["--home", &self.home]].concat()).ended_with(code);
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains("PRIVATE KEY") && !text.contains("LS0tLS1CRUdJTiBQUklWQVRF"), "{text}");
        }
        (ran.stdout, ran.stderr)
    }

    fn install(&self, flags: &[&str], code: i32) -> (String, String) {
        self.meshsec(&[&["svid", "install", "-n", &self.namespace], flags].concat(), code)
    }

    fn secret(&self, name: &str) -> Option<Value> {
        let found = self.server.kubectl(&["get", "secret", name, "-n", &self.namespace, "--ignore-not-found", "-o", "json"]).ok();
        serde_json::from_str(&found).ok()
    }

    fn file(&self, secret: &str, key: &str) -> String {
        let secret = self.secret(secret).unwrap();
        String::from_utf8(STANDARD.decode(secret["data"][key].as_str().unwrap()).unwrap()).unwrap()
    }

    /// How many certificates of workloads the ledger has.
    fn issued(&self) -> usize {
        let (out, _) = self.meshsec(&["svid", "list", "-o", "json"], 0);
        let listed: Value = serde_json::from_str(&out).unwrap();
        let is_issued = |row: &&Value| matches!(row["origin"].as_str(), Some("issue" | "renew"));
        listed["certificates"].as_array().unwrap().iter().filter(is_issued).count()
    }
}

#[test]
fn every_account_gets_its_secret_once_and_again_when_it_is_due() {
    let Some(server) = Server::start("every_account_gets_its_secret_once_and_again_when_it_is_due") else { return };
    let site = Site::new(server, &["cart", "web"]);
    let (out, _) = site.install(&["--all", "--dry-run"], 0);
    assert_eq!(out.matches("created (dry run)").count(), 2, "{out}");
    assert_eq!((site.secret("istio.cart"), site.issued()), (None, 0));
    let (out, err) = site.install(&["--all"], 0);
    assert!(out.matches(" created until ").count() == 2 && err.contains("2 service accounts"), "{out}{err}");
    assert_eq!(site.issued(), 2, "every certificate is in the ledger");
    let secret = site.secret("istio.cart").unwrap();
    assert_eq!(secret["type"], "istio.io/key-and-cert");
    let keys: Vec<&String> = secret["data"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["cert-chain.pem", "key.pem", "root-cert.pem"]);
    assert!(site.file("istio.cart", "key.pem").contains("PRIVATE KEY"));
    let chain = site.file("istio.cart", "cert-chain.pem");
    let path = server.folder().join("chain.pem");
    std::fs::write(&path, &chain).unwrap();
    let facts = server.meshsec(&["svid", "inspect", path.to_str().unwrap()]).ok();
    assert!(facts.contains(&format!("spiffe://cluster.local/ns/{}/sa/cart", site.namespace)), "{facts}");
    let (out, _) = site.install(&["--all"], 0);
    assert_eq!(out.matches("unchanged: due at").count(), 2, "{out}");
    assert_eq!((site.issued(), site.file("istio.cart", "cert-chain.pem")), (2, chain.clone()));
    let (out, _) = site.install(&["--service-account", "cart", "--ratio", "1", "--jitter", "0"], 0);
    assert!(out.contains("renewed") && out.contains("because it is due since"), "{out}");
    assert_ne!(site.file("istio.cart", "cert-chain.pem"), chain);
    assert_eq!(site.issued(), 3);
}

#[test]
fn roots_are_replaced_without_a_new_certificate() {
    let Some(server) = Server::start("roots_are_replaced_without_a_new_certificate") else { return };
    let site = Site::new(server, &["cart"]);
    site.install(&["--service-account", "cart", "--layout", "tls"], 0);
    assert_eq!(site.secret("cart-svid").unwrap()["type"], "kubernetes.io/tls");
    let (chain, root) = (site.file("cart-svid", "tls.crt"), site.file("cart-svid", "ca.crt"));
    site.meshsec(&["ca", "rotate", "prepare", "-q"], 0);
    let (out, _) = site.install(&["--service-account", "cart", "--layout", "tls"], 0);
    assert!(out.contains("configured: its roots were out of date"), "{out}");
    let roots = site.file("cart-svid", "ca.crt");
    assert!(roots.len() > root.len() && site.file("cart-svid", "tls.crt") == chain);
    assert_eq!(site.issued(), 1);
}

#[test]
fn what_is_not_ours_is_left_and_what_cannot_be_written_is_not_issued() {
    let Some(server) = Server::start("what_is_not_ours_is_left_and_what_cannot_be_written_is_not_issued") else { return };
    let site = Site::new(server, &["cart", "web", "db"]);
    let other = Site::new(server, &[]);
    other.meshsec(&["svid", "install", "--service-account", &format!("{}/web", site.namespace)], 0);
    server.kubectl(&["create", "secret", "generic", "istio.db", "-n", &site.namespace, "--from-literal=a=b"]).ok();
    let theirs = site.file("istio.web", "cert-chain.pem");
    let (out, err) = site.install(&["--all"], 1);
    assert!(out.contains("istio.cart") && !out.contains("istio.web"), "{out}");
    assert!(err.contains("is not in the ledger") && err.contains("--overwrite"), "{err}");
    assert!(err.contains("is of type `Opaque`"), "{err}");
    assert_eq!((site.issued(), site.file("istio.web", "cert-chain.pem")), (1, theirs));
    site.install(&["--service-account", "web", "--overwrite"], 0);
    assert_eq!(site.issued(), 2);
    site.install(&["--service-account", "absent"], 2);
    // Who may not write gets no certificate.
    let user = server.user(&site.namespace, &[("get,list", "serviceaccounts,secrets")]);
    let ran =
        user.meshsec(&["svid", "install", "-n", &site.namespace, "--service-account", "cart", "--force", "--home", &site.home]);
    assert!(ran.code == Some(3) && ran.stderr.contains("may not patch `secrets"), "{ran:?}");
    assert_eq!(site.issued(), 2);
}
