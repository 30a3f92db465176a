use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS025"),
    name: "limit-exceeded",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A text that is larger, deeper or more repetitive than is read.",
    why: "What is not read is not checked.",
    example: r#"a: &a [x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: [*d, *d]
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop}
"#,
    specification: "Limits of this program",
    check: Check::Told,
};
