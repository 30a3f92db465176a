use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueHint;
use jiff::Timestamp;
use serde_json::Value;

use crate::cli::cluster::ClusterArgs;
use crate::cli::cluster::live;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::gzip;
use crate::cli::manifests::ManifestArgs;
use crate::cli::manifests::SIZE_LIMIT;
use crate::cli::snapshot::saved;
use crate::cli::text_file;
use crate::cluster;
use crate::cluster::Cluster;
use crate::cluster::Selection;
use crate::diag::Finding;
use crate::diag::SourceMap;
use crate::manifest;
use crate::manifest::Manifests;
use crate::mesh::Unread;
use crate::render;
use crate::snapshot;
use crate::snapshot::Head;
use crate::snapshot::ObjectName;
use crate::snapshot::Origin;
use crate::snapshot::Snapshot;

/// istiod's namespace: what is in it holds for every other one.
const ROOT: &str = "istio-system";

/// Save a mesh into one file, which every `-f` reads
///
/// From the cluster of the kubeconfig, from manifests with `-f`, or from both, as a check with `--cluster -f` sees them. The file holds
/// what answers depend on: no Secrets, no tokens, no environment of applications, no status. The same mesh gives the same text, but
/// for time and versions in its head. What could not be read is named in it, and answers that depend on that stay undetermined.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct SaveArgs {
    /// File to write, compressed when it ends in `.gz`; `-` for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace a file that is no snapshot
    #[arg(long)]
    overwrite: bool,
    /// Manifests instead of the cluster: file, directory, glob or `-` for standard input; repeatable
    #[arg(short = 'f', long = "filename", value_name = "PATH", help_heading = "Manifests")]
    filenames: Vec<String>,
    /// Read directories recursively
    #[arg(short = 'R', long, help_heading = "Manifests")]
    recursive: bool,
    /// The live mesh with the manifests over it
    #[arg(long, help_heading = "Manifests")]
    cluster: bool,
    /// Only this namespace and istio-system; repeatable. With `-f` alone, the namespace of documents that give none
    #[arg(short = 'n', long = "namespace", value_name = "NAMESPACE", help_heading = "Manifests")]
    namespaces: Vec<String>,
    /// Every namespace, as when none is named
    #[arg(short = 'A', long, conflicts_with = "namespaces", help_heading = "Manifests")]
    all_namespaces: bool,
    #[command(flatten)]
    access: ClusterArgs,
}

const EXAMPLES: &str = "Examples:
  meshsec snapshot save -o mesh.yaml
  meshsec snapshot save --context east -n shop -o shop.yaml.gz
  meshsec snapshot save --cluster -f deploy/ -o after.yaml
  meshsec simulate batch -f mesh.yaml flows.jsonl

Exit codes: 0 saved, whole or with parts that could not be read, which are named; 2 the question was wrong; 3 the cluster failed";

/// A snapshot in the making.
struct Making {
    snapshot: Snapshot,
    head: Head,
    default_namespace: String,
}

