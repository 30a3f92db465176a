//! The workload, and the policies that both sides enforce.

use std::fmt::Write;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Where every request goes, but for the last part of its path: the policy in the middle lets it in.
pub(crate) const PATH: &str = "/teams/50";
const MATCHING: u64 = 50;
const ISSUER: &str = "https://idp.example";

/// A key that signs tokens.
pub(crate) struct Tokens {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        Self { key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"), random: SystemRandom::new() }
    }

    fn key_set(&self) -> String {
        let point = self.key.public_key().as_ref();
        let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
        format!(
            r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"a","alg":"ES256","x":"{}","y":"{}"}}]}}"#,
            coordinate(1),
            coordinate(33)
        )
    }

    /// A token for this user, good for hours.
    pub(crate) fn mint(&self, user: u64) -> String {
        let until = jiff::Timestamp::now().as_second() + 20_000;
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"a","typ":"JWT"}"#);
        let claims = format!(
            r#"{{"iss":"{ISSUER}","sub":"user-{user}","aud":["shop"],"exp":{until},"scope":"read write","team":"red","email":"user-{user}@shop.example"}}"#
        );
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.key.sign(&self.random, signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

/// The workload `shop/web` on this port with so many policies; with tokens, requests need one.
pub(crate) fn manifests(port: u16, policies: u64, tokens: Option<&Tokens>) -> String {
    let mut text = format!(
        "apiVersion: v1
kind: Namespace
metadata: {{name: shop, labels: {{istio-injection: enabled}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      serviceAccountName: server
      containers: [{{name: web, image: web}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{app: web}}
  ports: [{{name: http, port: 80, targetPort: {port}}}]
"
    );
    for team in (0..policies).map(|index| if policies == 1 { MATCHING } else { index }) {
        policy(&mut text, team, tokens.is_some());
    }
    if let Some(tokens) = tokens {
        let key_set = tokens.key_set();
        let _ = write!(
            text,
            "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: tokens, namespace: shop}}\nspec:\n  jwtRules: [{{issuer: \"{ISSUER}\", jwks: '{key_set}'}}]\n"
        );
    }
    text
}

/// The policy of one team. No request but those to [`PATH`] is made.
fn policy(text: &mut String, team: u64, needs_token: bool) {
    let to = format!("to: [{{operation: {{methods: [GET, POST], paths: [\"/teams/{team}/*\", \"/shared/{team}\"]}}}}]");
    let (action, rule) = match team % 10 {
        _ if team == MATCHING && needs_token => {
            ("ALLOW", format!("{{from: [{{source: {{requestPrincipals: [\"*\"]}}}}], {to}}}"))
        }
        _ if team == MATCHING => ("ALLOW", format!("{{{to}}}")),
        0 => ("DENY", format!("{{to: [{{operation: {{methods: [DELETE], paths: [\"/teams/{team}/*\"]}}}}]}}")),
        1..=3 => ("ALLOW", format!("{{from: [{{source: {{principals: [\"cluster.local/ns/web/sa/team-{team}\"]}}}}], {to}}}")),
        4 | 5 => ("ALLOW", format!("{{from: [{{source: {{namespaces: [web, \"team-{team}\"]}}}}], {to}}}")),
        6 | 7 => ("ALLOW", format!("{{from: [{{source: {{ipBlocks: [\"10.{team}.0.0/16\"]}}}}], {to}}}")),
        8 => ("ALLOW", format!("{{{to}, when: [{{key: \"request.headers[x-team]\", values: [\"team-{team}\"]}}]}}")),
        _ => (
            "ALLOW",
            format!("{{to: [{{operation: {{methods: [POST], paths: [\"*/{team}/orders\"], hosts: [\"web.shop*\"]}}}}]}}"),
        ),
    };
    let _ = write!(
        text,
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: team-{team}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  action: {action}\n  rules: [{rule}]\n"
    );
}
