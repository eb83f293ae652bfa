//! Who the auditor is at a registry: typed in, from Docker's `config.json` and its helpers, or from the keyring.
//!
//! In that order: what was typed in, `credHelpers`, `credsStore`, `auths`, the keyring. They are read when a registry is
//! opened, and kept nowhere else. `config.json` may come from anyone: what cannot be read is noted.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::connection::{Network, canonical};
use crate::error::quoted;
use crate::{helper, keyring};

/// The key of Docker Hub in `config.json` and at helpers.
const HUB: &str = "https://index.docker.io/v1/";
/// Bytes of `config.json` that are read.
const LONGEST: u64 = 4 << 20;

/// What proves who asks. Shows itself without it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Secret {
    /// User and password, or access token in its place.
    Password { user: String, password: String },
    /// A token that the token server takes for shorter ones (OAuth 2 refresh token).
    Identity(String),
    /// A token that is shown to the registry as it is.
    Registry(String),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Secret::Password { .. } => "Password",
            Secret::Identity(_) => "Identity",
            Secret::Registry(_) => "Registry",
        })
    }
}

impl Secret {
    /// `<token>` stands for the user where the password is an identity token (docker-credential-helpers).
    pub(crate) fn new(user: String, password: String) -> Self {
        if user == "<token>" { Secret::Identity(password) } else { Secret::Password { user, password } }
    }

    fn who(&self) -> &str {
        match self {
            Secret::Password { user, .. } => user,
            Secret::Identity(_) => "an identity token",
            Secret::Registry(_) => "a registry token",
        }
    }
}

/// Credentials, and where they are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub secret: Secret,
    /// `alice, from config.json`.
    pub identity: String,
}

impl Held {
    fn new(secret: Secret, from: &str) -> Self {
        let identity = format!("{}, {from}", quoted(secret.who(), 100));
        Held { secret, identity }
    }
}

/// The credentials for a host, and what could not be read on the way. May take as long as a helper may take (10 s).
pub(crate) fn find(network: &Network, host: &str) -> (Option<Held>, Vec<String>) {
    let host = canonical(host);
    let mut notes = Vec::new();
    if let Some((_, typed)) = network.typed.iter().find(|(known, _)| canonical(known) == host) {
        let secret = Secret::new(typed.user.clone(), typed.password.clone());
        return (Some(Held::new(secret, "typed in")), notes);
    }
    if let Some(folder) = &network.places.docker_config {
        let found = match read(&folder.join("config.json")) {
            Ok(Some(config)) => from_config(&config, host, &mut notes),
            Ok(None) => None,
            Err(note) => {
                notes.push(note);
                None
            }
        };
        if found.is_some() {
            return (found, notes);
        }
    }
    if network.places.keyring {
        match keyring::get(host) {
            Ok(Some(known)) => {
                return (Some(Held::new(Secret::new(known.user, known.password), "from the keyring")), notes);
            }
            Ok(None) => (),
            Err(error) => notes.push(error.to_string()),
        }
    }
    (None, notes)
}

/// Docker's client configuration; none if there is none.
fn read(path: &Path) -> Result<Option<Value>, String> {
    let told = |reason: &str| format!("{} was not read for credentials: {reason}.", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(&error.to_string())),
    };
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| told(&error.to_string()))?;
    if bytes.len() as u64 > LONGEST {
        return Err(told("it is too large"));
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(config) if config.is_object() => Ok(Some(config)),
        // The parser's own words could show a piece of the file.
        _ => Err(told("it is not the JSON that Docker writes")),
    }
}

/// The key that stands for a host, without scheme and path, as Docker compares them.
fn host_of(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    canonical(rest.split('/').next().unwrap_or(rest))
}

fn entry<'a>(config: &'a Value, table: &str, host: &str) -> Option<(&'a str, &'a Value)> {
    let table = config.get(table)?.as_object()?;
    let exact = if host == "docker.io" { HUB } else { host };
    let exact = table.get_key_value(exact);
    let (key, value) = exact.or_else(|| table.iter().find(|(key, _)| host_of(key) == host))?;
    Some((key.as_str(), value))
}

