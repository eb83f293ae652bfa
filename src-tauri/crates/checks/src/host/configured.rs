//! How a setting of dockerd is configured: its value and place, that it stands nowhere, that two places differ, or that
//! nobody knows.
//!
//! dockerd takes a setting from `daemon.json` or from its flags and refuses to start when it stands in both. In each of
//! them the last one wins; lists add up.

use plimsoll_docker::facts::{ConfigFacts, Configured, HostFacts};
use serde_json::Value;

use super::show;

/// What is known of one setting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Setting<'a> {
    /// It stands here, and this is the one that counts.
    Set(&'a Configured),
    /// All places are known and it stands in none: the default counts.
    Default,
    /// Two places say different things: one sentence that names both.
    Conflict(String),
    /// Not all places are known: one sentence that says what to give.
    Unknown(String),
}

/// What a file or flag was that a setting came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Json,
    Unit,
    Process,
}

fn from(setting: &Configured) -> From {
    let file = setting.at.file.as_str();
    if file.contains("command line") {
        From::Process
    } else if file.ends_with(".json") {
        From::Json
    } else {
        From::Unit
    }
}

/// The entries of a key, in the order in which they were read.
pub(crate) fn entries<'a>(config: &'a ConfigFacts, key: &'a str) -> impl Iterator<Item = &'a Configured> {
    config.settings.iter().filter(move |setting| setting.key == key)
}

/// Whether both daemon.json and the flags are known.
pub(crate) fn all_known(host: &HostFacts) -> bool {
    host.config.as_ref().is_some_and(|config| config.daemon_json_known && config.flags_known)
}

/// What an auditor must give so that a setting is known; nothing when it is.
pub(crate) fn missing(host: &HostFacts) -> Option<&'static str> {
    let (json, flags) = host.config.as_ref().map_or((false, false), |c| (c.daemon_json_known, c.flags_known));
    match (json, flags) {
        (true, true) => None,
        (false, true) => Some("daemon.json is not known; give it with --daemon-config /etc/docker/daemon.json"),
        (true, false) => Some(
            "dockerd's flags are not known; give its unit file as well (systemctl cat docker), with --daemon-config",
        ),
        (false, false) => Some(
            "neither daemon.json nor dockerd's flags are known; collect on the machine itself, or give both with --daemon-config /etc/docker/daemon.json and the unit file (systemctl cat docker)",
        ),
    }
}

/// What is known of a setting.
pub(crate) fn setting<'a>(host: &'a HostFacts, key: &'a str) -> Setting<'a> {
    let Some(config) = &host.config else { return unknown(host, key) };
    let last = |of: From| entries(config, key).filter(|one| from(one) == of).last();
    let (json, unit, process) = (last(From::Json), last(From::Unit), last(From::Process));
    // The process shows what runs; its flags come from the unit, which may have changed since.
    let flag = process.or(unit);
    match (json, flag) {
        (Some(json), Some(flag)) if json.value != flag.value => Setting::Conflict(differ(key, json, flag)),
        (_, Some(flag)) => match unit.filter(|unit| unit.value != flag.value) {
            Some(unit) => Setting::Conflict(differ(key, unit, flag)),
            None => Setting::Set(flag),
        },
        (Some(json), None) => Setting::Set(json),
        (None, None) if config.daemon_json_known && config.flags_known => Setting::Default,
        (None, None) => unknown(host, key),
    }
}

fn differ(key: &str, one: &Configured, other: &Configured) -> String {
    format!(
        "{key} is {} in {} but {} in {}; one of them is not what runs",
        plain(&one.value),
        show::named(one),
        plain(&other.value),
        show::named(other)
    )
}

fn unknown<'a>(host: &HostFacts, key: &str) -> Setting<'a> {
    let missing = missing(host).unwrap_or("it could not be read");
    Setting::Unknown(format!("The engine does not tell {key}, and {missing}"))
}

/// All values of a list setting, with where each stands.
pub(crate) fn list<'a>(host: &'a HostFacts, key: &'a str) -> Vec<(&'a Configured, &'a str)> {
    let Some(config) = &host.config else { return Vec::new() };
    entries(config, key).flat_map(|one| words(&one.value).map(move |word| (one, word))).collect()
}

fn words(value: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Value::Array(many) => (None, many.as_slice()),
        one => (one.as_str(), [].as_slice()),
    };
    one.into_iter().chain(many.iter().filter_map(Value::as_str))
}

/// A value as a switch: flags may bring theirs as text.
pub(crate) fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" => Some(true),
            "false" | "0" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A value for a sentence.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => super::said(text),
        Value::Array(many) if many.iter().all(Value::is_string) => {
            let words: Vec<&str> = many.iter().filter_map(Value::as_str).collect();
            super::said(&words.join(", "))
        }
        other => super::said(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, configured};
    use super::*;
    use serde_json::json;

    fn host(settings: Vec<Configured>, json: bool, flags: bool) -> HostFacts {
        let config = ConfigFacts { settings, daemon_json_known: json, flags_known: flags, ..ConfigFacts::default() };
        HostFacts { config: Some(config), ..HostFacts::default() }
    }

    #[test]
    fn the_last_one_wins_and_the_default_counts_only_when_all_places_are_known() {
        let twice = host(vec![config("icc", json!(true), 2), config("icc", json!(false), 5)], true, true);
        assert!(matches!(setting(&twice, "icc"), Setting::Set(one) if one.at.line == 5));
        assert_eq!(setting(&twice, "iptables"), Setting::Default);
        for (json, flags, word) in [(false, true, "daemon.json"), (true, false, "unit"), (false, false, "neither")] {
            let partly = host(vec![], json, flags);
            assert!(matches!(setting(&partly, "icc"), Setting::Unknown(why) if why.contains(word)), "{word}");
        }
        assert!(matches!(setting(&HostFacts::default(), "icc"), Setting::Unknown(_)));
    }

    #[test]
    fn places_that_differ_are_named_and_such_that_agree_are_not() {
        let flag = |value, file: &str| configured("icc", value, file, 1);
        let both = host(vec![config("icc", json!(true), 2), flag(json!(false), "docker.service")], true, true);
        let Setting::Conflict(why) = setting(&both, "icc") else { panic!() };
        assert!(why.contains("/etc/docker/daemon.json:2") && why.contains("docker.service:1"), "{why}");
        let unit_changed =
            host(vec![flag(json!(false), "docker.service"), flag(json!(true), "command line of dockerd")], true, true);
        assert!(matches!(setting(&unit_changed, "icc"), Setting::Conflict(_)));
        let same =
            host(vec![flag(json!(false), "docker.service"), flag(json!(false), "command line of dockerd")], true, true);
        assert!(matches!(setting(&same, "icc"), Setting::Set(one) if one.at.file.starts_with("command")));
    }

    #[test]
    fn switches_and_lists_are_read_as_flags_and_files_write_them() {
        assert_eq!(switch(&json!("false")), Some(false));
        assert_eq!(switch(&json!(true)), Some(true));
        assert_eq!(switch(&json!(7)), None);
        let hosts = host(
            vec![configured("hosts", json!("fd://"), "docker.service", 1), config("hosts", json!(["tcp://a", 1]), 2)],
            true,
            true,
        );
        let words: Vec<&str> = list(&hosts, "hosts").into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["fd://", "tcp://a"]);
    }
}
