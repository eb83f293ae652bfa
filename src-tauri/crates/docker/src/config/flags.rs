//! Flags of dockerd, brought to the names that daemon.json has for them.
//!
//! Source: dockerd's reference, <https://docs.docker.com/reference/cli/dockerd/>.

use serde_json::{Map, Value};

use super::masked;
use super::unit::Word;
use crate::facts::{Configured, ConfiguredAt};

/// Flags that stand without a value.
const SWITCHES: &[&str] = &[
    "allow-direct-routing",
    "debug",
    "disable-legacy-registry",
    "experimental",
    "help",
    "icc",
    "init",
    "ip-forward",
    "ip-forward-no-drop",
    "ip-masq",
    "ip6tables",
    "iptables",
    "ipv6",
    "live-restore",
    "no-new-privileges",
    "raw-logs",
    "rootless",
    "selinux-enabled",
    "tls",
    "tlsverify",
    "userland-proxy",
    "validate",
    "version",
];

/// Short flags.
const SHORT: &[(char, &str)] = &[
    ('b', "bridge"),
    ('D', "debug"),
    ('G', "group"),
    ('g', "data-root"),
    ('H', "host"),
    ('h', "help"),
    ('l', "log-level"),
    ('p', "pidfile"),
    ('s', "storage-driver"),
    ('v', "version"),
];

/// What a flag is in daemon.json.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    One,
    List,
    /// `--log-opt max-size=10m`: names with values.
    Map,
}

/// Flags whose name in daemon.json is another one.
const NAMES: &[(&str, &str, Shape)] = &[
    ("add-runtime", "runtimes", Shape::Map),
    ("authorization-plugin", "authorization-plugins", Shape::List),
    ("cdi-spec-dir", "cdi-spec-dirs", Shape::List),
    ("cluster-store-opt", "cluster-store-opts", Shape::Map),
    ("default-address-pool", "default-address-pools", Shape::List),
    ("default-network-opt", "default-network-opts", Shape::List),
    ("default-ulimit", "default-ulimits", Shape::Map),
    ("dns", "dns", Shape::List),
    ("dns-opt", "dns-opts", Shape::List),
    ("dns-search", "dns-search", Shape::List),
    ("exec-opt", "exec-opts", Shape::List),
    ("feature", "features", Shape::Map),
    ("graph", "data-root", Shape::One),
    ("host", "hosts", Shape::List),
    ("insecure-registry", "insecure-registries", Shape::List),
    ("label", "labels", Shape::List),
    ("log-opt", "log-opts", Shape::Map),
    ("node-generic-resource", "node-generic-resources", Shape::List),
    ("registry-mirror", "registry-mirrors", Shape::List),
    ("storage-opt", "storage-opts", Shape::List),
];

/// The settings of a command line. Flags that are given several times are one setting, at the place of the first.
pub(crate) fn settings(words: &[Word]) -> Vec<Configured> {
    let mut found: Vec<Configured> = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let (name, value) = match word.text.strip_prefix("--") {
            Some("") => break,
            Some(rest) => match rest.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (rest.to_owned(), None),
            },
            None => match short(&word.text) {
                Some(pair) => pair,
                None => continue,
            },
        };
        let switch = SWITCHES.contains(&name.as_str());
        let value = match value {
            Some(value) => value,
            None if switch => "true".to_owned(),
            None => match words.next_if(|next| !next.text.starts_with("--")) {
                Some(next) => next.text.clone(),
                None => String::new(),
            },
        };
        let known = NAMES.iter().find(|(flag, ..)| *flag == name);
        let (key, shape) = known.map_or((name.as_str(), Shape::One), |(_, key, shape)| (*key, *shape));
        add(&mut found, word, key, shape, &value, switch);
    }
    found
}

/// `-H`, `-Htcp://…`, `-H=tcp://…`, `-D`.
fn short(text: &str) -> Option<(String, Option<String>)> {
    let rest = text.strip_prefix('-')?;
    let mut chars = rest.chars();
    let letter = chars.next()?;
    let (_, name) = SHORT.iter().find(|(short, _)| *short == letter)?;
    let value = chars.as_str();
    let value = value.strip_prefix('=').unwrap_or(value);
    let value = (!value.is_empty() && !SWITCHES.contains(name)).then(|| value.to_owned());
    Some(((*name).to_owned(), value))
}

fn add(found: &mut Vec<Configured>, word: &Word, key: &str, shape: Shape, value: &str, switch: bool) {
    let same = |known: &&mut Configured| known.key == key && known.at.file == word.file;
    match shape {
        Shape::One => {
            let value = scalar(key, value, switch);
            found.push(setting(word, key, value));
        }
        Shape::List => {
            let value = Value::String(plimsoll_secrets::redact_text(value));
            match found.iter_mut().find(same).and_then(|known| known.value.as_array_mut()) {
                Some(list) => list.push(value),
                None => found.push(setting(word, key, Value::Array(vec![value]))),
            }
        }
        Shape::Map => {
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            let value = masked(name, Value::String(value.to_owned()));
            match found.iter_mut().find(same).and_then(|known| known.value.as_object_mut()) {
                Some(fields) => {
                    fields.insert(name.to_owned(), value);
                }
                None => {
                    let fields = Map::from_iter([(name.to_owned(), value)]);
                    found.push(setting(word, key, Value::Object(fields)));
                }
            }
        }
    }
}

fn setting(word: &Word, key: &str, value: Value) -> Configured {
    let at = ConfiguredAt { file: word.file.clone(), line: word.line };
    Configured { key: key.to_owned(), value, at }
}

/// A value in the type that daemon.json would have.
fn scalar(key: &str, value: &str, switch: bool) -> Value {
    if switch {
        return match value.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Value::Bool(true),
            "false" | "f" | "0" => Value::Bool(false),
            _ => Value::String(value.to_owned()),
        };
    }
    match value.parse::<i64>() {
        Ok(number) => Value::from(number),
        Err(_) => masked(key, Value::String(value.to_owned())),
    }
}
