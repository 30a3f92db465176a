//! `policy effective`: everything that decides about the traffic of one workload, and what does not.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::diag::SourceMap;
use crate::diag::Span;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::JwtRule;
use crate::mesh::AppliedJwtRule;
use crate::mesh::Level;
use crate::mesh::Mesh;
use crate::mesh::ObjectRef;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::ServerMode;
use crate::policy::AppliedPolicy;
use crate::policy::Effective;
use crate::policy::EffectivePort;
use crate::render::Style;

/// What is shown.
#[derive(Debug)]
pub struct EffectiveView<'a> {
    /// The mesh.
    pub mesh: &'a Mesh,
    /// The texts.
    pub sources: &'a SourceMap,
    /// What applies.
    pub effective: &'a Effective<'a>,
}

/// More objects that do not apply for one and the same reason are counted, not listed.
const LISTED: usize = 5;

impl EffectiveView<'_> {
    fn place(&self, span: Span) -> String {
        self.sources.position(span).to_string()
    }

    fn mode_origin(&self, mode: &ServerMode) -> String {
        let Some(from) = mode.from else { return "the default: no PeerAuthentication says otherwise".to_owned() };
        let object = self.mesh.peer_authentications.get(from.policy).map(|object| object.id.to_string()).unwrap_or_default();
        format!("{object} ({}), {}", level(from.level), self.place(from.span))
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Mesh => "mesh",
        Level::Namespace => "namespace",
        Level::Workload => "workload",
        Level::Port => "port",
    }
}

fn proxy(proxy: Proxy) -> &'static str {
    match proxy {
        Proxy::Sidecar => "sidecar",
        Proxy::None => "no proxy",
        Proxy::Gateway => "gateway",
        Proxy::Waypoint => "waypoint",
        Proxy::Ambient => "ztunnel",
    }
}

fn class(port: &EffectivePort) -> &'static str {
    match port.declared.map(|declared| declared.class) {
        Some(PortClass::Http) => "HTTP",
        Some(PortClass::Tcp) => "TCP",
        Some(PortClass::Auto) => "sniffed",
        None => "undeclared",
    }
}

fn counts(policy: &AppliedPolicy) -> String {
    let AppliedPolicy { http_rules, tcp_rules, .. } = policy;
    let rules = |count: usize| if count == 1 { "1 rule".to_owned() } else { format!("{count} rules") };
    if http_rules == tcp_rules { rules(*http_rules) } else { format!("{} on HTTP, {} on TCP", rules(*http_rules), tcp_rules) }
}

/// Writes it for people.
///
/// # Errors
/// When the writer fails.
pub fn effective_text(out: &mut dyn Write, view: &EffectiveView<'_>, style: Style) -> io::Result<()> {
    let workload = view.effective.workload;
    let principal = workload.principal(&view.mesh.settings.trust_domain);
    writeln!(out, "{} ({}) {}", style.note(&workload.display_name()), workload.kind, style.faint(&view.place(workload.span)))?;
    writeln!(out, "  {}: {}", proxy(workload.proxy), workload.proxy_reason)?;
    writeln!(out, "  runs as {principal}")?;
    match workload.proxy {
        Proxy::None => writeln!(out, "  {} without a proxy nothing below is enforced", style.warning("note:"))?,
        Proxy::Ambient => {
            writeln!(out, "  {} ztunnel enforces what concerns connections; HTTP needs a waypoint", style.warning("note:"))?;
        }
        Proxy::Sidecar | Proxy::Gateway | Proxy::Waypoint => {}
    }
    if let Some(sidecar) = view.effective.sidecar {
        writeln!(out, "  configured by {} {}", sidecar.id, style.faint(&view.place(sidecar.span)))?;
    }
    mutual_tls(out, view, style)?;
    tokens(out, view, style)?;
    authorization(out, view, style)?;
    callers(out, view, style)?;
    ignored(out, view, style)
}

fn mutual_tls(out: &mut dyn Write, view: &EffectiveView<'_>, style: Style) -> io::Result<()> {
    writeln!(out, "\n{}", style.note("mutual TLS"))?;
    let effective = view.effective;
    for port in &effective.ports {
        let bypassed = if port.is_bypassed { "; the proxy does not see this port, so nothing is enforced on it" } else { "" };
        let origin = view.mode_origin(&port.mode);
        writeln!(out, "  port {:<6} {:<10} {:<10} {origin}{bypassed}", port.port, class(port), port.mode.mode.as_str())?;
    }
    let other = &effective.other_ports;
    writeln!(out, "  {:<11} {:<10} {:<10} {}", "other ports", "", other.mode.as_str(), view.mode_origin(other))?;
    for applied in &effective.peer_policies {
        if let Some(object) = view.mesh.peer_authentications.get(applied.policy) {
            let mode = object.spec.mode.as_ref().map_or("UNSET", |mode| mode.value.as_str());
            writeln!(out, "  joined: {} {mode} ({}) {}", object.id, applied.why, style.faint(&view.place(object.span)))?;
        }
    }
    Ok(())
}