impl SaveArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        self.require_sense()?;
        self.require_place(env)?;
        let mut making = Making {
            snapshot: Snapshot::default(),
            head: Head {
                saved_at: Timestamp::from_second(env.now.as_second()).unwrap_or(env.now),
                saved_by: format!("meshsec {}", env!("CARGO_PKG_VERSION")),
                origins: Vec::new(),
                objects: 0,
                masked: 0,
                resource_versions: BTreeMap::new(),
                unread: Vec::new(),
                absent: Vec::new(),
                left_out: BTreeMap::new(),
            },
            default_namespace: self.namespaces.first().cloned().unwrap_or_else(|| "default".to_owned()),
        };
        if self.cluster || self.filenames.is_empty() {
            self.add_cluster(&mut making, env)?;
        }
        if !self.filenames.is_empty() {
            self.add_files(&mut making, env)?;
        }
        if making.snapshot.is_empty() {
            let help = "check context, namespaces and files".to_owned();
            return Err(Error::question("nothing of a mesh was found: there is nothing to save", help));
        }
        let text = making.snapshot.text(&making.head);
        if text.len() as u64 > SIZE_LIMIT {
            return Err(Error::question(
                format!("the snapshot would be {} MiB, and {} MiB are read of a file", text.len() >> 20, SIZE_LIMIT >> 20),
                "save its namespaces apart with `--namespace`".to_owned(),
            ));
        }
        let size = self.write(&text, env)?;
        self.tell(&making, size, env)?;
        Ok(Outcome::Yes)
    }

    fn require_sense(&self) -> Result<(), Error> {
        let is_live = self.cluster || self.filenames.is_empty();
        if let Some(flag) = self.access.first_flag().filter(|_| !is_live) {
            return Err(Error::question(
                format!("`{flag}` is about a cluster, and none is asked"),
                "add `--cluster` to take the live mesh with the manifests over it".to_owned(),
            ));
        }
        if !is_live && self.namespaces.len() > 1 {
            let help = "name one, or add `--cluster`".to_owned();
            return Err(Error::question("documents that give no namespace cannot be in several", help));
        }
        Ok(())
    }

    /// A file of another kind is not lost to a slip of the pen, and nothing is read for a place that cannot be written.
    fn require_place(&self, env: &mut Env<'_>) -> Result<(), Error> {
        if self.is_stdout() {
            return Ok(());
        }
        let path = self.output.as_path();
        let name = path.display().to_string();
        if path.is_dir() {
            return Err(Error::question(format!("`{name}` is a directory"), "name a file in it".to_owned()));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !parent.is_dir() {
            let help = "make it first, or correct the path".to_owned();
            return Err(Error::question(format!("`{}` is no directory to write a file in", parent.display()), help));
        }
        let is_empty = fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
        if path.exists() && !is_empty && !self.overwrite && !is_snapshot(&name, env) {
            let help = "name another file, or add `--overwrite`".to_owned();
            return Err(Error::question(format!("`{name}` is there, and is no snapshot"), help));
        }
        Ok(())
    }

    fn is_stdout(&self) -> bool {
        self.output == Path::new("-")
    }

    fn add_cluster(&self, making: &mut Making, env: &mut Env<'_>) -> Result<(), Error> {
        let cluster = self.access.connect()?;
        let mut selection = Selection::mesh();
        let mut namespaces = BTreeSet::new();
        if !self.namespaces.is_empty() {
            namespaces.extend(self.namespaces.iter().cloned());
            namespaces.insert(ROOT.to_owned());
            selection.namespaces = Some(namespaces.clone());
        }
        let reading = live::read_selection(&cluster, &selection, env)?;
        let version = version(&cluster)?;
        cluster.default_namespace().clone_into(&mut making.default_namespace);
        making.head.origins.push(Origin::Cluster {
            context: cluster.context().to_owned(),
            namespace: cluster.default_namespace().to_owned(),
            version,
            namespaces: namespaces.iter().cloned().collect(),
        });
        for object in reading.objects {
            if let Some(name) = making.add(&object.value) {
                making.saw(&name, &object.resource_version);
            }
        }
        let (absent, unread): (Vec<_>, Vec<_>) = reading.unread.iter().partition(|unread| unread.is_absent());
        making.head.absent = absent.iter().map(|absent| absent.kind.to_owned()).collect();
        making.head.unread.extend(unread.into_iter().map(live::of_cluster));
        if !namespaces.is_empty() {
            let kinds = selection
                .kinds
                .iter()
                .filter(|kind| kind.is_namespaced && !making.head.absent.iter().any(|absent| absent == kind.name));
            making.head.unread.extend(kinds.map(|kind| Unread {
                group: kind.group.to_owned(),
                kind: kind.name.to_owned(),
                namespace: None,
                except: namespaces.clone(),
                name: None,
                why: "other namespaces were not asked for".to_owned(),
            }));
        }
        Ok(())
    }

    fn add_files(&self, making: &mut Making, env: &mut Env<'_>) -> Result<(), Error> {
        let files = ManifestArgs::of_paths(self.filenames.clone(), self.recursive, None);
        let mut read = files.read_sources(&[], env, false)?;
        read.warn(env)?;
        let mut findings: Vec<Finding> = Vec::new();
        let default_namespace = making.default_namespace.clone();
        for id in &read.ids {
            let Some(source) = read.map.get(*id) else { continue };
            manifest::objects(*id, &source.text, &mut |mut object| {
                if !source.is_live {
                    files.admit(&mut object, Some(&default_namespace));
                }
                if let Some(node) = object.node.filter(|node| !Head::is_head(node)) {
                    let mut value = snapshot::value_of(node);
                    // The members of a typed list say their type with the list.
                    if let Some(fields) = value.as_object_mut() {
                        for (name, written) in [("apiVersion", &object.header.api_version), ("kind", &object.header.kind)] {
                            fields.entry(name).or_insert_with(|| Value::String(written.value.clone()));
                        }
                    }
                    making.add(&value);
                }
                findings.append(&mut object.findings);
            });
        }
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        if errors > 0 {
            let manifests = Manifests { findings, files: read.ids.len(), ..Manifests::default() };
            return Err(Error::Manifests { errors, manifests: Box::new(manifests), sources: Box::new(read.map) });
        }
        let name = |id| read.map.get(id).map(|source| source.name.to_string());
        let plain = read.ids.iter().filter_map(|id| name(*id)).collect();
        making.head.unread.append(&mut read.unread);
        for head in read.saved {
            making.head.origins.extend(head.origins);
            making.head.absent.extend(head.absent);
            making.head.resource_versions.extend(head.resource_versions);
        }
        making.head.origins.push(Origin::Files(plain));
        Ok(())
    }

    /// Writes the file, which is the old one or the new one at any time. Returns its size.
    fn write(&self, text: &str, env: &mut Env<'_>) -> Result<usize, Error> {
        let is_compressed = self.output.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let packed = if is_compressed { Some(gzip::packed(text.as_bytes())?) } else { None };
        let bytes = packed.as_deref().unwrap_or(text.as_bytes());
        if self.is_stdout() {
            env.stdout.write_all(bytes)?;
        } else {
            text_file::replace(&self.output, bytes)?;
        }
        Ok(bytes.len())
    }

    fn tell(&self, making: &Making, size: usize, env: &mut Env<'_>) -> Result<(), Error> {
        env.stdout.flush()?;
        let warning = env.style.warning("warning:");
        let is_wanted = |unread: &&Unread| unread.why != "other namespaces were not asked for";
        for unread in making.head.unread.iter().filter(is_wanted) {
            writeln!(env.stderr, "{warning} {unread} could not be read: {}", unread.why)?;
        }
        for name in making.snapshot.masked() {
            writeln!(env.stderr, "{warning} {name} holds a secret, which was taken out")?;
        }
        if env.quiet {
            return Ok(());
        }
        let namespaces: BTreeSet<&str> =
            making.snapshot.names().map(|name| name.namespace.as_str()).filter(|namespace| !namespace.is_empty()).collect();
        let place = if self.is_stdout() { String::new() } else { format!(" in {}", self.output.display()) };
        let line = format!(
            "saved {} of {}{place} ({} KiB)",
            render::count(making.snapshot.len(), "object", "objects"),
            render::count(namespaces.len(), "namespace", "namespaces"),
            size.div_ceil(1024)
        );
        writeln!(env.stderr, "{}", env.style.faint(&line))?;
        Ok(())
    }
}

