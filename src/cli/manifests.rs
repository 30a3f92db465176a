//! `-f`, `-R`, `-k`, `--mesh-config`, `--feature`: the flags that name manifests, and how they are read.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use globset::GlobBuilder;
use walkdir::WalkDir;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::diag::Finding;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest;
use crate::mesh;
use crate::mesh::Mesh;

/// Largest source that is read, in bytes.
const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

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
    /// Mesh configuration (the content of key `mesh`), overrides the manifests
    #[arg(long, value_name = "FILE")]
    mesh_config: Option<PathBuf>,
    /// Feature flag of istiod, as in its environment; repeatable
    #[arg(long = "feature", value_name = "NAME=VALUE")]
    features: Vec<String>,
}

/// What was read: the mesh, the texts behind it, and what was noticed.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) mesh: Mesh,
    pub(super) sources: SourceMap,
    pub(super) findings: Vec<Finding>,
    pub(super) files: usize,
}

impl ManifestArgs {
    /// Whether any were named.
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.filenames.is_empty() || self.kustomize.is_some()
    }

    /// The same as naming these files with `-f`.
    pub(super) fn of_files(filenames: Vec<String>, namespace: Option<String>) -> Self {
        Self { filenames, namespace, ..Self::default() }
    }

    /// Reads everything and resolves it.
    pub(super) fn load(&self, env: &mut Env<'_>) -> Result<Loaded, Error> {
        if !self.is_given() {
            return Err(Error::question(
                "no manifests were given",
                "name files or directories with `-f`, or a kustomization with `-k`".to_owned(),
            ));
        }
        let mut sources = SourceMap::default();
        let mut ids = Vec::new();
        for filename in &self.filenames {
            self.read_path(filename, env, &mut sources, &mut ids)?;
        }
        if let Some(directory) = &self.kustomize {
            ids.push(sources.add(format!("kustomize:{}", directory.display()), kustomize(directory)?));
        }
        let mut manifests = manifest::read(&sources, &ids);
        let mesh_config = match &self.mesh_config {
            None => None,
            Some(path) => {
                let id = add_file(path, &mut sources)?;
                let text = sources.get(id).map(|source| source.text.clone()).unwrap_or_default();
                let (config, findings) = manifest::read_mesh_config(id, &text);
                manifests.findings.extend(findings);
                config
            }
        };
        let errors = manifests.findings.iter().filter(|finding| finding.is_error()).count();
        if errors > 0 {
            return Err(Error::Manifests { errors, manifests: Box::new(manifests), sources: Box::new(sources) });
        }
        let options = mesh::BuildOptions {
            default_namespace: self.namespace.clone(),
            features: self.parse_features()?,
            mesh_config: mesh_config.as_ref(),
        };
        let (mesh, found) = mesh::build(&manifests, &options);
        let mut findings = manifests.findings;
        findings.extend(found);
        Ok(Loaded { mesh, sources, findings, files: manifests.files })
    }

    /// Whether standard input is taken.
    pub(super) fn reads_stdin(&self) -> bool {
        self.filenames.iter().any(|filename| filename == "-")
    }

    fn parse_features(&self) -> Result<Vec<(String, String)>, Error> {
        let parse = |text: &String| {
            text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| {
                Error::question(format!("`--feature {text}` has no `=`"), "write it as `--feature NAME=VALUE`".to_owned())
            })
        };
        self.features.iter().map(parse).collect()
    }

    fn read_path(
        &self,
        filename: &str,
        env: &mut Env<'_>,
        sources: &mut SourceMap,
        ids: &mut Vec<SourceId>,
    ) -> Result<(), Error> {
        if filename == "-" {
            let mut bytes = Vec::new();
            env.stdin
                .take(SIZE_LIMIT + 1)
                .read_to_end(&mut bytes)
                .map_err(|source| Error::Read { path: "<stdin>".to_owned(), source })?;
            ids.push(sources.add("<stdin>", checked_text("<stdin>", &bytes)?));
            return Ok(());
        }
        let path = Path::new(filename);
        let metadata = fs::metadata(path);
        if metadata.is_err() && filename.contains(['*', '?', '[', '{']) {
            for path in expand(filename)? {
                ids.push(add_file(&path, sources)?);
            }
            return Ok(());
        }
        let metadata = metadata.map_err(|source| Error::Read { path: filename.to_owned(), source })?;
        if !metadata.is_dir() {
            ids.push(add_file(path, sources)?);
            return Ok(());
        }
        let depth = if self.recursive { usize::MAX } else { 1 };
        for entry in WalkDir::new(path).max_depth(depth).follow_links(true).sort_by_file_name() {
            let entry = entry.map_err(|error| walk_error(filename, error))?;
            if entry.file_type().is_file() && is_manifest(entry.path()) {
                ids.push(add_file(entry.path(), sources)?);
            }
        }
        Ok(())
    }
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
    Ok(bytes)
}

/// Reads a file that need not be text, or standard input when it is `-`.
pub(super) fn read_bytes(path: &str, env: &mut Env<'_>) -> Result<Vec<u8>, Error> {
    let bytes = if path == "-" {
        let mut bytes = Vec::new();
        env.stdin
            .take(SIZE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| Error::Read { path: "<stdin>".to_owned(), source })?;
        bytes
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
