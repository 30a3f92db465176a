//! Meshes of one workload with many callers, and the requests put to them.

use std::fmt::Write;

/// Where the callers' addresses come from: the second byte of 10.0.0.0/8 is one of this many.
const NETWORKS: u64 = 128;
/// Callers in the mesh, each with a service account of its own.
const CALLERS: u64 = 20;
/// Teams whose policies stand side by side in the shape with many policies.
const TEAMS: u64 = 100;

/// What the policies of a mesh look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One hundred policies of every kind: ALLOW and DENY, on paths, methods, identities, addresses and headers.
    Policies,
    /// One policy with this many exact paths.
    Paths(u64),
    /// One policy with this many address blocks.
    Blocks(u64),
    /// One policy with this many principals.
    Principals(u64),
}

impl Shape {
    /// How it is named in the table.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Policies => format!("{TEAMS} policies"),
            Self::Paths(count) => format!("1 policy x {count} paths"),
            Self::Blocks(count) => format!("1 policy x {count} IP blocks"),
            Self::Principals(count) => format!("1 policy x {count} principals"),
        }
    }

    /// Decisions per second that are wanted of `simulate batch`.
    pub(crate) fn budget(self) -> f64 {
        if self == Self::Policies { 1_000_000.0 } else { 500_000.0 }
    }

    /// The manifests. The workload listens on `port`.
    pub(crate) fn manifests(self, port: u16) -> String {
        let mut text = String::new();
        for namespace in ["istio-system", "shop", "web"] {
            let _ = write!(
                text,
                "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}, labels: {{istio-injection: enabled}}}}\n"
            );
        }
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: api, namespace: shop}}\nspec:\n  selector: {{app: api}}\n  ports:\n  - {{name: http, port: 80, targetPort: {port}}}\n"
        );
        workload(&mut text, "shop", "api", port);
        for caller in 0..CALLERS {
            workload(&mut text, "web", &format!("caller-{caller}"), 8080);
        }
        match self {
            Self::Policies => (0..TEAMS).for_each(|team| team_policy(&mut text, team)),
            Self::Paths(count) => {
                let paths = (0..count).map(|number| format!("\"/api/item-{number}\""));
                policy(&mut text, "paths", "ALLOW", &format!("  - to:\n    - operation:\n        paths: [{}]\n", joined(paths)));
            }
            Self::Blocks(count) => {
                let blocks = (0..count).map(|number| format!("\"10.{}.{}.0/24\"", number % NETWORKS, number / NETWORKS));
                policy(
                    &mut text,
                    "blocks",
                    "ALLOW",
                    &format!("  - from:\n    - source:\n        ipBlocks: [{}]\n", joined(blocks)),
                );
            }
            Self::Principals(count) => {
                let principals = (0..count).map(|number| format!("\"cluster.local/ns/web/sa/caller-{}\"", number * 2));
                policy(
                    &mut text,
                    "principals",
                    "ALLOW",
                    &format!("  - from:\n    - source:\n        principals: [{}]\n", joined(principals)),
                );
            }
        }
        text
    }

    /// Requests without end, the same ones for the same shape. About half of them match.
    pub(crate) fn requests(self) -> Requests {
        Requests { shape: self, random: 0x9e37_79b9_7f4a_7c15, number: 0 }
    }
}

fn joined(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(", ")
}

fn workload(text: &mut String, namespace: &str, name: &str, port: u16) {
    let _ = write!(
        text,
        "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  \
         template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      serviceAccountName: {name}\n      \
         containers: [{{name: server, image: example/{name}, ports: [{{containerPort: {port}}}]}}]\n"
    );
}

fn policy(text: &mut String, name: &str, action: &str, rules: &str) {
    let _ = write!(
        text,
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: {name}, namespace: shop}}\n\
         spec:\n  selector: {{matchLabels: {{app: api}}}}\n  action: {action}\n  rules:\n{rules}"
    );
}

/// The policy of one team: every tenth denies, the others let in by paths and by who calls.
fn team_policy(text: &mut String, team: u64) {
    let to = format!(
        "    to:\n    - operation:\n        methods: [GET, HEAD]\n        paths: [\"/teams/{team}/*\", \"/shared/{team}\"]\n"
    );
    let callers = joined((0..4).map(|step| format!("\"cluster.local/ns/web/sa/caller-{}\"", (team + step * 3) % CALLERS)));
    let (action, rule) = match team % 10 {
        0 => ("DENY", format!("  - to:\n    - operation:\n        methods: [DELETE]\n        paths: [\"/teams/{team}/*\"]\n")),
        1..=3 => ("ALLOW", format!("  - from:\n    - source:\n        principals: [{callers}]\n{to}")),
        4 | 5 => ("ALLOW", format!("  - from:\n    - source:\n        namespaces: [web, \"team-{team}\"]\n{to}")),
        6 | 7 => ("ALLOW", format!("  - from:\n    - source:\n        ipBlocks: [\"10.{team}.0.0/16\", \"10.0.0.0/10\"]\n{to}")),
        8 => (
            "ALLOW",
            format!(
                "  - from:\n    - source:\n        notPrincipals: [{callers}]\n{to}    when:\n    - key: request.headers[x-team]\n      values: [\"team-{team}\"]\n"
            ),
        ),
        _ => (
            "ALLOW",
            format!(
                "  - to:\n    - operation:\n        methods: [POST]\n        paths: [\"*/{team}/orders\"]\n        hosts: [\"api.shop*\"]\n"
            ),
        ),
    };
    policy(text, &format!("team-{team}"), action, &rule);
}

