use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS905"),
    name: "oversized-policy",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy with more than 100 rules, or a list of more than 200 values.",
    why: "Nobody reviews it, and every proxy in scope holds it in memory.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {ports: [
        "9000", "9001", "9002", "9003", "9004", "9005", "9006", "9007", "9008", "9009", "9010", "9011", "9012", "9013", "9014", "9015", "9016", "9017", "9018", "9019",
        "9020", "9021", "9022", "9023", "9024", "9025", "9026", "9027", "9028", "9029", "9030", "9031", "9032", "9033", "9034", "9035", "9036", "9037", "9038", "9039",
        "9040", "9041", "9042", "9043", "9044", "9045", "9046", "9047", "9048", "9049", "9050", "9051", "9052", "9053", "9054", "9055", "9056", "9057", "9058", "9059",
        "9060", "9061", "9062", "9063", "9064", "9065", "9066", "9067", "9068", "9069", "9070", "9071", "9072", "9073", "9074", "9075", "9076", "9077", "9078", "9079",
        "9080", "9081", "9082", "9083", "9084", "9085", "9086", "9087", "9088", "9089", "9090", "9091", "9092", "9093", "9094", "9095", "9096", "9097", "9098", "9099",
        "9100", "9101", "9102", "9103", "9104", "9105", "9106", "9107", "9108", "9109", "9110", "9111", "9112", "9113", "9114", "9115", "9116", "9117", "9118", "9119",
        "9120", "9121", "9122", "9123", "9124", "9125", "9126", "9127", "9128", "9129", "9130", "9131", "9132", "9133", "9134", "9135", "9136", "9137", "9138", "9139",
        "9140", "9141", "9142", "9143", "9144", "9145", "9146", "9147", "9148", "9149", "9150", "9151", "9152", "9153", "9154", "9155", "9156", "9157", "9158", "9159",
        "9160", "9161", "9162", "9163", "9164", "9165", "9166", "9167", "9168", "9169", "9170", "9171", "9172", "9173", "9174", "9175", "9176", "9177", "9178", "9179",
        "9180", "9181", "9182", "9183", "9184", "9185", "9186", "9187", "9188", "9189", "9190", "9191", "9192", "9193", "9194", "9195", "9196", "9197", "9198", "9199",
        "9200"]}}]
"#,
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Conventions of this field",
    check: Check::Document(check),
};

const RULES_AT_MOST: usize = 100;
const VALUES_AT_MOST: usize = 200;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let rules = policy.rules.as_ref().map_or(0, Vec::len);
    if rules > RULES_AT_MOST {
        let headline = format!("`{}` has {rules} rules", view.header.name.value);
        found.push(
            RULE.at(view.header.name.span, headline).with_help("split it by workload, or gather callers by namespace"),
        );
    }
    for list in view.value_lists().iter().filter(|list| list.values.len() > VALUES_AT_MOST) {
        let Some(first) = list.values.first() else { continue };
        found.push(
            RULE.at(first.span, format!("a list of {} values", list.values.len()))
                .with_label("it begins here")
                .with_help("gather them: a namespace, a prefix, a range of addresses"),
        );
    }
}