fn from_config(config: &Value, host: &str, notes: &mut Vec<String>) -> Option<Held> {
    let asked = if host == "docker.io" { HUB } else { host };
    let mut helpers: Vec<(&str, &str)> = Vec::new();
    if let Some((key, value)) = entry(config, "credHelpers", host) {
        match value.as_str() {
            Some(name) => helpers.push((name, if key == host { asked } else { key })),
            None => notes.push("config.json names something that is no helper for this registry.".into()),
        }
    }
    if let Some(name) = config.get("credsStore").and_then(Value::as_str).filter(|name| !name.is_empty()) {
        helpers.push((name, asked));
    }
    for (name, key) in helpers {
        match helper::get(name, key) {
            Ok(Some((user, password))) => {
                let from = format!("from docker-credential-{name}");
                return Some(Held::new(Secret::new(user, password), &from));
            }
            Ok(None) => (),
            Err(note) => notes.push(note),
        }
    }
    let (_, stored) = entry(config, "auths", host)?;
    let text = |name: &str| stored.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let from = "from config.json";
    if let Some(token) = text("registrytoken") {
        return Some(Held::new(Secret::Registry(token.to_owned()), from));
    }
    if let Some(token) = text("identitytoken") {
        return Some(Held::new(Secret::Identity(token.to_owned()), from));
    }
    if let Some(encoded) = text("auth") {
        let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((user, password)) = decoded.as_deref().and_then(|decoded| decoded.split_once(':')) else {
            notes.push("config.json holds credentials for this registry that cannot be decoded.".into());
            return None;
        };
        let password = password.trim_end_matches('\0');
        return Some(Held::new(Secret::new(user.to_owned(), password.to_owned()), from));
    }
    let (user, password) = text("username").zip(text("password"))?;
    Some(Held::new(Secret::new(user.to_owned(), password.to_owned()), from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connection::{Credentials, Places};

    fn network(config: &str) -> (tempfile::TempDir, Network) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), config).unwrap();
        let places = Places { docker_config: Some(folder.path().to_owned()), certificates: Vec::new(), keyring: false };
        (folder, Network { places, ..Network::default() })
    }

    #[test]
    fn what_docker_login_stored_is_found() {
        let text = r#"{"auths":{"127.0.0.1:5601":{"auth":"YWxpY2U6c2VjcmV0"},"x":{},
            "https://index.docker.io/v1/":{"auth":"Ym9iOnNlY3JldDoy"},"https://old.example/v1/":{"auth":"YWxpY2U6c2VjcmV0"},
            "id.example":{"auth":"","identitytoken":"long"}}}"#;
        let (_folder, network) = network(text);
        let (held, notes) = find(&network, "127.0.0.1:5601");
        let held = held.unwrap();
        assert_eq!(held.secret, Secret::Password { user: "alice".into(), password: "secret".into() });
        assert_eq!((held.identity.as_str(), notes.len()), ("alice, from config.json", 0));
        let hub = find(&network, "registry-1.docker.io").0.unwrap();
        assert_eq!(hub.secret, Secret::Password { user: "bob".into(), password: "secret:2".into() });
        assert!(find(&network, "old.example").0.is_some());
        assert_eq!(find(&network, "id.example").0.unwrap().secret, Secret::Identity("long".into()));
        assert_eq!(find(&network, "x"), (None, Vec::new()));
        assert_eq!(find(&network, "example"), (None, Vec::new()));
    }

    #[test]
    fn what_was_typed_in_counts_before_all_else() {
        let (_folder, mut network) = network(r#"{"auths":{"a.example":{"auth":"YWxpY2U6c2VjcmV0"}}}"#);
        network.typed.push(("a.example".into(), Credentials { user: "carol".into(), password: "p".into() }));
        assert_eq!(find(&network, "a.example").0.unwrap().identity, "carol, typed in");
    }

    #[test]
    fn a_config_that_cannot_be_read_is_noted_without_its_content() {
        for text in
            ["no json hunter2", "[]", "\"hunter2\"", r#"{"auths":"hunter2"}"#, r#"{"auths":{"a":{"auth":"§"}}}"#]
        {
            let (_folder, network) = network(text);
            let (held, notes) = find(&network, "a");
            assert_eq!(held, None, "{text}");
            assert!(!format!("{notes:?}").contains("hunter2"), "{notes:?}");
            assert_eq!(notes.len(), usize::from(!text.contains("\"auths\":\"")), "{text}: {notes:?}");
        }
    }

    #[test]
    fn a_helper_of_a_strange_name_is_not_run() {
        let (_folder, network) = network(r#"{"credsStore":"../../bin/sh","credHelpers":{"a":"x; reboot"}}"#);
        let (held, notes) = find(&network, "a");
        assert_eq!((held, notes.len()), (None, 2));
        assert!(notes.iter().all(|note| note.contains("not run")), "{notes:?}");
    }

    proptest! {
        #[test]
        fn any_config_is_survived(text in ".{0,200}") {
            let (_folder, network) = network(&text);
            let _ = find(&network, "a");
        }
    }
}
