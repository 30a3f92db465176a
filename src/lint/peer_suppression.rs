//! Annotations that silence `istioctl analyze` and Kiali, for `--honor-peers`: they silence the rules that stand for the same codes.
//!
//! | annotation | what it silences |
//! |---|---|
//! | `galley.istio.io/analyze-suppress: "IST0127,IST0118"` | these codes; `*` means every one of `istioctl analyze` |
//! | `kiali.io/ignore-validations: "KIA0004"` | these codes; empty means every one of Kiali |

use crate::lint::Reported;
use crate::lint::Rule;
use crate::lint::Suppressed;
use crate::lint::check::is_suppressible;
use crate::lint::tree;
use crate::manifest::yaml::Node;

const ISTIOCTL: &str = "galley.istio.io/analyze-suppress";
const KIALI: &str = "kiali.io/ignore-validations";

/// One annotation as written.
#[derive(Debug, Clone)]
pub(super) struct Annotation {
    name: &'static str,
    /// The start of the program's codes.
    prefix: &'static str,
    /// `None` means every one.
    codes: Option<Vec<String>>,
}

/// Those of an object.
pub(super) fn annotations(object: &Node) -> Vec<Annotation> {
    let Some(written) = tree::at(object, &["metadata", "annotations"]) else { return Vec::new() };
    [(ISTIOCTL, "IST"), (KIALI, "KIA")]
        .into_iter()
        .filter_map(|(name, prefix)| {
            let text = written.get(name)?.as_str()?;
            let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()).collect();
            let is_every = if prefix == "IST" { codes.iter().any(|code| code == "*") } else { codes.is_empty() };
            Some(Annotation { name, prefix, codes: (!is_every).then_some(codes) })
        })
        .collect()
}

/// Marks a finding in the object when the annotation names it.
pub(super) fn apply(annotation: &Annotation, reported: &mut Reported) {
    if reported.suppressed.is_some() || !is_suppressible(reported) {
        return;
    }
    if let Some(code) = annotation.code_for(reported.rule) {
        reported.suppressed = Some(Suppressed::ByPeer { reason: format!("annotation `{}`, as {code}", annotation.name) });
    }
}

impl Annotation {
    /// The code of the program that a rule stands for, when the annotation names it.
    fn code_for(&self, rule: &Rule) -> Option<&'static str> {
        let names = |code: &str| self.codes.as_ref().is_none_or(|codes| codes.iter().any(|other| other == code));
        // `istioctl analyze` passes on what istiod refuses or warns about under one code each.
        let alias = |peer: &'static str| match peer {
            "istiod" => "IST0106",
            "istiod-warn" => "IST0133",
            other => other,
        };
        rule.peers.iter().map(|peer| alias(peer)).find(|code| code.starts_with(self.prefix) && names(code))
    }
}
