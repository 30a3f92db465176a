use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::admission;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::Body;

pub(super) const RULE: Rule = Rule {
    code: Code("MS621"),
    name: "workload-lifetime-long",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "An istiod that gives workloads certificates for longer than a day, or lets them ask for more than 90 days.",
    why: "Certificates of workloads are not revoked: a key that was taken is good until its certificate ends.",
    example: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.30.1", env: [{name: MAX_WORKLOAD_CERT_TTL, value: 8760h}]}]}
"#,
    instead: r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "docker.io/istio/pilot:1.30.1", env: [{name: MAX_WORKLOAD_CERT_TTL, value: 24h}]}]}
"#,
    specification: "istiod, DEFAULT_WORKLOAD_CERT_TTL and MAX_WORKLOAD_CERT_TTL",
    check: Check::Document(check),
};

const HOUR: i64 = 3_600_000_000_000;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let variables: Vec<(&str, &Spanned<String>)> = match view.document.map(|document| &document.body) {
        Some(Body::Istiod(template)) => {
            template.environment.iter().map(|variable| (variable.name.as_str(), &variable.value)).collect()
        }
        Some(Body::MeshConfig(config)) => config.features.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        Some(_) | None => return,
    };
    for (name, value) in variables {
        let (most, what) = match name {
            "DEFAULT_WORKLOAD_CERT_TTL" => (i64::from(view.options.default_lifetime_hours), "is valid"),
            "MAX_WORKLOAD_CERT_TTL" => (i64::from(view.options.maximum_lifetime_days) * 24, "may be valid"),
            _ => continue,
        };
        let Some(hours) = admission::parse_duration(&value.value).map(|nanoseconds| nanoseconds / HOUR) else { continue };
        if hours > most {
            found.push(
                RULE.at(value.span, format!("a certificate of a workload {what} for {}", in_words(hours)))
                    .with_label(format!("more than {}", in_words(most)))
                    .with_help(format!("set `{name}` to `{most}h` or less: workloads renew by themselves")),
            );
        }
    }
}

fn in_words(hours: i64) -> String {
    match hours {
        1 => "1 hour".to_owned(),
        hours if hours < 48 || hours % 24 != 0 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}
