//! What istiod checks of the traffic policy of a destination, a subset or a port.

use crate::admission::Cause;
use crate::admission::duration;
use crate::admission::istiod::client_tls;
use crate::admission::istiod::fqdn;
use crate::admission::istiod::ip;
use crate::admission::istiod::load_balancer;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::report::Report;

/// Everything a traffic policy can set.
const SETTINGS: &[&str] =
    &["outlierDetection", "connectionPool", "loadBalancer", "tls", "portLevelSettings", "tunnel", "proxyProtocol", "retryBudget"];

/// What it can set for a port.
const PORT_SETTINGS: &[&str] = &["outlierDetection", "connectionPool", "loadBalancer", "tls"];

/// `UPGRADE` among the words of `h2UpgradePolicy`.
const UPGRADE: i32 = 2;

/// Checks a traffic policy.
pub(super) fn check(policy: Option<&Message<'_>>, namespace: &str, report: &mut Report) {
    let Some(policy) = policy else { return };
    if !SETTINGS.iter().any(|name| policy.has(name)) {
        let message = "a traffic policy sets at least one thing";
        report.refuse_with(Cause::TrafficPolicyEmpty, &policy.place, message, "remove it");
        return;
    }
    if policy.has("tunnel") && policy.has("proxyProtocol") {
        let message = "`tunnel` and `proxyProtocol` exclude each other";
        report.refuse_with(Cause::TrafficPolicyEmpty, policy.place_of("proxyProtocol"), message, "remove one of them");
        return;
    }
    settings(policy, namespace, report);
    // istiod drops what it would warn about here.
    let warnings = report.warnings.len();
    for port in policy.messages("portLevelSettings") {
        check_port(port, namespace, report);
    }
    report.warnings.truncate(warnings);
    if let Some(tunnel) = policy.message("tunnel") {
        check_tunnel(tunnel, report);
    }
    if let Some(protocol) = policy.message("proxyProtocol")
        && !matches!(protocol.word("version"), 0 | 1)
    {
        let message = "there is no such version of the proxy protocol";
        report.refuse_with(Cause::ProxyProtocolInvalid, protocol.place_of("version"), message, "write `V1` or `V2`");
    }
}

fn check_port(port: &Message<'_>, namespace: &str, report: &mut Report) {
    if !port.has("port") {
        let message = "the settings of a port need the port";
        report.refuse_with(Cause::TrafficPolicyEmpty, &port.place, message, "write `port: {number: ..}`");
    }
    if PORT_SETTINGS.iter().any(|name| port.has(name)) {
        settings(port, namespace, report);
    } else {
        let message = "the settings of a port set at least one thing";
        report.refuse_with(Cause::TrafficPolicyEmpty, &port.place, message, "remove them");
    }
}

/// The settings that destinations and ports share.
fn settings(policy: &Message<'_>, namespace: &str, report: &mut Report) {
    let detection = policy.message("outlierDetection");
    if let Some(detection) = detection {
        check_detection(detection, report);
    }
    if let Some(pool) = policy.message("connectionPool") {
        check_pool(pool, report);
    }
    if let Some(balancer) = policy.message("loadBalancer") {
        load_balancer::check(balancer, detection.is_some(), report);
    }
    if let Some(tls) = policy.message("tls") {
        client_tls::check(tls, namespace, report);
    }
}

fn check_detection(detection: &Message<'_>, report: &mut Report) {
    let cause = Cause::OutlierDetectionInvalid;
    check_duration(cause, detection, "baseEjectionTime", report);
    check_duration(cause, detection, "interval", report);
    if detection.integer("consecutiveErrors") != 0 {
        report.warn(
            Cause::ConsecutiveErrorsDeprecated,
            detection.place_of("consecutiveErrors"),
            "outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead",
        );
    }
    let failures = "consecutiveLocalOriginFailures";
    if detection.integer(failures) > 0 && !detection.is("splitExternalLocalOriginErrors") {
        let message = format!("`{failures}` only counts with `splitExternalLocalOriginErrors`");
        let help = "add `splitExternalLocalOriginErrors: true`";
        report.refuse_with(cause, detection.place_of(failures), message, help);
    }
    for name in ["maxEjectionPercent", "minHealthPercent"] {
        let percent = detection.integer(name);
        if !(0..=100).contains(&percent) {
            let message = format!("`{name}` is {percent}, which is no percentage");
            report.refuse_with(cause, detection.place_of(name), message, "write a number from 0 to 100");
        }
    }
}

