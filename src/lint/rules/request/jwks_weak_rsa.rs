use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::jose::JwkError;
use crate::jose::JwkNote;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use serde_json::Value;

pub(super) const RULE: Rule = Rule {
    code: Code("MS353"),
    name: "jwks-weak-rsa",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "An RSA key of an inline `jwks` below 2048 bits, with an even or a shared modulus; a warning for the exponent 3.",
    why: "Signatures can be forged with what such a key gives away.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"RSA","n":"xCdNVEaAiDgck_oMNTZ5TXmtNordPHKhhowcH9-oKTu5P-4C-R_YAcrW417jfmnjahjMKj-0LM1r9HR0x3OTY93-SVMMn1NONm8aXo05qSgOyZY7DG9HrFkGom2HaXYkOWtKxSbXcWS01RmOQNkebP4QRB0PDprmTCgYJ0aBvts","e":"AQAB","kid":"a","alg":"RS256","use":"sig"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"RSA","n":"qlA59C_XZJFYNFnOLg2ZXZ9V1qpbH_Kr4TGKtuLgPrMoDPdZwhpVyVhK-iVAGC1J6TnhGajQ_1tM75gfPJN4hyfPkeUvJ5nu8FiIhiI1xJp8kdGF0ibuuHumrYU_6vMF0_E-efNGUqYvJvwgEgaAMUncJQU_FSv7RKLxG5EqdxQx-XQV1Psrphh4yzC0J_Xihkfxq2nqG-iZmnae6Hnm-Z7tFNybC1DzuhzzVCuxu2vVv64FnfVBIudFBr40G106EYxmNA6xS0PivkVXd5sfID5IGqCXLGj-XxKCm_foWi-uCUkXRVpGTWyJX23OwPn0E5WgcvB20f8nDV9vbEVYcw","e":"AQAB","kid":"a","alg":"RS256","use":"sig"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 7518 section 3.3; NIST SP 800-131A",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for set in view.inline_keys() {
        let mut moduli: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for (index, key) in set.keys.iter().enumerate() {
            let place = |member| set.place(index, member);
            let key = match &key.key {
                Ok(key) if key.key_type() == "RSA" => key,
                Err(JwkError::Modulus { bits, reason }) => {
                    let headline = format!("an RSA modulus of {bits} bits: {reason}");
                    found.push(RULE.at(place("n"), headline).with_help("make a new key of 2048 bits at least"));
                    continue;
                }
                Ok(_) | Err(_) => continue,
            };
            for note in key.notes() {
                if let JwkNote::Weak { bits, .. } = note {
                    found.push(
                        RULE.at(place("n"), format!("an RSA key of {bits} bits can be broken"))
                            .with_label("2048 bits at least are wanted")
                            .with_help("make a new key of 2048 bits, or on P-256"),
                    );
                }
            }
            let Some(members) = key.public_members() else { continue };
            let text = |name| members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (modulus, exponent) = (text("n"), text("e"));
            if exponent == THREE {
                let mut finding = RULE
                    .at(place("e"), "an RSA key with the exponent 3")
                    .with_label("sloppy verifiers accept forged signatures for it")
                    .with_help("make a new key with the exponent 65537");
                finding.severity = Severity::Warning;
                found.push(finding);
            }
            match moduli.get(&modulus) {
                Some((first, other)) if *other != exponent => found.push(
                    RULE.at(place("n"), "two keys share one RSA modulus")
                        .with_label("whoever knows one private key knows the other")
                        .with_secondary(set.place(*first, "n"), "the same modulus")
                        .with_help("make a new key"),
                ),
                Some(_) => {}
                None => {
                    moduli.insert(modulus, (index, exponent));
                }
            }
        }
    }
}

/// The exponent 3 in base64url.
const THREE: &str = "Aw";
