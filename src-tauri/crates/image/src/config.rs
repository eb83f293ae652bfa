//! The image's configuration: from its JSON to facts, secrets masked.
//!
//! OCI image-spec `config.md` and docker image spec v1.2. Docker and containerd read this JSON with Go, which takes a
//! key in any mix of capitals: `"user"` sets the user just as `"User"` does. So this reader does too, and says so.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::attest;
use crate::error::ImageError;
use crate::facts::{Attestation, Config, EnvVar, Healthcheck, HistoryEntry, PlacedSecret, Platform, SecretPlace};
use crate::masked::{Masker, field};
use crate::names;
use crate::plan::OCI_CONFIG;
use crate::problems::Problems;
use crate::store::Store;
use crate::stream;

/// What a configuration holds.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    pub platform: Platform,
    pub created: Option<String>,
    pub config: Config,
    pub history: Vec<HistoryEntry>,
    pub diff_ids: Vec<String>,
    /// The secrets that were masked.
    pub secrets: Vec<PlacedSecret>,
    /// What an old BuildKit noted about the build.
    pub attestations: Vec<Attestation>,
    pub problems: Problems,
}

/// Reads a configuration of the media type `media_type`.
pub(crate) fn parse(store: &Store, bytes: &[u8], media_type: &str) -> Result<Parsed, ImageError> {
    let bad = |reason: String| ImageError::BadJson {
        path: store.path.clone(),
        what: "The configuration".to_owned(),
        reason: names::shown(&reason),
    };
    let value: Value = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    let mut parsed = Reader::default().read(&value, media_type).map_err(bad)?;
    let info = value.as_object().and_then(|top| attest::buildinfo(top, &stream::digest_of(bytes)));
    parsed.attestations.extend(info);
    Ok(parsed)
}

#[derive(Default)]
struct Reader {
    problems: Problems,
    masker: Masker,
}

/// A field that is absent is `null`.
static NULL: Value = Value::Null;

impl Reader {
    fn read(mut self, value: &Value, media_type: &str) -> Result<Parsed, String> {
        let top = self.object(value, "it")?.ok_or("it is null")?;
        let platform = Platform {
            os: self.text(top, "os")?.unwrap_or_default(),
            architecture: self.text(top, "architecture")?.unwrap_or_default(),
            variant: self.text(top, "variant")?.filter(|variant| !variant.is_empty()),
        };
        if platform.os.is_empty() || platform.architecture.is_empty() {
            self.problems.say("The configuration does not say which platform the image is for.".to_owned());
        }
        let created = self.time(top, "created")?;
        let rootfs = self.field(top, "rootfs");
        let diff_ids = match self.object(rootfs, "rootfs")? {
            Some(rootfs) => self.texts(rootfs, "diff_ids")?.unwrap_or_default(),
            None => Vec::new(),
        };
        let history = self.history(top)?;
        let config = self.field(top, "config");
        let config = match self.object(config, "config")? {
            Some(config) => self.config(config, media_type)?,
            None => Config { healthcheck_recordable: media_type != OCI_CONFIG, ..Config::default() },
        };
        Ok(Parsed {
            platform,
            created,
            config,
            history,
            diff_ids,
            secrets: self.masker.secrets,
            attestations: Vec::new(),
            problems: self.problems,
        })
    }

