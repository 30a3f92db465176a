//! Kubeconfigs, good and bad.

use std::path::PathBuf;

use crate::cluster::Cluster;
use crate::cluster::ConnectOptions;
use crate::cluster::Error;

const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: staging
clusters:
- name: a
  cluster: {server: 'https://127.0.0.1:1'}
- name: tunnel
  cluster: {server: 'https://10.0.0.1:1', proxy-url: 'ftp://proxy'}
contexts:
- name: staging
  context: {cluster: a, user: u, namespace: shop}
- name: production
  context: {cluster: a, user: plugin}
- name: orphan
  context: {cluster: gone, user: u}
- name: tunnel
  context: {cluster: tunnel, user: u}
- name: no-file
  context: {cluster: a, user: no-file}
users:
- name: u
  user: {token: t}
- name: no-file
  user: {tokenFile: /nowhere/token}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: sh
      args: ['-c', 'echo secret-token; echo first >&2; echo session expired >&2; exit 3']
      interactiveMode: Never
";

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn connect(text: &str, context: Option<&str>) -> Result<Cluster, Error> {
    let (_folder, path) = file(text);
    Cluster::connect(&ConnectOptions { kubeconfig: Some(path), context: context.map(str::to_owned), ..ConnectOptions::default() })
}

#[test]
fn the_current_context_counts_and_brings_its_namespace() {
    let cluster = connect(KUBECONFIG, None).unwrap();
    assert_eq!((cluster.context(), cluster.default_namespace(), cluster.server()), ("staging", "shop", "https://127.0.0.1:1"));
}

#[test]
fn what_is_wrong_with_a_kubeconfig_is_said_with_the_way_out() {
    let cases: &[(&str, &str, Option<&str>, &str, &str)] = &[
        (
            "a context with a slip",
            KUBECONFIG,
            Some("prodcution"),
            "the kubeconfig has no context `prodcution`",
            "did you mean `production`?",
        ),
        ("a part of a name", KUBECONFIG, Some("prod"), "the kubeconfig has no context `prod`", "did you mean `production`?"),
        (
            "a name like none",
            KUBECONFIG,
            Some("zzz"),
            "the kubeconfig has no context `zzz`",
            "take one it has: `staging`, `production`, `orphan`, `tunnel`, `no-file`",
        ),
        (
            "no context at all",
            "apiVersion: v1\nkind: Config\ncontexts: [{name: a, context: {cluster: a}}]\n",
            None,
            "the kubeconfig has no current context",
            "name one with `--context`: `a`",
        ),
        (
            "a cluster that is not there",
            KUBECONFIG,
            Some("orphan"),
            "context `orphan` names cluster `gone`, which the kubeconfig does not have",
            "correct the context, or take another one with `--context`",
        ),
        ("text of another kind", "{ not yaml", None, "cannot be used: it is no YAML of a kubeconfig", "correct the file"),
        (
            "a proxy in another language",
            KUBECONFIG,
            Some("tunnel"),
            "kubeconfig cannot be used: the proxy is to be reached by `ftp`, which nothing here speaks",
            "correct the file",
        ),
        (
            "a plugin that fails",
            KUBECONFIG,
            Some("production"),
            "cannot get credentials: the credential plugin ended with status 3: session expired",
            "log in again",
        ),
        (
            "a token that is not there",
            KUBECONFIG,
            Some("no-file"),
            "cannot get credentials: cannot read token file `/nowhere/token`",
            "log in",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, text, context, message, help) in cases {
        match connect(text, *context) {
            Ok(_) => wrong.push(format!("{name}: it connects")),
            Err(error) => {
                let (found, found_help) = (error.to_string(), error.help().unwrap_or_default());
                if !found.contains(message) || !found_help.contains(help) {
                    wrong.push(format!("{name}:\n  {found}\n  {found_help}"));
                }
                if format!("{error:?}").contains("secret-token") {
                    wrong.push(format!("{name}: the token is told"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_kubeconfig_that_is_named_has_to_be_there() {
    let options = ConnectOptions { kubeconfig: Some("/nowhere/config".into()), ..ConnectOptions::default() };
    let error = Cluster::connect(&options).unwrap_err();
    assert_eq!(error.to_string(), "no kubeconfig: `/nowhere/config` not found");
    assert!(error.is_question());
}
