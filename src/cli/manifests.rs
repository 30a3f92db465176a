//! `-f`, `-R`, `-k`, `--mesh-config`, `--feature`: the flags that name manifests, and how they are read.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use globset::GlobBuilder;
use walkdir::DirEntry;
use walkdir::WalkDir;

use crate::admission;
#[cfg(feature = "cluster")]
use crate::cli::cluster::ClusterArgs;
#[cfg(feature = "cluster")]
use crate::cli::cluster::live;
#[cfg(feature = "cluster")]
use crate::cli::cluster::live::Live;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::gzip;
use crate::cli::snapshot::saved;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::lint;
use crate::manifest;
use crate::manifest::ReadObject;
use crate::manifest::kinds::MeshConfig;
use crate::mesh;
use crate::mesh::Mesh;
use crate::mesh::Unread;
use crate::render;
use crate::snapshot::Head;

/// Largest source that is read, in bytes.
pub(super) const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// Which manifests describe the mesh.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Manifests")]
pub(super) struct ManifestArgs {
    /// File, directory, glob or `-` for standard input; repeatable
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    filenames: Vec<String>,
    /// Read directories recursively
    #[arg(short = 'R', long)]
    recursive: bool,
    /// Directory to build with `kubectl kustomize` or `kustomize build`
    #[arg(short = 'k', long = "kustomize", value_name = "DIR")]
    kustomize: Option<PathBuf>,
    /// Namespace of documents and names that give none
    #[arg(short = 'n', long, value_name = "NAMESPACE")]
    pub(super) namespace: Option<String>,
    /// The live mesh; files go over its objects of the same kind, namespace and name
    #[cfg(feature = "cluster")]
    #[arg(long)]
    cluster: bool,
    /// Mesh configuration (the content of key `mesh`), overrides the manifests
    #[arg(long, value_name = "FILE")]
    mesh_config: Option<PathBuf>,
    /// Feature flag of istiod, as in its environment; repeatable
    #[arg(long = "feature", value_name = "NAME=VALUE")]
    features: Vec<String>,
    /// Take objects that the API server or istiod would refuse as if they were in the mesh
    #[arg(long)]
    pub(super) assume_admitted: bool,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub(in crate::cli) access: ClusterArgs,
}

/// What was read: the mesh, the texts behind it, and what was noticed.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) mesh: Mesh,
    pub(super) sources: SourceMap,
    pub(super) findings: Vec<Finding>,
    #[cfg(feature = "store")]
    pub(super) files: usize,
    /// What was read, in words: files, and a cluster.
    pub(super) looked_in: String,
    /// Namespace of names that give none.
    pub(super) default_namespace: Option<String>,
}

impl ManifestArgs {
    /// Whether files were named.
    #[cfg(feature = "cluster")]
    pub(in crate::cli) fn names_files(&self) -> bool {
        !self.filenames.is_empty() || self.kustomize.is_some()
    }

