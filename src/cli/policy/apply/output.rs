//! What is told of each object, and of the run as a whole.

use clap::ValueEnum;
use serde_json::Value;
use serde_json::json;

use crate::apply::Action;
use crate::apply::Key;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::apply::undo::Restored;

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli::policy) enum Format {
    /// One line per object: what it is and what became of it
    #[default]
    Text,
    /// One line per object: what it is
    Name,
    /// One document
    Json,
}

/// Tells of objects as they are done, or all at once.
pub(super) struct Teller {
    format: Format,
    /// What is put behind each line: ` (server dry run)`.
    suffix: &'static str,
    objects: Vec<Value>,
}

impl Teller {
    pub(super) fn new(format: Format, suffix: &'static str) -> Self {
        Self { format, suffix, objects: Vec::new() }
    }

    pub(super) fn done(&mut self, key: &Key, action: Action, env: &mut Env<'_>) -> Result<(), Error> {
        self.tell(key, action.done(), env)
    }

    pub(super) fn restored(&mut self, key: &Key, restored: Restored, env: &mut Env<'_>) -> Result<(), Error> {
        let word = match restored {
            Restored::AsBefore => "restored",
            Restored::Removed => "removed again",
            Restored::Recreated => "recreated",
        };
        self.tell(key, word, env)
    }

    fn tell(&mut self, key: &Key, word: &str, env: &mut Env<'_>) -> Result<(), Error> {
        match self.format {
            Format::Text if env.quiet => {}
            Format::Text => {
                writeln!(env.stdout, "{} {word}{}", key.resource(), self.suffix)?;
                env.stdout.flush()?;
            }
            Format::Name => {
                writeln!(env.stdout, "{}", key.resource())?;
                env.stdout.flush()?;
            }
            Format::Json => self.objects.push(json!({
                "apiVersion": key.api_version,
                "kind": key.kind,
                "namespace": key.namespace,
                "name": key.name,
                "result": word,
            })),
        }
        Ok(())
    }

    /// Ends the answer. `more` are further members of the document.
    pub(super) fn finish(self, more: Value, env: &mut Env<'_>) -> Result<(), Error> {
        if self.format == Format::Json {
            let mut document = json!({ "schemaVersion": "meshsec.dev/policy-apply/v1", "dryRun": !self.suffix.is_empty(), "objects": self.objects });
            if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
                document.extend(more);
            }
            serde_json::to_writer_pretty(&mut *env.stdout, &document).map_err(std::io::Error::from)?;
            writeln!(env.stdout)?;
        }
        Ok(())
    }
}
