//! How fast manifests are read: `cargo test --release --bench manifest -- --ignored --nocapture`.

use std::time::Instant;

use meshsec::diag::SourceMap;
use meshsec::manifest;

const DOCUMENTS: usize = 10_000;
const DOCUMENTS_PER_FILE: usize = 10;

/// A policy, a service and a deployment in turn, each with a name of its own.
fn document(index: usize) -> String {
    match index % 3 {
        0 => format!(
            "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: allow-{index}\n  namespace: shop\nspec:\n  selector:\n    matchLabels:\n      app: cart-{index}\n  rules:\n  - from:\n    - source:\n        principals: [\"cluster.local/ns/web/sa/front\"]\n    to:\n    - operation:\n        methods: [GET, HEAD]\n        paths: [\"/cart/*\"]\n"
        ),
        1 => format!(
            "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: cart-{index}\n  namespace: shop\nspec:\n  selector:\n    app: cart-{index}\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n"
        ),
        _ => format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart-{index}\n  namespace: shop\nspec:\n  selector:\n    matchLabels:\n      app: cart-{index}\n  template:\n    metadata:\n      labels:\n        app: cart-{index}\n    spec:\n      serviceAccountName: cart\n      containers:\n      - name: server\n        image: example/cart:1\n        ports:\n        - containerPort: 8080\n"
        ),
    }
}

#[test]
#[ignore = "a measurement, not a check"]
fn documents_per_second() {
    let mut sources = SourceMap::default();
    let mut ids = Vec::new();
    let mut bytes = 0;
    for file in 0..DOCUMENTS / DOCUMENTS_PER_FILE {
        let mut text = String::new();
        for index in 0..DOCUMENTS_PER_FILE {
            text.push_str(&document(file * DOCUMENTS_PER_FILE + index));
        }
        bytes += text.len();
        ids.push(sources.add(format!("{file}.yaml"), text));
    }
    let start = Instant::now();
    let manifests = manifest::read(&sources, &ids);
    let took = start.elapsed();
    assert_eq!((manifests.documents.len(), manifests.findings.len()), (DOCUMENTS, 0));
    #[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
    let (rate, megabytes) = (DOCUMENTS as f64 / took.as_secs_f64(), bytes as f64 / 1e6);
    println!("{DOCUMENTS} manifests, {megabytes:.1} MB in {took:.2?}: {rate:.0} documents per second");
}
