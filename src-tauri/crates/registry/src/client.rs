//! Docker's client on this machine: what its configuration holds and how, never the secrets themselves.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::connection::Places;
use crate::error::quoted;
use crate::facts::ClientFacts;
use crate::helper::is_name;

/// Bytes of `config.json` that are read, entries of one of its tables that are named, and bytes of a version.
const LONGEST: u64 = 4 << 20;
const ENTRIES: usize = 1000;
const VERSION: u64 = 4096;
/// How long `docker --version` may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What there is on this machine. Waits for `docker --version`, 5 seconds at most: not to be called where nothing may
/// block.
#[must_use]
pub fn client_facts() -> ClientFacts {
    client_facts_of(&Places::default())
}

/// The same for where nothing may block.
pub async fn client_facts_async() -> ClientFacts {
    let looking = tokio::task::spawn_blocking(client_facts);
    looking.await.unwrap_or_else(|_| ClientFacts {
        problems: vec!["Looking for Docker's client stopped unexpectedly; try again.".into()],
        ..ClientFacts::default()
    })
}

/// The same, with `config.json` in another place.
#[must_use]
pub fn client_facts_of(places: &Places) -> ClientFacts {
    let mut facts = match &places.docker_config {
        Some(folder) => from_file(&folder.join("config.json")),
        None => ClientFacts { problems: vec!["There is no folder for config.json.".into()], ..ClientFacts::default() },
    };
    let search = std::env::var_os("PATH").unwrap_or_default();
    facts.missing_helpers = missing(&facts, &search);
    match run(Command::new("docker").arg("--version"), PATIENCE) {
        Ok(Some(text)) => facts.cli_version = version_of(&text),
        Ok(None) => (),
        Err(reason) => facts.problems.push(format!("docker --version gave nothing: {reason}.")),
    }
    let set = |name: &str| std::env::var_os(name).map(|value| quoted(&value.to_string_lossy(), 200));
    facts.content_trust = set("DOCKER_CONTENT_TRUST").filter(|value| !value.is_empty());
    let server = set("DOCKER_CONTENT_TRUST_SERVER").filter(|value| !value.is_empty());
    facts.content_trust_server = server.map(|server| without_user(&server));
    facts
}

fn from_file(path: &Path) -> ClientFacts {
    let named = |facts| ClientFacts { path: path.display().to_string(), ..facts };
    let broken = |reason: String, mode| {
        let problems = vec![format!("{} was not read: {reason}.", path.display())];
        named(ClientFacts { exists: true, mode, problems, ..ClientFacts::default() })
    };
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => mode(&metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return named(ClientFacts::default()),
        Err(error) => return broken(error.to_string(), None),
    };
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    match (read, String::from_utf8(bytes)) {
        (Err(error), _) => broken(error.to_string(), mode),
        (Ok(length), _) if length as u64 > LONGEST => broken("it is too large".into(), mode),
        (Ok(_), Err(_)) => broken("it is no text".into(), mode),
        (Ok(_), Ok(text)) => named(ClientFacts { exists: true, mode, ..from_config(&text) }),
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> Option<u32> {
    None
}

/// What the text of a `config.json` says. Neither users nor secrets are among it.
#[must_use]
pub fn from_config(text: &str) -> ClientFacts {
    let mut facts = ClientFacts { exists: true, ..ClientFacts::default() };
    // The parser's own words could show a piece of the file.
    let Some(config) = serde_json::from_str::<Value>(text).ok().filter(Value::is_object) else {
        facts.problems.push("config.json is not the JSON that Docker writes.".into());
        return facts;
    };
    let mut table = |name: &str| match config.get(name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(table)) => {
            if table.len() > ENTRIES {
                facts
                    .problems
                    .push(format!("{name} of config.json has more than {ENTRIES} entries; the rest was left."));
            }
            table.iter().take(ENTRIES).collect()
        }
        Some(_) => {
            facts.problems.push(format!("{name} of config.json is no table."));
            Vec::new()
        }
    };
    let (auths, helpers) = (table("auths"), table("credHelpers"));
    for (registry, entry) in auths {
        let registry = without_user(registry);
        for what in in_clear(entry) {
            facts.in_clear.push((registry.clone(), what.to_owned()));
        }
    }
    for (registry, helper) in helpers {
        match helper.as_str() {
            Some(helper) => facts.helpers.push((without_user(registry), quoted(helper, 64))),
            None => facts.problems.push(format!("The helper for {} is no name.", without_user(registry))),
        }
    }
    match config.get("credsStore") {
        None | Some(Value::Null) => (),
        Some(Value::String(name)) if name.is_empty() => (),
        Some(Value::String(name)) => facts.store = Some(quoted(name, 64)),
        Some(_) => facts.problems.push("credsStore of config.json is no name.".into()),
    }
    facts
}

/// What an entry of `auths` holds. Docker leaves empty ones where a helper has the secret.
fn in_clear(entry: &Value) -> BTreeSet<&'static str> {
    let filled = |name: &str| entry.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    let mut found = BTreeSet::new();
    if filled("identitytoken") {
        found.insert("identity token");
    }
    if filled("registrytoken") {
        found.insert("registry token");
    }
    if filled("password") {
        found.insert("password");
    }
    if let Some(encoded) = entry.get("auth").and_then(Value::as_str).filter(|text| !text.trim().is_empty()) {
        let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match decoded.as_deref().and_then(|decoded| decoded.split_once(':')) {
            // Beside an identity token there is the user alone.
            Some((_, password)) if password.trim_matches('\0').is_empty() => false,
            Some(("<token>", _)) => found.insert("identity token"),
            // What cannot be decoded may still be a password.
            _ => found.insert("password"),
        };
    }
    found
}

