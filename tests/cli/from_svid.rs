//! `simulate request --from-svid`: the identity in a certificate is the caller.

use crate::certificates::World;
use crate::certificates::mint;
use crate::certificates::mint::Name;
use crate::certificates::party::Party;
use crate::certificates::pem;
use crate::run::Folder;

const AT: &str = "2026-11-26T12:00:00Z";

/// A STRICT server that lets one identity in.
const MESH: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: a, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: server, namespace: a}
spec:
  selector: {matchLabels: {app: server}}
  template:
    metadata: {labels: {app: server}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server, namespace: a}
spec: {selector: {app: server}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: a}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-b, namespace: a}
spec:
  action: ALLOW
  rules: [{from: [{source: {principals: [cluster.local/ns/a/sa/b]}}]}]
";

fn leaf(id: &str, change: impl FnOnce(&mut mint::Mint)) -> String {
    let world = World::new();
    pem(&[&world.middle.leaf(id, change), &world.middle])
}

fn folder() -> Folder {
    let b = "spiffe://cluster.local/ns/a/sa/b";
    let folder = Folder::with(&[
        ("mesh.yaml", MESH),
        ("b.pem", &leaf(b, |_| {})),
        ("c.pem", &leaf("spiffe://cluster.local/ns/a/sa/c", |_| {})),
        ("foreign.pem", &leaf("spiffe://elsewhere/ns/a/sa/b", |_| {})),
        ("expired.pem", &leaf(b, |m| "20261126115959Z".clone_into(&mut m.not_after))),
        ("early.pem", &leaf(b, |m| "20261126120001Z".clone_into(&mut m.not_before))),
        ("server-only.pem", &leaf(b, |m| m.extensions[1] = mint::extended_key_usage(false, &[mint::SERVER_AUTH]))),
        ("two.pem", &leaf(b, |m| m.extensions[3] = mint::alternative_names(true, &[Name::Uri(b), Name::Uri(b)]))),
        ("dns.pem", &leaf(b, |m| m.extensions[3] = mint::alternative_names(true, &[Name::Dns("a.b")]))),
    ]);
    let root = Party::root("root", |_| {});
    folder.write("root.pem", pem(&[&root]).as_bytes());
    folder
}

fn ask(folder: &Folder, arguments: &[&str]) -> crate::run::Ran {
    let fixed = ["simulate", "request", "-f", "mesh.yaml", "--to", "server.a:80", "--at", AT, "-o", "json"];
    folder.run(&[&fixed, arguments].concat())
}

#[test]
fn a_certificate_that_names_no_workload_is_a_wrong_question() {
    let folder = folder();
    for (arguments, says) in [
        (&["--from-svid", "absent.pem"][..], "cannot read `absent.pem`"),
        (&["--from-svid", "mesh.yaml"], "`mesh.yaml`"),
        (&["--from-svid", "two.pem"], "`--from-svid two.pem` is no workload's certificate: it has 2 URI names"),
        (&["--from-svid", "dns.pem"], "it has no URI name"),
        (&["--from-svid", "root.pem"], "it has no URI name"),
        (&["--from-svid", "b.pem", "--from", "spiffe://cluster.local/ns/a/sa/c"], "another one is given besides"),
    ] {
        let ran = ask(&folder, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(says), "{arguments:?}: no `{says}` in {}", ran.err);
    }
}

#[test]
fn a_certificate_that_a_proxy_refuses_never_gets_through() {
    let folder = folder();
    for (file, says) in [
        ("expired.pem", "it expired at 2026-11-26T11:59:59Z"),
        ("early.pem", "it is not valid before 2026-11-26T12:00:01Z"),
        ("server-only.pem", "its extendedKeyUsage lacks clientAuth"),
    ] {
        let ran = ask(&folder, &["--from-svid", file]);
        let decision = ran.json();
        assert_eq!((ran.code, decision["verdict"].as_str()), (1, Some("connection-failed")), "{file}: {ran:?}");
        assert_eq!(decision["reason"], "client_certificate_defective", "{file}");
        let message = decision["message"].as_str().unwrap();
        assert!(message.contains(says) && message.contains(file), "{file}: {message}");
    }
    let plain = ask(&folder, &["--from-svid", "expired.pem", "--tls", "disable"]);
    assert_eq!(plain.json()["verdict"], "mtls-required", "the certificate is not presented");
    let foreign = ask(&folder, &["--from-svid", "foreign.pem"]);
    assert_eq!(foreign.json()["verdict"], "connection-failed", "another trust domain");
}

#[test]
fn the_identity_in_the_certificate_is_the_caller() {
    let folder = folder();
    for (arguments, verdict, principal) in [
        (&["--from-svid", "b.pem"][..], "allowed", "cluster.local/ns/a/sa/b"),
        (&["--from-svid", "c.pem"], "denied", "cluster.local/ns/a/sa/c"),
        (&["--from", "a/server", "--from-svid", "b.pem"], "allowed", "cluster.local/ns/a/sa/b"),
        (&["--from-svid", "b.pem", "--tls", "mutual"], "allowed", "cluster.local/ns/a/sa/b"),
    ] {
        let decision = ask(&folder, arguments).json();
        assert_eq!(decision["verdict"], verdict, "{arguments:?}: {decision}");
        assert_eq!(decision["connection"]["sourcePrincipal"], principal, "{arguments:?}");
    }
    let same = ask(&folder, &["--from", "spiffe://cluster.local/ns/a/sa/b"]);
    assert_eq!(ask(&folder, &["--from-svid", "b.pem"]).out, same.out, "as the identity alone");
}
