//! A repository of manifests as a large platform team has it: seeded, so that every run checks the same.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What was written.
pub(crate) struct Written {
    /// How many objects.
    pub(crate) manifests: usize,
    /// How many policies have a `when` key that there is not.
    pub(crate) broken: usize,
}

/// Ten objects for each service, one service in a file, twenty services in a namespace. One in twenty policies is broken.
pub(crate) fn write(directory: &Path, files: usize) -> Written {
    let mut random = Random(0x5eed);
    let mut written = Written { manifests: 0, broken: 0 };
    for index in 0..files {
        let folder = directory.join(format!("team-{:03}", index / 20));
        fs::create_dir_all(&folder).expect("a folder can be made");
        let text = service(index, &mut random, &mut written);
        fs::write(folder.join(format!("service-{index:05}.yaml")), text).expect("a file can be written");
    }
    written
}

fn service(index: usize, random: &mut Random, written: &mut Written) -> String {
    let namespace = format!("team-{:03}", index / 20);
    let name = format!("service-{index:05}");
    let caller = format!("service-{:05}", index - index % 20 + random.below(20));
    let mut text = String::new();
    if index.is_multiple_of(20) {
        document(
            &mut text,
            written,
            &format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n  labels: {{istio-injection: enabled}}\n"),
        );
    } else {
        document(
            &mut text,
            written,
            &format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata: {{level: info}}\n"
            ),
        );
    }
    let object = |api: &str, kind: &str, suffix: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}{suffix}\n  namespace: {namespace}\n")
    };
    document(&mut text, written, &object("v1", "ServiceAccount", ""));
    document(
        &mut text,
        written,
        &format!(
            "{}spec:\n  selector: {{app: {name}}}\n  ports:\n  - {{name: http, port: 80, targetPort: 8080}}\n  - {{name: tcp-db, port: 5432, targetPort: 5432}}\n",
            object("v1", "Service", "")
        ),
    );
    document(
        &mut text,
        written,
        &format!(
            "{}spec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      serviceAccountName: {name}\n      containers:\n      - {{name: app, image: example.com/app, ports: [{{containerPort: 8080}}, {{containerPort: 5432}}]}}\n",
            object("apps/v1", "Deployment", "")
        ),
    );
    document(
        &mut text,
        written,
        &format!(
            "{}spec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  mtls: {{mode: STRICT}}\n",
            object("security.istio.io/v1", "PeerAuthentication", "")
        ),
    );
    document(
        &mut text,
        written,
        &format!(
            "{}spec:\n  host: {name}.{namespace}.svc.cluster.local\n  trafficPolicy: {{tls: {{mode: ISTIO_MUTUAL}}}}\n",
            object("networking.istio.io/v1", "DestinationRule", "")
        ),
    );
    document(
        &mut text,
        written,
        &format!(
            "{}spec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  jwtRules:\n  - issuer: https://idp.example.com\n    jwksUri: https://idp.example.com/keys\n    audiences: [{name}]\n    fromHeaders: [{{name: Authorization, prefix: \"Bearer \"}}]\n",
            object("security.istio.io/v1", "RequestAuthentication", "")
        ),
    );
    for suffix in ["-readers", "-writers"] {
        let is_broken = random.below(20) == 0;
        written.broken += usize::from(is_broken);
        let key = if is_broken { "request.header[x-team]" } else { "request.auth.claims[team]" };
        let method = if suffix == "-readers" { "GET, HEAD" } else { "POST" };
        document(
            &mut text,
            written,
            &format!(
                "{}spec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  action: ALLOW\n  rules:\n  - from:\n    - source:\n        principals: [cluster.local/ns/{namespace}/sa/{caller}]\n    to:\n    - operation:\n        methods: [{method}]\n        paths: [/v1/items, /v1/items/*, /v1/orders/{}]\n        ports: [\"8080\"]\n    when:\n    - key: {key}\n      values: [{namespace}]\n",
                object("security.istio.io/v1", "AuthorizationPolicy", suffix),
                random.below(1000)
            ),
        );
    }
    document(
        &mut text,
        written,
        &format!(
            "{}spec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  rules:\n  - from:\n    - source:\n        principals: [cluster.local/ns/{namespace}/sa/{caller}]\n    to:\n    - operation: {{ports: [\"5432\"]}}\n",
            object("security.istio.io/v1", "AuthorizationPolicy", "-database")
        ),
    );
    text
}

fn document(text: &mut String, written: &mut Written, document: &str) {
    written.manifests += 1;
    write!(text, "---\n{document}").expect("a text takes more text");
}

/// A small generator of numbers: the same ones in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }
}
