//! D2, superfluous permissions removed: what the commands of a Dockerfile do to permissions and accounts.

use std::collections::BTreeSet;

use plimsoll_catalog::{Observation, Severity};
use plimsoll_dockerfile::shell::Command;
use plimsoll_dockerfile::{Instruction, Keyword, sources};

use crate::account_commands::Words;
use crate::commands::{arguments, commands, in_substitution};
use crate::facts::DockerfileFacts;
use crate::managers::{Action, calls_in};
use crate::observe::on_lines;

const SUDO: [&str; 3] = ["DL3004", "DS-0010", "CKV2_DOCKER_1"];
/// Packages that bring a set-uid program whose only purpose it is to become another user.
const BRING_SET_UID: [&str; 6] = ["sudo", "doas", "opendoas", "polkit", "policykit-1", "pkexec"];
/// Groups whose members are, or easily become, root.
pub(crate) const POWERFUL: [&str; 7] = ["root", "sudo", "wheel", "admin", "docker", "lxd", "shadow"];

/// What the commands say.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) observations: Vec<Observation>,
    /// How many of them are at fault.
    pub(crate) faults: usize,
    /// Lines of the last command that takes set-uid and set-gid bits from the whole image.
    pub(crate) strips: Option<(u32, u32)>,
}

impl Read {
    fn fault(&mut self, file: &DockerfileFacts, at: (u32, u32), severity: Severity, message: String, aliases: &[&str]) {
        self.faults += 1;
        self.observations.push(on_lines(file, at, severity, message, aliases));
    }
    fn note(&mut self, file: &DockerfileFacts, at: (u32, u32), severity: Severity, message: String, aliases: &[&str]) {
        self.observations.push(on_lines(file, at, severity, message, aliases));
    }
}

/// What a mode, octal or symbolic, does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Mode {
    set_uid: bool,
    set_gid: bool,
    strips: bool,
    others_write: bool,
    sticky: bool,
}

fn mode(text: &str) -> Option<Mode> {
    if !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
        let bits = u32::from_str_radix(text, 8).ok()?;
        return Some(Mode {
            set_uid: bits & 0o4000 != 0,
            set_gid: bits & 0o2000 != 0,
            strips: false,
            others_write: bits & 0o002 != 0,
            sticky: bits & 0o1000 != 0,
        });
    }
    let mut all = Mode::default();
    for clause in text.split(',') {
        let start = clause.find(['+', '-', '='])?;
        let (who, mut acts) = clause.split_at(start);
        if !who.bytes().all(|byte| b"ugoa".contains(&byte)) {
            return None;
        }
        let anyone = who.is_empty() || who.contains('a');
        while let Some(act) = acts.bytes().next() {
            let rest = acts.get(1..)?;
            let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let permissions = rest.get(..end)?;
            acts = rest.get(end..)?;
            if !permissions.bytes().all(|byte| b"rwxXstugo".contains(&byte)) {
                return None;
            }
            let gives = act != b'-';
            if permissions.contains('s') {
                all.set_uid |= gives && (anyone || who.contains('u'));
                all.set_gid |= gives && (anyone || who.contains('g'));
                all.strips |= !gives;
            }
            // Without "who" the umask keeps the others from writing.
            all.others_write |= gives && permissions.contains('w') && (who.contains('a') || who.contains('o'));
            all.sticky |= gives && permissions.contains('t');
        }
    }
    Some(all)
}

/// The mode that `chmod` or `install` sets, and what it is set on.
fn set_mode<'a>(program: &str, arguments: &[&'a str]) -> Option<(Mode, &'a str, Vec<&'a str>)> {
    match program {
        "chmod" => {
            let option = |text: &&&str| {
                text.starts_with("--")
                    || (text.len() > 1
                        && text.starts_with('-')
                        && text.bytes().skip(1).all(|byte| b"RvfcHLP".contains(&byte)))
            };
            let mut rest = arguments.iter().filter(|text| !option(text));
            let text = *rest.next()?;
            Some((mode(text)?, text, rest.copied().collect()))
        }
        "install" => {
            let at = arguments.iter().position(|text| text.starts_with("-m") || text.starts_with("--mode"))?;
            let word = *arguments.get(at)?;
            let joined =
                word.strip_prefix("--mode=").or_else(|| word.strip_prefix("-m").filter(|text| !text.is_empty()));
            let text = if word == "--mode" { None } else { joined };
            let text = text.or_else(|| arguments.get(at + 1).copied())?;
            let targets = arguments.last().copied().into_iter().collect();
            Some((mode(text)?, text, targets))
        }
        _ => None,
    }
}