    /// Whether any were named.
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.filenames.is_empty() || self.kustomize.is_some() || self.is_live()
    }

    /// Whether a live cluster is asked.
    #[cfg(feature = "cluster")]
    pub(in crate::cli) fn is_live(&self) -> bool {
        self.cluster
    }

    /// Whether a live cluster is asked.
    #[cfg(not(feature = "cluster"))]
    #[expect(clippy::unused_self, reason = "with another feature it looks at a flag")]
    pub(in crate::cli) fn is_live(&self) -> bool {
        false
    }

    /// The same as naming these files with `-f`.
    pub(super) fn of_files(filenames: Vec<String>, namespace: Option<String>, assume_admitted: bool) -> Self {
        Self { filenames, namespace, assume_admitted, ..Self::default() }
    }

    /// The same as naming these files with `-f`, their directories read to the bottom if wanted.
    #[cfg(feature = "cluster")]
    pub(super) fn of_paths(filenames: Vec<String>, recursive: bool, namespace: Option<String>) -> Self {
        Self { filenames, recursive, namespace, ..Self::default() }
    }

    /// Other files, read in the same way.
    pub(super) fn of_other_files(&self, filenames: Vec<String>) -> Self {
        Self { filenames, kustomize: None, ..self.clone() }
    }

    /// Reads everything and resolves it.
    pub(super) fn load(&self, env: &mut Env<'_>) -> Result<Loaded, Error> {
        self.load_with(&[], env)
    }

    /// The same with further paths, whose directories are read to the bottom.
    pub(super) fn load_with(&self, paths: &[String], env: &mut Env<'_>) -> Result<Loaded, Error> {
        if paths.is_empty() {
            self.require_given()?;
        }
        let read = self.read_sources(paths, env, false)?;
        self.resolve(read, env)
    }

    /// These files and others, both over the same live mesh when it is asked for. It is read once.
    pub(super) fn load_beside(&self, other: &Self, env: &mut Env<'_>) -> Result<[Loaded; 2], Error> {
        other.require_given()?;
        let mut others = other.read_files(&[], env, false)?;
        self.require_given()?;
        let mut own = self.read_files(&[], env, false)?;
        self.add_live(&mut [&mut others, &mut own], env)?;
        Ok([other.resolve(others, env)?, self.resolve(own, env)?])
    }

    fn require_given(&self) -> Result<(), Error> {
        if self.is_given() {
            return Ok(());
        }
        Err(Error::question(
            "no manifests were given",
            "name files or directories with `-f`, a kustomization with `-k`, or take the live mesh with `--cluster`".to_owned(),
        ))
    }

    /// Makes a mesh of what was read.
    fn resolve(&self, read: Sources, env: &mut Env<'_>) -> Result<Loaded, Error> {
        read.warn(env)?;
        let default_namespace = read.default_namespace(self);
        let looked_in = read.looked_in();
        let Sources { map: mut sources, ids, mut unread, .. } = read;
        let mut manifests = manifest::read_with(&sources, &ids, &mut |object| {
            if sources.is_live(object.place.source) {
                unread.extend(not_understood(object));
            } else {
                self.admit(object, default_namespace.as_deref());
            }
        });
        let (mesh_config, found) = self.read_mesh_config(&mut sources)?;
        manifests.findings.extend(found);
        let errors = manifests.findings.iter().filter(|finding| finding.is_error()).count();
        if errors > 0 {
            return Err(Error::Manifests { errors, manifests: Box::new(manifests), sources: Box::new(sources) });
        }
        let options = mesh::BuildOptions {
            default_namespace: default_namespace.clone(),
            features: self.parse_features()?,
            mesh_config: mesh_config.as_ref(),
            unread,
        };
        let (mesh, found) = mesh::build(&manifests, &options);
        let mut findings = manifests.findings;
        findings.extend(found);
        Ok(Loaded {
            mesh,
            sources,
            findings,
            #[cfg(feature = "store")]
            files: manifests.files,
            looked_in,
            default_namespace,
        })
    }

    /// An object that a gate refuses is in no mesh: its document is taken away, and the refusals are told.
    pub(in crate::cli) fn admit(&self, object: &mut ReadObject<'_>, default_namespace: Option<&str>) {
        if self.assume_admitted {
            return;
        }
        let default_namespace = default_namespace.unwrap_or("default");
        let Some(verdict) = object.node.and_then(|node| admission::judge(node, default_namespace)) else { return };
        if !verdict.is_accepted() {
            object.document = None;
            object.findings.retain(|finding| !lint::admitted::is_told_by_admission(finding.code));
            object.findings.extend(lint::admitted::findings(&verdict).into_iter().filter(Finding::is_error));
        }
    }

    /// Reads the texts. `paths` are like those of `-f`, their directories read to the bottom. With `go_on`, what cannot be read is kept
    /// among the problems instead of ending the reading.
    pub(super) fn read_sources(&self, paths: &[String], env: &mut Env<'_>, go_on: bool) -> Result<Sources, Error> {
        let mut read = self.read_files(paths, env, go_on)?;
        self.add_live(&mut [&mut read], env)?;
        Ok(read)
    }

    /// The same without the live mesh.
    pub(super) fn read_files(&self, paths: &[String], env: &mut Env<'_>, go_on: bool) -> Result<Sources, Error> {
        let mut read = Sources { go_on, ..Sources::default() };
        for filename in paths {
            read.path(filename, Walk::Project, env)?;
        }
        for filename in &self.filenames {
            read.path(filename, if self.recursive { Walk::Recursive } else { Walk::Flat }, env)?;
        }
        if let Some(directory) = &self.kustomize {
            let built = kustomize(directory).map(|text| read.map.add(format!("kustomize:{}", directory.display()), text));
            read.add(built)?;
        }
        read.add_saved()?;
        Ok(read)
    }

    /// Connects to the cluster that the flags name; no request is sent yet.
    #[cfg(all(feature = "cluster", feature = "store"))]
    pub(super) fn connect(&self) -> Result<crate::cluster::Cluster, Error> {
        self.access.connect()
    }

    /// Reads the live mesh, when it is asked for, and puts it under each of these.
    #[cfg(feature = "cluster")]
    fn add_live(&self, reads: &mut [&mut Sources], env: &Env<'_>) -> Result<(), Error> {
        if !self.cluster {
            return match self.access.first_flag() {
                Some(flag) => Err(Error::question(
                    format!("`{flag}` is about a cluster, and none is asked"),
                    "add `--cluster` to take the live mesh".to_owned(),
                )),
                None => Ok(()),
            };
        }
        let cluster = self.access.connect()?;
        let default_namespace = self.namespace.as_deref().unwrap_or(cluster.default_namespace());
        let given: Vec<_> = reads.iter().map(|read| live::keys(&read.map, &read.ids, default_namespace)).collect();
        let known = given.iter().flatten().filter_map(|key| key.namespace.clone());
        let reading = live::read(&cluster, known.chain(self.namespace.clone()).collect(), env)?;
        for (read, given) in reads.iter_mut().zip(given) {
            let (found, ids) = reading.add_to(&mut read.map, &given);
            read.unread.extend(found.unread.iter().cloned());
            read.live = Some(found);
            read.ids.extend(ids);
        }
        Ok(())
    }

    /// Without that feature there is no cluster to read.
    #[cfg(not(feature = "cluster"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with another feature it reads a cluster")]
    fn add_live(&self, _: &mut [&mut Sources], _: &Env<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// The names of the files that [`read_sources`](Self::read_sources) would read now; `None` when they are not all files.
    pub(super) fn read_names(&self, paths: &[String]) -> Option<Vec<String>> {
        let own = if self.recursive { Walk::Recursive } else { Walk::Flat };
        let given = paths.iter().map(|path| (path, Walk::Project)).chain(self.filenames.iter().map(|path| (path, own)));
        let mut names = Vec::new();
        for (path, walk) in given {
            if Path::new(path).is_dir() {
                names.extend(manifest_files(path, walk).flatten().map(|path| path.display().to_string()));
            } else if path != "-" && Path::new(path).exists() {
                names.push(path.clone());
            } else {
                return None;
            }
        }
        self.kustomize.is_none().then_some(names)
    }

    /// The file of `--mesh-config`.
    #[cfg(feature = "proxy")]
    pub(super) fn mesh_config_path(&self) -> Option<PathBuf> {
        self.mesh_config.clone()
    }

    /// The mesh configuration of `--mesh-config`, with what was found in it.
    pub(super) fn read_mesh_config(&self, sources: &mut SourceMap) -> Result<(Option<MeshConfig>, Vec<Finding>), Error> {
        let Some(path) = &self.mesh_config else { return Ok((None, Vec::new())) };
        let id = add_file(path, sources)?;
        let text = sources.get(id).map(|source| source.text.clone()).unwrap_or_default();
        Ok(manifest::read_mesh_config(id, &text))
    }

    /// The directory or file named first, to look for a configuration from.
    pub(super) fn first_path(&self) -> Option<&str> {
        self.filenames.first().map(String::as_str).or_else(|| self.kustomize.as_deref()?.to_str())
    }

    /// `--feature`, as written.
    pub(super) fn features(&self) -> &[String] {
        &self.features
    }

    /// Whether standard input is taken.
    pub(super) fn reads_stdin(&self) -> bool {
        self.filenames.iter().any(|filename| filename == "-")
    }

    pub(super) fn parse_features(&self) -> Result<Vec<(String, String)>, Error> {
        let parse = |text: &String| {
            text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| {
                Error::question(format!("`--feature {text}` has no `=`"), "write it as `--feature NAME=VALUE`".to_owned())
            })
        };
        self.features.iter().map(parse).collect()
    }
}

