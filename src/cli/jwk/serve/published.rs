//! What is served: the set of a directory and the discovery document, as they are on the disk now.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::cli::error::Error;
use crate::cli::jwk::generate::SET;
use crate::cli::jwk::generate::existing_set;
use crate::cli::jwk::serve::http::Resource;
use crate::jose::Algorithm;
use crate::jose::KeySet;

/// The disk is looked at this often at most.
const FRESH: Duration = Duration::from_millis(100);

pub(super) struct Published {
    directory: PathBuf,
    issuer: String,
    /// The issuer's path without the slash at its end; clients look for everything below it.
    base: String,
    max_age: i64,
    current: Mutex<Current>,
}

struct Current {
    looked_at: Instant,
    set: Resource,
    discovery: Resource,
    usable: usize,
    /// What was wrong the last time, to say it once.
    complaint: Option<String>,
}

/// The answer to a path, and what went wrong with the files for the first time.
pub(super) struct Found {
    pub(super) resource: Option<Resource>,
    pub(super) complaint: Option<String>,
}

impl Published {
    pub(super) fn open(directory: PathBuf, issuer: String, max_age: i64) -> Result<Self, Error> {
        let base = issuer.splitn(4, '/').nth(3).map(|path| format!("/{}", path.trim_end_matches('/')));
        let base = base.filter(|base| base != "/").unwrap_or_default();
        let set = existing_set(&directory, &directory.join(SET))?;
        let current = Mutex::new(Current::of(&set, &issuer));
        Ok(Self { directory, issuer, base, max_age, current })
    }

    /// `Cache-Control`.
    pub(super) fn cache_control(&self) -> String {
        format!("public, max-age={}", self.max_age)
    }

    /// How many keys verify tokens.
    pub(super) fn usable(&self) -> usize {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).usable
    }

    /// What is published under a path, after a look at the disk.
    pub(super) fn find(&self, path: &str) -> Found {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let complaint = self.refresh(&mut current);
        let name = path.strip_prefix(self.base.as_str()).filter(|name| name.starts_with('/')).unwrap_or(path);
        let resource = match name {
            "/jwks.json" | "/.well-known/jwks.json" => Some(current.set.clone()),
            "/.well-known/openid-configuration" => Some(current.discovery.clone()),
            _ => None,
        };
        Found { resource, complaint }
    }

    fn refresh(&self, current: &mut Current) -> Option<String> {
        if current.looked_at.elapsed() < FRESH {
            return None;
        }
        match existing_set(&self.directory, &self.directory.join(SET)) {
            Ok(set) => {
                *current = Current::of(&set, &self.issuer);
                None
            }
            Err(error) => {
                current.looked_at = Instant::now();
                let complaint = Some(error.in_one_line());
                if current.complaint == complaint {
                    return None;
                }
                current.complaint.clone_from(&complaint);
                complaint
            }
        }
    }
}

impl Current {
    fn of(set: &KeySet, issuer: &str) -> Self {
        let mut algorithms: Vec<Algorithm> = set.keys().flat_map(crate::jose::Jwk::algorithms).collect();
        algorithms.sort();
        algorithms.dedup();
        let names: Vec<&str> = algorithms.into_iter().map(Algorithm::name).collect();
        let discovery = json!({
            "issuer": issuer,
            "jwks_uri": format!("{}/jwks.json", issuer.trim_end_matches('/')),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": names,
        });
        Self {
            looked_at: Instant::now(),
            set: resource("application/jwk-set+json", set.public_text()),
            discovery: resource("application/json", format!("{discovery:#}\n")),
            usable: set.keys().filter(|key| !key.algorithms().is_empty()).count(),
            complaint: None,
        }
    }
}

fn resource(content_type: &'static str, body: String) -> Resource {
    let digest = digest::digest(&digest::SHA256, body.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(digest.as_ref());
    Resource { content_type, entity_tag: format!("\"{tag}\""), body: body.into() }
}