/// Whether a command takes set-uid and set-gid bits from whatever it finds.
fn strips_all(command: &Command, program: &str, arguments: &[&str]) -> bool {
    match program {
        "find" => {
            let Some(at) = arguments.iter().position(|text| text.ends_with("chmod")) else { return false };
            let from_root = arguments.first().is_some_and(|text| ["/", "/*", "//"].contains(text));
            from_root && arguments.iter().skip(at + 1).find_map(|text| mode(text)).is_some_and(|mode| mode.strips)
        }
        // Behind xargs it names no file, in a loop over what find prints it names a variable.
        "chmod" => set_mode(program, arguments).is_some_and(|(mode, _, targets)| {
            mode.strips
                && (targets.is_empty()
                    || command.arguments().iter().any(|word| !word.literal && !word.text.contains('/')))
        }),
        _ => false,
    }
}

fn shown(targets: &[&str]) -> String {
    match targets {
        [] => "what it is given".to_owned(),
        [first, second, _, ..] => format!("{first}, {second} and others"),
        few => few.join(", "),
    }
}

fn line_of(instruction: &Instruction, command: &Command) -> (u32, u32) {
    let line = command.line.clamp(instruction.line, instruction.end_line.max(instruction.line));
    (line, line)
}

/// The mode of `COPY --chmod` and `ADD --chmod`, in the final stage and those it starts from.
fn copied(file: &DockerfileFacts) -> Vec<(&Instruction, &str, Mode)> {
    let Some(stage) = file.parsed.final_stage() else { return Vec::new() };
    let copies = file.parsed.effective_instructions(stage.index).into_iter();
    copies
        .filter(|instruction| matches!(instruction.keyword, Keyword::Copy | Keyword::Add))
        .filter_map(|instruction| {
            let text = instruction.flag("chmod")?;
            Some((instruction, text, mode(text)?))
        })
        .collect()
}

/// Paths that the file itself shows to be folders. On a folder the set-gid bit only hands its group down.
struct Folders(BTreeSet<String>);

impl Folders {
    /// Those of WORKDIR, and of COPY and ADD to a path that ends in a slash.
    fn of(file: &DockerfileFacts) -> Self {
        let mut folders = Self(BTreeSet::new());
        let Some(stage) = file.parsed.final_stage() else { return folders };
        for instruction in file.parsed.effective_instructions(stage.index) {
            match instruction.keyword {
                Keyword::Workdir => folders.add(instruction.arguments.joined().trim()),
                Keyword::Copy | Keyword::Add => {
                    if let Some(transfer) = sources(instruction).filter(|transfer| transfer.destination.ends_with('/'))
                    {
                        folders.add(&transfer.destination);
                    }
                }
                _ => {}
            }
        }
        folders
    }

    fn add(&mut self, path: &str) {
        let path = path.trim_end_matches('/');
        if !path.is_empty() {
            self.0.insert(path.to_owned());
        }
    }

    /// What `mkdir` and `install -d` make.
    fn made_by(&mut self, program: &str, arguments: &[&str]) {
        if program == "mkdir" || program == "install" && makes_folders(arguments) {
            arguments.iter().filter(|text| !text.starts_with('-')).for_each(|path| self.add(path));
        }
    }

    /// Whether all are folders. What is not named, as behind xargs, is let go.
    fn hold_all(&self, targets: &[&str]) -> bool {
        targets.iter().all(|path| path.ends_with('/') || self.0.contains(*path))
    }
}