fn tokens(out: &mut dyn Write, view: &EffectiveView<'_>, style: Style) -> io::Result<()> {
    writeln!(out, "\n{}", style.note("tokens"))?;
    if view.effective.jwt_rules.is_empty() {
        return writeln!(out, "  no RequestAuthentication applies: tokens are not looked at");
    }
    for applied in &view.effective.jwt_rules {
        let Some(object) = view.mesh.request_authentications.get(applied.policy) else { continue };
        let place = style.faint(&view.place(applied.spec.place.span));
        writeln!(out, "  issuer `{}`: {} rule {} {place}", applied.spec.issuer.value, object.id, applied.rule)?;
        writeln!(out, "    keys from {}; token {}", keys(applied.spec), locations(applied.spec))?;
        let audiences: Vec<&str> = applied.spec.audiences.iter().map(|audience| audience.value.as_str()).collect();
        if !audiences.is_empty() {
            writeln!(out, "    audience {}", audiences.join(" or "))?;
        }
    }
    writeln!(
        out,
        "  a bad token is refused with 401 (403 for another audience); a request without a token passes here, only an AuthorizationPolicy can demand one"
    )
}

fn keys(rule: &JwtRule) -> String {
    match (&rule.jwks, &rule.jwks_uri) {
        (Some(jwks), _) if !jwks.value.is_empty() => "the rule itself (jwks)".to_owned(),
        (_, Some(uri)) if !uri.value.is_empty() => uri.value.clone(),
        _ => "the issuer's discovery document".to_owned(),
    }
}

fn locations(rule: &JwtRule) -> String {
    let headers = rule.from_headers.iter().map(|header| format!("header `{}`", header.name.value));
    let parameters = rule.from_params.iter().map(|name| format!("parameter `{}`", name.value));
    let cookies = rule.from_cookies.iter().map(|name| format!("cookie `{}`", name.value));
    let all: Vec<String> = headers.chain(parameters).chain(cookies).collect();
    if all.is_empty() {
        return "in header `Authorization` behind `Bearer `, or in parameter `access_token`".to_owned();
    }
    format!("in {}", all.join(" or "))
}

fn authorization(out: &mut dyn Write, view: &EffectiveView<'_>, style: Style) -> io::Result<()> {
    writeln!(out, "\n{}", style.note("authorization, in order of evaluation"))?;
    let effective = view.effective;
    for (number, applied) in effective.policies.iter().enumerate() {
        let Some(object) = view.mesh.authorization_policies.get(applied.policy) else { continue };
        let place = style.faint(&view.place(object.span));
        let remark = remark(applied);
        writeln!(
            out,
            "  {} {:<6} {} ({}; {}{remark}) {place}",
            number + 1,
            applied.action.as_str(),
            object.id,
            applied.why,
            counts(applied)
        )?;
    }
    if effective.allow_applies {
        writeln!(out, "  otherwise {}: an ALLOW policy applies", style.error("refused"))
    } else {
        writeln!(out, "  otherwise {}: no ALLOW policy applies", style.success("let in"))
    }
}

fn remark(applied: &AppliedPolicy) -> &'static str {
    match (applied.is_dry_run, applied.action) {
        (true, Action::Custom) => "; dry-run, what its rules match is refused",
        (true, _) => "; dry-run, only reported",
        (false, Action::Audit) => "; decides nothing",
        (false, Action::Allow | Action::Deny | Action::Custom) => "",
    }
}

fn callers(out: &mut dyn Write, view: &EffectiveView<'_>, style: Style) -> io::Result<()> {
    if view.effective.service_rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.note("callers, by DestinationRules for its services"))?;
    for rule in &view.effective.service_rules {
        let (Some(object), Some(service)) = (view.mesh.destination_rules.get(rule.rule), view.mesh.services.get(rule.service))
        else {
            continue;
        };
        let place = style.faint(&view.place(object.span));
        writeln!(out, "  {}: {} for {} {place}", service.hostname, object.id, rule.callers)?;
        for (port, mode) in &rule.ports {
            let mode = mode.map_or("automatic mutual TLS", |mode| mode.as_str());
            writeln!(out, "    port {port:<6} {mode}")?;
        }
    }
    Ok(())
}

