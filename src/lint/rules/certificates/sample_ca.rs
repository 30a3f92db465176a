use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::pki::Fingerprint;
use crate::pki::PublicKey;
use crate::pki::container::KeyState;

pub(super) const RULE: Rule = Rule {
    code: Code("MS617"),
    name: "sample-ca",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A certificate or key that is published with the samples of Istio.",
    why: "Its private key, or that of an authority it vouches for, is known to everyone: anyone can make any identity of the mesh.",
    example: concat!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-ca-root-cert, namespace: shop}\ndata:\n  root-cert.pem: |\n",
        pem!(sample_root)
    ),
    instead: concat!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-ca-root-cert, namespace: shop}\ndata:\n  root-cert.pem: |\n",
        pem!(root)
    ),
    specification: "Istio, samples/certs",
    check: Check::Document(check),
};

/// SHA-256 of the public keys in `samples/certs`, the first bytes of it, and whose they are.
const PUBLISHED: &[([u8; 8], &str)] = &[
    ([0x42, 0xd8, 0xcf, 0xd1, 0x10, 0x2e, 0x06, 0xe3], "the authority"),
    ([0x88, 0xe8, 0x09, 0x26, 0x1b, 0x15, 0x7f, 0x0d], "the second authority"),
    ([0x7c, 0x5f, 0x22, 0x08, 0xb9, 0x85, 0x07, 0xd0], "the third authority"),
    ([0x02, 0xf9, 0xef, 0x01, 0x6e, 0x16, 0x4f, 0x12], "the key of the third authority"),
    ([0xf0, 0x59, 0x2d, 0x4d, 0x66, 0x00, 0x52, 0x58], "the root"),
    ([0x42, 0xd0, 0xf6, 0x53, 0x1c, 0x3a, 0xfb, 0x84], "the second root"),
    ([0xea, 0x6a, 0x6c, 0x98, 0x6f, 0x1f, 0x85, 0x7d], "the workload `bar`"),
    ([0xee, 0x08, 0x7b, 0x4b, 0x06, 0xe4, 0x5a, 0xb3], "the workload `foo`"),
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    for part in &secret.parts {
        let keys = part.keys().filter_map(|key| match &key.state {
            KeyState::Read(public) => Some(public),
            KeyState::Encrypted | KeyState::Redacted | KeyState::Unreadable(_) => None,
        });
        let certificates = part.certificates();
        let mut all = certificates.iter().map(|certificate| certificate.public_key()).chain(keys);
        if let Some(whose) = all.find_map(published) {
            found.push(
                RULE.at(part.span, format!("`{}` holds {whose} of Istio's samples", part.name))
                    .with_label("its key is published")
                    .with_help("make an authority of your own; everything this one signed is void"),
            );
        }
    }
}

fn published(key: &PublicKey) -> Option<&'static str> {
    let digest = Fingerprint::of(key.info());
    PUBLISHED.iter().find(|(start, _)| digest.as_bytes().starts_with(start)).map(|(_, whose)| *whose)
}
