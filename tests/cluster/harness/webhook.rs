use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use serde_json::json;

use super::process::Process;
use super::server::Server;

/// istiod's validation webhook, in a process of its own.
pub(crate) struct Webhook {
    process: Mutex<Process>,
}

impl Webhook {
    /// What marks the namespaces for which it is asked.
    pub(super) const LABEL: &'static str = "asks-istiod=yes";

    /// Starts it and registers it as Istio's chart does, but for the namespaces.
    pub(super) fn start(oracle: &Path, server: &Server, log: &Path) -> Self {
        let mut command = Command::new(oracle);
        command.args(["admission", "serve"]);
        let (process, ready) = Process::start(command, log);
        server.kubectl_with(&["create", "-f", "-"], &configuration(&ready).to_string()).ok();
        Self { process: Mutex::new(process) }
    }

    /// Ends it; the server goes on to ask it, and refuses what it cannot ask about.
    pub(crate) fn stop(&self) {
        self.process.lock().unwrap().stop();
    }
}

fn configuration(ready: &Value) -> Value {
    let (key, value) = Webhook::LABEL.split_once('=').unwrap();
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "istiod-default-validator"},
        "webhooks": [{
            "name": "validation.istio.io",
            "clientConfig": {
                "url": ready["url"],
                "caBundle": BASE64_STANDARD.encode(ready["caBundle"].as_str().unwrap()),
            },
            "rules": [{
                "operations": ["CREATE", "UPDATE"],
                "apiGroups": ["security.istio.io", "networking.istio.io", "telemetry.istio.io", "extensions.istio.io"],
                "apiVersions": ["*"],
                "resources": ["*"],
            }],
            "namespaceSelector": {"matchLabels": {key: value}},
            "failurePolicy": "Fail",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }],
    })
}
