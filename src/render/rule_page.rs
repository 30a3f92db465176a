//! The manual of the rules: a page for each, an index, and all of it as a manual page.

use std::io;
use std::io::Write;

use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Group;
use crate::lint::Needs;
use crate::lint::RULE_OPTIONS;
use crate::lint::Rule;
use crate::lint::RuleOption;
use crate::lint::RuleOptions;
use crate::lint::levels::is_off_by_default;

/// Where the pages are published.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules/");

/// The address of a rule's page.
pub(super) fn rule_uri(rule: &Rule) -> String {
    format!("{PAGES}{}.md", rule.code)
}

/// Writes the page of a rule in Markdown.
///
/// # Errors
/// When the writer fails.
pub fn rule_page(out: &mut dyn Write, rule: &Rule) -> io::Result<()> {
    writeln!(out, "# {} {}\n", rule.code, rule.name)?;
    out.write_all(rule_body(rule, "##").as_bytes())
}

/// The page without its title; `heading` is what stands before each heading.
pub(super) fn rule_body(rule: &Rule, heading: &str) -> String {
    let Rule { code: _, name: _, severity, peers, needs, finds, why, example, instead, specification, check: _ } = rule;
    let mut page = format!("{heading} Finds\n\n{finds}\n\n{heading} Why it matters\n\n{why}\n\n");
    page.push_str(&format!("{heading} Example\n\n{}", code_block(example)));
    page.push_str(&format!("{heading} Instead\n\n{}", code_block(instead)));
    page.push_str(&format!("{heading} Specification\n\n{specification}\n\n"));
    let level = if is_off_by_default(rule) {
        format!("Off unless it is asked for by its code or name, by `--preset all` or in `[lint.rules]`; then `{severity}`.")
    } else {
        format!("`{severity}` unless configured otherwise.")
    };
    page.push_str(&format!("{heading} Level\n\n{level} {}\n\n", evaluated_from(*needs)));
    let options: Vec<String> = RULE_OPTIONS.iter().filter(|option| option.code == rule.code.0).map(of_option).collect();
    if !options.is_empty() {
        page.push_str(&format!(
            "{heading} Options\n\nKeys of `[lint.rules.{}]` in `meshsec.toml`:\n\n{}\n",
            rule.code,
            options.join("")
        ));
    }
    page.push_str(&format!("{heading} Who else reports it\n\n{}\n\n", who_else(peers)));
    page.push_str(&format!("{heading} How to suppress\n\n{}\n", how_to_suppress(rule)));
    page
}

fn of_option(option: &RuleOption) -> String {
    format!("- `{}`: {}. `{}` unless configured otherwise.\n", option.key, option.about, option.written(&RuleOptions::default()))
}

fn code_block(yaml: &str) -> String {
    let end = if yaml.ends_with('\n') || yaml.is_empty() { "" } else { "\n" };
    format!("```yaml\n{yaml}{end}```\n\n")
}

fn evaluated_from(needs: Needs) -> String {
    match needs {
        Needs::Document => "It needs nothing but the object itself.".to_owned(),
        Needs::Manifests | Needs::MeshConfiguration | Needs::Inventory => {
            format!("It needs {}; what is not given makes it say that it cannot tell, never an error.", needs.as_str())
        }
    }
}

/// Who else reports it, in a sentence.
pub(super) fn who_else(peers: &[&str]) -> String {
    let of = |start: &str| peers.iter().copied().filter(|peer| peer.starts_with(start)).collect::<Vec<_>>();
    let mut told = Vec::new();
    if peers.contains(&"api") {
        told.push("the API server refuses the object".to_owned());
    }
    if peers.contains(&"istiod") {
        told.push("the webhook of istiod refuses the object".to_owned());
    }
    if peers.contains(&"istiod-warn") {
        told.push("the webhook of istiod warns".to_owned());
    }
    for (start, program) in [("IST", "`istioctl analyze`"), ("KIA", "Kiali")] {
        let codes = of(start);
        if !codes.is_empty() {
            told.push(format!("{program} as {}", codes.join(", ")));
        }
    }
    let is_told =
        |peer: &str| ["api", "istiod", "istiod-warn"].contains(&peer) || peer.starts_with("IST") || peer.starts_with("KIA");
    told.extend(peers.iter().filter(|peer| !is_told(peer)).map(|peer| format!("`{peer}`")));
    if told.is_empty() {
        return "Nobody: istiod takes it, and neither `istioctl analyze` nor Kiali says anything.".to_owned();
    }
    let mut sentence = told.join("; ");
    if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
        sentence.replace_range(..1, &first);
    }
    sentence.push('.');
    sentence
}