/// Whether `install` makes folders: `-d`, alone or among other letters.
fn makes_folders(arguments: &[&str]) -> bool {
    arguments.iter().any(|text| {
        let cluster = text.strip_prefix('-').filter(|rest| !rest.starts_with(['-', 'm', 'o', 'g', 't', 'S']));
        *text == "--directory" || cluster.is_some_and(|letters| letters.contains('d'))
    })
}

/// What gives rights through set-uid and set-gid bits or capabilities, and what takes them.
pub(crate) fn permissions(file: &DockerfileFacts) -> Read {
    let mut read = Read::default();
    let all = commands(&file.parsed);
    // Whichever stage it stands in: it is the host of the builder that is open to it.
    for run in file.parsed.instructions.iter().filter(|run| run.keyword == Keyword::Run) {
        if run.flag("security") == Some("insecure") {
            let message = "This RUN has all rights on the builder's host (--security=insecure).".to_owned();
            read.fault(file, (run.line, run.end_line), Severity::High, message, &[]);
        }
    }
    let mut folders = Folders::of(file);
    for (instruction, text, mode) in copied(file) {
        let lines = (instruction.line, instruction.end_line);
        if mode.set_uid || mode.set_gid {
            let message = format!("{} --chmod={text} sets set-uid or set-gid bits.", instruction.keyword.as_str());
            read.fault(file, lines, Severity::High, message, &["CIS-DI-0008", "4.8"]);
        }
    }
    // What stands before a command that strips everything is stripped by it.
    let last = all.ran.iter().rposition(|(_, command)| {
        command.program().is_some_and(|program| strips_all(command, program, &arguments(command)))
    });
    if let Some((instruction, command)) = last.and_then(|last| all.ran.get(last)) {
        read.strips = Some(line_of(instruction, command));
    }
    for (index, (instruction, command)) in all.ran.iter().enumerate() {
        let lines = line_of(instruction, command);
        let Some(program) = command.program().filter(|_| !in_substitution(command)) else { continue };
        let words = arguments(command);
        folders.made_by(program, &words);
        let stripped = last.is_some_and(|last| index < last);
        let mut faults: Vec<(Severity, String, &[&str])> = Vec::new();
        if let Some((mode, text, targets)) = set_mode(program, &words) {
            if mode.set_uid {
                let message = format!("{program} {text} sets the set-uid bit on {}.", shown(&targets));
                faults.push((Severity::High, message, &["CIS-DI-0008", "4.8"]));
            } else if mode.set_gid && folders.hold_all(&targets) {
                let message = format!(
                    "{program} {text} sets the set-gid bit on {}; that is harmless on folders only.",
                    shown(&targets)
                );
                read.note(file, lines, Severity::Low, message, &[]);
            } else if mode.set_gid {
                let message = format!("{program} {text} sets the set-gid bit on {}.", shown(&targets));
                faults.push((Severity::High, message, &["CIS-DI-0008", "4.8"]));
            } else if mode.strips && !strips_all(command, program, &words) {
                let message = format!("{program} {text} takes set-uid or set-gid bits from {}.", shown(&targets));
                read.note(file, lines, Severity::Info, message, &[]);
            }
        }
        if program == "setcap" {
            if words.contains(&"-r") {
                read.note(file, lines, Severity::Info, "setcap -r takes capabilities from a file.".to_owned(), &[]);
            } else if let [.., capabilities, target] = words.as_slice() {
                faults.push((Severity::High, format!("setcap gives {capabilities} to {target}."), &["4.8"]));
            }
        }
        let calls = calls_in([command]).into_iter().filter(|call| call.action == Action::Install);
        for package in calls.filter(|call| call.family.of_distribution()).flat_map(|call| call.packages) {
            let package = package.bare();
            if BRING_SET_UID.contains(&package) {
                let message = format!("{program} installs {package}, which brings a set-uid program.");
                faults.push((Severity::Medium, message, &SUDO));
            }
        }
        for (severity, message, aliases) in faults {
            if stripped && program != "setcap" {
                let message = format!("{} A later command strips such bits again.", message);
                read.note(file, lines, Severity::Info, message, &[]);
            } else {
                read.fault(file, lines, severity, message, aliases);
            }
        }
        let first = command.words.first().map(|word| word.text.as_str());
        if first.is_some_and(|first| first == "sudo" || first.ends_with("/sudo")) {
            let message = format!("The build runs {program} through sudo; set USER root for it instead.");
            read.note(file, lines, Severity::Low, message, &SUDO);
        }
    }
    for instruction in all.unread {
        let message = "A part of this RUN could not be read as shell, so what it does to permissions is not known.";
        read.note(file, (instruction.line, instruction.end_line), Severity::Info, message.to_owned(), &[]);
    }
    read
}

