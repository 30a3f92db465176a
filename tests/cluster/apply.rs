//! `policy apply` and `policy delete`: what they do to a real cluster, and what is left when they are stopped.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;

use crate::harness::Caller;
use crate::harness::Fault;
use crate::harness::Proxy;
use crate::harness::Ran;
use crate::harness::Seen;
use crate::harness::Server;

/// A policy that denies or allows a path on the workload `api`.
pub(crate) fn policy(name: &str, action: &str, path: &str) -> String {
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: api}}}}\n  \
         action: {action}\n  rules: [{{to: [{{operation: {{paths: [{path}]}}}}]}}]\n"
    )
}

/// A workload `api` with a service of that name, in a namespace with sidecars.
pub(crate) const API: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api, sidecar.istio.io/inject: 'true'}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {selector: {app: api}, ports: [{name: http, port: 80}]}
";

/// A folder with files, and a home beside it.
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(server: &Server) -> Self {
        let root = server.folder();
        std::fs::create_dir_all(root.join("files")).unwrap();
        Self { root }
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.root.join("files").join(name), text).unwrap();
        self
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.root.join("files").join(name)).unwrap();
    }

    pub(crate) fn files(&self) -> String {
        self.root.join("files").display().to_string()
    }

    pub(crate) fn home(&self) -> String {
        self.root.join("home").display().to_string()
    }

    /// `policy apply -f FILES --home HOME -n NAMESPACE` and more.
    pub(crate) fn apply(&self, caller: &Caller, namespace: &str, more: &[&str]) -> Ran {
        caller.meshsec(
            &self.command(namespace, &["apply", "-f", &self.files()], more).iter().map(String::as_str).collect::<Vec<_>>(),
        )
    }

    fn command(&self, namespace: &str, verb: &[&str], more: &[&str]) -> Vec<String> {
        let home = self.home();
        let own = ["--home", &home, "-n", namespace];
        ["policy"].iter().chain(verb).chain(&own).chain(more).map(|word| (*word).to_owned()).collect()
    }

    /// `policy apply --resume` or `--undo`.
    fn go_on(&self, caller: &Caller, how: &str) -> Ran {
        let home = self.home();
        caller.meshsec(&["policy", "apply", how, "--home", &home])
    }

    fn journals(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(Path::new(&self.home()).join("apply"));
        let mut paths: Vec<PathBuf> = entries.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

/// Specs of the policies of a namespace, by name.
fn policies(server: &Caller, namespace: &str) -> BTreeMap<String, Value> {
    let list = server.kubectl(&["get", "authorizationpolicies", "-n", namespace, "-o", "json"]).json();
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| (item["metadata"]["name"].as_str().unwrap().to_owned(), item["spec"].clone())).collect()
}

fn version(server: &Caller, namespace: &str, name: &str) -> String {
    server.kubectl(&["get", "authorizationpolicy", name, "-n", namespace, "-o", "jsonpath={.metadata.resourceVersion}"]).ok()
}

fn is_write(request: &Seen) -> bool {
    matches!(request.method.as_str(), "PATCH" | "POST" | "PUT" | "DELETE")
        && !request.path.contains("dryRun")
        && !request.body.contains("dryRun")
}