/// Requests without end.
pub(crate) struct Requests {
    shape: Shape,
    random: u64,
    number: u64,
}

/// One request, in the parts that batch and Envoy need.
pub(crate) struct Request {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// The caller among those of the mesh.
    pub(crate) caller: u64,
    /// The caller's address.
    pub(crate) address: String,
    /// Method.
    pub(crate) method: &'static str,
    /// Path.
    pub(crate) path: String,
    /// Value of `x-team`.
    pub(crate) team: String,
}

impl Requests {
    fn below(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % limit
    }
}

impl Iterator for Requests {
    type Item = Request;

    fn next(&mut self) -> Option<Request> {
        let number = self.number;
        self.number += 1;
        let team = self.below(TEAMS);
        // Most callers are among those that the team's policy names.
        let caller = if self.below(4) > 0 { (team + self.below(4) * 3) % CALLERS } else { self.below(CALLERS) };
        let item = self.below(100_000);
        let network = self.below(NETWORKS);
        let (method, path) = match self.shape {
            Shape::Policies => match self.below(10) {
                0 => ("DELETE", format!("/teams/{team}/items/{item}")),
                1 => ("POST", format!("/teams/{team}/orders")),
                2 => ("GET", format!("/shared/{team}")),
                3 => ("GET", format!("/other/{item}")),
                _ => ("GET", format!("/teams/{team}/items/{item}?page=1")),
            },
            Shape::Paths(count) => ("GET", format!("/api/item-{}", self.below(count * 2))),
            Shape::Blocks(_) | Shape::Principals(_) => ("GET", format!("/api/item-{item}")),
        };
        let third = match self.shape {
            // Half of the addresses stand outside of all blocks.
            Shape::Blocks(count) if number.is_multiple_of(2) => network.min(count - 1) / NETWORKS,
            Shape::Blocks(_) => 200,
            Shape::Policies | Shape::Paths(_) | Shape::Principals(_) => 1,
        };
        let network = match self.shape {
            Shape::Blocks(count) if number.is_multiple_of(2) => network.min(count - 1),
            Shape::Blocks(_) | Shape::Policies | Shape::Paths(_) | Shape::Principals(_) => network,
        };
        let address = format!("10.{network}.{third}.{}", caller + 1);
        Some(Request { number, caller, address, method, path, team: format!("team-{team}") })
    }
}

impl Request {
    /// As one line of `simulate batch`: every tenth comes from outside the mesh, the others from a workload with a sidecar.
    pub(crate) fn line(&self) -> String {
        let Self { number, caller, address, method, path, team } = self;
        let from = match number % 10 {
            0 => format!("{{\"ip\":\"{address}\",\"sidecar\":false}}"),
            1..=6 => format!("{{\"workload\":\"web/caller-{caller}\",\"ip\":\"{address}\"}}"),
            _ => format!("\"web/caller-{caller}\""),
        };
        format!(
            "{{\"name\":\"r{number}\",\"from\":{from},\"to\":\"api.shop:80\",\"method\":\"{method}\",\"path\":\"{path}\",\"headers\":{{\"x-team\":\"{team}\"}}}}"
        )
    }

    /// As a scenario of a plain client at this address.
    pub(crate) fn plain_line(&self, address: &str) -> String {
        let Self { method, path, team, .. } = self;
        format!(
            "{{\"from\":{{\"ip\":\"{address}\",\"sidecar\":false}},\"to\":\"api.shop:80\",\"method\":\"{method}\",\"path\":\"{path}\",\"headers\":{{\"x-team\":\"{team}\"}}}}"
        )
    }

    /// As it goes over the wire.
    pub(crate) fn http(&self) -> String {
        let Self { method, path, team, .. } = self;
        let length = if *method == "GET" { "" } else { "content-length: 0\r\n" };
        format!("{method} {path} HTTP/1.1\r\nhost: api.shop.svc.cluster.local\r\nx-team: {team}\r\n{length}\r\n")
    }
}
