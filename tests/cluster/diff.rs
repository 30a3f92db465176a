//! `policy diff --cluster`: the live mesh against the same mesh with files over it.

use crate::apply::API;
use crate::apply::Folder;
use crate::apply::policy;
use crate::harness::Server;

#[test]
fn what_files_would_change_on_the_cluster_is_told_with_a_witness() {
    let Some(server) = Server::start("what_files_would_change_on_the_cluster_is_told_with_a_witness") else { return };
    let (namespace, folder) = (server.namespace(), Folder::new(server));
    folder.write("api.yaml", API).write("p.yaml", &policy("p", "DENY", "/admin"));
    folder.apply(server, &namespace, &["--yes"]).ok();
    let files = folder.files();
    let diff = |more: &[&str]| {
        server.meshsec(&[&["policy", "diff", "--cluster", "-n", namespace.as_str(), "-f", &files], more].concat())
    };

    let same = diff(&["-o", "json", "--fail-on", "any"]).json();
    assert_eq!((&same["changes"], &same["objects"]), (&serde_json::json!([]), &serde_json::json!([])), "{same}");

    folder.write("p.yaml", &policy("p", "DENY", "/other"));
    let ran = diff(&["--fail-on", "opened"]).ended_with(1);
    let field = "spec.rules[0].to[0].operation.paths: [\"/admin\"] -> [\"/other\"]";
    assert!(ran.stdout.contains(field) && !ran.stdout.contains("meshsec.dev/"), "{ran:?}");
    assert!(ran.stdout.contains("1 opened, 1 closed"), "{ran:?}");
    assert!(diff(&["-o", "markdown"]).ok().contains("| **opened** |"), "a table for a pull request");

    let document = diff(&["-o", "json"]).json();
    for change in document["changes"].as_array().unwrap() {
        let witness = folder.home() + ".json";
        std::fs::write(&witness, change["witness"].to_string()).unwrap();
        let ask = |more: &[&str]| {
            let all =
                [&["simulate", "request", "--cluster", "-n", namespace.as_str(), "--request", &witness, "-o", "json"], more];
            serde_json::from_str::<serde_json::Value>(&server.meshsec(&all.concat()).stdout).unwrap()
        };
        assert_eq!(ask(&[])["verdict"], change["before"]["verdict"], "{change}");
        assert_eq!(ask(&["-f", &files])["verdict"], change["after"]["verdict"], "{change}");
    }
}
