//! The four layers, merged by `config`, and the values in them, checked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use config::builder::DefaultState;
use config::{Config, ConfigBuilder, Environment, File, FileFormat, Source, Value, ValueKind};

use super::{Level, Log, Paths, Pull, Query, Run, Settings, SettingsError, endpoint};
use crate::suggest;

/// What our environment variables begin with.
pub(super) const PREFIX: &str = "SLUIS__";
const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Every setting there is, but those of endpoints.
pub(super) const KEYS: [&str; 17] = [
    "paths.contracts",
    "paths.landing",
    "paths.warehouse",
    "paths.key",
    "paths.credentials",
    "paths.canaries",
    "run.chunk_bytes",
    "run.threads",
    "run.buffer_mib",
    "run.mapping_mib",
    "run.keep_releases",
    "query.memory_mib",
    "pull.max_mib",
    "pull.silence_seconds",
    "pull.max_minutes",
    "pull.tries",
    "log.level",
];

const LARGEST_CHUNK: i64 = 1 << 30;
const MOST_THREADS: i64 = 1024;
const LARGEST_BUFFER: i64 = 1 << 20;
const MOST_RELEASES: i64 = 100_000;
const LARGEST_PULL: i64 = 1 << 20;
const LONGEST_SILENCE: i64 = 3600;
const LONGEST_PULL: i64 = 24 * 60;
const MOST_TRIES: i64 = 20;

/// The layers on top of each other.
pub(super) struct Merged(Config);

/// Puts the layers on top of each other; a key that is no setting is an error.
pub(super) fn merge(
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
    overrides: &[String],
) -> Result<Merged, SettingsError> {
    let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Some(path) = file {
        builder = builder.add_source(file_layer(path)?);
    }
    builder = builder.add_source(environment_layer(environment)?);
    builder = override_layer(builder, overrides)?;
    Ok(Merged(builder.build()?))
}

impl Merged {
    /// The typed settings, each value within its bounds.
    pub(super) fn checked(&self) -> Result<Settings, SettingsError> {
        Ok(Settings {
            paths: Paths {
                contracts: match self.text("paths.contracts")? {
                    empty if empty.is_empty() => None,
                    path => Some(PathBuf::from(path)),
                },
                landing: self.path("paths.landing")?,
                warehouse: self.path("paths.warehouse")?,
                key: self.path("paths.key")?,
                credentials: self.path("paths.credentials")?,
                canaries: self.path("paths.canaries")?,
            },
            run: Run {
                chunk_bytes: self.number("run.chunk_bytes", 1, LARGEST_CHUNK)?,
                threads: self.number("run.threads", 0, MOST_THREADS)?,
                buffer_mib: self.number("run.buffer_mib", 1, LARGEST_BUFFER)?,
                mapping_mib: self.number("run.mapping_mib", 1, LARGEST_BUFFER)?,
                keep_releases: self.number("run.keep_releases", 1, MOST_RELEASES)?,
            },
            query: Query {
                memory_mib: self.number("query.memory_mib", 1, LARGEST_BUFFER)?,
            },
            pull: Pull {
                max_mib: self.number("pull.max_mib", 1, LARGEST_PULL)?,
                silence_seconds: self.number("pull.silence_seconds", 1, LONGEST_SILENCE)?,
                max_minutes: self.number("pull.max_minutes", 1, LONGEST_PULL)?,
                tries: self.number("pull.tries", 1, MOST_TRIES)?,
            },
            log: Log {
                level: self.level()?,
            },
            endpoints: endpoint::read(self.endpoints()?)?,
        })
    }