#[test]
fn objects_are_created_left_alone_configured_and_removed() {
    let Some(server) = Server::start("objects_are_created_left_alone_configured_and_removed") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("a.yaml", &(policy("allow-a", "ALLOW", "/a") + &policy("deny-admin", "DENY", "/admin")));
    let created = folder.apply(server, &namespace, &["--yes"]).ok();
    assert_eq!(
        created,
        "authorizationpolicy.security.istio.io/deny-admin created\nauthorizationpolicy.security.istio.io/allow-a created\n"
    );
    let before = version(server, &namespace, "allow-a");
    let proxy = Proxy::start(server, |_| Fault::Nothing);
    let again = folder.apply(proxy.caller(), &namespace, &["-o", "name"]).ok();
    assert_eq!(again.lines().count(), 2, "{again}");
    let writes: Vec<Seen> = proxy.seen().into_iter().filter(|request| request.method != "GET").collect();
    assert!(writes.is_empty(), "what is as wanted is not even asked about: {writes:?}");
    assert_eq!(version(server, &namespace, "allow-a"), before);

    folder.write("a.yaml", &(policy("allow-a", "ALLOW", "/b") + &policy("deny-admin", "DENY", "/admin")));
    let json = folder.apply(server, &namespace, &["--yes", "-o", "json"]).json();
    let results: Vec<_> = json["objects"].as_array().unwrap().iter().map(|object| (&object["name"], &object["result"])).collect();
    assert_eq!(results, [(&"deny-admin".into(), &"unchanged".into()), (&"allow-a".into(), &"configured".into())]);
    assert_eq!(policies(server, &namespace)["allow-a"]["rules"][0]["to"][0]["operation"]["paths"][0], "/b");

    // kubectl reads what we wrote, and applies over it without a conflict.
    let text = policy("allow-a", "ALLOW", "/b");
    server.kubectl_with(&["apply", "--server-side", "-n", &namespace, "-f", "-"], &text).ok();

    let home = folder.home();
    let files = folder.files();
    let deleted = server.meshsec(&["policy", "delete", "-f", &files, "--home", &home, "-n", &namespace, "--yes"]).ok();
    assert_eq!(
        deleted,
        "authorizationpolicy.security.istio.io/allow-a deleted\nauthorizationpolicy.security.istio.io/deny-admin deleted\n"
    );
    assert!(policies(server, &namespace).is_empty());
    folder.go_on(server, "--undo").ok();
    assert_eq!(policies(server, &namespace).len(), 2);
}

#[test]
fn a_plan_and_a_dry_run_leave_the_cluster_as_it_is() {
    let Some(server) = Server::start("a_plan_and_a_dry_run_leave_the_cluster_as_it_is") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("a.yaml", &(policy("allow-a", "ALLOW", "/a") + &policy("deny-admin", "DENY", "/admin")));
    let plan = folder.apply(server, &namespace, &["--plan-only"]).ok();
    let place = |text: &str| plan.find(text).unwrap_or_else(|| panic!("no {text} in {plan}"));
    assert!(place("deny-admin") < place("allow-a") && plan.contains("the first one on its workloads"), "{plan}");
    let json = folder.apply(server, &namespace, &["--plan-only", "-o", "json"]).json();
    assert_eq!((&json["steps"][0]["name"], &json["steps"][0]["action"]), (&"deny-admin".into(), &"create".into()));
    for how in ["--dry-run=server", "--dry-run=client"] {
        let dry = folder.apply(server, &namespace, &[how]).ok();
        assert!(dry.contains("deny-admin created (") && dry.contains("dry run)"), "{how}: {dry}");
    }
    assert!(policies(server, &namespace).is_empty());
    assert!(folder.journals().is_empty());
}

#[test]
fn nothing_is_written_when_one_object_is_refused() {
    const TEST: &str = "nothing_is_written_when_one_object_is_refused";
    let Some(server) = Server::start(TEST) else { return };
    let Some(namespace) = server.namespace_with_webhook(TEST) else { return };
    let folder = Folder::new(server);
    let bad = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: bad}\nspec: {action: DENY}\n";
    folder.write("a.yaml", &(policy("allow-a", "ALLOW", "/a") + bad));
    let ran = folder.apply(server, &namespace, &["--yes", "--skip-check"]).ended_with(2);
    assert!(ran.stderr.contains("DENY action without `rules` is meaningless") && ran.stderr.contains("bad"), "{ran:?}");
    assert!(policies(server, &namespace).is_empty() && folder.journals().is_empty());

    // Our own check says so before.
    let ran = folder.apply(server, &namespace, &["--yes", "--dry-run=client"]).ended_with(1);
    assert!(ran.stderr.contains("nothing was done: `policy check` says no"), "{ran:?}");

    let gone = "---\napiVersion: example.org/v1\nkind: Nothing\nmetadata: {name: x}\n";
    folder.write("a.yaml", gone);
    folder.apply(server, &namespace, &["--yes"]).ended_with(2);
}

#[test]
fn fields_of_others_are_taken_only_by_force() {
    let Some(server) = Server::start("fields_of_others_are_taken_only_by_force") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    let theirs = policy("shared", "ALLOW", "/theirs");
    let apply = ["apply", "--server-side", "--field-manager=theirs", "-n", &namespace, "-f", "-"];
    server.kubectl_with(&apply, &theirs).ok();
    folder.write("a.yaml", &policy("shared", "ALLOW", "/ours"));
    let ran = folder.apply(server, &namespace, &["--yes"]).ended_with(3);
    assert!(ran.stderr.contains("`theirs`") && ran.stderr.contains(".spec.rules"), "{ran:?}");
    assert!(ran.stderr.contains("--force-conflicts"), "{ran:?}");
    assert_eq!(policies(server, &namespace)["shared"]["rules"][0]["to"][0]["operation"]["paths"][0], "/theirs");
    folder.apply(server, &namespace, &["--yes", "--force-conflicts"]).ok();
    assert_eq!(policies(server, &namespace)["shared"]["rules"][0]["to"][0]["operation"]["paths"][0], "/ours");
    folder.go_on(server, "--undo").ok();
    assert_eq!(policies(server, &namespace)["shared"]["rules"][0]["to"][0]["operation"]["paths"][0], "/theirs");
}

