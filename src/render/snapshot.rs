//! What a snapshot holds, for people and as JSON. The views here are the contract: fields are added, never renamed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::render::Style;
use crate::render::table::table;
use crate::render::words::count;
use crate::snapshot::Head;
use crate::snapshot::Origin;

/// What is shown.
#[derive(Debug)]
pub struct SnapshotView<'a> {
    /// The file.
    pub file: &'a str,
    /// Its head.
    pub head: &'a Head,
    /// How many objects there are of each kind in each namespace; the namespace is empty for kinds that live in none.
    pub counts: &'a BTreeMap<(String, String), usize>,
    /// How long the text is.
    pub bytes: usize,
    /// The time of the call.
    pub now: Timestamp,
}

/// Writes it for people.
///
/// # Errors
/// When the writer fails.
pub fn snapshot_text(out: &mut dyn Write, view: &SnapshotView<'_>, style: Style) -> io::Result<()> {
    let SnapshotView { file: _, head, counts, bytes, now } = view;
    let mut line = |name: &str, text: &str| writeln!(out, "{} {text}", style.faint(&format!("{name:<10}")));
    line("saved", &format!("{} ({}) by {}", head.saved_at, age(head.saved_at, *now), head.saved_by))?;
    for origin in &head.origins {
        match origin {
            Origin::Cluster { context, namespace: _, version, namespaces } => {
                let version = version.as_ref().map(|version| format!(", Kubernetes {version}")).unwrap_or_default();
                let which = if namespaces.is_empty() {
                    "all namespaces".to_owned()
                } else {
                    format!("namespaces {}", namespaces.join(", "))
                };
                line("cluster", &format!("{context}{version}, {which}"))?;
            }
            Origin::Files(files) if files.len() > 5 => line(
                "files",
                &format!("{} and {} more", files.iter().take(4).cloned().collect::<Vec<_>>().join(", "), files.len() - 4),
            )?,
            Origin::Files(files) => line("files", &files.join(", "))?,
        }
    }
    let namespaces: BTreeSet<&str> =
        counts.keys().map(|(_, namespace)| namespace.as_str()).filter(|name| !name.is_empty()).collect();
    let total: usize = counts.values().sum();
    line(
        "holds",
        &format!(
            "{} of {}, {} KiB",
            count(total, "object", "objects"),
            count(namespaces.len(), "namespace", "namespaces"),
            bytes.div_ceil(1024)
        ),
    )?;
    if total > head.objects {
        line("edited", &format!("{} objects were added since it was saved", total - head.objects))?;
    }
    if !head.left_out.is_empty() {
        let left: Vec<String> = head.left_out.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        line("left out", &left.join(", "))?;
    }
    if head.masked > 0 {
        line("taken out", &format!("{} secrets that stood in these objects", head.masked))?;
    }
    if !head.absent.is_empty() {
        line("not there", &format!("the cluster does not have the kinds {}", head.absent.join(", ")))?;
    }
    for unread in &head.unread {
        writeln!(out, "{} {unread}: {}", style.warning(&format!("{:<10}", "unread")), unread.why)?;
    }
    if counts.is_empty() {
        return Ok(());
    }
    let row = |((kind, namespace), count): (&(String, String), &usize)| {
        vec![kind.clone(), if namespace.is_empty() { "-".to_owned() } else { namespace.clone() }, count.to_string()]
    };
    let rows: Vec<Vec<String>> = counts.iter().map(row).collect();
    write!(out, "\n{}", table(&["KIND", "NAMESPACE", "OBJECTS"], &rows))
}

/// Writes it as JSON.
///
/// # Errors
/// When the writer fails.
pub fn snapshot_json(out: &mut dyn Write, view: &SnapshotView<'_>) -> io::Result<()> {
    let SnapshotView { file, head, counts, bytes, now } = view;
    let mut value = json!({"schemaVersion": "meshsec.dev/snapshot-show/v1", "file": file, "bytes": bytes});
    let age = now.duration_since(head.saved_at).as_secs();
    let rows: Vec<Value> = counts
        .iter()
        .map(|((kind, namespace), count)| {
            json!({"kind": kind, "namespace": (!namespace.is_empty()).then_some(namespace), "objects": count})
        })
        .collect();
    if let (Some(fields), Value::Object(head)) = (value.as_object_mut(), head.value()) {
        fields.extend(head.into_iter().filter(|(name, _)| name != "apiVersion" && name != "kind"));
        fields.insert("ageSeconds".to_owned(), age.into());
        fields.insert("counts".to_owned(), Value::Array(rows));
    }
    serde_json::to_writer_pretty(&mut *out, &value).map_err(io::Error::from)?;
    writeln!(out)
}

/// How long ago, in the unit that fits.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..0 => "in the future".to_owned(),
        0..120 => format!("{seconds} s ago"),
        120..7200 => format!("{} min ago", seconds / 60),
        7200..172_800 => format!("{} h ago", seconds / 3600),
        172_800.. => format!("{} days ago", seconds / 86_400),
    }
}
