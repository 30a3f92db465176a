use std::net::IpAddr;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::masked;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS157"),
    name: "cidr-host-bits",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An address block with bits behind its prefix.",
    why: "These bits are ignored; usually the length is wrong, and the block is much larger than meant.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [10.1.2.3/8]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {ipBlocks: [10.1.2.0/24]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.ipBlocks",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let is_block = |attribute: &Attribute| matches!(attribute, Attribute::IpBlocks | Attribute::RemoteIpBlocks | Attribute::DestinationIp);
    for (_, value) in values(view, is_block) {
        let Some((address, length)) = value.value.rsplit_once('/') else { continue };
        let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u8>()) else { continue };
        let network = masked(address, length);
        // Any address of everything is a rule of its own.
        if network == address || length == 0 {
            continue;
        }
        let single = if address.is_ipv4() { 32 } else { 128 };
        let finding = RULE
            .at(value.span, format!("`{}` is read as `{network}/{length}`", value.value))
            .with_label(format!("the bits behind the first {length} are ignored"))
            .with_help(format!("write `{network}/{length}`, or `{address}/{single}` for the one address"));
        found.push(replaced(finding, view, value, Safety::Safe, &format!("{network}/{length}")));
    }
}
