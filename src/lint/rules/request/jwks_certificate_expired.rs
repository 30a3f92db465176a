use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::jose::JwkError;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::pki::Certificate;
use jiff::Timestamp;

pub(super) const RULE: Rule = Rule {
    code: Code("MS354"),
    name: "jwks-certificate-expired",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A certificate in `x5c` of an inline `jwks` that is not valid now, or is for another key.",
    why: "Proxies ignore certificates, so tokens go on to be accepted: what it shows is a rotation that was not finished.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig","x5c":["MIIBCTCBr6ADAgECAgEHMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA2lkcDAeFw0yNDAxMDEwMDAwMDBaFw0yNTAxMDEwMDAwMDBaMA4xDDAKBgNVBAMMA2lkcDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKl3w4nTDNRJMvSZvAfN4FVrtqVCbPvpetjw+WCBFRuh8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNwwCgYIKoZIzj0EAwIDSQAwRgIhAODcLo6sFWdZMJKZ4dxjG4S7hC/BDcRcptaSJ6ocgGgsAiEAxbGeuZgLvxvcjKDWLGuqAGkqUQoSOICr1TQpIZuxXXE="]}]}'}
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
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig","x5c":["MIIBCDCBr6ADAgECAgEHMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA2lkcDAeFw0yNjAxMDEwMDAwMDBaFw00NjAxMDEwMDAwMDBaMA4xDDAKBgNVBAMMA2lkcDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKl3w4nTDNRJMvSZvAfN4FVrtqVCbPvpetjw+WCBFRuh8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNwwCgYIKoZIzj0EAwIDSAAwRQIhAMTAQOHREx5ZsVcVdQQlsA0IqKxIZHhBCp6OODyZQn7DAiAxX6n2+fv1Okpi5ntQ8sLtt7kbgvh9xmJgeoPZX6bHZw=="]}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 7517 section 4.7",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for set in view.inline_keys() {
        for (index, key) in set.keys.iter().enumerate() {
            let (headline, label) = match &key.key {
                Err(error @ (JwkError::Certificate { .. } | JwkError::CertificateThumbprint(_))) => {
                    (error.to_string(), "the proxy does not look at it")
                }
                Err(_) => continue,
                Ok(key) => {
                    let Some(certificate) = key.certificates().first().and_then(|der| Certificate::from_der(der).ok()) else { continue };
                    if view.now > certificate.not_after() {
                        (format!("the certificate of the key expired on {}", day(certificate.not_after())), "the proxy goes on to accept its tokens")
                    } else if view.now < certificate.not_before() {
                        (format!("the certificate of the key begins on {}", day(certificate.not_before())), "the proxy accepts its tokens already")
                    } else {
                        continue;
                    }
                }
            };
            found.push(
                RULE.at(set.place(index, "x5c"), headline).with_label(label).with_help("write the current key, or leave `x5c` out"),
            );
        }
    }
}

fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}