/// The powerful group that a command puts an account into.
fn joins<'a>(program: &str, arguments: &[&'a str]) -> Option<&'a str> {
    let powerful = |groups: Option<&'a str>| groups?.split(',').find(|group| POWERFUL.contains(group));
    let words = Words::read(program, arguments);
    match program {
        "useradd" | "usermod" => powerful(words.value(&["G", "groups"])),
        "adduser" | "addgroup" => match words.names.as_slice() {
            _ if words.value(&["G", "ingroup"]).is_some() => powerful(words.value(&["G", "ingroup"])),
            [_, group] => powerful(Some(*group)),
            _ => None,
        },
        "gpasswd" => powerful(words.value(&["a", "add"]).and(words.names.last().copied())),
        _ => None,
    }
}

/// What makes accounts powerful or files writable for everybody.
pub(crate) fn accounts(file: &DockerfileFacts) -> Read {
    let mut read = Read::default();
    let everybody = |mode: Mode| mode.others_write && !mode.sticky;
    for (instruction, text, mode) in copied(file) {
        if everybody(mode) {
            let message = format!("{} --chmod={text} lets everybody write.", instruction.keyword.as_str());
            read.fault(file, (instruction.line, instruction.end_line), Severity::Medium, message, &[]);
        }
    }
    let all = commands(&file.parsed);
    for (instruction, command) in &all.ran {
        let lines = line_of(instruction, command);
        let texts = command.words.iter().chain(command.redirects.iter().map(|redirect| &redirect.target));
        let mut texts = texts.map(|word| word.text.as_str());
        if texts.any(|text| text.contains("NOPASSWD") || text.contains("permit nopass")) {
            let message = "A rule is written that gives the rights of another user without asking for a password.";
            read.fault(file, lines, Severity::High, message.to_owned(), &SUDO);
        }
        let Some(program) = command.program().filter(|_| !in_substitution(command)) else { continue };
        let words = arguments(command);
        if let Some((_, text, targets)) = set_mode(program, &words).filter(|(mode, ..)| everybody(*mode)) {
            let message = format!("{program} {text} lets everybody write {}.", shown(&targets));
            read.fault(file, lines, Severity::Medium, message, &[]);
        }
        if ["useradd", "adduser", "usermod"].contains(&program)
            && Words::read(program, &words)
                .value(&["u", "uid"])
                .is_some_and(|uid| !uid.is_empty() && uid.bytes().all(|byte| byte == b'0'))
        {
            let message = format!("{program} makes an account with uid 0, which is root under another name.");
            read.fault(file, lines, Severity::High, message, &[]);
        }
        if let Some(group) = joins(program, &words) {
            let message = format!("{program} puts an account into the group {group}.");
            read.fault(file, lines, Severity::Medium, message, &[]);
        }
        if program == "passwd" && words.iter().any(|word| ["-d", "--delete"].contains(word)) {
            let message = "passwd -d leaves an account without a password: anyone may log in to it.";
            read.fault(file, lines, Severity::High, message.to_owned(), &[]);
        }
        if program == "chpasswd" {
            let message = "chpasswd sets a password, which is then the same in every container.";
            read.note(file, lines, Severity::Medium, message.to_owned(), &["CKV2_DOCKER_17"]);
        }
    }
    for instruction in all.unread {
        let message = "A part of this RUN could not be read as shell, so what it does to accounts is not known.";
        read.note(file, (instruction.line, instruction.end_line), Severity::Info, message.to_owned(), &[]);
    }
    read
}

#[cfg(test)]
#[path = "d2_dockerfile_tests.rs"]
mod tests;
