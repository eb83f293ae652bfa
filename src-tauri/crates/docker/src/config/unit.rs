//! The systemd unit of the daemon: where it lies, and the command line that it and its drop-ins end in.
//!
//! Source: systemd.unit(5), systemd.service(5), systemd.exec(5), "COMMAND LINES".

use std::collections::BTreeMap;

use super::{Ask, Missing, text_of};
use crate::client::surroundings::under;

/// Folders of units, those that win first.
const FOLDERS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Most drop-ins of one folder.
const DROP_INS: usize = 100;

/// A word of a command line and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) file: String,
    /// From 1; 0 where there are no lines.
    pub(crate) line: u32,
}

impl Word {
    pub(crate) fn new(text: &str, file: &str, line: u32) -> Self {
        Self { text: text.to_owned(), file: file.to_owned(), line }
    }
}

/// A file's name and its text, or why it could not be read.
pub(crate) type File = (String, String);

/// What the units say of the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    /// The words after the program.
    pub(crate) words: Vec<Word>,
    /// Whether there is a command at all; a drop-in by itself may have none.
    pub(crate) has_command: bool,
    /// Variables whose value nobody told.
    pub(crate) unresolved: Vec<String>,
}

/// The unit and its drop-ins on this machine, in the order in which they count, and what could not be read.
pub(crate) fn find(ask: &Ask) -> (Vec<File>, Vec<File>) {
    let mut folders: Vec<String> = Vec::new();
    if ask.socket.contains("/run/user/") {
        let home = ask.home.iter().map(|home| format!("{home}/.config"));
        folders.extend(ask.config_home.iter().cloned().chain(home).map(|folder| format!("{folder}/systemd/user")));
        folders.extend(["/etc/systemd/user".to_owned(), "/usr/lib/systemd/user".to_owned()]);
    } else {
        folders.extend(FOLDERS.iter().map(|folder| (*folder).to_owned()));
    }
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for folder in &folders {
        let path = format!("{folder}/docker.service");
        match text_of(&under(&ask.root, &path)) {
            Ok(text) => {
                files.push((path, text));
                break;
            }
            Err(Missing::NotThere) => {}
            Err(Missing::Other(reason)) => {
                problems.push((path, reason));
                break;
            }
        }
    }
    // By name over all folders; of two with the same name that of the stronger folder counts.
    let mut drop_ins: BTreeMap<String, String> = BTreeMap::new();
    for folder in &folders {
        let folder = format!("{folder}/docker.service.d");
        let Ok(entries) = std::fs::read_dir(under(&ask.root, &folder)) else { continue };
        let names = entries.take(DROP_INS).filter_map(Result::ok).map(|entry| entry.file_name());
        for name in names.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".conf")) {
            let path = format!("{folder}/{name}");
            drop_ins.entry(name).or_insert(path);
        }
    }
    for path in drop_ins.into_values() {
        match text_of(&under(&ask.root, &path)) {
            Ok(text) => files.push((path, text)),
            Err(Missing::NotThere) => {}
            Err(Missing::Other(reason)) => problems.push((path, reason)),
        }
    }
    (files, problems)
}

/// Units of the daemon's socket that are there.
pub(crate) fn sockets(ask: &Ask) -> Vec<String> {
    let paths = FOLDERS.iter().map(|folder| format!("{folder}/docker.socket"));
    paths.filter(|path| under(&ask.root, path).is_file()).take(1).collect()
}

/// The lines of a unit that are settings of `[Service]`, continued ones put together: name, value with the line of each
/// of its characters' lines.
fn service(text: &str) -> Vec<(String, Vec<(String, u32)>)> {
    let mut entries: Vec<(String, Vec<(String, u32)>)> = Vec::new();
    let mut section = String::new();
    let mut open = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let trimmed = line.trim();
        // A comment inside a continued line is passed over.
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        let (body, more) = match trimmed.strip_suffix('\\') {
            Some(body) => (body, true),
            None => (trimmed, false),
        };
        if open {
            if let Some((_, parts)) = entries.last_mut() {
                parts.push((body.to_owned(), number));
            }
        } else if let Some(name) = trimmed.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            continue;
        } else if section == "Service" || section.is_empty() {
            let Some((name, value)) = body.split_once('=') else { continue };
            entries.push((name.trim().to_owned(), vec![(value.trim().to_owned(), number)]));
        } else {
            continue;
        }
        open = more;
    }
    entries
}

