//! Where a rotation stands, for people and programs, and the procedure for Istio.

use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;

use crate::pki::AuthorityState;
use crate::render::Style;
use crate::render::lifetime::remaining;
use crate::render::table::table;
use crate::store::Authority;

/// What is shown of a rotation.
#[derive(Debug)]
pub struct RotationView<'a> {
    /// All roots, oldest first.
    pub roots: &'a [RootView],
    /// Identifiers of the root that leaves and the one that comes, while a rotation is under way.
    pub rotating: Option<(&'a str, &'a str)>,
    /// How often the bundle has changed.
    pub bundle_sequence: u64,
    /// The time of looking.
    pub now: Timestamp,
}

/// What is shown of a root.
#[derive(Debug)]
pub struct RootView {
    /// Its row.
    pub root: Authority,
    /// How many valid certificates of workloads, not replaced yet, chain to it.
    pub still_chaining: u64,
}

/// Writes the roots, and what comes next.
///
/// # Errors
/// When the writer fails.
pub fn rotation_text(out: &mut dyn Write, view: &RotationView<'_>, style: Style) -> io::Result<()> {
    let row = |view_of: &RootView| {
        let RootView { root, still_chaining } = view_of;
        vec![
            root.name.to_string(),
            root.state.name().to_owned(),
            remaining(root.certificate.not_after(), view.now),
            if root.state.is_trusted() { "yes" } else { "no" }.to_owned(),
            still_chaining.to_string(),
            root.id.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = view.roots.iter().map(row).collect();
    out.write_all(table(&["ROOT", "STATE", "ENDS", "IN BUNDLE", "STILL CHAINING", "ID"], &rows).as_bytes())?;
    writeln!(out, "\n{} {}", style.note("next:"), next(view))
}

/// What is to be done now.
fn next(view: &RotationView<'_>) -> String {
    let in_state = |state| view.roots.iter().find(|view| view.root.state == state);
    if let Some(prepared) = in_state(AuthorityState::Prepared) {
        return format!("give every peer the bundle with `{}`, then `meshsec ca rotate activate`", prepared.root.name);
    }
    if let Some(old) = in_state(AuthorityState::Old) {
        return format!(
            "wait until every signer uses the new intermediates, then `meshsec ca rotate taint --root {}`",
            old.root.name
        );
    }
    match in_state(AuthorityState::Tainted) {
        Some(tainted) if tainted.still_chaining > 0 => format!(
            "renew the {} certificates that chain to `{}` (`meshsec svid renew --all`), or wait until they end",
            tainted.still_chaining, tainted.root.name
        ),
        Some(tainted) => format!("nothing chains to `{0}`: `meshsec ca rotate revoke --root {0}`", tainted.root.name),
        None => "nothing to do; `meshsec ca rotate prepare` starts a rotation".to_owned(),
    }
}

/// The same facts for programs.
#[must_use]
pub fn rotation_json(view: &RotationView<'_>) -> Value {
    let root = |view_of: &RootView| {
        let RootView { root, still_chaining } = view_of;
        serde_json::json!({
            "name": root.name.as_str(),
            "id": root.id.as_str(),
            "state": root.state.name(),
            "inBundle": root.state.is_trusted(),
            "stillChaining": still_chaining,
            "notAfter": root.certificate.not_after().to_string(),
            "changedAt": root.changed_at.to_string(),
        })
    };
    serde_json::json!({
        "schema": "meshsec.ca.rotation/v1",
        "roots": view.roots.iter().map(root).collect::<Vec<_>>(),
        "leaving": view.rotating.map(|(leaving, _)| leaving),
        "coming": view.rotating.map(|(_, coming)| coming),
        "bundleSequence": view.bundle_sequence,
        "next": next(view),
    })
}

/// What the procedure for one cluster depends on.
#[derive(Debug)]
pub struct RotationSteps<'a> {
    /// The directories of the steps, in order.
    pub steps: [&'a str; 3],
    /// Namespace of istiod.
    pub namespace: &'a str,
    /// The cluster's intermediate.
    pub intermediate: &'a str,
    /// The root that leaves.
    pub leaving: &'a Authority,
    /// The root that comes.
    pub coming: &'a Authority,
    /// Whether revocation lists are among the files.
    pub has_lists: bool,
}

/// Writes the procedure as Markdown.
///
/// # Errors
/// When the writer fails.
pub fn rotation_steps(out: &mut dyn Write, facts: &RotationSteps<'_>) -> io::Result<()> {
    let RotationSteps { steps: [first, second, third], namespace, intermediate, leaving, coming, has_lists } = facts;
    let crl = if *has_lists { " --from-file=ca-crl.pem" } else { "" };
    let apply = |step: &str| {
        format!(
            "```sh\n(cd {step} && kubectl create secret generic cacerts -n {namespace} --from-file=ca-cert.pem --from-file=ca-key.pem \\\n  \
             --from-file=cert-chain.pem --from-file=root-cert.pem{crl} --dry-run=client -o yaml | kubectl apply -f -)\n```\n"
        )
    };
    let files = |signer: &str, trusted: &str| {
        let lists = if *has_lists { "; `ca-crl.pem`: one current list for each authority that is trusted" } else { "" };
        format!(
            "`ca-cert.pem`, `ca-key.pem`, `cert-chain.pem`: the intermediate `{intermediate}` under `{signer}`; `root-cert.pem`: {trusted}{lists}.\n"
        )
    };
    writeln!(
        out,
        "# From root `{}` to root `{}`, intermediate `{intermediate}`\n\n\
         Old root: {} ({}).\nNew root: {} ({}).\n\n\
         istiod needs `ISTIO_MULTIROOT_MESH=true` in its environment and the proxies `PROXY_CONFIG_XDS_AGENT=true` in their metadata; without them a \
         changed `root-cert.pem` is ignored. Two sides understand each other when they are at most one step apart: in a mesh of several clusters, \
         finish a step everywhere, virtual machines included, before the next one begins anywhere. Until step 3 the way back is the same way.\n",
        leaving.name,
        coming.name,
        leaving.certificate.subject(),
        leaving.id,
        coming.certificate.subject(),
        coming.id
    )?;
    writeln!(
        out,
        "## Step 1: trust both, sign with the old one\n\n{}\n{}\nWait until every `istio-ca-root-cert` holds two certificates, and until the workloads have new \
         certificates (the proxies ask for one when their roots change):\n\n\
         ```sh\nkubectl get configmap -A -l istio.io/config=true -o json | jq -r '.items[] | select(.data[\"root-cert.pem\"]) | \"\\(.metadata.namespace) \\(.data[\"root-cert.pem\"] | split(\"BEGIN CERTIFICATE\") | length - 1)\"'\n\
         istioctl proxy-config secret DEPLOYMENT -n NAMESPACE\n```\n\n\
         Restart istiod now if callers show it client certificates (virtual machines do): it reads the roots for those at its start only.\n\n\
         Then, in the ledger: `meshsec ca rotate activate`.\n",
        files(leaving.name.as_str(), "both roots"),
        apply(first)
    )?;
    writeln!(
        out,
        "## Step 2: trust both, sign with the new one\n\n{}\n{}\nWait until every workload has a certificate under the new intermediate (`istioctl proxy-config \
         secret` names the serial number; certificates live a day unless changed). Then, in the ledger: `meshsec ca rotate taint`, and \
         `meshsec svid renew --all` for what it issued itself.\n",
        files(coming.name.as_str(), "both roots, byte for byte as in step 1"),
        apply(second)
    )?;
    writeln!(
        out,
        "## Step 3: trust the new one alone\n\n{}\n{}\nThen, in the ledger: `meshsec ca rotate revoke`. Remove these directories: they hold private keys.",
        files(coming.name.as_str(), "the new root alone"),
        apply(third)
    )
}
