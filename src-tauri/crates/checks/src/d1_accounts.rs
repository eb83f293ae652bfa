//! D1: accounts that a Dockerfile creates, so that the name behind a `USER` can be judged without the image.

use plimsoll_dockerfile::shell::{Command, Word};
use plimsoll_dockerfile::{Arguments, Env, Keyword, expand, script_of, sources};

use crate::facts::DockerfileFacts;

/// An account that a RUN creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// Its name.
    pub(crate) name: String,
    /// Its uid where the command gives it; none where the system chooses, which never chooses 0.
    pub(crate) uid: Option<u64>,
    /// A uid is given that cannot be read: a variable without a value.
    pub(crate) unclear: bool,
    /// The lines of the instruction.
    pub(crate) lines: (u32, u32),
}

/// The accounts that the stages behind the final image create, in the order of the file. A stage counts too when the
/// final image takes its `/etc/passwd`.
pub(crate) fn created(file: &DockerfileFacts) -> Vec<Created> {
    let Some(last) = file.parsed.final_stage() else { return Vec::new() };
    let mut stages = file.parsed.lineage(last.index);
    let mut taken = Vec::new();
    for instruction in stages.iter().flat_map(|stage| file.parsed.stage_instructions(*stage)) {
        let Some(from) = instruction.flag("from").filter(|_| instruction.keyword == Keyword::Copy) else { continue };
        let passwd = |path: &str| matches!(path.trim_end_matches(['/', '*']), "" | "/etc" | "/etc/passwd");
        if sources(instruction).is_some_and(|transfer| transfer.sources.iter().any(|source| passwd(&source.value))) {
            let by_name = |stage: &plimsoll_dockerfile::Stage| {
                stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(from))
            };
            let stage = file.parsed.stages.iter().position(by_name).or_else(|| from.parse().ok());
            taken.extend(stage.map(|stage| file.parsed.lineage(stage)).unwrap_or_default());
        }
    }
    stages.extend(taken);
    stages.sort_unstable();
    stages.dedup();
    let mut created = Vec::new();
    for stage in stages {
        let mut shell: Vec<String> = Vec::new();
        file.parsed.visit_stage(stage, |instruction, env| match (&instruction.keyword, &instruction.arguments) {
            (Keyword::Shell, Arguments::Json(words)) => shell.clone_from(words),
            (Keyword::Run, _) => {
                let lines = (instruction.line, instruction.end_line);
                for command in &script_of(instruction, &shell).commands {
                    read(command, env, lines, &mut created);
                }
            }
            _ => {}
        });
    }
    created
}

fn value(word: &Word, env: &Env) -> String {
    if word.literal { word.text.clone() } else { expand(&word.text, env).value }
}

fn read(command: &Command, env: &Env, lines: (u32, u32), created: &mut Vec<Created>) {
    let words: Vec<String> = command.arguments().iter().map(|word| value(word, env)).collect();
    match command.program().unwrap_or_default() {
        program @ ("useradd" | "adduser") => {
            if let Some((name, uid)) = account(program, &words) {
                let number = uid.as_deref().map(str::parse::<u64>);
                created.push(Created {
                    name,
                    uid: number.clone().and_then(Result::ok),
                    unclear: number.is_some_and(|number| number.is_err()),
                    lines,
                });
            }
        }
        "net" | "net.exe" => {
            let mut rest = words.iter();
            let user = rest.next().is_some_and(|word| word.eq_ignore_ascii_case("user"));
            if let Some(name) =
                rest.next().filter(|_| user && words.iter().any(|word| word.eq_ignore_ascii_case("/add")))
            {
                created.push(Created { name: name.clone(), uid: None, unclear: false, lines });
            }
        }
        _ if command.redirects.iter().any(|to| to.operator.contains('>') && to.target.text == "/etc/passwd") => {
            for line in words.iter().flat_map(|word| word.split('\n').flat_map(|line| line.split("\\n"))) {
                let mut fields = line.split(':');
                if let (Some(name), Some(_), Some(uid)) = (fields.next(), fields.next(), fields.next()) {
                    let number = uid.parse::<u64>();
                    let name = name.to_owned();
                    created.push(Created { name, uid: number.clone().ok(), unclear: number.is_err(), lines });
                }
            }
        }
        _ => {}
    }
}

/// The name and the uid in the words of `useradd` (shadow) or `adduser` (Debian's, busybox's, or another name of useradd).
fn account(program: &str, words: &[String]) -> Option<(String, Option<String>)> {
    // Letters whose value follows. busybox's adduser has fewer, with the same meaning.
    let valued = if program == "useradd" { "bcdefgGkKpsuZRP" } else { "hgsGuk" };
    const FLAGS: [&str; 22] = [
        "--system",
        "--disabled-password",
        "--disabled-login",
        "--no-create-home",
        "--create-home",
        "--user-group",
        "--no-user-group",
        "--non-unique",
        "--group",
        "--quiet",
        "--force-badname",
        "--allow-bad-names",
        "--no-log-init",
        "--allow-badname",
        "--add_extra_groups",
        "--add-extra-groups",
        "--encrypt-home",
        "--debug",
        "--allow-all-names",
        "--badname",
        "--verbose",
        "--badnames",
    ];
    let mut names = Vec::new();
    let mut uid = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if let Some(long) = word.strip_prefix("--") {
            let (name, given) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None if FLAGS.contains(&word.as_str()) => (long, None),
                None => (long, rest.next().cloned()),
            };
            if name == "uid" {
                uid = given;
            }
        } else if let Some(cluster) = word.strip_prefix('-').filter(|cluster| !cluster.is_empty()) {
            for (at, letter) in cluster.char_indices() {
                if !valued.contains(letter) {
                    continue;
                }
                let behind = cluster.get(at + letter.len_utf8()..).unwrap_or_default();
                let given = if behind.is_empty() { rest.next().cloned() } else { Some(behind.to_owned()) };
                if letter == 'u' {
                    uid = given;
                }
                break;
            }
        } else {
            names.push(word);
        }
    }
    // `adduser NAME GROUP` puts somebody who is there into a group.
    let [name] = names.as_slice() else { return None };
    Some(((*name).clone(), uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(program: &str, line: &str) -> Option<(String, Option<String>)> {
        account(program, &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_words_of_useradd_and_adduser_are_read() {
        let uid = |name: &str, uid: Option<&str>| Some((name.to_owned(), uid.map(str::to_owned)));
        assert_eq!(of("useradd", "-r -u 10001 -g app app"), uid("app", Some("10001")));
        assert_eq!(of("useradd", "-rmu 7 -s /bin/false app"), uid("app", Some("7")));
        assert_eq!(of("useradd", "--system --no-create-home --uid=12 app"), uid("app", Some("12")));
        assert_eq!(of("useradd", "-o -u0 app"), uid("app", Some("0")));
        assert_eq!(of("adduser", "-D -H -S -u 5 -G app app"), uid("app", Some("5")));
        assert_eq!(of("adduser", "-SDH app"), uid("app", None));
        assert_eq!(of("adduser", "--disabled-password --gecos x --home /nonexistent app"), uid("app", None));
        assert_eq!(of("adduser", "--system --group app"), uid("app", None));
        assert_eq!(of("adduser", "app audio"), None);
        assert_eq!(of("useradd", "-D"), None);
    }
}
