//! `policy explain`: a rule of the linter, the table of all, or policies in plain English with their merged tables of decisions.

use std::fmt::Write as _;
use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::diag::SourceMap;
use crate::diag::Span;
use crate::lint::Rule;
use crate::lint::levels::is_off_by_default;
use crate::manifest::kinds::Action;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::WorkloadId;
use crate::policy::ChainKind;
use crate::policy::DecisionTable;
use crate::policy::ExplainedPolicy;
use crate::policy::ExplainedRule;
use crate::policy::OnChain;
use crate::policy::Otherwise;
use crate::policy::Row;
use crate::policy::Scope;
use crate::policy::Step;
use crate::policy::verb;
use crate::render::Style;
use crate::render::rule_page::rule_body;
use crate::render::table::table;

/// Writes one rule for people: its page, with headings that a terminal shows.
///
/// # Errors
/// When the writer fails.
pub fn rule_text(out: &mut dyn Write, rule: &Rule, style: Style) -> io::Result<()> {
    writeln!(out, "{} {}\n", style.error(rule.code.0), rule.name)?;
    for line in rule_body(rule, "##").lines() {
        match line.strip_prefix("## ") {
            Some(heading) => writeln!(out, "{}", style.note(heading))?,
            None if line.starts_with("```") => {}
            None if line.is_empty() => writeln!(out)?,
            None => writeln!(out, "  {line}")?,
        }
    }
    Ok(())
}

/// Writes the table of rules.
///
/// # Errors
/// When the writer fails.
pub fn rules_table(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    let row = |rule: &&Rule| {
        let peers = if rule.peers.is_empty() { "-".to_owned() } else { rule.peers.join(",") };
        let level = if is_off_by_default(rule) { "off".to_owned() } else { rule.severity.to_string() };
        vec![rule.code.to_string(), level, rule.name.to_owned(), peers]
    };
    let rows: Vec<Vec<String>> = rules.iter().map(row).collect();
    out.write_all(table(&["CODE", "LEVEL", "NAME", "WHO ELSE"], &rows).as_bytes())
}

/// Writes rules as a JSON array.
///
/// # Errors
/// When the writer fails.
pub fn rules_json(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    let view = |rule: &&Rule| {
        json!({
            "code": rule.code.0,
            "name": rule.name,
            "severity": rule.severity.to_string(),
            "is_off_by_default": is_off_by_default(rule),
            "peers": rule.peers,
            "needs": rule.needs.as_str(),
            "finds": rule.finds,
            "why": rule.why,
            "example": rule.example,
            "instead": rule.instead,
            "specification": rule.specification,
        })
    };
    write_json(out, &rules.iter().map(view).collect())
}

/// What is explained about policies.
#[derive(Debug)]
pub struct PolicyExplanation<'a> {
    /// The mesh they are part of.
    pub mesh: &'a Mesh,
    /// The texts.
    pub sources: &'a SourceMap,
    /// Each policy.
    pub policies: &'a [ExplainedPolicy],
    /// What they amount to together.
    pub tables: &'a [DecisionTable],
}

impl PolicyExplanation<'_> {
    fn place(&self, span: Span) -> String {
        self.sources.position(span).to_string()
    }

    fn policy_name(&self, policy: usize) -> String {
        self.mesh
            .authorization_policies
            .get(policy)
            .map(|object| format!("{}/{}", object.id.namespace, object.id.name))
            .unwrap_or_default()
    }

    /// Names of workloads with the ports on which the two tables count.
    fn workload(&self, id: WorkloadId) -> String {
        let Some(workload) = self.mesh.workload(id) else { return String::new() };
        let ports: Vec<String> = self
            .mesh
            .inbound_ports(id)
            .iter()
            .map(|port| {
                let class = match port.class {
                    PortClass::Http => "HTTP",
                    PortClass::Tcp => "TCP",
                    PortClass::Auto => "sniffed",
                };
                format!("{} {class}", port.port)
            })
            .collect();
        if ports.is_empty() { workload.display_name() } else { format!("{} ({})", workload.display_name(), ports.join(", ")) }
    }

    fn scope(&self, scope: &Scope) -> String {
        match scope {
            Scope::Workloads(ids) => ids.iter().map(|id| self.workload(*id)).collect::<Vec<_>>().join(", "),
            Scope::Described(words) => format!("{words} (none of them was given)"),
        }
    }
}