fn check_pool(pool: &Message<'_>, report: &mut Report) {
    let cause = Cause::ConnectionPoolInvalid;
    if !pool.has("tcp") && !pool.has("http") {
        report.refuse_with(cause, &pool.place, "a connection pool sets `tcp` or `http`", "remove it");
    }
    if let Some(http) = pool.message("http") {
        let counts =
            ["http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "maxConcurrentStreams"];
        for name in counts {
            check_count(http, name, report);
        }
        check_duration(cause, http, "idleTimeout", report);
        if http.word("h2UpgradePolicy") == UPGRADE && http.is("useClientProtocol") {
            let message = "`useClientProtocol` and `h2UpgradePolicy: UPGRADE` exclude each other";
            report.refuse_with(cause, http.place_of("useClientProtocol"), message, "remove one of them");
        }
        if let Some(keep_alive) = http.message("http2KeepAlive") {
            for name in ["interval", "timeout"] {
                if !keep_alive.has(name) {
                    let message = format!("`http2KeepAlive` needs `{name}`");
                    report.refuse_with(cause, &keep_alive.place, message, format!("write `{name}`"));
                }
                check_duration(cause, keep_alive, name, report);
            }
        }
    }
    if let Some(tcp) = pool.message("tcp") {
        check_count(tcp, "maxConnections", report);
        check_duration(cause, tcp, "connectTimeout", report);
        check_duration(cause, tcp, "maxConnectionDuration", report);
        // Less than a millisecond, either side of zero, switches this timeout off.
        if tcp.duration("idleTimeout").is_some_and(|time| time / duration::MILLISECOND != 0) {
            check_duration(cause, tcp, "idleTimeout", report);
        }
        if let Some(keepalive) = tcp.message("tcpKeepalive") {
            check_duration(cause, keepalive, "time", report);
            check_duration(cause, keepalive, "interval", report);
        }
    }
}

fn check_count(message: &Message<'_>, name: &str, report: &mut Report) {
    if message.integer(name) < 0 {
        let text = format!("`{name}` is negative");
        report.refuse_with(Cause::ConnectionPoolInvalid, message.place_of(name), text, "write 0 or more");
    }
}

/// Checks a duration that must be whole milliseconds, when it is there.
pub(super) fn check_duration(cause: Cause, message: &Message<'_>, name: &str, report: &mut Report) {
    if let Some(problem) = message.duration(name).and_then(duration::problem) {
        let text = format!("`{name}` {problem}");
        report.refuse_with(cause, message.place_of(name), text, "write whole milliseconds, such as `5s` or `500ms`");
    }
}

fn check_tunnel(tunnel: &Message<'_>, report: &mut Report) {
    let protocol = tunnel.text("protocol");
    if !matches!(protocol, "" | "CONNECT" | "POST") {
        let message = format!("there is no tunnel by `{protocol}`");
        report.refuse_with(Cause::TunnelInvalid, tunnel.place_of("protocol"), message, "write `CONNECT` or `POST`");
    }
    let host = tunnel.text("targetHost");
    if fqdn::check(host).is_err() && ip::address(host).is_none() {
        let message = if host.is_empty() {
            "a tunnel needs a `targetHost`".to_owned()
        } else {
            format!("`{host}` is neither a DNS name nor an IP address")
        };
        report.refuse_with(Cause::TunnelInvalid, tunnel.place_of("targetHost"), message, "write where the tunnel ends");
    }
    let port = tunnel.integer("targetPort");
    if !(1..=65_535).contains(&port) {
        let message = format!("there is no port {port}");
        report.refuse_with(Cause::TunnelInvalid, tunnel.place_of("targetPort"), message, "write `targetPort`, from 1 to 65535");
    }
}