/// Texts that were read, and what could not be.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) map: SourceMap,
    pub(super) ids: Vec<SourceId>,
    pub(super) problems: Vec<Error>,
    /// What may be in the mesh, and could not be read.
    pub(super) unread: Vec<Unread>,
    /// The heads of snapshots among them.
    pub(super) saved: Vec<Head>,
    /// The cluster that was asked.
    #[cfg(feature = "cluster")]
    pub(super) live: Option<Live>,
    go_on: bool,
}

/// A live object that this program does not understand is in force all the same.
fn not_understood(object: &mut ReadObject<'_>) -> Option<Unread> {
    let why = object.findings.iter().find(|finding| finding.is_error())?.headline.clone();
    for finding in &mut object.findings {
        finding.severity = finding.severity.min(Severity::Warning);
    }
    let header = &object.header;
    Some(Unread {
        group: header.group().to_owned(),
        kind: header.kind.value.clone(),
        namespace: header.namespace.as_ref().map(|namespace| namespace.value.clone()),
        except: BTreeSet::new(),
        name: Some(header.name.value.clone()),
        why: format!("it is not understood: {why}"),
    })
}

impl Sources {
    fn saved_namespace(&self) -> Option<String> {
        self.saved.iter().find_map(|head| head.default_namespace().map(str::to_owned))
    }

