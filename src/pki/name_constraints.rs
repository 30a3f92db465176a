use rcgen::CustomExtension;

use crate::spiffe::TrustDomain;

/// OID of the extension (RFC 5280 section 4.2.1.10).
const NAME_CONSTRAINTS: &[u64] = &[2, 5, 29, 30];

/// A critical name constraint that permits URIs of one trust domain only. The host of a URI is compared exactly when the constraint
/// does not begin with a dot, so `cluster.local` does not let `x.cluster.local` through.
pub(super) fn for_trust_domain(trust_domain: &TrustDomain) -> CustomExtension {
    // GeneralSubtree { uniformResourceIdentifier [6] } inside permittedSubtrees [0]. A trust domain has at most 255 bytes.
    let uri = element(0x86, trust_domain.as_str().as_bytes());
    let constraints = element(0x30, &element(0xa0, &element(0x30, &uri)));
    let mut extension = CustomExtension::from_oid_content(NAME_CONSTRAINTS, constraints);
    extension.set_criticality(true);
    extension
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        Ok(length) => bytes.extend([0x81, length]),
        Err(_) => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    bytes.extend_from_slice(content);
    bytes
}
