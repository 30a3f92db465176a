use serde_json::Value;
use serde_json::json;

use super::caller::Caller;
use super::server::Server;
use super::server::number;

impl Server {
    /// A service account of a namespace that may do this there and nothing else: verbs and resources, both by commas, as
    /// `get,list` and `authorizationpolicies.security.istio.io`.
    pub(crate) fn user(&self, namespace: &str, rights: &[(&str, &str)]) -> Caller {
        let name = format!("user-{}", number());
        self.kubectl(&["create", "serviceaccount", &name, "-n", namespace]).ok();
        let account = format!("{namespace}:{name}");
        for (index, (verbs, resources)) in rights.iter().enumerate() {
            let role = format!("{name}-{index}");
            let (verbs, resources) = (format!("--verb={verbs}"), format!("--resource={resources}"));
            self.kubectl(&["create", "role", &role, "-n", namespace, &verbs, &resources]).ok();
            let (role, account) = (format!("--role={role}"), format!("--serviceaccount={account}"));
            self.kubectl(&["create", "rolebinding", &format!("{name}-{index}"), "-n", namespace, &role, &account]).ok();
        }
        let token = self.kubectl(&["create", "token", &name, "-n", namespace]).ok();
        let (address, authority, _) = self.parts();
        self.with_kubeconfig(&name, &kubeconfig(&address, Some(&authority), token.trim()))
    }

    /// Someone the server does not know.
    pub(crate) fn stranger(&self) -> Caller {
        let (address, authority, _) = self.parts();
        self.with_kubeconfig("stranger", &kubeconfig(&address, Some(&authority), "not-a-token"))
    }

    /// The administrator, who reaches the server at another address: through a proxy, or at one where nobody listens.
    pub(crate) fn at(&self, address: &str) -> Caller {
        let (_, authority, token) = self.parts();
        let authority = address.starts_with("https:").then_some(&*authority);
        self.with_kubeconfig(&format!("at-{}", number()), &kubeconfig(address, authority, &token))
    }

    /// The administrator, who trusts the authorities of the machine and not the server's.
    pub(crate) fn distrustful(&self) -> Caller {
        let (address, _, token) = self.parts();
        self.with_kubeconfig("distrustful", &kubeconfig(&address, None, &token))
    }
}

fn kubeconfig(address: &str, authority: Option<&str>, token: &str) -> Value {
    let mut cluster = json!({"server": address});
    if let Some(authority) = authority {
        cluster["certificate-authority-data"] = authority.into();
    }
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "user"}}],
        "users": [{"name": "user", "user": {"token": token}}],
    })
}
