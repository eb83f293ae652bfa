//! B4: whether the command of a health check can work in the image, that is, whether its program is there.

use plimsoll_dockerfile::shell::{Command, Language};
use plimsoll_dockerfile::{language_of, parse_shell};
use plimsoll_image::{ImageFacts, Kind, Tree};

use crate::search_path::{MAX_LINKS, candidates};

/// What a shell does itself.
const BUILTINS: [&str; 40] = [
    ".", ":", "[", "[[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "echo", "eval",
    "exec", "exit", "export", "false", "fg", "getopts", "hash", "jobs", "kill", "let", "local", "printf", "pwd",
    "read", "return", "set", "shift", "source", "test", "times", "trap", "true", "type", "ulimit", "umask", "wait",
];

/// What can be said about the command's programs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Why the command cannot work: a sentence.
    pub(crate) broken: Option<String>,
    /// Programs that only a part of it needs and that are not there.
    pub(crate) absent: Vec<String>,
    /// Where the first program was found, if it was: its path in the image.
    pub(crate) found: Option<String>,
}

/// What a look for one program gave.
enum Look {
    /// Its path.
    There(String),
    NotThere,
    NotExecutable(String),
    /// The text does not say which program it is.
    Unknown,
}

/// Looks for the programs of a health check in the merged tree.
pub(crate) fn reach(test: &[String], image: &ImageFacts, tree: &Tree) -> Reach {
    let nothing = Reach::default();
    if image.platform.os == "windows" || tree.is_empty() {
        return nothing;
    }
    let Some((kind, words)) = test.split_first() else { return nothing };
    match kind.as_str() {
        "CMD-SHELL" => {
            let shell = image.config.shell.clone().unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned()]);
            let program = shell.first().map_or("/bin/sh", String::as_str);
            if let Some(broken) = missing(program, look(program, image, tree), "The shell") {
                return Reach { broken: Some(broken), ..nothing };
            }
            let text = words.first().map_or("", String::as_str);
            if language_of(&shell) == Language::Posix { in_script(text, image, tree) } else { nothing }
        }
        "CMD" => {
            let Some(program) = words.first() else { return nothing };
            let looked = look(program, image, tree);
            let found = if let Look::There(path) = &looked { Some(path.clone()) } else { None };
            if let Some(broken) = missing(program, looked, "The program") {
                return Reach { broken: Some(broken), ..nothing };
            }
            // `["/bin/sh", "-c", "curl …"]`
            let name = program.rsplit('/').next().unwrap_or(program);
            match (words.get(1), words.get(2)) {
                (Some(option), Some(text))
                    if language_of(&[name.to_owned()]) == Language::Posix
                        && option.starts_with('-')
                        && option.ends_with('c') =>
                {
                    in_script(text, image, tree)
                }
                _ => Reach { found, ..nothing },
            }
        }
        _ => nothing,
    }
}

fn missing(program: &str, looked: Look, what: &str) -> Option<String> {
    match looked {
        Look::NotThere => Some(format!("{what} {program} is not in the image, so the check can never succeed.")),
        Look::NotExecutable(path) => {
            Some(format!("{what} {path} is in the image but not executable, so the check can never succeed."))
        }
        Look::There(_) | Look::Unknown => None,
    }
}

