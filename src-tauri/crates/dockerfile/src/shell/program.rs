//! Which program a simple command runs, behind the ones that only start it.

use super::Word;

/// How the words of a program that starts another one are read.
struct Starter {
    name: &'static str,
    /// Options that take the next word.
    with_value: &'static [&'static str],
    /// Words that stand before the command.
    operands: usize,
    /// `NAME=value` words may stand before the command.
    assignments: bool,
}

const fn starter(name: &'static str, with_value: &'static [&'static str], operands: usize) -> Starter {
    Starter { name, with_value, operands, assignments: false }
}

static STARTERS: [Starter; 31] = [
    Starter {
        name: "sudo",
        with_value: &[
            "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group", "--host",
            "--prompt", "--chdir", "--chroot",
        ],
        operands: 0,
        assignments: true,
    },
    Starter { name: "doas", with_value: &["-u", "-C"], operands: 0, assignments: true },
    Starter { name: "env", with_value: &["-u", "-C", "--unset", "--chdir"], operands: 0, assignments: true },
    starter("exec", &["-a"], 0),
    starter("command", &[], 0),
    starter("builtin", &[], 0),
    starter("nohup", &[], 0),
    starter("time", &["-f", "-o"], 0),
    starter("nice", &["-n", "--adjustment"], 0),
    starter("ionice", &["-c", "-n", "-p"], 0),
    starter("chrt", &["-T", "-P", "-D"], 1),
    starter("taskset", &[], 1),
    starter("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    starter(
        "xargs",
        &["-n", "-I", "-P", "-L", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter", "--arg-file"],
        0,
    ),
    starter("gosu", &[], 1),
    starter("su-exec", &[], 1),
    starter("setpriv", &["--reuid", "--regid", "--groups", "--inh-caps", "--ambient-caps", "--bounding-set"], 0),
    starter("s6-setuidgid", &[], 1),
    starter("chpst", &["-u", "-U", "-e", "-n", "-l", "-L", "-m", "-d", "-o", "-p", "-f", "-c", "-r", "-t", "-/"], 0),
    starter("runuser", &["-u", "-g", "-G", "-s", "--user", "--group"], 0),
    starter("chroot", &["--userspec", "--groups"], 1),
    starter("busybox", &[], 0),
    starter("stdbuf", &["-i", "-o", "-e"], 0),
    starter("setarch", &[], 1),
    starter("linux32", &[], 0),
    starter("linux64", &[], 0),
    starter("eatmydata", &[], 0),
    starter("fakeroot", &["-l", "-s", "-i", "-b"], 0),
    starter("setsid", &[], 0),
    starter("tini", &["-p", "-e"], 0),
    starter("dumb-init", &["-r", "--rewrite"], 0),
];

/// The last part of a path.
pub(crate) fn base_name(text: &str) -> &str {
    text.rsplit(['/', '\\']).next().unwrap_or(text)
}

/// The index of the word that names the program; None when it is a variable or there is none.
pub(crate) fn find(words: &[Word]) -> Option<usize> {
    let mut at = 0;
    // Each turn goes at least one word on.
    while let Some(word) = words.get(at) {
        let name = base_name(&word.text);
        let Some(starter) = STARTERS.iter().find(|starter| starter.name == name) else { break };
        let Some(next) = behind(words, at, starter) else { break };
        at = next;
    }
    let word = words.get(at)?;
    let name = base_name(&word.text);
    let unknown = !word.literal && name.contains(['$', '`', '*', '?', '(']);
    (!unknown && !name.is_empty()).then_some(at)
}

/// The first word of the command that a starter starts. None when it starts none: then it is the program itself.
fn behind(words: &[Word], at: usize, starter: &Starter) -> Option<usize> {
    let mut next = at + 1;
    let mut operands = starter.operands;
    let mut options = true;
    loop {
        let text = words.get(next)?.text.as_str();
        if options && text == "--" {
            options = false;
            next += 1;
        } else if options && text.len() > 1 && text.starts_with('-') {
            // `command -v x` looks x up; it does not run it.
            if starter.name == "command" && text != "-p" || starter.name == "env" && text.starts_with("-S") {
                return None;
            }
            next += if starter.with_value.contains(&text) { 2 } else { 1 };
        } else if starter.assignments && is_assignment(text) {
            next += 1;
        } else if operands > 0 {
            operands -= 1;
            options = starter.name == "setarch";
            next += 1;
        } else {
            return Some(next);
        }
    }
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|ch: char| ch.is_ascii_digit())
            && name.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starters_are_skipped() {
        for (line, program) in [
            ("apt-get update", Some("apt-get")),
            ("/usr/bin/apt-get update", Some("apt-get")),
            ("sudo -E -u root apt-get update", Some("apt-get")),
            ("env -i A=b C=d apt-get update", Some("apt-get")),
            ("timeout -k 5 60 nice -n 5 apk add x", Some("apk")),
            ("exec gosu app:app java", Some("java")),
            ("setpriv --reuid 1000 --init-groups nginx", Some("nginx")),
            ("chroot /target /bin/sh", Some("sh")),
            ("xargs -0 -n 1 apt-get install", Some("apt-get")),
            ("busybox wget x", Some("wget")),
            ("command -v apt-get", Some("command")),
            ("sudo", Some("sudo")),
            ("tini -- app", Some("app")),
            ("$PIP install", None),
            ("$VENV/bin/pip install", Some("pip")),
            ("", None),
        ] {
            let words: Vec<Word> = line
                .split_whitespace()
                .map(|word| Word { text: word.to_owned(), literal: !word.contains('$') })
                .collect();
            let found = find(&words).and_then(|at| words.get(at)).map(|word| base_name(&word.text));
            assert_eq!(found, program, "{line}");
        }
    }
}
