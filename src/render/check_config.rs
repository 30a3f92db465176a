//! What `policy check --show-config` prints.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::render::table::table;

/// One setting and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigSetting {
    /// Its key, as in `meshsec.toml`.
    pub key: String,
    /// Its value.
    pub value: String,
    /// A flag, the environment, a line of a file, or `default`.
    pub from: String,
}

/// One rule with its level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigRule {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its level, or `off`.
    pub level: String,
    /// What decided.
    pub from: String,
    /// The level is another than without any configuration.
    pub is_changed: bool,
}

/// As two tables.
///
/// # Errors
/// When the writer fails.
pub fn config_text(out: &mut dyn Write, settings: &[ConfigSetting], rules: &[ConfigRule]) -> io::Result<()> {
    let rows: Vec<Vec<String>> = settings.iter().map(|row| vec![row.key.clone(), row.value.clone(), row.from.clone()]).collect();
    writeln!(out, "{}", table(&["KEY", "VALUE", "FROM"], &rows))?;
    if rules.is_empty() {
        return writeln!(out, "every rule has its own level (--info lists them)");
    }
    let rows: Vec<Vec<String>> = rules
        .iter()
        .map(|rule| vec![rule.code.to_owned(), rule.name.to_owned(), rule.level.clone(), rule.from.clone()])
        .collect();
    write!(out, "{}", table(&["RULE", "NAME", "LEVEL", "FROM"], &rows))
}

/// As JSON.
///
/// # Errors
/// When the writer fails.
pub fn config_json(out: &mut dyn Write, settings: &[ConfigSetting], rules: &[ConfigRule]) -> io::Result<()> {
    let value = serde_json::json!({ "schema_version": "1.0", "settings": settings, "rules": rules });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}
