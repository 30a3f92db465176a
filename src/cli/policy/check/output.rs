//! `-o FORMAT[=FILE]`: several outputs of one report.

use std::env;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::policy::check::CheckArgs;
use crate::cli::text_file;
use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::lint::Report;
use crate::render;
use crate::render::CheckTextOptions;
use crate::render::Repository;
use crate::render::Style;

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    format: Format,
    /// Standard output when absent.
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Short,
    Json,
    Sarif,
    Junit,
    Github,
    Gitlab,
    Checkstyle,
}

const FORMATS: &[(&str, Format)] = &[
    ("text", Format::Text),
    ("short", Format::Short),
    ("json", Format::Json),
    ("sarif", Format::Sarif),
    ("junit", Format::Junit),
    ("github", Format::Github),
    ("gitlab", Format::Gitlab),
    ("checkstyle", Format::Checkstyle),
];

/// The JSON schema of `-o json`.
const SCHEMA: &str = include_str!("../../../../docs/schemas/policy-check.v1.json");

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            return Err(format!("there is no format `{name}`; it takes {}", names.join(", ")));
        };
        if file == Some("") {
            return Err(format!("`{text}` names no file after `=`"));
        }
        Ok(Self { format: *format, file: file.filter(|file| *file != "-").map(PathBuf::from) })
    }
}

impl Output {
    /// Whether it is JSON for standard output.
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json && self.file.is_none()
    }
}

/// Refuses outputs that would mix.
pub(super) fn check_targets(outputs: &[Output]) -> Result<(), Error> {
    let mut seen = Vec::new();
    for output in outputs {
        if seen.contains(&&output.file) {
            let place = output.file.as_ref().map_or("standard output".to_owned(), |file| format!("`{}`", file.display()));
            return Err(Error::question(
                format!("two outputs go to {place}"),
                "give each its own file: `-o text -o sarif=meshsec.sarif`".to_owned(),
            ));
        }
        seen.push(&output.file);
    }
    Ok(())
}

impl Output {
    pub(super) fn write(
        &self,
        report: &Report,
        sources: &SourceMap,
        arguments: &CheckArgs,
        fail_on: Option<Severity>,
        env: &mut Env<'_>,
    ) -> Result<(), Error> {
        let Some(file) = &self.file else {
            if !env.quiet || self.format != Format::Text {
                self.render(env.stdout, report, sources, arguments, fail_on, env.style)?;
            }
            return Ok(());
        };
        let mut bytes = Vec::new();
        self.render(&mut bytes, report, sources, arguments, fail_on, Style { color: false, width: env.style.width })?;
        text_file::replace(Path::new(file), &bytes)
    }

    fn render(
        &self,
        out: &mut dyn Write,
        report: &Report,
        sources: &SourceMap,
        arguments: &CheckArgs,
        fail_on: Option<Severity>,
        style: Style,
    ) -> io::Result<()> {
        match self.format {
            Format::Text => {
                let options = CheckTextOptions { shows_infos: arguments.info, statistics: arguments.statistics };
                render::check_text(out, report, sources, style, options)
            }
            Format::Short => render::check_short(out, report, sources),
            Format::Json => render::check_json(out, report, sources),
            Format::Sarif => render::check_sarif(out, report, sources, &repository()),
            Format::Junit => render::check_junit(out, report, sources, fail_on),
            Format::Github => render::check_github(out, report, sources, &repository()),
            Format::Gitlab => render::check_gitlab(out, report, sources, &repository()),
            Format::Checkstyle => render::check_checkstyle(out, report, sources, &repository()),
        }
    }
}

/// `--schema`
pub(super) fn schema(env: &mut Env<'_>) -> Result<Outcome, Error> {
    env.stdout.write_all(SCHEMA.as_bytes())?;
    Ok(Outcome::Yes)
}

/// The repository around the working directory; that directory itself outside of one.
fn repository() -> Repository {
    let Ok(folder) = env::current_dir() else { return Repository::default() };
    let root = folder.ancestors().find(|ancestor| ancestor.join(".git").exists()).unwrap_or(&folder);
    Repository::new(root, folder.as_path())
}
