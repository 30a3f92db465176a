use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS001"),
    name: "yaml-syntax",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A document that is no YAML, or is not a mapping.",
    why: "Everything behind the error is unchecked, and nothing of the document reaches the cluster.",
    example: r#"spec: {action: DENY
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop}
"#,
    specification: "YAML 1.1, as the Kubernetes tools read it",
    check: Check::Admission(&[Cause::YamlSyntax]),
};
