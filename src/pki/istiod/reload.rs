//! Whether a running istiod takes changed files (`handleEvent` of `pilot/pkg/bootstrap/istio_ca.go`).
//!
//! A reload repeats only some of the checks of the start, and treats the trust bundle in a way of its own.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::pki::istiod::explain;
use crate::pki::istiod::load::Check;
use crate::pki::istiod::load::Contents;
use crate::pki::istiod::load::refusals;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Layout;
use crate::pki::istiod::material::Material;
use crate::pki::istiod::verdict::Finding;
use crate::pki::istiod::verdict::Severity;
use crate::pki::pem_reader::PemReader;

/// What a running istiod does with the new files.
#[derive(Debug, Clone)]
pub struct Reload {
    /// Whether it takes them.
    pub accepted: bool,
    /// How the trust bundle changes.
    pub roots: Change,
    /// Why not, and what to expect.
    pub findings: Vec<Finding>,
}

/// The trust bundle before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Byte for byte the same.
    None,
    /// Other bytes, the same certificates.
    Text,
    /// Certificates were added.
    Added,
    /// Certificates were removed.
    Removed,
    /// Some were added and some removed, or one side holds none.
    Replaced,
}

impl Change {
    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Text => "text",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
        }
    }
}

/// Answers for a change from `current` to `new`; `multi_root` is istiod's `ISTIO_MULTIROOT_MESH`.
#[must_use]
pub fn reload(current: &Material, new: &Material, multi_root: bool, now: Timestamp) -> Reload {
    let (before, after) = (current.content(current.layout().roots()), new.content(new.layout().roots()));
    let roots = change(before, after);
    let root_file = new.layout().roots();
    let mut findings = Vec::new();
    let contents = Contents::read(new);
    let repeated = |check| !matches!(check, Check::SignerIsAuthority | Check::ChainStartReadable | Check::ChainStartCurrent);
    let refused = refusals(new, &contents, now);
    findings.extend(refused.iter().filter(|refused| repeated(refused.check)).map(explain::finding));
    match roots {
        Change::None => {}
        _ if !multi_root => {
            let message = "the trust bundle changes, even if only by a blank: a running istiod then ignores the whole update";
            let help =
                "leave `root-cert.pem` byte for byte as it is, or run istiod with `ISTIO_MULTIROOT_MESH=true`, or restart it";
            findings.push(Finding::new("roots-changed", Severity::Refused, message).at(root_file).help(help));
        }
        Change::Replaced => {
            let message = "roots are added and removed in one step: a running istiod ignores the update";
            let help = "go in two steps: first old and new roots together, then without the old ones";
            findings.push(Finding::new("roots-replaced", Severity::Refused, message).at(root_file).help(help));
        }
        Change::Added | Change::Removed | Change::Text => {
            let message = "client certificates of port 15012 keep being checked against the roots of istiod's start";
            findings.push(
                Finding::new("roots-need-restart", Severity::Note, message)
                    .at(root_file)
                    .help("restart istiod before such clients need the new root"),
            );
        }
    }
    let accepted = findings.is_empty() || findings.iter().all(|finding| finding.severity != Severity::Refused);
    if accepted {
        for unseen in refused.iter().filter(|refused| !repeated(refused.check)) {
            let finding = Finding { severity: Severity::Unusable, ..explain::finding(unseen) };
            let help = "a reload does not look at this: istiod takes it, signs its own certificate with it, and nobody can connect any more";
            findings.push(finding.help(help));
        }
        let list = |material: &Material| material.layout() == Layout::Istio && !material.content(FileName::CaCrl).is_empty();
        if list(current) && !list(new) {
            let message = "the revocation list is gone, but istiod keeps distributing the old one until it restarts";
            findings.push(Finding::new("crl-kept", Severity::Warning, message).at(FileName::CaCrl).help("restart istiod"));
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    Reload { accepted, roots, findings }
}

fn change(before: &[u8], after: &[u8]) -> Change {
    let set = |text: &[u8]| -> BTreeSet<Vec<u8>> {
        PemReader::new(text).filter(|block| block.label == "CERTIFICATE").map(|block| block.der.to_vec()).collect()
    };
    if before == after {
        return Change::None;
    }
    let (before, after) = (set(before), set(after));
    if before.is_empty() || after.is_empty() {
        return Change::Replaced;
    }
    match (before.is_subset(&after), after.is_subset(&before)) {
        (true, true) => Change::Text,
        (true, false) => Change::Added,
        (false, true) => Change::Removed,
        (false, false) => Change::Replaced,
    }
}
