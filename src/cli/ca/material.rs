//! Where the files of `cacerts` come from: a directory as istiod mounts it, or the Kubernetes Secret itself.

use std::fs;
use std::io;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::diag::SourceMap;
use crate::manifest::text_of;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Material;

/// A Secret holds at most 1 MiB; a stream of manifests may be larger.
const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// The name istiod mounts.
pub(super) const SECRET_NAME: &str = "cacerts";

/// Files, and the name of the Secret they were in.
pub(super) struct Given {
    pub(super) material: Material,
    pub(super) secret: Option<String>,
}

/// Reads a directory, a file with Secrets, or standard input.
pub(super) fn read(path: &str, env: &mut Env<'_>) -> Result<Given, Error> {
    let failed = |source: io::Error| Error::Read { path: path.to_owned(), source };
    if path == "-" {
        let mut bytes = Vec::new();
        env.stdin.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
        return secret("<stdin>", &bytes);
    }
    if fs::metadata(path).map_err(failed)?.is_dir() {
        return directory(Path::new(path)).map(|material| Given { material, secret: None });
    }
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)).map_err(failed)?;
    secret(path, &bytes)
}

fn directory(directory: &Path) -> Result<Material, Error> {
    let mut material = Material::default();
    for file in FileName::ALL {
        let path = directory.join(file.name());
        match fs::read(&path) {
            Ok(content) => material.insert(file, content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::Read { path: path.display().to_string(), source }),
        }
    }
    Ok(material)
}

fn secret(name: &str, bytes: &[u8]) -> Result<Given, Error> {
    let help = "give a directory, or a Secret as YAML or JSON".to_owned();
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(Error::question(format!("`{name}` is larger than {} MiB", SIZE_LIMIT >> 20), help));
    }
    let text = text_of(bytes).map_err(|error| Error::question(format!("`{name}` is no text: {error}"), help.clone()))?;
    let mut sources = SourceMap::default();
    let source = sources.add(name, text.to_owned());
    let (documents, findings) = yaml::parse(source, text);
    if let Some(finding) = findings.iter().find(|finding| finding.is_error()) {
        let place = finding.primary.as_ref().map(|label| sources.position(label.span.0).to_string());
        let place = place.unwrap_or_else(|| name.to_owned());
        return Err(Error::question(format!("{place}: {}", finding.headline), help));
    }
    let mut secrets = Vec::new();
    for document in &documents {
        collect(document, &mut secrets);
    }
    let named: Vec<&Node> = secrets.iter().copied().filter(|secret| name_of(secret) == Some(SECRET_NAME)).collect();
    let chosen = match (secrets.as_slice(), named.as_slice()) {
        ([], _) => return Err(Error::question(format!("`{name}` holds no Secret"), help)),
        ([one], _) | (_, [one]) => *one,
        (several, named) => {
            let message = format!("`{name}` holds {} Secrets, {} of them named `{SECRET_NAME}`", several.len(), named.len());
            return Err(Error::question(message, "leave the one that is meant".to_owned()));
        }
    };
    Ok(Given { material: files(chosen)?, secret: Some(name_of(chosen).unwrap_or_default().to_owned()) })
}

fn collect<'n>(document: &'n Node, secrets: &mut Vec<&'n Node>) {
    if document.get("kind").and_then(Node::as_str) == Some("Secret") {
        secrets.push(document);
    } else if let Some(Value::Sequence(items)) = document.get("items").map(|items| &items.value) {
        for item in items {
            collect(item, secrets);
        }
    }
}

fn name_of(secret: &Node) -> Option<&str> {
    secret.get("metadata")?.get("name")?.as_str()
}

/// `data` in base64, over which `stringData` wins.
fn files(secret: &Node) -> Result<Material, Error> {
    let mut material = Material::default();
    for (field, is_encoded) in [("data", true), ("stringData", false)] {
        let Some(node) = secret.get(field) else { continue };
        let Value::Mapping(entries) = &node.value else {
            return Err(Error::question(format!("`{field}` of the Secret is {}, not a mapping", node.kind()), None));
        };
        for (key, value) in entries {
            let Some(file) = FileName::from_name(&key.value) else { continue };
            let text = match &value.value {
                Value::Null => "",
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) | Value::Sequence(_) | Value::Mapping(_) => {
                    return Err(Error::question(
                        format!("`{}` of the Secret is {}, not a string", key.value, value.kind()),
                        None,
                    ));
                }
            };
            let content = if is_encoded {
                let compact: String = text.chars().filter(|letter| !matches!(letter, '\n' | '\r')).collect();
                STANDARD.decode(compact).map_err(|error| {
                    let message = format!("`{}` of the Secret is no base64: {error}", key.value);
                    Error::question(message, "encode it, or write it under `stringData`".to_owned())
                })?
            } else {
                text.as_bytes().to_vec()
            };
            material.insert(file, content);
        }
    }
    Ok(material)
}