/// An address without user and password before its host, and without a query.
pub(crate) fn without_user(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let start = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    let end = if rest.contains('/') { format!("/{path}") } else { String::new() };
    quoted(&format!("{start}{host}{end}"), 300)
}

/// The helpers that are named and that no folder of the search path has as a program.
fn missing(facts: &ClientFacts, search: &OsStr) -> Vec<String> {
    let named: BTreeSet<&String> = facts.helpers.iter().map(|(_, helper)| helper).chain(&facts.store).collect();
    let there = |name: &str| {
        let file = format!("docker-credential-{name}{}", std::env::consts::EXE_SUFFIX);
        is_name(name) && std::env::split_paths(search).any(|folder: PathBuf| is_program(&folder.join(&file)))
    };
    named.into_iter().filter(|name| !there(name)).cloned().collect()
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    metadata.is_file() && mode(&metadata).is_none_or(|mode| mode & 0o111 != 0)
}

/// The version of `Docker version 28.2.2, build e6534b4`; what is another program (podman in its place) keeps its name.
fn version_of(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.to_ascii_lowercase().contains("version "))?;
    let (program, rest) = line.split_once("ersion ")?;
    let program = program.trim_end_matches(['v', 'V']).trim();
    let version = rest.split([',', ' ']).next().filter(|version| !version.is_empty())?;
    match program {
        "Docker" => Some(quoted(version, 60)),
        other => Some(quoted(&format!("{other} {version}"), 100)),
    }
}