impl Making {
    /// Adds an object, or counts it as left out; says what it is called.
    fn add(&mut self, value: &Value) -> Option<ObjectName> {
        if let Some(reduced) = snapshot::reduce(value, &self.default_namespace) {
            let name = reduced.name.clone();
            self.snapshot.add(reduced);
            return Some(name);
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if !kind.is_empty() {
            let group = api_version.split_once('/').map_or("", |(group, _)| group);
            let name = ObjectName::of(group, kind, &Value::Null);
            *self.head.left_out.entry(name.resource()).or_default() += 1;
        }
        None
    }

    /// Keeps the latest version of each kind.
    fn saw(&mut self, name: &ObjectName, version: &str) {
        let number = |version: &str| version.parse::<u64>().unwrap_or_default();
        let latest = self.head.resource_versions.entry(name.resource()).or_default();
        if latest.is_empty() || number(version) > number(latest) {
            version.clone_into(latest);
        }
    }
}

/// Whoever may not ask for the version may still save what it may read.
fn version(cluster: &Cluster) -> Result<Option<String>, Error> {
    match cluster.version() {
        Ok(version) => Ok(Some(version).filter(|version| !version.is_empty())),
        Err(cluster::Error::Forbidden(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a file holds a snapshot, in whatever state.
fn is_snapshot(name: &str, env: &mut Env<'_>) -> bool {
    let Ok(text) = crate::cli::manifests::read_bytes(name, env).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else {
        return false;
    };
    let mut sources = SourceMap::default();
    let id = sources.add(name, text);
    !matches!(saved::head(&sources, id), Ok(None))
}
