//! `--ext-authz`: where external authorization providers are, or what is assumed of them.

use std::collections::BTreeMap;
use std::net::ToSocketAddrs;

use crate::cli::error::Error;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::mesh::Mesh;
use crate::proxy::ProviderAddress;
use crate::proxy::Speech;
use crate::simulate::Enforcer;
use crate::simulate::scenario::ExtAuthz;
use crate::simulate::scenario::ExtAuthzAnswer;
use crate::simulate::scenario::Text;

/// What the flags say.
pub(super) struct Given {
    pub(super) assumed: Option<ExtAuthz<'static>>,
    pub(super) addresses: BTreeMap<String, ProviderAddress>,
}

impl Given {
    pub(super) fn read(texts: &[String], mesh: &Mesh) -> Result<Self, Error> {
        let mut addresses = BTreeMap::new();
        let mut assumed = Vec::new();
        for text in texts {
            match text.split_once('=') {
                None if texts.len() > 1 => {
                    return Err(Error::question(
                        format!("`--ext-authz {text}` is for all providers, and another one is given"),
                        "name the provider of each, or give one answer for all".to_owned(),
                    ));
                }
                None => {
                    let all = Some(ExtAuthz::All(answer(text, text)?));
                    return Ok(Self { assumed: all, addresses });
                }
                Some((provider, place)) if place.contains("://") => {
                    let address = address(place, text)?;
                    fits(mesh, provider, address.speech, text)?;
                    addresses.insert(provider.to_owned(), address);
                }
                Some((provider, word)) => assumed.push((Text::from(provider.to_owned()), answer(word, text)?)),
            }
        }
        Ok(Self { assumed: (!assumed.is_empty()).then_some(ExtAuthz::ByProvider(assumed)), addresses })
    }
}

fn answer(word: &str, whole: &str) -> Result<ExtAuthzAnswer, Error> {
    match word {
        "allow" => Ok(ExtAuthzAnswer::Allow),
        "deny" => Ok(ExtAuthzAnswer::Deny),
        "error" => Ok(ExtAuthzAnswer::Error),
        _ => Err(Error::question(
            format!("`--ext-authz {whole}`: `{word}` is no answer"),
            "write `allow`, `deny` or `error`, after `PROVIDER=` for one provider, or its address after `PROVIDER=`".to_owned(),
        )),
    }
}

fn address(place: &str, whole: &str) -> Result<ProviderAddress, Error> {
    let wrong = || {
        Error::question(
            format!("`--ext-authz {whole}`: `{place}` is no address of a provider"),
            "write `PROVIDER=http://127.0.0.1:9000`, or `grpc://` for one that speaks gRPC".to_owned(),
        )
    };
    let (scheme, rest) = place.split_once("://").ok_or_else(wrong)?;
    let speech = match scheme {
        "http" => Speech::Http,
        "grpc" => Speech::Grpc,
        _ => return Err(wrong()),
    };
    let address = rest.trim_end_matches('/').to_socket_addrs().ok().and_then(|mut found| found.next()).ok_or_else(wrong)?;
    Ok(ProviderAddress { speech, address })
}

/// The mesh configuration says how a provider is spoken to.
fn fits(mesh: &Mesh, name: &str, speech: Speech, whole: &str) -> Result<(), Error> {
    let kind = mesh.provider(name).map(|provider| &provider.kind);
    let (expected, scheme) = match kind {
        Some(ExtensionProviderKind::HttpExtAuthz(_)) => (Speech::Http, "http"),
        Some(ExtensionProviderKind::GrpcExtAuthz(_)) => (Speech::Grpc, "grpc"),
        Some(ExtensionProviderKind::Other(_)) | None => {
            return Err(Error::question(
                format!("`--ext-authz {whole}`: the mesh configuration has no authorization provider `{name}`"),
                "add it to `extensionProviders`, and name the configuration with `--mesh-config`".to_owned(),
            ));
        }
    };
    if speech == expected {
        return Ok(());
    }
    Err(Error::question(
        format!("`--ext-authz {whole}`: provider `{name}` is spoken to in another way"),
        format!("write `{name}={scheme}://ADDRESS:PORT`"),
    ))
}

/// Providers that rules ask and that cannot be, in words.
pub(super) fn unreachable(enforcer: &Enforcer, addresses: &BTreeMap<String, ProviderAddress>) -> Vec<String> {
    let unknown = enforcer.asked_providers().filter(|name| !addresses.contains_key(*name));
    unknown
        .map(|name| {
            let kind = enforcer.mesh().provider(name).map(|provider| &provider.kind);
            let (is_open, scheme) = match kind {
                Some(ExtensionProviderKind::HttpExtAuthz(http)) => (http.fail_open, "http"),
                Some(ExtensionProviderKind::GrpcExtAuthz(grpc)) => (grpc.fail_open, "grpc"),
                Some(ExtensionProviderKind::Other(_)) | None => (false, "http"),
            };
            let what = if is_open { "let in, because of `failOpen`" } else { "refused" };
            format!(
                "nobody said where provider `{name}` is: what it is asked about is {what}; give `--ext-authz {name}={scheme}://ADDRESS:PORT`"
            )
        })
        .collect()
}