#[test]
fn an_object_that_somebody_changes_in_between_is_not_overwritten() {
    let Some(server) = Server::start("an_object_that_somebody_changes_in_between_is_not_overwritten") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("a.yaml", &policy("shared", "ALLOW", "/a"));
    folder.apply(server, &namespace, &["--yes"]).ok();
    folder.write("a.yaml", &policy("shared", "ALLOW", "/b"));
    let by = |patch: &'static str, namespace: &str| {
        let namespace = namespace.to_owned();
        let is_first = AtomicBool::new(true);
        Proxy::start(server, move |request| {
            if is_write(request) && is_first.swap(false, Ordering::SeqCst) {
                server.kubectl(&["patch", "authorizationpolicy", "shared", "-n", &namespace, "--type=merge", "-p", patch]).ok();
            }
            Fault::Nothing
        })
    };
    // A status, as istiod writes it, is no reason to stop.
    let proxy = by(r#"{"status": {"validationMessages": []}}"#, &namespace);
    folder.apply(proxy.caller(), &namespace, &["--yes"]).ok();
    assert_eq!(policies(server, &namespace)["shared"]["rules"][0]["to"][0]["operation"]["paths"][0], "/b");

    folder.write("a.yaml", &policy("shared", "ALLOW", "/c"));
    let cases = [
        // Their field is not ours, but what was planned was planned for another object.
        (r#"{"metadata": {"labels": {"owner": "somebody"}}}"#, "was changed by somebody else in the meantime"),
        (r#"{"spec": {"action": "DENY"}}"#, "`.spec.action` by `kubectl-patch`"),
    ];
    for (patch, words) in cases {
        let proxy = by(patch, &namespace);
        let ran = folder.apply(proxy.caller(), &namespace, &["--yes"]).ended_with(3);
        assert!(ran.stderr.contains(words) && ran.stderr.contains("--resume"), "{patch}: {ran:?}");
        let now = policies(server, &namespace).remove("shared").unwrap();
        assert_eq!(now["rules"][0]["to"][0]["operation"]["paths"][0], "/b", "{patch}");
        // Nothing was done, so there is nothing to take back.
        folder.go_on(server, "--undo").ok();
        assert_eq!(policies(server, &namespace)["shared"], now, "{patch}");
    }

    // One that comes in between is not joined with ours.
    let other = Folder::new(server);
    other.write("a.yaml", &policy("late", "ALLOW", "/a"));
    let place = namespace.clone();
    let is_first = AtomicBool::new(true);
    let proxy = Proxy::start(server, move |request| {
        if request.path.contains("late") && request.path.contains("dryRun") && is_first.swap(false, Ordering::SeqCst) {
            server.kubectl_with(&["create", "-n", &place, "-f", "-"], &policy("late", "ALLOW", "/theirs")).ok();
        }
        Fault::Nothing
    });
    other.apply(proxy.caller(), &namespace, &["--yes"]).ended_with(3);
    assert_eq!(policies(server, &namespace)["late"]["rules"][0]["to"][0]["operation"]["paths"][0], "/theirs");
}

#[test]
fn who_may_not_write_is_told_what_is_missing() {
    let Some(server) = Server::start("who_may_not_write_is_told_what_is_missing") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("a.yaml", &policy("allow-a", "ALLOW", "/a"));
    let reader = server.user(&namespace, &[("get,list", "authorizationpolicies.security.istio.io")]);
    let ran = folder.apply(&reader, &namespace, &["--yes", "--skip-check"]).ended_with(3);
    assert!(ran.stderr.contains("may not patch `authorizationpolicies.security.istio.io"), "{ran:?}");
    assert!(policies(server, &namespace).is_empty());
}

#[test]
fn a_namespace_that_is_going_takes_nothing_new() {
    let Some(server) = Server::start("a_namespace_that_is_going_takes_nothing_new") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    server.kubectl(&["delete", "namespace", &namespace, "--wait=false"]).ok();
    folder.write("a.yaml", &policy("allow-a", "ALLOW", "/a"));
    let ran = folder.apply(server, &namespace, &["--yes", "--skip-check"]).ended_with(3);
    assert!(ran.stderr.contains("is being deleted"), "{ran:?}");
}

#[test]
fn objects_go_into_a_namespace_that_comes_with_them() {
    let Some(server) = Server::start("objects_go_into_a_namespace_that_comes_with_them") else { return };
    let folder = Folder::new(server);
    let namespace = format!("{}-new", server.namespace());
    let text =
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}\n") + &policy("allow-a", "ALLOW", "/a");
    folder.write("a.yaml", &text);
    let ran = folder.apply(server, &namespace, &["--yes"]).ok();
    assert_eq!(ran, format!("namespace/{namespace} created\nauthorizationpolicy.security.istio.io/allow-a created\n"));
}

#[test]
fn what_the_server_fills_in_is_no_change() {
    let Some(server) = Server::start("what_the_server_fills_in_is_no_change") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("a.yaml", API);
    let created = folder.apply(server, &namespace, &["--yes"]).ok();
    assert!(created.contains("service/api created") && created.contains("deployment.apps/api created"), "{created}");
    let proxy = Proxy::start(server, |_| Fault::Nothing);
    let again = folder.apply(proxy.caller(), &namespace, &["--yes"]).ok();
    assert_eq!(again, "service/api unchanged\ndeployment.apps/api unchanged\n");
    assert!(!proxy.seen().iter().any(is_write), "{:?}", proxy.seen());
    folder.write("a.yaml", &API.replace("image: i", "image: j"));
    let changed = folder.apply(server, &namespace, &["--yes"]).ok();
    assert!(changed.contains("deployment.apps/api configured") && changed.contains("service/api unchanged"), "{changed}");
    folder.go_on(server, "--undo").ok();
    let image = ["get", "deployment", "api", "-n", &namespace, "-o", "jsonpath={.spec.template.spec.containers[0].image}"];
    assert_eq!(server.kubectl(&image).ok(), "i");
}

#[test]
fn what_a_set_no_longer_holds_is_pruned() {
    let Some(server) = Server::start("what_a_set_no_longer_holds_is_pruned") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    server.kubectl_with(&["apply", "-n", &namespace, "-f", "-"], &policy("strange", "ALLOW", "/a")).ok();
    let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n";
    folder.write("a.yaml", &policy("keep", "ALLOW", "/a")).write("b.yaml", &(policy("drop", "DENY", "/b") + config));
    let set = ["--yes", "--prune", "--applyset", "shop"];
    folder.apply(server, &namespace, &set).ok();
    folder.remove("b.yaml");
    let ran = folder.apply(server, &namespace, &set).ok();
    assert!(
        ran.contains("authorizationpolicy.security.istio.io/drop pruned") && ran.contains("configmap/settings pruned"),
        "{ran}"
    );
    assert!(ran.contains("/keep unchanged") && !ran.contains("strange"), "{ran}");
    let names: Vec<String> = policies(server, &namespace).into_keys().collect();
    assert_eq!(names, ["keep", "strange"]);
    let parent = server.kubectl(&["get", "configmap", "shop", "-n", &namespace, "-o", "json"]).json();
    let tool = parent["metadata"]["annotations"]["applyset.kubernetes.io/tooling"].as_str().unwrap();
    assert!(tool.starts_with("meshsec/v"), "{parent}");
    let ran = folder.apply(server, &namespace, &["--yes", "--prune", "--applyset", "kube-root-ca.crt"]);
    assert!(ran.code == Some(0) || ran.code == Some(2), "{ran:?}");

    let labelled = Folder::new(server);
    let own = |name: &str| policy(name, "ALLOW", "/a").replace("{name:", "{labels: {team: shop}, name:");
    labelled.write("a.yaml", &own("one")).write("b.yaml", &own("two"));
    labelled.apply(server, &namespace, &["--yes", "--prune", "-l", "team=shop"]).ok();
    labelled.remove("b.yaml");
    let ran = labelled.apply(server, &namespace, &["--yes", "--prune", "-l", "team=shop"]).ok();
    assert!(ran.contains("/two pruned") && ran.lines().count() == 2, "{ran}");
}

#[test]
fn verdicts_that_change_need_a_yes_and_what_is_expected_has_to_hold() {
    let Some(server) = Server::start("verdicts_that_change_need_a_yes_and_what_is_expected_has_to_hold") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    server.kubectl_with(&["apply", "-n", &namespace, "-f", "-"], API).ok();
    folder.write("a.yaml", &policy("deny-admin", "DENY", "/admin"));
    let ran = folder.apply(server, &namespace, &[]).ended_with(1);
    assert!(
        ran.stderr.contains("verdicts would change") && ran.stderr.contains("closed") && ran.stderr.contains("/admin"),
        "{ran:?}"
    );
    assert!(policies(server, &namespace).is_empty());

    let flows = folder.root.join("flows.yaml");
    let expect = |verdict: &str| {
        std::fs::write(
            &flows,
            format!("- {{name: admin, to: 'api.{namespace}:80', path: /admin, expect: {{verdict: {verdict}}}}}\n"),
        )
        .unwrap();
        flows.display().to_string()
    };
    let file = expect("allowed");
    let ran = folder.apply(server, &namespace, &["--yes", "--expect", &file]).ended_with(1);
    assert!(ran.stderr.contains("expected allowed, got denied") && ran.stderr.contains("(admin)"), "{ran:?}");
    assert!(policies(server, &namespace).is_empty());

    let file = expect("denied");
    let ran = folder.apply(server, &namespace, &["--expect", &file, "--yes", "--wait"]);
    assert!(ran.stderr.contains("1 of 1 scenarios hold on the cluster"), "{ran:?}");
    assert!(ran.stderr.contains("the API server serves every change"), "{ran:?}");
    ran.ok();
    assert_eq!(policies(server, &namespace).len(), 1);
}

#[test]
fn no_secret_is_told_written_or_kept() {
    let Some(server) = Server::start("no_secret_is_told_written_or_kept") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {password: hunter2}\n";
    folder.write("a.yaml", &(policy("allow-a", "ALLOW", "/a") + secret));
    let ran = folder.apply(server, &namespace, &["--yes", "-o", "json"]);
    assert!(ran.stderr.contains("Secret") && ran.stderr.contains("left alone"), "{ran:?}");
    assert!(!ran.stderr.contains("hunter2") && !ran.stdout.contains("hunter2"), "{ran:?}");
    for path in folder.journals() {
        assert!(!std::fs::read_to_string(&path).unwrap().contains("hunter2"), "{}", path.display());
    }
    ran.ok();
    assert_eq!(server.kubectl(&["get", "secret", "keys", "-n", &namespace]).code, Some(1));
}

/// Ten policies before, of which some stay, change, go, and others come.
fn many(server: &Server, namespace: &str, folder: &Folder) -> (BTreeMap<String, Value>, Vec<&'static str>) {
    for index in 0..6 {
        folder.write(
            &format!("{index}.yaml"),
            &policy(&format!("p{index}"), if index % 2 == 0 { "ALLOW" } else { "DENY" }, &format!("/{index}")),
        );
    }
    let set = vec!["--yes", "--skip-check", "--prune", "--applyset", "shop"];
    folder.apply(server, namespace, &set).ok();
    let before = policies(server, namespace);
    folder.remove("0.yaml");
    folder.remove("1.yaml");
    for index in 2..4 {
        folder.write(
            &format!("{index}.yaml"),
            &policy(&format!("p{index}"), if index % 2 == 0 { "DENY" } else { "ALLOW" }, &format!("/{index}/new")),
        );
    }
    for index in 6..9 {
        folder.write(
            &format!("{index}.yaml"),
            &policy(&format!("p{index}"), if index % 2 == 0 { "ALLOW" } else { "DENY" }, &format!("/{index}")),
        );
    }
    (before, set)
}

/// What there is when all of [`many`] is done.
fn is_done(now: &BTreeMap<String, Value>) -> bool {
    let names: Vec<&str> = now.keys().map(String::as_str).collect();
    names == ["p2", "p3", "p4", "p5", "p6", "p7", "p8"]
        && now["p2"]["action"] == "DENY"
        && now["p3"]["rules"][0]["to"][0]["operation"]["paths"][0] == "/3/new"
}

#[test]
fn a_run_that_is_killed_anywhere_is_brought_to_its_end_or_taken_back() {
    let Some(server) = Server::start("a_run_that_is_killed_anywhere_is_brought_to_its_end_or_taken_back") else { return };
    let mut interrupted = 0;
    for round in 0..8_usize {
        let (namespace, folder) = (server.namespace(), Folder::new(server));
        let (before, set) = many(server, &namespace, &folder);
        // Killed while the write with this number is under way, or just after it was done and before that was heard of.
        let writes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&writes);
        let proxy = Proxy::start(server, move |request| {
            if is_write(request) && counted.fetch_add(1, Ordering::SeqCst) == round {
                return if round % 2 == 0 { Fault::Late(Duration::from_secs(60)) } else { Fault::Cut(0) };
            }
            if is_write(request) { Fault::Late(Duration::from_millis(100)) } else { Fault::Nothing }
        });
        let mut command = proxy.caller().meshsec_command();
        let arguments = folder.command(&namespace, &["apply", "-f", &folder.files()], &set);
        let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = std::time::Instant::now();
        while writes.load(Ordering::SeqCst) <= round && child.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < Duration::from_secs(60), "round {round}: no write came");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(5 * round as u64));
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        let is_over = folder
            .journals()
            .iter()
            .rev()
            .take(1)
            .any(|path| std::fs::read_to_string(path).unwrap().contains("{\"what\":\"finished\"}"));
        if !was_running || is_over && is_done(&policies(server, &namespace)) {
            assert!(is_done(&policies(server, &namespace)), "round {round}: it ended by itself");
            continue;
        }
        interrupted += 1;
        let how = if round % 3 == 0 { "--undo" } else { "--resume" };
        let ran = folder.go_on(server, how);
        let text = format!("round {round} {how}: {ran:?}");
        ran.ok();
        let now = policies(server, &namespace);
        if how == "--undo" {
            assert_eq!(now, before, "{text}");
        } else {
            assert!(is_done(&now), "{text}\n{now:#?}");
        }
        // Whatever happened, the next run finds nothing left to be done but what was taken back.
        folder.apply(server, &namespace, &set).ok();
        assert!(is_done(&policies(server, &namespace)), "{text}");
    }
    assert!(interrupted > 3, "{interrupted} runs were interrupted");
}

