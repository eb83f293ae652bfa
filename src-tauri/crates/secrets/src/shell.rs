//! Passwords that commands take as words of their own: `--password x`, `-u user:x`, `mysql -px`, `echo u:x | chpasswd`.

use crate::formats::{is_name, split_words};
use crate::hit::Hit;
use crate::pairs::{self, Pair, weigh};
use crate::{Certainty, NameKind, classify_name};

/// Commands whose `-p` takes a password.
const DASH_P: &[&str] =
    &["sshpass", "login", "mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mariadb-admin"];

/// Settings that commands write, and which hold a secret: `aws configure set aws_secret_access_key x`.
const SET: &[&str] = &["aws_secret_access_key", "aws_session_token", "_authToken", "_auth", "_password"];

/// How deep quoted commands are followed.
const DEEPEST: usize = 3;

/// What one line of commands gives away. `offset` is where the line begins.
pub(crate) fn scan_line(line: &str, offset: usize, depth: usize, hits: &mut Vec<Hit>) {
    if line.len() > 1 << 16 || depth > DEEPEST {
        return;
    }
    let words = split_words(line);
    let mut commands: Vec<&str> = Vec::new();
    let piped_to_chpasswd = line.contains("chpasswd");
    for (position, word) in words.iter().enumerate() {
        let next = words.get(position + 1);
        let bare = word.text.trim_matches(['"', '\'', '(', ')', ';', '[', ']', ',']);
        let mut push = |text: &str, start: usize, name: &str| {
            let (inner, start) = unquoted(text, start);
            if let Some((certainty, harmless)) = weigh(inner, true) {
                let pair = Pair { name: (0, 0), value: (offset + start, offset + start + inner.len()), quoted: false };
                let hit = pairs::hit(&pair, name, certainty, harmless);
                hits.push(Hit {
                    kind: "password-on-command-line",
                    title: "password on a command line".to_owned(),
                    ..hit
                });
            }
        };
        if matches!(bare, "&&" | "||" | "|") || word.text.ends_with(';') {
            commands.clear();
            continue;
        }
        if let (Some(name), Some(next)) = (bare.strip_prefix("--"), next)
            && is_name(name)
            && classify_name(name) == NameKind::Secret
            && !next.text.starts_with('-')
        {
            push(next.text, next.start, bare);
        }
        let takes_p = commands.iter().any(|command| DASH_P.contains(command));
        if let (true, Some(next)) = (bare == "-p" && takes_p, next) {
            let mysql = commands.iter().any(|c| c.starts_with("mysql") || c.starts_with("mariadb"));
            if !mysql && !next.text.starts_with('-') {
                push(next.text, next.start, bare);
            }
        } else if takes_p && bare.len() > 2 && bare.starts_with("-p") && !bare.starts_with("--") {
            let dash = word.text.find("-p").unwrap_or_default();
            push(word.text.get(dash + 2..).unwrap_or_default(), word.start + dash + 2, "-p");
        }
        if let (true, Some(next)) = (matches!(bare, "-u" | "--user"), next)
            && let Some((at, password)) = next.text.split_once(':').map(|(user, rest)| (user.len() + 1, rest))
            && !password.trim_matches(['"', '\'']).chars().all(|c| c.is_ascii_digit())
            && !password.starts_with("//")
        {
            push(password, next.start + at, bare);
        }
        if let (true, Some(next)) = (SET.iter().any(|name| bare == *name || bare.ends_with(&format!(":{name}"))), next)
        {
            push(next.text, next.start, bare);
        }
        if piped_to_chpasswd && let Some((user, password)) = word.text.split_once(':') {
            let plain = user.trim_start_matches(['"', '\'']);
            if !plain.is_empty() && is_name(plain) && !password.starts_with('/') {
                push(password, word.start + user.len() + 1, "chpasswd");
            }
        }
        if bare.eq_ignore_ascii_case("bearer")
            && let Some(next) = next
        {
            let (inner, start) = unquoted(next.text, next.start);
            if inner.len() >= 6 && weigh(inner, true).is_some_and(|(_, harmless)| harmless.is_none()) {
                hits.push(Hit {
                    start: offset + start,
                    end: offset + start + inner.len(),
                    kind: "authorization-header",
                    title: "credential in an Authorization header".to_owned(),
                    name: None,
                    certainty: Certainty::Name,
                    harmless: None,
                    detail: Some("scheme bearer".to_owned()),
                });
            }
        }
        // A whole command in quotes is read like a line of its own, once.
        if word.text.len() > 2 && word.text.starts_with(['"', '\'']) && word.text.contains(' ') {
            let inner = word.text.trim_matches(['"', '\'']);
            let start = word.text.find(inner).unwrap_or_default();
            if inner.len() + 1 < word.text.len() {
                scan_line(inner, offset + word.start + start, depth + 1, hits);
            }
        }
        commands.push(bare.rsplit('/').next().unwrap_or(bare));
    }
}

/// A word without its quotes and what ends a command.
fn unquoted(text: &str, start: usize) -> (&str, usize) {
    let inner = text.trim_start_matches(['"', '\'']);
    let start = start + (text.len() - inner.len());
    (inner.trim_end_matches(['"', '\'', ',', ')', ';', ']', '}']), start)
}
