//! Every difference from Envoy, and why it is there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Why an outcome is another than Envoy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Envoy ends the HTTP/2 connection for a head that is none; the library resets its stream, and other streams go on.
    OnlyTheStream,
}

/// Each case that differs.
const LISTED: &[(Why, &[&str])] = &[(Why::OnlyTheStream, &[])];

impl Why {
    /// Whether a difference is of this kind.
    fn explains(self, of_envoy: &str, of_proxy: &str) -> bool {
        match self {
            Self::OnlyTheStream => of_envoy == " end" && of_proxy.starts_with("1:  reset , 101: 200 "),
        }
    }
}

/// What is not as listed: a difference that is new, of another kind, or gone.
pub(super) fn judge(names: &BTreeSet<&str>, differing: &BTreeMap<&str, (String, String)>) -> Vec<String> {
    let listed: BTreeMap<&str, Why> = LISTED.iter().flat_map(|(why, names)| names.iter().map(|name| (*name, *why))).collect();
    let mut wrong = Vec::new();
    for (name, (of_envoy, of_proxy)) in differing {
        let why = listed.get(name);
        if !why.is_some_and(|why| why.explains(of_envoy, of_proxy)) {
            wrong.push(format!("{name}: listed as {why:?}\n  envoy: {of_envoy}\n  proxy: {of_proxy}"));
        }
    }
    for name in listed.keys() {
        if !names.contains(name) {
            wrong.push(format!("{name}: listed, and no case"));
        } else if !differing.contains_key(name) {
            wrong.push(format!("{name}: listed, and no difference any more"));
        }
    }
    wrong
}