    /// What snapshots among the texts say about themselves: what they lack, and whether their objects are in force.
    fn add_saved(&mut self) -> Result<(), Error> {
        for id in &self.ids {
            let Some(head) = saved::head(&self.map, *id)? else { continue };
            if head.is_live() {
                self.map.mark_live(*id);
            }
            self.unread.extend(head.unread.iter().cloned());
            self.saved.push(head);
        }
        Ok(())
    }

    /// The namespace of documents and names that give none.
    #[cfg(feature = "cluster")]
    pub(super) fn default_namespace(&self, given: &ManifestArgs) -> Option<String> {
        let of_live = || self.live.as_ref().map(|live| live.namespace.clone());
        given.namespace.clone().or_else(of_live).or_else(|| self.saved_namespace())
    }

    /// The namespace of documents and names that give none.
    #[cfg(not(feature = "cluster"))]
    pub(super) fn default_namespace(&self, given: &ManifestArgs) -> Option<String> {
        given.namespace.clone().or_else(|| self.saved_namespace())
    }

    /// What was read, in words.
    fn looked_in(&self) -> String {
        let of_files = self.ids.iter().filter(|id| !self.map.is_live(**id)).count();
        let files = of_files + self.saved.iter().filter(|head| head.is_live()).count();
        let of_files = render::count(files, "file", "files");
        #[cfg(feature = "cluster")]
        if let Some(live) = &self.live {
            let cluster = format!("{} objects of cluster `{}`", live.objects, live.context);
            return if files == 0 { cluster } else { format!("{of_files} and {cluster}") };
        }
        of_files
    }

    /// Says what could not be read of a cluster.
    #[cfg(feature = "cluster")]
    pub(super) fn warn(&self, env: &mut Env<'_>) -> Result<(), Error> {
        saved::warn(&self.saved, env)?;
        self.live.as_ref().map_or(Ok(()), |live| live.warn(env))
    }

    /// Without that feature there is no cluster to read.
    #[cfg(not(feature = "cluster"))]
    pub(super) fn warn(&self, env: &mut Env<'_>) -> Result<(), Error> {
        saved::warn(&self.saved, env)
    }

    fn add(&mut self, read: Result<SourceId, Error>) -> Result<(), Error> {
        match read {
            Ok(id) => self.ids.push(id),
            Err(problem) if self.go_on => self.problems.push(problem),
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), Error> {
        let read = add_file(path, &mut self.map);
        self.add(read)
    }

    fn path(&mut self, filename: &str, walk: Walk, env: &mut Env<'_>) -> Result<(), Error> {
        if filename == "-" {
            let text = read_bytes(filename, env).and_then(|bytes| checked_text("<stdin>", &bytes));
            let read = text.map(|text| self.map.add("<stdin>", text));
            return self.add(read);
        }
        let path = Path::new(filename);
        let metadata = fs::metadata(path);
        if metadata.is_err() && filename.contains(['*', '?', '[', '{']) {
            for path in expand(filename)? {
                self.file(&path)?;
            }
            return Ok(());
        }
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(source) => return self.add(Err(Error::Read { path: filename.to_owned(), source })),
        };
        if !metadata.is_dir() {
            return self.file(path);
        }
        for entry in manifest_files(filename, walk) {
            match entry {
                Ok(path) => {
                    let before = self.ids.len();
                    self.file(&path)?;
                    if let Some(id) = self.ids.get(before) {
                        self.map.mark_met(*id);
                    }
                }
                Err(problem) => self.add(Err(problem))?,
            }
        }
        Ok(())
    }
}

/// How far a directory is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// Its own files.
    Flat,
    /// To the bottom.
    Recursive,
    /// To the bottom, without hidden directories, which hold the tools of a project and no manifests.
    Project,
}

