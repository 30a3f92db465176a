use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::snapshot::Head;
use crate::snapshot::Reduced;
use crate::snapshot::text;

/// What an object is called. Their order is that of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// Kind.
    pub kind: String,
    /// API group; empty for the core group.
    pub group: String,
    /// Namespace; empty for kinds that live in none.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ObjectName {
    /// The name that metadata says.
    #[must_use]
    pub fn of(group: &str, kind: &str, metadata: &Value) -> Self {
        let text = |name: &str| metadata.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| text("generateName"));
        Self { kind: kind.to_owned(), group: group.to_owned(), namespace: text("namespace"), name }
    }

    /// Kind and group, as the head counts them: `Kind.group`.
    #[must_use]
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}

/// What stands before each object.
const MARKER: &str = "---\n";
/// What stands after the last one.
const END: &str = "# the end of the snapshot\n";

/// Objects in their order, each as its text.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    objects: BTreeMap<ObjectName, String>,
    masked: BTreeMap<ObjectName, usize>,
}

impl Snapshot {
    /// Adds an object; one of the same kind, namespace and name before it is replaced.
    pub fn add(&mut self, reduced: Reduced) {
        let Reduced { name, value, masked } = reduced;
        self.masked.remove(&name);
        if masked > 0 {
            self.masked.insert(name.clone(), masked);
        }
        self.objects.insert(name, text::yaml(&value));
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// The names of the objects, in order.
    pub fn names(&self) -> impl Iterator<Item = &ObjectName> {
        self.objects.keys()
    }

    /// The objects that secrets were taken out of.
    pub fn masked(&self) -> impl Iterator<Item = &ObjectName> {
        self.masked.keys()
    }

    /// The whole file. The numbers of the head are set to what is here.
    #[must_use]
    pub fn text(&self, head: &Head) -> String {
        let head = Head { objects: self.objects.len(), masked: self.masked.values().sum(), ..head.clone() };
        let length: usize = self.objects.values().map(|text| text.len() + 4).sum();
        let mut out = String::with_capacity(length + 4096);
        out.push_str(&head.text());
        for text in self.objects.values() {
            out.push_str(MARKER);
            out.push_str(text);
        }
        out.push_str(END);
        out
    }
}

/// Whether the text of a snapshot is all of it: none of its objects is missing at the end. More than there were may be there.
#[must_use]
pub fn is_whole(text: &str, head: &Head) -> bool {
    // No text of several lines inside of an object begins a line at its start.
    let objects = memchr::memmem::find_iter(text.as_bytes(), b"\n---\n").count();
    objects >= head.objects && memchr::memmem::rfind(text.as_bytes(), END.as_bytes()).is_some()
}