/// What a program prints; none if there is no such program.
fn run(command: &mut Command, patience: Duration) -> Result<Option<String>, String> {
    let until = Instant::now() + patience;
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let (send, receive) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = output.take(VERSION).read_to_end(&mut bytes);
            let _ = send.send(read.map(|_| bytes));
        });
    }
    let read = receive.recv_timeout(until.saturating_duration_since(Instant::now()));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            _ => break None,
        }
    };
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("it did not end within {} seconds", patience.as_secs()));
    };
    match read {
        Ok(Ok(bytes)) if status.success() => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Ok(Ok(_)) => Err(format!("it ended with {status}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("its output stayed open".into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFIG: &str = r#"{
        "auths": {
            "https://index.docker.io/v1/": { "auth": "YWxpY2U6aHVudGVyMg==" },
            "acr.example": { "auth": "MDAwMDAwOg==", "identitytoken": "hunter2" },
            "tok.example": { "auth": "PHRva2VuPjpodW50ZXIy" },
            "reg.example": { "registrytoken": "hunter2" },
            "https://alice:hunter2@odd.example/v2/?t=hunter2": { "username": "alice", "password": "hunter2" },
            "kept.example": {},
            "empty.example": { "auth": "" },
            "broken.example": { "auth": "hunter2!" }
        },
        "credsStore": "secretservice",
        "credHelpers": { "gcr.io": "gcloud", "odd.example": 7 },
        "HttpHeaders": { "Authorization": "hunter2" }
    }"#;

    fn pairs(facts: &ClientFacts) -> Vec<(&str, &str)> {
        facts.in_clear.iter().map(|(registry, what)| (registry.as_str(), what.as_str())).collect()
    }

    #[test]
    fn what_lies_in_clear_is_named_and_no_secret_and_no_user_with_it() {
        let facts = from_config(CONFIG);
        assert_eq!(
            pairs(&facts),
            [
                ("acr.example", "identity token"),
                ("broken.example", "password"),
                ("https://odd.example/v2/", "password"),
                ("https://index.docker.io/v1/", "password"),
                ("reg.example", "registry token"),
                ("tok.example", "identity token"),
            ]
        );
        assert_eq!(facts.store.as_deref(), Some("secretservice"));
        assert_eq!(facts.helpers, [("gcr.io".to_owned(), "gcloud".to_owned())]);
        assert_eq!(facts.problems, ["The helper for odd.example is no name."]);
        let told = serde_json::to_string(&facts).unwrap();
        assert!(!told.contains("hunter2") && !told.contains("alice") && !told.contains("000000"), "{told}");
    }

    #[test]
    fn what_is_no_configuration_is_a_problem_without_its_content() {
        for text in ["", "hunter2", "[]", r#"{"auths":"hunter2"}"#, r#"{"credsStore":["hunter2"]}"#] {
            let facts = from_config(text);
            assert_eq!(facts.problems.len(), 1, "{text}");
            assert!(!format!("{facts:?}").contains("hunter2"), "{text}");
        }
        assert_eq!(from_config("{}").problems, Vec::<String>::new());
    }

    #[test]
    fn a_file_that_is_not_there_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let facts = from_file(&path);
        assert_eq!((facts.exists, facts.problems.len(), facts.mode), (false, 0, None));
        std::fs::write(&path, CONFIG).unwrap();
        assert_eq!(from_file(&path).in_clear.len(), 6);
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        let facts = from_file(&path);
        assert_eq!((facts.exists, facts.problems.len()), (true, 1));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_missing_helpers_are_seen() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, "{}").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(from_file(&path).mode, Some(0o640));
        let helper = folder.path().join("docker-credential-gcloud");
        std::fs::write(&helper, "").unwrap();
        let facts = from_config(CONFIG);
        assert_eq!(missing(&facts, folder.path().as_os_str()), ["gcloud", "secretservice"]);
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(missing(&facts, folder.path().as_os_str()), ["secretservice"]);
        let strange = from_config(r#"{"credsStore":"../gcloud"}"#);
        assert_eq!(missing(&strange, folder.path().as_os_str()), ["../gcloud"]);
    }

    #[test]
    fn versions_are_read_and_another_program_is_not_taken_for_docker() {
        assert_eq!(version_of("Docker version 28.2.2, build e6534b4\n").as_deref(), Some("28.2.2"));
        assert_eq!(version_of("Docker version 20.10.24+dfsg1, build 297e128").as_deref(), Some("20.10.24+dfsg1"));
        assert_eq!(version_of("podman version 4.3.1").as_deref(), Some("podman 4.3.1"));
        assert_eq!(version_of("what?"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_or_does_not_end_is_told() {
        let shell = |script: &str| run(Command::new("sh").args(["-c", script]), Duration::from_millis(300));
        assert_eq!(shell("echo x"), Ok(Some("x\n".into())));
        assert!(shell("exit 3").is_err());
        assert!(shell("exec sleep 20").is_err());
        assert_eq!(run(&mut Command::new("no-such-program-at-all"), Duration::from_millis(10)), Ok(None));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".{0,200}") {
            let _ = from_config(&text);
            let _ = version_of(&text);
            let _ = without_user(&text);
        }
    }
}