/// The files of a directory that look like manifests, by name.
pub(super) fn manifest_files(directory: &str, walk: Walk) -> impl Iterator<Item = Result<PathBuf, Error>> {
    let depth = if walk == Walk::Flat { 1 } else { usize::MAX };
    let is_hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
    WalkDir::new(directory)
        .max_depth(depth)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(move |entry| walk != Walk::Project || !is_hidden(entry))
        .filter_map(move |entry| match entry {
            Ok(entry) => (entry.file_type().is_file() && is_manifest(entry.path())).then(|| Ok(entry.into_path())),
            Err(error) => Some(Err(walk_error(directory, error))),
        })
}

fn walk_error(filename: &str, error: walkdir::Error) -> Error {
    let path = error.path().map_or_else(|| filename.to_owned(), |path| path.display().to_string());
    match error.loop_ancestor().map(|ancestor| ancestor.display().to_string()) {
        Some(ancestor) => Error::question(
            format!("`{path}` is a link back to `{ancestor}`: the directory never ends"),
            "remove the link, or name the files themselves".to_owned(),
        ),
        None => Error::Read { path, source: error.into() },
    }
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// Files a glob names, in order.
fn expand(pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let glob = GlobBuilder::new(pattern.strip_prefix("./").unwrap_or(pattern))
        .literal_separator(true)
        .build()
        .map_err(|error| Error::question(format!("`-f {pattern}` is no glob: {}", error.kind()), None))?
        .compile_matcher();
    let fixed = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
    let base = fixed.rfind('/').and_then(|at| fixed.get(..=at)).unwrap_or(".");
    let mut found = Vec::new();
    for entry in WalkDir::new(base).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| walk_error(base, error))?;
        let path = entry.path().strip_prefix("./").unwrap_or(entry.path());
        if entry.file_type().is_file() && glob.is_match(path) {
            found.push(path.to_owned());
        }
    }
    if found.is_empty() {
        return Err(Error::question(
            format!("`-f {pattern}` matches no file"),
            "check the pattern; quote it so that the shell leaves it alone".to_owned(),
        ));
    }
    Ok(found)
}

fn add_file(path: &Path, sources: &mut SourceMap) -> Result<SourceId, Error> {
    let name = path.display().to_string();
    let bytes = read_limited(path)?;
    let text = checked_text(&name, &bytes)?;
    Ok(sources.add(name, text))
}

fn read_limited(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.display().to_string(), source };
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)).map_err(failed)?;
    gzip::unpacked(&path.display().to_string(), bytes, SIZE_LIMIT)
}

/// Reads a file that need not be text, or standard input when it is `-`.
pub(super) fn read_bytes(path: &str, env: &mut Env<'_>) -> Result<Vec<u8>, Error> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        env.stdin
            .take(SIZE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| Error::Read { path: "<stdin>".to_owned(), source })?;
        gzip::unpacked("<stdin>", bytes, SIZE_LIMIT)?
    } else {
        read_limited(Path::new(path))?
    };
    check_size(path, &bytes)?;
    Ok(bytes)
}

fn check_size(name: &str, bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() as u64 <= SIZE_LIMIT {
        return Ok(());
    }
    Err(Error::question(format!("`{name}` is larger than {} MiB", SIZE_LIMIT >> 20), "split it into several files".to_owned()))
}

fn checked_text(name: &str, bytes: &[u8]) -> Result<String, Error> {
    check_size(name, bytes)?;
    manifest::text_of(bytes)
        .map(str::to_owned)
        .map_err(|error| Error::question(format!("`{name}` is no text: {error}"), "give YAML or JSON in UTF-8".to_owned()))
}

fn kustomize(directory: &Path) -> Result<String, Error> {
    let commands: [(&str, &[&str]); 2] = [("kubectl", &["kustomize"]), ("kustomize", &["build"])];
    for (program, arguments) in commands {
        match Command::new(program).args(arguments).arg(directory).output() {
            Ok(output) if output.status.success() => return checked_text("kustomize", &output.stdout),
            Ok(output) => {
                let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                return Err(Error::question(
                    format!("`{program} {} {}` failed: {message}", arguments.join(" "), directory.display()),
                    None,
                ));
            }
            Err(_) => {}
        }
    }
    Err(Error::question(
        "`-k` needs `kubectl` or `kustomize`, and neither can be run",
        "install one of them, or pipe the built manifests into `-f -`".to_owned(),
    ))
}

/// Reads a text file the user named elsewhere: a token, a key, a scenario.
pub(super) fn read_text(path: &str) -> Result<String, Error> {
    checked_text(path, &read_limited(Path::new(path))?)
}