/// Files of variables that the units name.
pub(crate) fn environment_files(files: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, text) in files {
        for (name, parts) in service(text) {
            let value: String = parts.iter().map(|(part, _)| part.as_str()).collect();
            match name.as_str() {
                "EnvironmentFile" if value.is_empty() => names.clear(),
                "EnvironmentFile" => {
                    let path = value.trim_start_matches('-').trim();
                    if path.starts_with('/') && !path.contains(['*', '?', '%']) && names.len() < 20 {
                        names.push(path.to_owned());
                    }
                }
                _ => {}
            }
        }
    }
    names
}

/// Puts units, drop-ins and files of variables together.
pub(crate) fn read(files: &[(String, String)], environment: &[(String, String)]) -> Unit {
    let mut variables: BTreeMap<String, (String, String, u32)> = BTreeMap::new();
    let mut command: Option<Vec<Word>> = None;
    for (file, text) in files {
        // A file of variables has no section and no command.
        let plain = !text.lines().any(|line| line.trim_start().starts_with('['));
        for (name, parts) in service(text) {
            match name.as_str() {
                "ExecStart" => {
                    let words = split(&parts, file);
                    command = (!words.is_empty()).then_some(words);
                }
                "Environment" => {
                    for word in split(&parts, file) {
                        if let Some((name, value)) = word.text.split_once('=') {
                            variables.insert(name.to_owned(), (value.to_owned(), file.clone(), word.line));
                        }
                    }
                }
                _ if plain => remember(&mut variables, &name, &parts, file),
                _ => {}
            }
        }
    }
    for (file, text) in environment {
        for (name, parts) in service(text) {
            remember(&mut variables, name.trim_start_matches("export "), &parts, file);
        }
    }
    let mut unit = Unit { has_command: command.is_some(), ..Unit::default() };
    let without_command = command.is_none();
    let mut words = command.unwrap_or_default().into_iter();
    // The program itself.
    words.next();
    for word in words {
        let Some(name) = whole_variable(&word.text) else {
            unit.words.push(word);
            continue;
        };
        match variables.get(name) {
            Some((value, file, line)) => {
                unit.words.extend(split(&[(value.clone(), *line)], file));
            }
            // With all files of variables read, what is not set is empty.
            None if !environment.is_empty() => {}
            None => unit.unresolved.push(name.chars().take(100).collect()),
        }
    }
    if without_command && let Some((value, file, line)) = variables.get("DOCKER_OPTS") {
        unit.words.extend(split(&[(value.clone(), *line)], file));
    }
    unit
}

fn remember(variables: &mut BTreeMap<String, (String, String, u32)>, name: &str, parts: &[(String, u32)], file: &str) {
    let value: String = parts.iter().map(|(part, _)| part.as_str()).collect::<Vec<_>>().join(" ");
    let value = value.trim();
    let unquoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let line = parts.first().map_or(0, |(_, line)| *line);
    variables.insert(name.to_owned(), (unquoted.unwrap_or(value).to_owned(), file.to_owned(), line));
}

/// `$NAME` and `${NAME}`, when the word is nothing else.
fn whole_variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(name);
    let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    fits.then_some(name)
}

/// The words of a command line, with quotes and escapes undone.
fn split(parts: &[(String, u32)], file: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<(String, u32)> = None;
    let mut quote: Option<char> = None;
    for (part, line) in parts {
        let mut chars = part.chars();
        while let Some(c) = chars.next() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(c);
                    word.get_or_insert_with(|| (String::new(), *line));
                }
                (Some('"') | None, '\\') => {
                    let next = chars.next().unwrap_or('\\');
                    word.get_or_insert_with(|| (String::new(), *line)).0.push(next);
                }
                (None, c) if c.is_whitespace() => {
                    if let Some((text, line)) = word.take() {
                        words.push(Word { text, file: file.to_owned(), line });
                    }
                }
                (_, c) => word.get_or_insert_with(|| (String::new(), *line)).0.push(c),
            }
        }
        if quote.is_none()
            && let Some((text, line)) = word.take()
        {
            words.push(Word { text, file: file.to_owned(), line });
        }
    }
    if let Some((text, line)) = word {
        words.push(Word { text, file: file.to_owned(), line });
    }
    words
}
