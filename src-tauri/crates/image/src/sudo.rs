//! Rules of `sudoers(5)` and `doas.conf(5)`: who may become another user, and whether a password is asked for.

use plimsoll_secrets::redact_text;

use crate::facts::SudoRule;
use crate::names;

/// Rules of one file that are kept.
const RULES: usize = 1000;

/// Words that begin a line of sudoers that is no rule.
const NO_RULES: [&str; 7] =
    ["User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias", "@include", "@includedir"];

/// The rules of a sudoers file.
pub(crate) fn sudoers(bytes: &[u8], file: &str, layer: &str) -> Vec<SudoRule> {
    let mut rules = Vec::new();
    for (line, text) in logical_lines(bytes) {
        // `#1000` is a user by number, any other `#` begins a comment.
        let by_number = text.strip_prefix('#').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let end = text.char_indices().skip(usize::from(by_number)).find(|&(at, c)| is_comment(&text, at, c));
        let text = text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default().trim();
        let first = text.split([' ', '\t']).next().unwrap_or_default();
        if text.is_empty() || NO_RULES.contains(&first) {
            continue;
        }
        let rule = |who: &str, no_password| SudoRule {
            who: who.to_owned(),
            no_password,
            text: redact_text(text),
            file: file.to_owned(),
            line,
            layer: layer.to_owned(),
        };
        if let Some(scope) = first.strip_prefix("Defaults") {
            // `Defaults !authenticate` does for all what NOPASSWD does for one.
            if text.split([' ', '\t', ',']).any(|word| word == "!authenticate") {
                rules.push(rule(scope.strip_prefix(':').unwrap_or("ALL"), true));
            }
            continue;
        }
        let (who, rest) = users(text);
        if !rest.contains('=') {
            continue;
        }
        let no_password = rest
            .match_indices("NOPASSWD")
            .any(|(at, word)| rest.get(at + word.len()..).is_some_and(|after| after.trim_start().starts_with(':')));
        rules.extend(who.iter().map(|who| rule(who, no_password)));
        if rules.len() >= RULES {
            break;
        }
    }
    rules.truncate(RULES);
    rules
}

/// Whether a comment begins at `at`. Behind a backslash, or as a number (`#1000`), `#` means itself.
fn is_comment(text: &str, at: usize, c: char) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + 1..).unwrap_or_default();
    c == '#'
        && !before.ends_with(['\\', '(', ',', '%', '=', '!'])
        && !(before.ends_with(char::is_whitespace) && after.starts_with(|c: char| c.is_ascii_digit()))
}

/// The users at the beginning of a rule, `alice, %wheel ALL = …`, and what follows them.
fn users(text: &str) -> (Vec<&str>, &str) {
    let mut who = Vec::new();
    let mut rest = text;
    loop {
        let mut escaped = false;
        let mut quoted = false;
        let end = rest.find(|c: char| {
            if std::mem::take(&mut escaped) {
                return false;
            }
            match c {
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            !quoted && (c == ',' || c.is_whitespace())
        });
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        if !word.is_empty() && who.len() < RULES {
            who.push(word);
        }
        let after = after.trim_start();
        match after.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return (who, after),
        }
    }
}

/// Whether sudo reads a file of `/etc/sudoers.d` at all: names with a dot or a final `~` are passed over.
pub(crate) fn is_read(name: &str) -> bool {
    !name.contains('.') && !name.ends_with('~')
}

/// The rules of a doas file that permit something.
pub(crate) fn doas(bytes: &[u8], file: &str, layer: &str) -> Vec<SudoRule> {
    let mut rules = Vec::new();
    for (line, text) in logical_lines(bytes) {
        let text = text.split('#').next().unwrap_or_default().trim();
        let mut words = text.split_whitespace();
        if words.next() != Some("permit") || rules.len() >= RULES {
            continue;
        }
        let mut no_password = false;
        let mut in_braces = false;
        let who = words.find(|word| {
            let option = in_braces || matches!(*word, "nopass" | "persist" | "nolog" | "keepenv" | "setenv" | "{");
            no_password |= !in_braces && *word == "nopass";
            in_braces = (in_braces || word.starts_with('{')) && !word.ends_with('}');
            !option && !word.starts_with('{')
        });
        let Some(who) = who else { continue };
        // A group is `:wheel` here, and `%wheel` to sudo.
        let who = who.strip_prefix(':').map_or_else(|| who.to_owned(), |group| format!("%{group}"));
        let text = redact_text(text);
        rules.push(SudoRule { who, no_password, text, file: file.to_owned(), line, layer: layer.to_owned() });
    }
    rules
}

