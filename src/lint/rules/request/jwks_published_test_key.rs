use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::jose::ThumbprintHash;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS357"),
    name: "jwks-published-test-key",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A key, an issuer or a `jwksUri` out of public samples: of Istio, of the JOSE standards, or of jwt.io.",
    why: "The private halves are published: anybody can sign tokens that are accepted.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "testing@secure.istio.io", audiences: [cart], jwksUri: "https://raw.githubusercontent.com/istio/istio/release-1.30/security/tools/jwt/samples/jwks.json"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["testing@secure.istio.io/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 7638; samples of Istio, RFC 7515, RFC 7517, RFC 8037 and jwt.io",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in &policy.jwt_rules {
        let published = rule.jwks_uri.as_ref().filter(|uri| is_sample(&uri.value));
        let issuer = (rule.issuer.value == "testing@secure.istio.io").then_some(&rule.issuer);
        if let Some(value) = published.or(issuer) {
            found.push(at(value.span, "the keys of Istio's samples"));
        }
    }
    for set in view.inline_keys() {
        for (index, key) in set.keys.iter().enumerate() {
            let Ok(key) = &key.key else { continue };
            let thumbprint = key.thumbprint(ThumbprintHash::Sha256);
            if let Some((_, whose)) = PUBLISHED.iter().find(|(known, _)| *known == thumbprint) {
                found.push(at(set.place(index, "kty"), whose));
            }
        }
    }
}

fn at(span: Span, whose: &str) -> Finding {
    RULE.at(span, format!("anybody can sign tokens: this is {whose}"))
        .with_label("the private key is published")
        .with_help("use the keys of your identity provider")
}

fn is_sample(uri: &str) -> bool {
    uri.contains("/istio/istio/") && uri.contains("/security/tools/jwt/samples/")
}

/// Thumbprints of keys whose private halves stand in public texts.
const PUBLISHED: &[(&str, &str)] = &[
    ("DHFbpoIUqrY8t2zpA2qXfCmr5VO5ZEr4RzHU_-envvQ", "the key of Istio's samples"),
    ("IsUn6_e04MaShXFIISMp4kG62LWzMIPy_MvSA5pJgX8", "the RSA key of RFC 7515"),
    ("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", "the P-256 key of RFC 7515"),
    ("u5YUSjQ2-2chBi51NSk3t3g7IM4o2KYcnPqPtCNGd3U", "the P-521 key of RFC 7515"),
    ("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "the RSA key of RFC 7517 and RFC 7638"),
    ("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s", "the P-256 key of RFC 7517"),
    ("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "the Ed25519 key of RFC 8037"),
    ("oGDmHqCJ7yzMkWEkrlZVHkvrHIyQwtlDmeq5ForUHeY", "the RSA key of jwt.io"),
    ("19J8y7Zprt2-QKLjF2I5pVk0OELX6cY2AfaAv1LC_w8", "the P-256 key of jwt.io"),
    ("iTqXXI0zbAnJCKDaobfhkM1f-6rMSpTfyZMRp_2tKI8", "the P-384 key of jwt.io"),
    ("xZDfZpry4P9vZPZyG2fNBRj-7Lz5omVdm7tHoCgSNfY", "the P-521 key of jwt.io"),
    ("i_utKExAKNc_-awqDRAUbahMgyDaKDG_M75KMBwlAvA", "a secret of jwt.io"),
    ("LXkAyqcFEoI5pkMzfWjsAWbChzHfxtqD4Te31pAwA1s", "a secret of jwt.io"),
    ("A8etQ2W1pb95iQdryf3JZcoanBR1EywzSsRVzrX8soc", "a secret of jwt.io"),
    ("JPgHNKVpXamS5yySHkpU5wDMnd5GJXLAnn7sAQM8j9o", "a secret of jwt.io"),
    ("y_x3gCJnL6oKGBBIXScabduwxTVy2Wd2bzRVEUbdUzc", "the secret of RFC 7515"),
    ("k1JnWRfC-5zzmL72vXIuBgTLfVROXBakS4OmGcrMCoc", "a secret of RFC 7517"),
];
