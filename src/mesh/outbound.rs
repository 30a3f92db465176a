use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::mesh::Mesh;
use crate::mesh::Protocol;

impl Mesh {
    /// Whether a sidecar in a namespace, with these labels, lets calls out to what the mesh does not know (`outboundTrafficPolicy`): what its
    /// Sidecar says, where mode is `REGISTRY_ONLY` unless written, else what the mesh configuration says, where it is `ALLOW_ANY`.
    #[must_use]
    pub fn lets_unknown_out(&self, namespace: &str, labels: &BTreeMap<String, String>) -> bool {
        if let Some(mode) = self.sidecar_for(namespace, labels).and_then(|sidecar| sidecar.spec.outbound_mode.as_ref()) {
            return mode.as_str().starts_with("ALLOW_ANY");
        }
        let written = self.settings.written.as_deref().and_then(|config| config.outbound_mode.as_ref());
        written.map(Spanned::as_str) != Some("REGISTRY_ONLY")
    }
}

impl Protocol {
    /// Whether proxies speak HTTP/2 on a port of this protocol, whatever the application spoke.
    #[must_use]
    pub fn is_http2(self) -> bool {
        match self {
            Self::Http2 | Self::Grpc | Self::GrpcWeb => true,
            Self::Http
            | Self::HttpProxy
            | Self::Tcp
            | Self::Tls
            | Self::Https
            | Self::Mongo
            | Self::Redis
            | Self::MySql
            | Self::Udp
            | Self::Unset => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diag::Span;
    use crate::manifest::Header;
    use crate::manifest::kinds::MeshConfig;
    use crate::manifest::kinds::Sidecar;
    use crate::mesh::Object;
    use crate::mesh::ObjectRef;

    #[test]
    fn a_sidecar_says_what_is_let_out_and_else_the_mesh_does() {
        let word = |text: &str| Spanned::new(text.to_owned(), Span::default());
        for (of_mesh, of_sidecar, expected) in [
            (None, None, true),
            (Some("ALLOW_ANY"), None, true),
            (Some("REGISTRY_ONLY"), None, false),
            (Some("REGISTRY_ONLY"), Some(Some("ALLOW_ANY")), true),
            (None, Some(Some("REGISTRY_ONLY")), false),
            (None, Some(Some("")), false),
            (Some("REGISTRY_ONLY"), Some(None), false),
            (None, Some(None), true),
        ] {
            let mut mesh = Mesh::default();
            if let Some(mode) = of_mesh {
                mesh.settings.written = Some(Box::new(MeshConfig { outbound_mode: Some(word(mode)), ..MeshConfig::default() }));
            }
            if let Some(mode) = of_sidecar {
                mesh.sidecars.push(Object {
                    id: ObjectRef { kind: "Sidecar", namespace: "shop".to_owned(), name: "default".to_owned() },
                    header: Arc::new(Header::default()),
                    spec: Arc::new(Sidecar { outbound_mode: mode.map(word), ..Sidecar::default() }),
                    span: Span::default(),
                });
            }
            assert_eq!(mesh.lets_unknown_out("shop", &BTreeMap::new()), expected, "mesh {of_mesh:?}, Sidecar {of_sidecar:?}");
        }
    }
}
