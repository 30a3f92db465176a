use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(in crate::lint::rules) const RULE: Rule = Rule {
    code: Code("MS026"),
    name: "refused-by-admission",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "Anything else for which the API server or istiod refuses an object.",
    why: "The object does not reach the cluster.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop}
"#,
    specification: "The resource definition of the kind; istiod's validation webhook",
    check: Check::Admission(&[]),
};
