//! An identity as a Kubernetes Secret.

use clap::ValueEnum;
use zeroize::Zeroizing;

use crate::render::KubernetesSecret;

/// Which Secret, and what its keys are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Layout {
    /// Secret `istio.ACCOUNT` of type istio.io/key-and-cert: cert-chain.pem, key.pem, root-cert.pem
    #[default]
    Citadel,
    /// Secret `ACCOUNT-svid` of type kubernetes.io/tls: tls.crt, tls.key, ca.crt
    Tls,
}

/// What it holds.
pub(super) struct SecretFiles {
    pub(super) chain: Zeroizing<Vec<u8>>,
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) roots: Zeroizing<Vec<u8>>,
}

impl Layout {
    /// The Secret of an account.
    pub(super) fn secret_name(self, account: &str) -> String {
        match self {
            Self::Citadel => format!("istio.{account}"),
            Self::Tls => format!("{account}-svid"),
        }
    }

    /// `type` of the Secret.
    pub(super) fn secret_type(self) -> &'static str {
        match self {
            Self::Citadel => "istio.io/key-and-cert",
            Self::Tls => "kubernetes.io/tls",
        }
    }

    /// The keys of chain, private key and roots.
    pub(super) fn keys(self) -> [&'static str; 3] {
        match self {
            Self::Citadel => ["cert-chain.pem", "key.pem", "root-cert.pem"],
            Self::Tls => ["tls.crt", "tls.key", "ca.crt"],
        }
    }
}

impl SecretFiles {
    /// The Secret of an account; `name` is what [`Layout::secret_name`] says.
    pub(super) fn secret<'s>(
        &'s self,
        layout: Layout,
        namespace: &'s str,
        account: &'s str,
        name: &'s str,
    ) -> KubernetesSecret<'s> {
        let annotations = match layout {
            Layout::Citadel => vec![("istio.io/service-account.name", account)],
            Layout::Tls => Vec::new(),
        };
        let [chain, key, roots] = layout.keys();
        let data = vec![(chain, self.chain.as_slice()), (key, self.key.as_slice()), (roots, self.roots.as_slice())];
        KubernetesSecret { namespace, name, secret_type: layout.secret_type(), annotations, data }
    }
}