/// Lines with a final backslash joined to the next one; the number is the first one's, from 1. Blank ones are left out.
fn logical_lines(bytes: &[u8]) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for (number, line) in (1u32..).zip(bytes.split(|&byte| byte == b'\n')) {
        let text = names::to_text(line.strip_suffix(b"\r").unwrap_or(line)).0;
        let (text, more) = match text.strip_suffix('\\') {
            Some(text) => (text, true),
            None => (text.as_str(), false),
        };
        let (first, mut whole) = open.take().unwrap_or((number, String::new()));
        whole.push_str(text);
        if more {
            open = Some((first, whole));
        } else if !whole.trim().is_empty() {
            lines.push((first, whole.trim().to_owned()));
        }
    }
    lines.extend(open.filter(|(_, text)| !text.trim().is_empty()).map(|(first, text)| (first, text.trim().to_owned())));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_sudoers(text: &str) -> Vec<(String, bool, u32)> {
        let rules = sudoers(text.as_bytes(), "/etc/sudoers", "sha256:1");
        rules.into_iter().map(|rule| (rule.who, rule.no_password, rule.line)).collect()
    }

    fn of_doas(text: &str) -> Vec<(String, bool, u32)> {
        let rules = doas(text.as_bytes(), "/etc/doas.conf", "sha256:1");
        rules.into_iter().map(|rule| (rule.who, rule.no_password, rule.line)).collect()
    }

    #[test]
    fn rules_of_sudoers() {
        let text = "# a comment\nDefaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL # all of them\n\
                    app ALL=(ALL) NOPASSWD: /usr/bin/apt, \\\n   /usr/bin/dpkg\nUser_Alias OPS = a, b\n\
                    alice, %#1000 ALL = NOPASSWD :ALL\n#1001 ALL=ALL\n#include /etc/x\n@includedir /etc/sudoers.d\n\
                    NOPASSWD ALL=ALL\nbob ALL=(#0) ALL\n";
        let expected = [
            ("root", false, 3),
            ("%sudo", false, 4),
            ("app", true, 5),
            ("alice", true, 8),
            ("%#1000", true, 8),
            ("#1001", false, 9),
            ("NOPASSWD", false, 12),
            ("bob", false, 13),
        ];
        assert_eq!(of_sudoers(text), expected.map(|(who, free, line)| (who.to_owned(), free, line)));
        let joined = sudoers(b"app ALL=(ALL) \\\nALL", "/f", "l").remove(0);
        assert_eq!(
            (joined.text.as_str(), joined.file.as_str(), joined.layer.as_str()),
            ("app ALL=(ALL) ALL", "/f", "l")
        );
    }

    #[test]
    fn defaults_can_drop_the_password_for_all() {
        assert_eq!(of_sudoers("Defaults env_reset, !authenticate"), [("ALL".to_owned(), true, 1)]);
        assert_eq!(of_sudoers("Defaults:app !authenticate"), [("app".to_owned(), true, 1)]);
        assert!(of_sudoers("Defaults authenticate").is_empty());
    }

    #[test]
    fn rules_of_doas() {
        let text = "# note\npermit persist :wheel\npermit nopass keepenv app as root cmd apk\ndeny bob\n\
                    permit setenv { PATH=/bin nopass } carol\npermit\n";
        let expected = [("%wheel", false, 2), ("app", true, 3), ("carol", false, 5)];
        assert_eq!(of_doas(text), expected.map(|(who, free, line)| (who.to_owned(), free, line)));
    }

    #[test]
    fn sudo_passes_over_some_names() {
        assert!(is_read("90-app"));
        assert!(!is_read("app.rpmsave") && !is_read("app~"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[ -~\n\\\\#%,é]{0,200}") {
            let _ = (of_sudoers(&text), of_doas(&text));
        }
    }
}