fn in_script(text: &str, image: &ImageFacts, tree: &Tree) -> Reach {
    let script = parse_shell(text, 1);
    let mut reach = Reach::default();
    if !script.problems.is_empty() {
        return reach;
    }
    let functions: Vec<&str> = script
        .commands
        .iter()
        .flat_map(|command| &command.nesting)
        .filter_map(|around| match around {
            plimsoll_dockerfile::shell::Nesting::Function(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut first: Option<String> = None;
    let mut any = false;
    for (index, command) in script.commands.iter().enumerate() {
        let Some((program, starter)) = names(command) else {
            any = true;
            continue;
        };
        if (BUILTINS.contains(&program) && !starter) || functions.contains(&program) {
            // `test -f x`, `[ … ]`: the shell's own check can succeed without any program.
            any |= !matches!(program, "exit" | "false" | "echo" | "set" | "return" | "printf" | ":");
            continue;
        }
        match look(program, image, tree) {
            Look::There(path) => {
                any = true;
                reach.found = reach.found.or(Some(path));
            }
            Look::Unknown => any = true,
            gone @ (Look::NotThere | Look::NotExecutable(_)) => {
                if let Some(reason) = missing(program, gone, "The program")
                    && !reach.absent.iter().any(|name| name == program)
                {
                    if first.is_none() && command.unconditional() && index == 0 {
                        first = Some(reason.clone());
                    }
                    reach.broken = reach.broken.or(Some(reason));
                    reach.absent.push(program.to_owned());
                }
            }
        }
    }
    // A pipeline or chain that starts with a missing program fails unless another one may take its place.
    if any {
        let stands_in = script.commands.iter().any(|command| {
            command.connector == plimsoll_dockerfile::shell::Connector::Or
                && !matches!(command.program(), Some("exit" | "false" | "return" | "kill"))
        });
        let list = script.commands.iter().any(|command| {
            matches!(
                command.connector,
                plimsoll_dockerfile::shell::Connector::Then
                    | plimsoll_dockerfile::shell::Connector::Pipe
                    | plimsoll_dockerfile::shell::Connector::Background
            )
        });
        reach.broken = first.filter(|_| !stands_in && !list);
    }
    reach
}

/// The first word as the shell looks it up, and whether it only starts another program.
fn names(command: &Command) -> Option<(&str, bool)> {
    let word = command.words.first()?;
    if !word.literal || word.text.contains('‹') {
        return None;
    }
    let program = command.program()?;
    // `timeout 5 curl …`: the program behind counts, the starter is most likely there.
    if word.text.rsplit('/').next() == Some(program) {
        Some((word.text.as_str(), false))
    } else if matches!(program, "sh" | "bash") {
        None
    } else {
        Some((program, true))
    }
}

fn look(program: &str, image: &ImageFacts, tree: &Tree) -> Look {
    if program.is_empty() || program.contains(['$', '‹', '`']) {
        return Look::Unknown;
    }
    let mut closed = None;
    for candidate in candidates(program, image) {
        let Some(found) = tree.resolve(&candidate, MAX_LINKS) else { continue };
        match found.entry.kind {
            Kind::File | Kind::HardLink if found.entry.mode & 0o111 != 0 => return Look::There(candidate),
            Kind::File | Kind::HardLink => closed = closed.or(Some(candidate)),
            _ => {}
        }
    }
    closed.map_or(Look::NotThere, Look::NotExecutable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use plimsoll_image::{Entry, EnvVar, TreeLayer};

    fn entry(path: &str, kind: Kind, mode: u32, link: Option<&str>) -> Entry {
        Entry { kind, size: 1, mode, link: link.map(Into::into), ..crate::layers::tests::entry(path) }
    }

    fn tree() -> Tree {
        let entries = vec![
            entry("/usr", Kind::Directory, 0o755, None),
            entry("/usr/bin", Kind::Directory, 0o755, None),
            entry("/bin", Kind::Symlink, 0o777, Some("usr/bin")),
            entry("/usr/bin/busybox", Kind::File, 0o755, None),
            entry("/usr/bin/sh", Kind::Symlink, 0o777, Some("/bin/busybox")),
            entry("/usr/bin/wget", Kind::Symlink, 0o777, Some("busybox")),
            entry("/usr/bin/gone", Kind::Symlink, 0o777, Some("/nowhere")),
            entry("/opt", Kind::Directory, 0o755, None),
            entry("/opt/check", Kind::File, 0o644, None),
            entry("/opt/app", Kind::File, 0o755, None),
        ];
        Tree::from_layers(vec![TreeLayer { diff_id: "sha256:1".into(), entries, ..TreeLayer::default() }])
    }

    fn broken(test: &[&str]) -> bool {
        let facts = image();
        let test: Vec<String> = test.iter().map(|&word| word.to_owned()).collect();
        reach(&test, facts.image.as_ref().unwrap(), &tree()).broken.is_some()
    }

    #[test]
    fn a_program_that_is_not_there_breaks_the_check() {
        for test in [
            &["CMD", "curl", "-f", "http://localhost"][..],
            &["CMD", "/opt/check"],
            &["CMD", "gone"],
            &["CMD", "/bin/sh", "-c", "curl -f x"],
            &["CMD-SHELL", "curl -f http://localhost || exit 1"],
            &["CMD-SHELL", "curl -f x && wget x"],
            &["CMD-SHELL", "timeout 5 curl x"],
        ] {
            assert!(broken(test), "{test:?}");
        }
    }

    #[test]
    fn what_is_there_or_may_work_is_let_go() {
        for test in [
            &["CMD", "wget", "-q", "x"][..],
            &["CMD", "/opt/app"],
            &["CMD", "$CHECK"],
            &["CMD-SHELL", "wget -q x || exit 1"],
            &["CMD-SHELL", "curl -f x || wget x"],
            &["CMD-SHELL", "curl -f x; wget x"],
            &["CMD-SHELL", "test -f /tmp/ready"],
            &["CMD-SHELL", "f() { wget x; }; f"],
            &["CMD-SHELL", "$CHECK"],
            &["NONE"],
            &[],
        ] {
            assert!(!broken(test), "{test:?}");
        }
    }

    #[test]
    fn the_path_of_the_config_counts() {
        let mut facts = image();
        let image = facts.image.as_mut().unwrap();
        let test = ["CMD".to_owned(), "app".to_owned()];
        assert!(reach(&test, image, &tree()).broken.is_some());
        image.config.env = vec![EnvVar { name: "PATH".into(), value: "/bin:/opt".into() }];
        assert_eq!(reach(&test, image, &tree()).found.as_deref(), Some("/opt/app"));
        let no_shell = Tree::from_layers(vec![TreeLayer {
            entries: vec![entry("/app", Kind::File, 0o755, None)],
            ..TreeLayer::default()
        }]);
        let shell = ["CMD-SHELL".to_owned(), "/app".to_owned()];
        assert!(reach(&shell, image, &no_shell).broken.unwrap().contains("/bin/sh"));
    }
}
