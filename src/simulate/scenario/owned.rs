//! Copies of scenarios that borrow from nothing.

use crate::simulate::scenario::DestinationParts;
use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::Expect;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::HeaderList;
use crate::simulate::scenario::KeySet;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::SourceParts;
use crate::simulate::scenario::SourceRef;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::Tls;
use crate::simulate::scenario::Token;

fn own(text: Option<Text<'_>>) -> Option<Text<'static>> {
    text.map(Text::into_owned)
}

impl Scenario<'_> {
    /// A copy that borrows from nothing.
    #[must_use]
    pub fn into_owned(self) -> Scenario<'static> {
        let Scenario {
            name,
            from,
            to,
            protocol,
            method,
            path,
            host,
            headers,
            token,
            remote_ip,
            tls,
            at,
            ext_authz,
            jwks,
            expect,
        } = self;
        Scenario {
            name: own(name),
            from: from.map(|from| match from {
                SourceRef::Short(text) => SourceRef::Short(text.into_owned()),
                SourceRef::Long(parts) => {
                    let SourceParts { workload, service_account, principal, namespace, sidecar, ip, kubelet } = *parts;
                    SourceRef::Long(Box::new(SourceParts {
                        workload: own(workload),
                        service_account: own(service_account),
                        principal: own(principal),
                        namespace: own(namespace),
                        sidecar,
                        ip: own(ip),
                        kubelet,
                    }))
                }
            }),
            to: match to {
                DestinationRef::Short(text) => DestinationRef::Short(text.into_owned()),
                DestinationRef::Long(parts) => {
                    let DestinationParts { service, workload, port, ip, subset, app } = *parts;
                    DestinationRef::Long(Box::new(DestinationParts {
                        service: own(service),
                        workload: own(workload),
                        port,
                        ip: own(ip),
                        subset: own(subset),
                        app,
                    }))
                }
            },
            protocol,
            method: own(method),
            path: own(path),
            host: own(host),
            headers: HeaderList(headers.0.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()),
            token: token.map(|token| match token {
                Token::Compact(text) => Token::Compact(text.into_owned()),
                Token::Mint(minted) => Token::Mint(minted),
            }),
            remote_ip: own(remote_ip),
            tls: Tls { mode: tls.mode, sni: own(tls.sni) },
            at: own(at),
            ext_authz: ext_authz.map(|answers| match answers {
                ExtAuthz::All(answer) => ExtAuthz::All(answer),
                ExtAuthz::ByProvider(answers) => {
                    ExtAuthz::ByProvider(answers.into_iter().map(|(name, answer)| (name.into_owned(), answer)).collect())
                }
            }),
            jwks: jwks
                .into_iter()
                .map(|(name, keys)| {
                    let keys = match keys {
                        KeySet::Named(text) => KeySet::Named(text.into_owned()),
                        KeySet::Inline(value) => KeySet::Inline(value),
                    };
                    (name.into_owned(), keys)
                })
                .collect(),
            expect: expect.map(|expect| {
                let Expect { verdict, http_status, policy, rule, reason } = expect;
                Expect { verdict: own(verdict), http_status, policy: own(policy), rule, reason: own(reason) }
            }),
        }
    }
}