#[test]
fn a_run_whose_server_dies_says_where_it_stands_and_goes_on_later() {
    const TEST: &str = "a_run_whose_server_dies_says_where_it_stands_and_goes_on_later";
    let Some(mut server) = Server::own(TEST) else { return };
    for how in ["--resume", "--undo"] {
        let (namespace, folder) = (server.namespace(), Folder::new(&server));
        let (before, set) = many(&server, &namespace, &folder);
        let writes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&writes);
        let proxy = Proxy::start(&server, move |request| {
            if is_write(request) {
                counted.fetch_add(1, Ordering::SeqCst);
                return Fault::Late(Duration::from_millis(300));
            }
            Fault::Nothing
        });
        let mut command = proxy.caller().meshsec_command();
        let arguments = folder.command(&namespace, &["apply", "-f", &folder.files()], &set);
        command.args(arguments).args(["--request-timeout", "5s"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while writes.load(Ordering::SeqCst) < 3 {
            assert!(child.try_wait().unwrap().is_none(), "it ended too soon");
            std::thread::sleep(Duration::from_millis(1));
        }
        server.kill();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("steps were done") && told.contains("--resume"), "{told}");
        server.restart();
        folder.go_on(&server, how).ok();
        let now = policies(&server, &namespace);
        if how == "--undo" {
            assert_eq!(now, before);
        } else {
            assert!(is_done(&now), "{now:#?}");
        }
    }
}

#[test]
fn what_fails_half_way_is_taken_back_when_asked_to() {
    let Some(server) = Server::start("what_fails_half_way_is_taken_back_when_asked_to") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    let (before, mut set) = many(server, &namespace, &folder);
    set.push("--rollback-on-failure");
    let writes = AtomicUsize::new(0);
    let proxy = Proxy::start(server, move |request| {
        if is_write(request) && writes.fetch_add(1, Ordering::SeqCst) == 4 {
            let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"quota","reason":"Forbidden","code":403,"details":{}}"#;
            return Fault::status("403 Forbidden", "", body);
        }
        Fault::Nothing
    });
    let ran = folder.apply(proxy.caller(), &namespace, &set).ended_with(3);
    assert!(ran.stderr.contains(" steps were done") && ran.stdout.contains("restored"), "{ran:?}");
    assert_eq!(policies(server, &namespace), before);
}
