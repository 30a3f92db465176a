use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::named;
use crate::pki::KeyStrength;

pub(super) const RULE: Rule = Rule {
    code: Code("MS608"),
    name: "weak-key",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A certificate whose key is RSA below 2048 bits, DSA, or on a curve below P-256.",
    why: "Such keys can be broken, and TLS libraries refuse them.",
    example: served!(leaf_weak, intermediate),
    instead: served!(leaf, intermediate),
    specification: "NIST SP 800-131A",
    check: Check::Document(check),
};

/// DSA (RFC 3279 section 2.3.2), as DER has it.
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    for (part, index, certificate) in secret.certificates() {
        let key = certificate.public_key();
        let is_dsa = memchr::memmem::find(key.info(), DSA).is_some() && key.strength() == KeyStrength::Unknown;
        let text = if is_dsa { "DSA".to_owned() } else { key.to_string() };
        if is_dsa || key.strength() == KeyStrength::Weak || text.ends_with("P-224") {
            found.push(
                RULE.at(part.span, format!("{} has a weak key: {text}", named(part, index, certificate)))
                    .with_help("make a new key on P-256, or of RSA 2048, and a certificate for it"),
            );
        }
    }
}