    fn endpoints(&self) -> Result<Option<config::Map<String, Value>>, SettingsError> {
        match self.0.get_table(endpoint::SECTION) {
            Ok(section) => Ok(Some(section)),
            Err(config::ConfigError::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn text(&self, key: &str) -> Result<String, SettingsError> {
        match self.0.get::<Value>(key)?.kind {
            ValueKind::String(text) => Ok(text),
            _ => Err(SettingsError::value(
                key,
                "is not text",
                "write it between quotes",
            )),
        }
    }

    fn path(&self, key: &str) -> Result<PathBuf, SettingsError> {
        let text = self.text(key)?;
        if text.trim().is_empty() {
            return Err(SettingsError::value(key, "is empty", "fill in a path"));
        }
        Ok(PathBuf::from(text))
    }

    /// A whole number, written as one or as text (the environment knows only text).
    fn number<N: TryFrom<i64>>(&self, key: &str, min: i64, max: i64) -> Result<N, SettingsError> {
        let number = match self.0.get::<Value>(key)?.kind {
            ValueKind::I64(number) => Some(number),
            ValueKind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (min..=max).contains(number))
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| {
                SettingsError::value(
                    key,
                    "is not a number within its bounds",
                    format!("choose a whole number from {min} to {max}"),
                )
            })
    }

    fn level(&self) -> Result<Level, SettingsError> {
        let name = self.text("log.level")?;
        let known = Level::ALL.into_iter().find(|level| level.name() == name);
        known.ok_or_else(|| {
            SettingsError::value(
                "log.level",
                format!("has no level `{name}`"),
                suggest::remedy(&name, Level::ALL.map(Level::name), ""),
            )
        })
    }
}

/// The file given by `--config`, its relative paths made relative to its own folder.
fn file_layer(path: &Path) -> Result<Config, SettingsError> {
    let text = fs::read_to_string(path).map_err(|error| SettingsError::unreadable(path, error))?;
    let syntax = |message: String| SettingsError::Syntax {
        path: path.to_owned(),
        message,
    };
    // Parsed here first for its better messages, with line and column.
    text.parse::<toml::Table>()
        .map_err(|error| syntax(error.to_string().trim_end().to_owned()))?;
    let layer = File::from_str(&text, FileFormat::Toml);
    let values = layer.collect()?;
    check_keys(&values, &path.display().to_string())?;
    let mut builder = Config::builder().add_source(layer);
    let folder = path.parent().unwrap_or(Path::new(""));
    let paths = values
        .get("paths")
        .cloned()
        .and_then(|paths| paths.into_table().ok());
    for (name, value) in paths.unwrap_or_default() {
        if let ValueKind::String(given) = &value.kind
            && !given.is_empty()
        {
            let given = folder.join(given).to_string_lossy().into_owned();
            builder = builder.set_override(format!("paths.{name}"), given)?;
        }
    }
    for (key, given) in endpoint_paths(&values) {
        let given = folder.join(given).to_string_lossy().into_owned();
        builder = builder.set_override(key, given)?;
    }
    Ok(builder.build()?)
}

/// The paths that endpoints name, by their keys.
fn endpoint_paths(values: &config::Map<String, Value>) -> Vec<(String, String)> {
    let table = |value: &Value| value.clone().into_table().unwrap_or_default();
    let section = values.get(endpoint::SECTION).map(table);
    let mut found = Vec::new();
    for (source, entry) in section.unwrap_or_default() {
        let fields = table(&entry);
        for field in endpoint::PATHS {
            if let Some(ValueKind::String(given)) = fields.get(field).map(|v| &v.kind)
                && !given.is_empty()
            {
                let key = format!("{}.{source}.{field}", endpoint::SECTION);
                found.push((key, given.clone()));
            }
        }
    }
    found
}

fn environment_layer(variables: &BTreeMap<String, String>) -> Result<Environment, SettingsError> {
    for name in variables.keys() {
        if let Some(key) = name.to_uppercase().strip_prefix(PREFIX) {
            let key = key.to_lowercase().replace("__", ".");
            check_key(&key, &format!("environment variable {name}"))?;
        }
    }
    let variables = variables
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    Ok(Environment::with_prefix("SLUIS")
        .prefix_separator("__")
        .separator("__")
        .source(Some(variables.collect())))
}

fn override_layer(
    mut builder: ConfigBuilder<DefaultState>,
    overrides: &[String],
) -> Result<ConfigBuilder<DefaultState>, SettingsError> {
    for given in overrides {
        let Some((key, value)) = given.split_once('=') else {
            return Err(SettingsError::Override {
                given: given.clone(),
            });
        };
        check_key(key.trim(), "`--set`")?;
        builder = builder.set_override(key.trim(), value)?;
    }
    Ok(builder)
}

/// Every key of a layer is a setting.
fn check_keys(values: &config::Map<String, Value>, layer: &str) -> Result<(), SettingsError> {
    for (section, value) in sorted(values) {
        match &value.kind {
            ValueKind::Table(sources) if section == endpoint::SECTION => {
                for (source, fields) in sorted(sources) {
                    check_endpoint(source, fields, layer)?;
                }
            }
            ValueKind::Table(keys) if !keys.is_empty() => {
                for (key, _) in sorted(keys) {
                    check_key(&format!("{section}.{key}"), layer)?;
                }
            }
            // An empty section says nothing, but must be one of ours.
            ValueKind::Table(_) if KEYS.iter().any(|key| in_section(key, section)) => {}
            _ => check_key(section, layer)?,
        }
    }
    Ok(())
}

/// Every field of an endpoint is one of ours.
fn check_endpoint(source: &str, fields: &Value, layer: &str) -> Result<(), SettingsError> {
    let endpoint = format!("{}.{source}", endpoint::SECTION);
    match &fields.kind {
        ValueKind::Table(fields) => sorted(fields)
            .keys()
            .try_for_each(|field| check_key(&format!("{endpoint}.{field}"), layer)),
        _ => check_key(&endpoint, layer),
    }
}

/// The map of `config` has no order of its own; the first error should always be the same one.
fn sorted(values: &config::Map<String, Value>) -> BTreeMap<&String, &Value> {
    values.iter().collect()
}

fn in_section(key: &str, section: &str) -> bool {
    key.split_once('.').is_some_and(|(of, _)| of == section)
}

fn check_key(key: &str, layer: &str) -> Result<(), SettingsError> {
    if KEYS.contains(&key) {
        return Ok(());
    }
    if let Some(of_endpoint) = key.strip_prefix("endpoint.") {
        return check_endpoint_key(key, of_endpoint, layer);
    }
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    let moved = KEYS
        .into_iter()
        .find(|known| key.rsplit('.').next() == Some(last(known)));
    let remedy = match moved {
        Some(known) => format!("did you mean `{known}`?"),
        None => suggest::remedy(key, KEYS, ""),
    };
    Err(SettingsError::UnknownKey {
        key: key.to_owned(),
        layer: layer.to_owned(),
        remedy,
    })
}

/// `SOURCE.FIELD` of an endpoint.
fn check_endpoint_key(key: &str, of_endpoint: &str, layer: &str) -> Result<(), SettingsError> {
    let (source, field) = of_endpoint.split_once('.').unwrap_or((of_endpoint, ""));
    let remedy = if !endpoint::is_source(source) || field.is_empty() {
        "write [endpoint.SOURCE] with the name of a source".to_owned()
    } else if endpoint::FIELDS.contains(&field) {
        return Ok(());
    } else {
        suggest::remedy(field, endpoint::FIELDS, "")
    };
    Err(SettingsError::UnknownKey {
        key: key.to_owned(),
        layer: layer.to_owned(),
        remedy,
    })
}
