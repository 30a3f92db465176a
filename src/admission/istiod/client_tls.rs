//! What istiod checks of the TLS settings of clients.

use crate::admission::Cause;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Report;

/// The words of `mode` by their numbers.
const SIMPLE: i32 = 1;
const MUTUAL: i32 = 2;

const CONFIG_MAP: &str = "configmap://";

/// Checks the settings of a rule in a namespace.
pub(super) fn check(tls: &Message<'_>, namespace: &str, report: &mut Report) {
    config_map(tls, namespace, report);
    let has = |name: &str| !tls.text(name).is_empty();
    let (is_simple, is_mutual) = (tls.word("mode") == SIMPLE, tls.word("mode") == MUTUAL);
    if tls.is("insecureSkipVerify") && (is_simple || is_mutual) {
        let verified =
            ["caCertificates", "credentialName"].into_iter().find(|name| has(name) && (is_simple || *name == "caCertificates"));
        if let Some(name) = verified.or(tls.has("subjectAltNames").then_some("subjectAltNames")) {
            let message = format!("`insecureSkipVerify` and `{name}` contradict each other");
            report.refuse_with(Cause::SkipVerifyConflict, tls.place_of(name), message, "remove `insecureSkipVerify`");
        }
    }
    if (is_simple || is_mutual) && has("credentialName") {
        let files = ["clientCertificate", "caCertificates", "privateKey", "caCrl"];
        if let Some(name) = files.into_iter().find(|name| has(name)) {
            let message = format!("`credentialName` and `{name}` exclude each other");
            let help = "put everything into the secret, or name files only";
            report.refuse_with(Cause::ClientCredentialConflict, tls.place_of(name), message, help);
        }
    } else if is_mutual {
        for name in ["clientCertificate", "privateKey"] {
            if !has(name) {
                let message = format!("the mode MUTUAL needs `{name}`");
                let help = "name both files, or a secret as `credentialName`";
                report.refuse_with(Cause::ClientMutualIncomplete, tls.place_of(name), message, help);
            }
        }
    }
}

fn config_map(tls: &Message<'_>, namespace: &str, report: &mut Report) {
    let Some(reference) = tls.text("credentialName").strip_prefix(CONFIG_MAP) else { return };
    let place = tls.place_of("credentialName");
    let mut parts = reference.split('/');
    let (owner, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let help = format!("write `{CONFIG_MAP}{namespace}/name`");
    if owner.is_empty() || name.is_empty() {
        let message = format!("`{CONFIG_MAP}{reference}` does not name a namespace and a config map");
        report.refuse_with(Cause::ConfigmapCredential, place, message, help);
    } else if owner != namespace {
        let message = format!("a config map of the namespace `{owner}` cannot be used in `{namespace}`");
        report.refuse_with(Cause::ConfigmapCredential, place, message, help);
    }
}
