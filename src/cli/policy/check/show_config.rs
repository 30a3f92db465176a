//! `--show-config`: what holds, and where each of it comes from.

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::policy::check::CheckArgs;
use crate::cli::policy::check::config::Settings;
use crate::lint::RULE_OPTIONS;
use crate::lint::RULES;
use crate::lint::levels::Decided;
use crate::lint::levels::is_off_by_default;
use crate::render::ConfigRule;
use crate::render::ConfigSetting;
use crate::render::config_json;
use crate::render::config_text;

const DEFAULT: &str = "default";

/// Prints and does nothing else.
pub(super) fn run(arguments: &CheckArgs, settings: &Settings, env: &mut Env<'_>) -> Result<Outcome, Error> {
    let (shown, rules) = (rows(arguments, settings), rules(arguments, settings));
    if arguments.outputs.iter().any(super::output::Output::is_json) {
        config_json(env.stdout, &shown, &rules)?;
    } else {
        let rules: Vec<ConfigRule> = rules.into_iter().filter(|rule| arguments.info || rule.is_changed).collect();
        config_text(env.stdout, &shown, &rules)?;
    }
    Ok(Outcome::Yes)
}

impl Settings {
    /// Flag, environment, `file:line`, or `default`.
    fn origin(&self, arguments: &CheckArgs, flag: &str, key: &str) -> String {
        match arguments.origins.of(flag) {
            Some(origin) => origin.to_owned(),
            None => self.in_file(key).unwrap_or_else(|| DEFAULT.to_owned()),
        }
    }

    /// Where a key of the file stands.
    fn in_file(&self, key: &str) -> Option<String> {
        let (name, line) = (self.name.as_deref()?, self.file.places.line(key)?);
        Some(format!("{name}:{line}"))
    }
}

fn rows(arguments: &CheckArgs, settings: &Settings) -> Vec<ConfigSetting> {
    let (levels, mesh) = (&settings.levels, &settings.file.mesh);
    let mut rows = Vec::new();
    let mut add = |key: &str, value: String, from: String| rows.push(ConfigSetting { key: key.to_owned(), value, from });
    let name = settings.name.clone().unwrap_or_else(|| "none".to_owned());
    let found = if settings.name.is_some() { "found" } else { DEFAULT };
    add("file", name, arguments.origins.of("config").unwrap_or(found).to_owned());
    let fail_on = arguments.fail_on.unwrap_or(settings.fail_on);
    let baseline = arguments.baseline.as_ref().or(settings.baseline.as_ref());
    for (flag, key, value) in [
        ("preset", "lint.preset", levels.preset.as_str().to_owned()),
        ("select", "lint.select", format!("{:?}", levels.select)),
        ("ignore", "lint.ignore", format!("{:?}", levels.ignore)),
        ("fail_on", "lint.fail-on", fail_on.as_str().to_owned()),
        ("baseline", "lint.baseline", baseline.cloned().unwrap_or_default()),
        ("honor_peers", "lint.honor-peers", levels.honor_peers.to_string()),
    ] {
        add(key, value, settings.origin(arguments, flag, key));
    }
    for option in RULE_OPTIONS {
        let rule = RULES.iter().find(|rule| rule.code.0 == option.code).map_or("", |rule| rule.name);
        let place = |name: &str| settings.in_file(&format!("lint.rules.{name}.{}", option.key));
        let from = place(option.code).or_else(|| place(rule)).unwrap_or_else(|| DEFAULT.to_owned());
        add(&format!("lint.rules.{}.{}", option.code, option.key), option.written(&levels.options), from);
    }
    for (index, special) in settings.file.lint.overrides.iter().enumerate() {
        let path = format!("lint.overrides.{index}");
        let levels: Vec<String> = special.rules.iter().map(|(name, word)| format!("{name} = {}", word.as_str())).collect();
        let ignored = special.ignore.iter().map(|name| format!("{name} = off"));
        let words: Vec<String> = levels.into_iter().chain(ignored).collect();
        let value = format!("paths {:?}, namespaces {:?}: {}", special.paths, special.namespaces, words.join(", "));
        add(&path, value, settings.in_file(&path).unwrap_or_default());
    }
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    for (key, value) in [
        ("mesh.root-namespace", mesh.root_namespace.clone().unwrap_or_else(|| "istio-system".to_owned())),
        ("mesh.trust-domain", mesh.trust_domain.clone().unwrap_or_else(|| "cluster.local".to_owned())),
        ("mesh.trust-domain-aliases", format!("{:?}", mesh.trust_domain_aliases)),
        ("mesh.path-normalization", mesh.path_normalization.clone().unwrap_or_else(|| "DEFAULT".to_owned())),
        ("mesh.enable-auto-mtls", mesh.enable_auto_mtls.unwrap_or(true).to_string()),
    ] {
        // The file of the flag says all of these.
        match arguments.origins.of("mesh_config") {
            Some(flag) => add(key, "as the file says".to_owned(), flag.to_owned()),
            None => add(key, value, settings.in_file(key).unwrap_or_else(|| DEFAULT.to_owned())),
        }
    }
    let version = text(mesh.istio_version.as_ref());
    add("mesh.istio-version", version, settings.in_file("mesh.istio-version").unwrap_or_else(|| DEFAULT.to_owned()));
    let both = |flag: &str, key: &str| {
        let places = [arguments.origins.of(flag).map(str::to_owned), settings.in_file(key)];
        let places: Vec<String> = places.into_iter().flatten().collect();
        if places.is_empty() { DEFAULT.to_owned() } else { places.join(", ") }
    };
    let namespaces = format!("{:?}", settings.known_namespaces.iter().collect::<Vec<_>>());
    add("mesh.known-namespaces", namespaces, both("known_namespaces", "mesh.known-namespaces"));
    let features = settings.features.iter().map(|(name, value)| format!("{name}={value}"));
    let features: Vec<String> = features.chain(arguments.manifests.features().iter().cloned()).collect();
    add("mesh.features", format!("{features:?}"), both("features", "mesh.features"));
    rows
}

fn rules(arguments: &CheckArgs, settings: &Settings) -> Vec<ConfigRule> {
    let levels = &settings.levels;
    let row = |rule: &&'static crate::lint::Rule| {
        let (level, decided) = levels.everywhere(rule);
        let preset = settings.origin(arguments, "preset", "lint.preset");
        let from = match decided {
            Decided::Preset if preset == DEFAULT => DEFAULT.to_owned(),
            Decided::Preset => format!("preset `{}` ({preset})", levels.preset.as_str()),
            Decided::NotSelected => format!("not in select ({})", settings.origin(arguments, "select", "lint.select")),
            Decided::Select(word) => format!("select `{word}` ({})", settings.origin(arguments, "select", "lint.select")),
            Decided::Ignore(word) => format!("ignore `{word}` ({})", settings.origin(arguments, "ignore", "lint.ignore")),
            Decided::Rules(word) => settings
                .in_file(&format!("lint.rules.{word}.level"))
                .or_else(|| settings.in_file(&format!("lint.rules.{word}")))
                .unwrap_or_default(),
        };
        ConfigRule {
            code: rule.code.0,
            name: rule.name,
            level: level.map_or_else(|| "off".to_owned(), |level| level.to_string()),
            from,
            is_changed: level != (!is_off_by_default(rule)).then_some(rule.severity) || decided != Decided::Preset,
        }
    };
    RULES.iter().map(row).collect()
}