fn ignored(out: &mut dyn Write, view: &EffectiveView<'_>, style: Style) -> io::Result<()> {
    let mut by_reason: BTreeMap<(&str, &str), Vec<(&ObjectRef, Span)>> = BTreeMap::new();
    for ignored in &view.effective.ignored {
        by_reason.entry((ignored.object.kind, &ignored.why)).or_default().push((&ignored.object, ignored.span));
    }
    if by_reason.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.note("does not apply"))?;
    for ((kind, why), objects) in by_reason {
        if objects.len() > LISTED {
            writeln!(out, "  {} objects of kind {kind}: {why}", objects.len())?;
            continue;
        }
        for (object, span) in objects {
            writeln!(out, "  {object}: {why} {}", style.faint(&view.place(span)))?;
        }
    }
    Ok(())
}

/// Writes it for programs.
///
/// # Errors
/// When the writer fails.
pub fn effective_json(out: &mut dyn Write, view: &EffectiveView<'_>) -> io::Result<()> {
    let Effective {
        workload,
        ports,
        other_ports,
        peer_policies,
        jwt_rules,
        policies,
        allow_applies,
        service_rules,
        sidecar,
        ignored,
    } = view.effective;
    let mesh = view.mesh;
    let reference = |object: &ObjectRef, span: Span| {
        let position = view.sources.position(span);
        json!({
            "kind": object.kind, "namespace": object.namespace, "name": object.name,
            "file": &*position.file, "line": position.line, "column": position.column,
        })
    };
    let mode = |mode: &ServerMode| {
        let from = mode.from.and_then(|from| {
            let mut object = reference(&mesh.peer_authentications.get(from.policy)?.id, from.span);
            object.as_object_mut()?.insert("level".to_owned(), json!(level(from.level)));
            Some(object)
        });
        json!({"mode": mode.mode.as_str(), "from": from})
    };
    let port = |port: &EffectivePort| {
        let mut value = mode(&port.mode);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("port".to_owned(), json!(port.port));
            fields.insert("protocol".to_owned(), json!(class(port).to_lowercase()));
            fields.insert("bypassesProxy".to_owned(), json!(port.is_bypassed));
        }
        value
    };
    let jwt = |applied: &AppliedJwtRule<'_>| {
        let object = mesh.request_authentications.get(applied.policy)?;
        Some(json!({
            "issuer": applied.spec.issuer.value,
            "audiences": applied.spec.audiences.iter().map(|audience| &audience.value).collect::<Vec<_>>(),
            "keys": keys(applied.spec),
            "token": locations(applied.spec),
            "rule": applied.rule,
            "from": reference(&object.id, applied.spec.place.span),
        }))
    };
    let policy = |applied: &AppliedPolicy| {
        let object = mesh.authorization_policies.get(applied.policy)?;
        Some(json!({
            "action": applied.action.as_str(), "dryRun": applied.is_dry_run, "why": applied.why,
            "httpRules": applied.http_rules, "tcpRules": applied.tcp_rules,
            "from": reference(&object.id, object.span),
        }))
    };
    let joined: Vec<Value> = peer_policies
        .iter()
        .filter_map(|applied| {
            let object = mesh.peer_authentications.get(applied.policy)?;
            let mode = object.spec.mode.as_ref().map_or("UNSET", |mode| mode.value.as_str());
            Some(json!({"mode": mode, "why": applied.why, "from": reference(&object.id, object.span)}))
        })
        .collect();
    let rules: Vec<Value> = service_rules
        .iter()
        .filter_map(|rule| {
            let (object, service) = (mesh.destination_rules.get(rule.rule)?, mesh.services.get(rule.service)?);
            let ports = rule.ports.iter().map(|(port, mode)| json!({"port": port, "tls": mode.map(ClientTlsMode::as_str)}));
            Some(json!({
                "service": service.hostname, "callers": rule.callers, "ports": ports.collect::<Vec<_>>(),
                "from": reference(&object.id, object.span),
            }))
        })
        .collect();
    let value = json!({
        "schemaVersion": "meshsec.dev/policy-effective/v1",
        "workload": {
            "kind": workload.kind, "namespace": workload.namespace, "name": workload.name,
            "proxy": proxy(workload.proxy), "proxyReason": workload.proxy_reason,
            "principal": workload.principal(&mesh.settings.trust_domain),
        },
        "mutualTls": {"ports": ports.iter().map(port).collect::<Vec<_>>(), "otherPorts": mode(other_ports), "joined": joined},
        "tokens": jwt_rules.iter().filter_map(jwt).collect::<Vec<_>>(),
        "authorization": {
            "policies": policies.iter().filter_map(policy).collect::<Vec<_>>(),
            "otherwise": if *allow_applies { "deny" } else { "allow" },
        },
        "destinationRules": rules,
        "sidecar": sidecar.map(|sidecar| reference(&sidecar.id, sidecar.span)),
        "ignored": ignored.iter().map(|ignored| {
            json!({"object": reference(&ignored.object, ignored.span), "why": ignored.why})
        }).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}