/// Writes policies for people.
///
/// # Errors
/// When the writer fails.
pub fn policy_explain_text(out: &mut dyn Write, view: &PolicyExplanation<'_>, style: Style) -> io::Result<()> {
    for explained in view.policies {
        policy_text(out, explained, view, style)?;
        writeln!(out)?;
    }
    for table in view.tables {
        writeln!(out, "{} {}", style.note("together, for"), view.scope(&table.scope))?;
        let is_same = same_rows(&table.http, &table.tcp) && table.http_otherwise == table.tcp_otherwise;
        if is_same {
            table_text(out, "HTTP and TCP", &table.http, table.http_otherwise, view, style)?;
        } else {
            table_text(out, "HTTP", &table.http, table.http_otherwise, view, style)?;
            table_text(out, "TCP, and ports that no service declares", &table.tcp, table.tcp_otherwise, view, style)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn policy_text(out: &mut dyn Write, explained: &ExplainedPolicy, view: &PolicyExplanation<'_>, style: Style) -> io::Result<()> {
    let Some(object) = view.mesh.authorization_policies.get(explained.policy) else { return Ok(()) };
    let action = object.spec.action.value;
    let dry_run = if explained.is_dry_run { ", dry-run" } else { "" };
    writeln!(
        out,
        "{} ({}{dry_run}) {}",
        style.note(&object.id.to_string()),
        action.as_str(),
        style.faint(&view.place(object.span))
    )?;
    for rule in &explained.rules {
        let place = style.faint(&view.place(rule.span));
        writeln!(out, "  rule {} {place}", rule.rule)?;
        rule_lines(out, action, rule, style)?;
    }
    for note in &explained.notes {
        writeln!(out, "  {} {}{} {}", style.warning("note:"), on(note.chain), note.text, style.faint(&view.place(note.span)))?;
    }
    if let Some(consequence) = consequence(action, explained) {
        writeln!(out, "  {} {consequence}", style.note("so:"))?;
    }
    Ok(())
}

fn on(chain: ChainKind) -> &'static str {
    match chain {
        ChainKind::Http => "",
        ChainKind::Tcp => "on TCP, ",
    }
}

fn rule_lines(out: &mut dyn Write, action: Action, rule: &ExplainedRule, style: Style) -> io::Result<()> {
    let ExplainedRule { http, tcp, .. } = rule;
    let says = |chain: &OnChain| match &chain.matches {
        Some(matches) => format!("{} {matches}", verb(action)),
        None => "nothing is left of it".to_owned(),
    };
    if is_same(http, tcp) {
        writeln!(out, "    {}", says(http))?;
        return notes(out, &http.notes, style);
    }
    writeln!(out, "    on HTTP {}", says(http))?;
    notes(out, &http.notes, style)?;
    writeln!(out, "    on TCP {}", says(tcp))?;
    notes(out, &tcp.notes, style)
}

fn notes(out: &mut dyn Write, notes: &[String], style: Style) -> io::Result<()> {
    for note in notes {
        writeln!(out, "      {} {note}", style.warning("note:"))?;
    }
    Ok(())
}

/// Whether a rule says the same of requests and of connections.
fn is_same(http: &OnChain, tcp: &OnChain) -> bool {
    let as_connections = http.matches.as_deref().map(to_connections);
    as_connections.as_deref() == tcp.matches.as_deref() && http.notes == tcp.notes
}

fn same_rows(http: &[Row], tcp: &[Row]) -> bool {
    http.len() == tcp.len()
        && http
            .iter()
            .zip(tcp)
            .all(|(a, b)| (a.policy, a.rule, &a.step) == (b.policy, b.rule, &b.step) && to_connections(&a.matches) == b.matches)
}

fn to_connections(matches: &str) -> String {
    for (from, to) in
        [("requests where", "connections where"), ("every request", "every connection"), ("no request:", "no connection:")]
    {
        if let Some(rest) = matches.strip_prefix(from) {
            return format!("{to}{rest}");
        }
    }
    matches.to_owned()
}

/// What follows from the policy as a whole.
fn consequence(action: Action, explained: &ExplainedPolicy) -> Option<String> {
    if explained.is_dry_run && action != Action::Custom {
        return Some("nothing is enforced: proxies only report what they would have done".to_owned());
    }
    let is_empty = |chain: fn(&ExplainedRule) -> &OnChain| {
        explained.rules.iter().all(|rule| {
            let on_chain = chain(rule);
            on_chain.matches.as_ref().is_none_or(|matches| matches.starts_with("no "))
        })
    };
    let is_everything = |chain: fn(&ExplainedRule) -> &OnChain| explained.rules.iter().any(|rule| chain(rule).matches_everything);
    let http: fn(&ExplainedRule) -> &OnChain = |rule| &rule.http;
    let tcp: fn(&ExplainedRule) -> &OnChain = |rule| &rule.tcp;
    match action {
        Action::Allow => Some(match (is_empty(http), is_empty(tcp)) {
            (true, true) => "it lets nothing in, and what no other ALLOW policy lets in is refused".to_owned(),
            (false, true) => {
                "it lets no TCP connection in: on ports that carry TCP everything is refused unless another ALLOW policy lets it in"
                    .to_owned()
            }
            _ if is_everything(http) && is_everything(tcp) => "everything that no DENY policy refuses is let in".to_owned(),
            _ => "what no ALLOW policy of the workload lets in is refused".to_owned(),
        }),
        Action::Deny => match (is_everything(http), is_everything(tcp)) {
            (true, true) => Some("everything is refused, whatever ALLOW policies say".to_owned()),
            (false, true) => Some("every TCP connection is refused, whatever ALLOW policies say".to_owned()),
            _ if is_empty(http) && is_empty(tcp) => Some("it refuses nothing".to_owned()),
            _ => None,
        },
        Action::Audit => Some("it decides nothing".to_owned()),
        Action::Custom => None,
    }
}

fn table_text(
    out: &mut dyn Write,
    title: &str,
    rows: &[Row],
    otherwise: Otherwise,
    view: &PolicyExplanation<'_>,
    style: Style,
) -> io::Result<()> {
    writeln!(out, "  {title}, the first that matches decides:")?;
    let (deciding, reporting): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| decides(&row.step));
    for row in deciding {
        row_text(out, row, view, style)?;
    }
    let rest = match otherwise {
        Otherwise::LetIn => style.success("let in"),
        Otherwise::Refused => style.error("refused"),
    };
    writeln!(out, "    otherwise {rest}")?;
    for row in reporting {
        row_text(out, row, view, style)?;
    }
    Ok(())
}

fn decides(step: &Step) -> bool {
    match step {
        Step::Ask(_) | Step::BrokenProvider(_) | Step::Deny | Step::Allow => true,
        Step::Audit | Step::DryRunDeny | Step::DryRunAllow => false,
    }
}

fn row_text(out: &mut dyn Write, row: &Row, view: &PolicyExplanation<'_>, style: Style) -> io::Result<()> {
    let by = format!("{} rule {}", view.policy_name(row.policy), row.rule);
    let what = match &row.step {
        Step::Ask(provider) => format!("{} `{provider}`, refused unless it agrees,", style.warning("ask")),
        Step::BrokenProvider(why) => format!("{} ({why})", style.error("refuse")),
        Step::Deny => style.error("refuse"),
        Step::Allow => style.success("let in"),
        Step::Audit => "mark for the audit log".to_owned(),
        Step::DryRunDeny => "only report, as refused,".to_owned(),
        Step::DryRunAllow => "only report, as let in,".to_owned(),
    };
    writeln!(out, "    {what} {} {}", row.matches, style.faint(&format!("[{by}, {}]", view.place(row.span))))
}

/// Writes the same for programs.
///
/// # Errors
/// When the writer fails.
pub fn policy_explain_json(out: &mut dyn Write, view: &PolicyExplanation<'_>) -> io::Result<()> {
    let place = |span: Span| {
        let position = view.sources.position(span);
        json!({"file": &*position.file, "line": position.line, "column": position.column})
    };
    let chain =
        |chain: &OnChain| json!({"matches": chain.matches, "matchesEverything": chain.matches_everything, "notes": chain.notes});
    let policy = |explained: &ExplainedPolicy| {
        let object = view.mesh.authorization_policies.get(explained.policy)?;
        let rules = explained.rules.iter().map(
            |rule| json!({"rule": rule.rule, "place": place(rule.span), "http": chain(&rule.http), "tcp": chain(&rule.tcp)}),
        );
        Some(json!({
            "namespace": object.id.namespace,
            "name": object.id.name,
            "action": object.spec.action.value.as_str(),
            "dryRun": explained.is_dry_run,
            "place": place(object.span),
            "rules": rules.collect::<Vec<_>>(),
            "notes": explained.notes.iter().map(|note| json!({"text": note.text, "place": place(note.span)})).collect::<Vec<_>>(),
            "consequence": consequence(object.spec.action.value, explained),
        }))
    };
    let row = |row: &Row| {
        let (step, detail) = step_json(&row.step);
        let object = view.mesh.authorization_policies.get(row.policy).map(|object| &object.id);
        json!({
            "step": step,
            "detail": detail,
            "namespace": object.map(|id| &id.namespace),
            "name": object.map(|id| &id.name),
            "rule": row.rule,
            "matches": row.matches,
            "place": place(row.span),
        })
    };
    let rest = |otherwise: Otherwise| match otherwise {
        Otherwise::LetIn => "allow",
        Otherwise::Refused => "deny",
    };
    let table = |table: &DecisionTable| {
        let workloads: Vec<String> = match &table.scope {
            Scope::Workloads(ids) => {
                ids.iter().filter_map(|id| view.mesh.workload(*id)).map(crate::mesh::Workload::display_name).collect()
            }
            Scope::Described(_) => Vec::new(),
        };
        json!({
            "scope": view.scope(&table.scope),
            "workloads": workloads,
            "http": {"rows": table.http.iter().map(row).collect::<Vec<_>>(), "otherwise": rest(table.http_otherwise)},
            "tcp": {"rows": table.tcp.iter().map(row).collect::<Vec<_>>(), "otherwise": rest(table.tcp_otherwise)},
        })
    };
    let policies: Vec<Value> = view.policies.iter().filter_map(policy).collect();
    let tables: Vec<Value> = view.tables.iter().map(table).collect();
    write_json(out, &json!({"schemaVersion": "meshsec.dev/policy-explain/v1", "policies": policies, "tables": tables}))
}

fn step_json(step: &Step) -> (&'static str, Option<&str>) {
    match step {
        Step::Ask(provider) => ("ask", Some(provider)),
        Step::BrokenProvider(why) => ("deny", Some(why)),
        Step::Deny => ("deny", None),
        Step::Allow => ("allow", None),
        Step::Audit => ("audit", None),
        Step::DryRunDeny => ("dry-run-deny", None),
        Step::DryRunAllow => ("dry-run-allow", None),
    }
}

fn write_json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    // Writing into a String cannot fail.
    let _ = writeln!(text);
    out.write_all(text.as_bytes())
}