fn how_to_suppress(rule: &Rule) -> String {
    let code = rule.code;
    if matches!(rule.check, Check::Admission(_)) && rule.severity == Severity::Error {
        return format!(
            "It cannot be suppressed in the file: the object is refused, whatever is written about it. To leave it out of a run: `--ignore {code}`, or in \
             `meshsec.toml`:\n\n```toml\n[lint]\nignore = [\"{code}\"]\n```"
        );
    }
    format!(
        "At the end of the line, or on a line of its own above it, with a reason:\n\n```yaml\n# meshsec: ignore[{code}] why this is right here\n```\n\n\
         On the object: annotation `meshsec.dev/ignore: \"{code}=why this is right here\"`. For a run: `--ignore {code}`. For good, or at another level, in \
         `meshsec.toml`:\n\n```toml\n[lint.rules]\n{code} = \"off\" # or \"info\", \"warning\", \"error\"\n```"
    )
}

/// Writes the index of the pages in Markdown.
///
/// # Errors
/// When the writer fails.
pub fn rule_index(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    writeln!(out, "# Rules of `meshsec policy check`\n")?;
    writeln!(
        out,
        "{} rules. Each page is also printed by `meshsec policy explain CODE`; its *Example* and *Instead* are run as tests. Codes are never used \
         again for something else.",
        rules.len()
    )?;
    for group in Group::ALL {
        let rules: Vec<&&Rule> = rules.iter().filter(|rule| Group::of(rule.code) == group).collect();
        if rules.is_empty() {
            continue;
        }
        writeln!(out, "\n## {}\n\n| code | name | level | who else | finds |\n|---|---|---|---|---|", group.title())?;
        for rule in rules {
            let Rule { code, name, severity, peers, finds, .. } = rule;
            let peers = if peers.is_empty() { "–".to_owned() } else { peers.join(", ") };
            writeln!(out, "| [{code}]({code}.md) | {name} | {severity} | {peers} | {} |", finds.replace('|', "\\|"))?;
        }
    }
    Ok(())
}

/// Writes every rule as one manual page of section 7.
///
/// # Errors
/// When the writer fails.
pub fn rule_manual(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    writeln!(out, ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH meshsec-rules 7 \"\" meshsec")?;
    writeln!(out, ".SH NAME\nmeshsec\\-rules \\- what meshsec policy check finds")?;
    writeln!(out, ".SH DESCRIPTION\n{}", roff(&format!("{} rules, by group and code.", rules.len())))?;
    for group in Group::ALL {
        let rules: Vec<&&Rule> = rules.iter().filter(|rule| Group::of(rule.code) == group).collect();
        if rules.is_empty() {
            continue;
        }
        writeln!(out, ".SH {}", roff(&group.title().to_uppercase()))?;
        for rule in rules {
            let Rule { code, name, severity, peers, needs, finds, why, example, instead, specification, check: _ } = rule;
            writeln!(out, ".SS \"{} {} ({severity})\"\n{}\n.PP\n{}", roff(code.0), roff(name), roff(finds), roff(why))?;
            for (title, yaml) in [("Example", example), ("Instead", instead)] {
                writeln!(out, ".PP\n{title}:\n.PP\n.RS 4\n.nf\n{}\n.fi\n.RE", roff(yaml.trim_end()))?;
            }
            writeln!(out, ".PP\n{}", roff(&format!("Specification: {specification}.")))?;
            writeln!(out, ".PP\n{} Who else reports it: {}", roff(&evaluated_from(*needs)), roff(&who_else(peers)))?;
        }
    }
    writeln!(out, ".SH SEE ALSO\nmeshsec\\-policy\\-check(1), meshsec\\-policy\\-explain(1)")
}

/// Text without anything that roff would read as a request or an escape.
fn roff(text: &str) -> String {
    let line = |line: &str| {
        let escaped = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\*(Aq");
        if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::roff;
    use super::who_else;

    #[test]
    fn peers_are_named_in_one_sentence() {
        assert_eq!(
            who_else(&["istiod", "IST0127", "KIA0004", "KIA0106"]),
            "The webhook of istiod refuses the object; `istioctl analyze` as IST0127; Kiali as KIA0004, KIA0106."
        );
        assert!(who_else(&[]).starts_with("Nobody"));
        assert_eq!(who_else(&["api", "istioctl validate"]), "The API server refuses the object; `istioctl validate`.");
        assert_eq!(who_else(&["IST0101"]), "`istioctl analyze` as IST0101.");
    }

    #[test]
    fn no_text_becomes_a_request_of_roff() {
        assert_eq!(roff(".x\n'y\\z - a"), "\\&.x\n\\*(Aqy\\ez \\- a");
    }
}
