//! D1: accounts that a Dockerfile creates, so that the name behind a `USER` can be judged without the image.

use plimsoll_dockerfile::shell::{Command, Word};
use plimsoll_dockerfile::{Arguments, Env, Keyword, expand, script_of, sources};

use crate::account_commands::Words;
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
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let words = Words::read(program, &words);
            // `adduser NAME GROUP` puts somebody who is there into a group.
            if let [name] = words.names.as_slice() {
                let number = words.value(&["u", "uid"]).map(str::parse::<u64>);
                created.push(Created {
                    name: (*name).to_owned(),
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
