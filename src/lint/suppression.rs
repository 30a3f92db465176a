//! `# meshsec: ignore[MS140] reason` and annotation `meshsec.dev/ignore`: findings the user has looked at and accepts.
//!
//! | where | what it silences |
//! |---|---|
//! | `# meshsec: ignore[CODES] reason` at the end of a line | findings on that line |
//! | the same on a line of its own | findings on the next line |
//! | `# meshsec: off[CODES] reason` .. `# meshsec: on[CODES]` | findings between them |
//! | `# meshsec: ignore-file[CODES] reason` | findings in the file |
//! | annotation `meshsec.dev/ignore: "MS140=reason; MS173=reason"` | findings in the object |
//!
//! `CODES` are codes, names of rules or the start of codes. `until 2027-01-31` at the end of a reason ends the suppression that day.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::lint::Options;
use crate::lint::Reported;
use crate::lint::SourceReport;
use crate::lint::Suppressed;
use crate::lint::check::is_suppressible;
use crate::lint::peer_suppression;
use crate::lint::rule;
use crate::lint::rules;
use crate::manifest::yaml::Node;

const UNUSED: Code = Code("MS901");
const WITHOUT_REASON: Code = Code("MS902");

/// One suppression as written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// The comment or annotation.
    span: Span,
    /// Codes, names or prefixes; empty when it names none.
    rules: Vec<String>,
    reason: String,
    scope: Scope,
    /// It is for another program.
    peer: Option<peer_suppression::Annotation>,
}

#[derive(Debug, Clone, Copy)]
enum Scope {
    /// Lines, both included.
    Lines(u32, u32),
    /// The object that starts at this offset.
    Object(u32),
}

/// The suppressions in the comments of a text.
pub(super) fn comments(source: SourceId, text: &str) -> Vec<Written> {
    const MARK: &str = "# meshsec:";
    let mut written: Vec<Written> = Vec::new();
    if !text.contains(MARK) {
        return written;
    }
    let mut offset = 0_usize;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        let Some(at) = line.find(MARK) else { continue };
        let before = line.get(..at).unwrap_or_default();
        if !before.is_empty() && !before.ends_with([' ', '\t']) {
            continue;
        }
        let number = narrow(index + 1);
        let comment = line.get(at..).unwrap_or_default().trim_end();
        let span = Span {
            source,
            line: number,
            column: narrow(before.chars().count() + 1),
            offset: narrow(start + at),
            length: narrow(comment.len()),
        };
        let body = comment.get(MARK.len()..).unwrap_or_default().trim();
        let (word, rest) = body.split_once('[').unwrap_or((body, ""));
        let (codes, reason) = rest.split_once(']').unwrap_or(("", rest));
        let rules = split(codes);
        let scope = match word.trim() {
            "ignore-file" => Scope::Lines(0, u32::MAX),
            "off" => Scope::Lines(number, u32::MAX),
            "on" => {
                for open in written.iter_mut().rev() {
                    if let Scope::Lines(from, until @ u32::MAX) = &mut open.scope
                        && *from > 0
                        && (rules.is_empty() || rules.iter().any(|rule| open.rules.contains(rule)))
                    {
                        *until = number;
                        break;
                    }
                }
                continue;
            }
            _ if before.trim().is_empty() => Scope::Lines(number + 1, number + 1),
            _ => Scope::Lines(number, number),
        };
        written.push(Written { span, rules, reason: reason.trim().to_owned(), scope, peer: None });
    }
    written
}

/// The suppressions in the annotations of an object.
pub(super) fn annotations(object: &Node, place: Span) -> Vec<Written> {
    let mut written = of_peers(object, place);
    let annotation = object
        .get("metadata")
        .and_then(|metadata| metadata.get("annotations"))
        .and_then(|annotations| annotations.get("meshsec.dev/ignore"));
    let Some(annotation) = annotation else { return written };
    let text = annotation.as_str().unwrap_or_default();
    written.extend(text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(|part| {
        let (codes, reason) = part.split_once('=').unwrap_or((part, ""));
        Written {
            span: annotation.span,
            rules: split(codes),
            reason: reason.trim().to_owned(),
            scope: Scope::Object(place.offset),
            peer: None,
        }
    }));
    written
}