    fn config(&mut self, of: &Map<String, Value>, media_type: &str) -> Result<Config, String> {
        let mut env = Vec::new();
        for (index, variable) in self.texts(of, "Env")?.unwrap_or_default().into_iter().enumerate() {
            let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
            let value = self.masker.setting(&field(&format!("Env[{index}]")), name, value);
            env.push(EnvVar { name: name.to_owned(), value });
        }
        let mut labels = BTreeMap::new();
        let listed = self.field(of, "Labels");
        for (name, value) in self.object(listed, "Labels")?.into_iter().flatten() {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                _ => return Err(format!("the label “{name}” is not text")),
            };
            let value = self.masker.setting(&field(&format!("Labels.{name}")), name, &value);
            labels.insert(name.clone(), value);
        }
        let healthcheck = self.field(of, "Healthcheck");
        let healthcheck = match self.object(healthcheck, "Healthcheck")? {
            None => None,
            Some(check) => Some(Healthcheck {
                test: self.words(check, "Test", "Healthcheck.Test")?.unwrap_or_default(),
                interval_ns: self.number(check, "Interval")?,
                timeout_ns: self.number(check, "Timeout")?,
                start_period_ns: self.number(check, "StartPeriod")?,
                retries: self.number(check, "Retries")?,
            }),
        };
        Ok(Config {
            user: self.text(of, "User")?.unwrap_or_default(),
            env,
            labels,
            entrypoint: self.words(of, "Entrypoint", "Entrypoint")?,
            cmd: self.words(of, "Cmd", "Cmd")?,
            working_dir: self.text(of, "WorkingDir")?.unwrap_or_default(),
            exposed_ports: self.keys(of, "ExposedPorts")?,
            volumes: self.keys(of, "Volumes")?,
            stop_signal: self.text(of, "StopSignal")?.filter(|signal| !signal.is_empty()),
            shell: self.words(of, "Shell", "Shell")?,
            on_build: self.on_build(of)?,
            healthcheck_recordable: media_type != OCI_CONFIG || healthcheck.is_some(),
            healthcheck,
        })
    }

    fn history(&mut self, top: &Map<String, Value>) -> Result<Vec<HistoryEntry>, String> {
        let lines = match self.field(top, "history") {
            Value::Null => return Ok(Vec::new()),
            Value::Array(lines) => lines,
            _ => return Err("“history” is not a list".to_owned()),
        };
        let mut history = Vec::with_capacity(lines.len());
        let mut layer = 0usize;
        for (index, line) in lines.iter().enumerate() {
            let place = SecretPlace::History { index };
            let line = self.object(line, "a line of history")?.ok_or("a line of history is null")?;
            let empty_layer = match self.field(line, "empty_layer") {
                Value::Null => false,
                Value::Bool(empty) => *empty,
                _ => return Err("“empty_layer” is neither true nor false".to_owned()),
            };
            history.push(HistoryEntry {
                created: self.time(line, "created")?,
                created_by: match self.text(line, "created_by")? {
                    Some(text) => self.masker.history(&place, &text),
                    None => String::new(),
                },
                comment: match self.text(line, "comment")?.filter(|text| !text.is_empty()) {
                    Some(text) => Some(self.masker.text(&place, &text)),
                    None => None,
                },
                empty_layer,
                layer: (!empty_layer).then_some(layer),
            });
            layer = layer.saturating_add(usize::from(!empty_layer));
        }
        Ok(history)
    }

    /// A field by its name, exactly written or else in any capitals.
    fn field<'a>(&mut self, of: &'a Map<String, Value>, key: &str) -> &'a Value {
        if let Some(value) = of.get(key) {
            return value;
        }
        match of.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((name, value)) => {
                let name = names::shown(name);
                self.problems.say(format!("The configuration writes “{key}” as “{name}”, which runtimes accept."));
                value
            }
            None => &NULL,
        }
    }

    fn object<'a>(&mut self, value: &'a Value, what: &str) -> Result<Option<&'a Map<String, Value>>, String> {
        match value {
            Value::Null => Ok(None),
            Value::Object(object) => Ok(Some(object)),
            _ => Err(format!("“{what}” is not an object")),
        }
    }

    fn text(&mut self, of: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
        match self.field(of, key) {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(format!("“{key}” is not text")),
        }
    }

    /// A list of texts. A single text counts as a list of one, as Docker wrote it long ago.
    fn texts(&mut self, of: &Map<String, Value>, key: &str) -> Result<Option<Vec<String>>, String> {
        match self.field(of, key) {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(vec![text.clone()])),
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| format!("“{key}” is not a list of texts")))
                .collect::<Result<Vec<_>, _>>()
                .map(Some),
            _ => Err(format!("“{key}” is not a list of texts")),
        }
    }

    /// The words of a command, masked.
    fn words(&mut self, of: &Map<String, Value>, key: &str, name: &str) -> Result<Option<Vec<String>>, String> {
        let words = self.texts(of, key)?;
        Ok(words.map(|words| self.masker.words(&field(name), &words)))
    }

    fn on_build(&mut self, of: &Map<String, Value>) -> Result<Vec<String>, String> {
        let lines = self.texts(of, "OnBuild")?.unwrap_or_default();
        let lines = lines.iter().enumerate();
        Ok(lines.map(|(index, line)| self.masker.text(&field(&format!("OnBuild[{index}]")), line)).collect())
    }

    fn keys(&mut self, of: &Map<String, Value>, key: &str) -> Result<Vec<String>, String> {
        let value = self.field(of, key);
        let mut keys: Vec<String> =
            self.object(value, key)?.map(|object| object.keys().cloned().collect()).unwrap_or_default();
        keys.sort();
        Ok(keys)
    }

    fn number(&mut self, of: &Map<String, Value>, key: &str) -> Result<Option<u64>, String> {
        match self.field(of, key) {
            Value::Null => Ok(None),
            Value::Number(number) => {
                if number.as_u64().is_none() {
                    self.problems.say(format!("The health check's {key} is not a whole number of at least 0."));
                }
                Ok(number.as_u64())
            }
            _ => Err(format!("“{key}” is not a number")),
        }
    }

    fn time(&mut self, of: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
        let text = self.text(of, key)?.filter(|text| !text.is_empty());
        if let Some(text) = &text
            && OffsetDateTime::parse(text, &Rfc3339).is_err()
        {
            self.problems.count("the configuration", "times are not written as RFC 3339 asks", text);
        }
        Ok(text)
    }
}