/// Those for other programs.
fn of_peers(object: &Node, place: Span) -> Vec<Written> {
    let of = |peer| Written {
        span: place,
        rules: Vec::new(),
        reason: String::new(),
        scope: Scope::Object(place.offset),
        peer: Some(peer),
    };
    peer_suppression::annotations(object).into_iter().map(of).collect()
}

/// Marks what is suppressed, and returns what is wrong with the suppressions.
pub(super) fn apply(findings: &mut [Reported], read: &[&SourceReport], options: &Options<'_>) -> Vec<Finding> {
    let today = TimeZone::UTC.to_datetime(options.now).date();
    let mut told = Vec::new();
    for source in read {
        for written in &source.suppressions {
            if let Some(peer) = &written.peer {
                let here =
                    findings.iter_mut().filter(|reported| options.levels.honor_peers && is_within(written, reported, source));
                here.for_each(|reported| peer_suppression::apply(peer, reported));
                continue;
            }
            told.extend(apply_one(written, findings, source, today));
        }
    }
    told
}

fn apply_one(written: &Written, findings: &mut [Reported], source: &SourceReport, today: Date) -> Option<Finding> {
    let finding = |code: Code, headline: String| {
        let severity = rule(code)?.severity;
        Some(Finding::new(code, severity, headline, written.span))
    };
    if written.rules.is_empty() {
        return Some(
            finding(WITHOUT_REASON, "this suppression names no rule, so it suppresses nothing".to_owned())?
                .with_help("write the codes: `# meshsec: ignore[MS140] why`"),
        );
    }
    if let Some(unknown) = written.rules.iter().find(|name| !rules::names_a_rule(name)) {
        return Some(
            finding(UNUSED, format!("there is no rule `{unknown}`"))?.with_help("`meshsec policy explain` lists the rules"),
        );
    }
    if written.reason.is_empty() {
        return Some(
            finding(WITHOUT_REASON, "this suppression gives no reason, so it suppresses nothing".to_owned())?
                .with_help("say after the bracket, or after `=` in the annotation, why this is right here"),
        );
    }
    if let Some(end) = end_of(&written.reason).filter(|end| today > *end) {
        return Some(
            finding(WITHOUT_REASON, format!("this suppression ended on {end}"))?
                .with_help("repair what it hid, or give it a new date"),
        );
    }
    let (mut is_used, mut is_refused) = (false, false);
    for reported in findings.iter_mut().filter(|reported| covers(written, reported, source)) {
        if is_suppressible(reported) {
            reported.suppressed = Some(Suppressed::InSource { reason: written.reason.clone() });
            is_used = true;
        } else {
            is_refused = true;
        }
    }
    let codes = written.rules.join(", ");
    match (is_used, is_refused) {
        (true, _) => None,
        (false, true) => Some(
            finding(UNUSED, format!("`{codes}` cannot be suppressed: the object is refused, whatever is written about it"))?
                .with_help("correct the object"),
        ),
        (false, false) => Some(
            finding(UNUSED, format!("nothing is found here that `{codes}` would suppress"))?.with_help("remove the suppression"),
        ),
    }
}

fn covers(written: &Written, reported: &Reported, source: &SourceReport) -> bool {
    is_within(written, reported, source) && written.rules.iter().any(|name| rules::matches(name, reported.rule))
}

fn is_within(written: &Written, reported: &Reported, source: &SourceReport) -> bool {
    let span = reported.finding.span();
    span.source == written.span.source
        && match written.scope {
            Scope::Lines(from, until) => (from..=until).contains(&span.line),
            Scope::Object(start) => {
                let after = source.judged.iter().map(|document| document.place.offset).filter(|offset| *offset > start).min();
                span.offset >= start && after.is_none_or(|after| span.offset < after)
            }
        }
}

/// The day at the end of a reason: `until 2027-01-31`.
fn end_of(reason: &str) -> Option<Date> {
    let (_, day) = reason.rsplit_once("until ")?;
    day.trim().trim_end_matches('.').parse().ok()
}

fn split(codes: &str) -> Vec<String> {
    codes.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
