//! Texts of the configuration on their way into the facts: their secrets are noted with their place, and masked.
//!
//! Finding and masking are two functions of `plimsoll_secrets`. A text in which a noted secret would still stand after
//! masking is masked whole, so that no such gap between the two ever reaches the facts.

use plimsoll_secrets::{Finding, Harmless, find_in_setting, find_in_text, mask, redact_text, redact_value};

use crate::facts::{PlacedSecret, SecretPlace};

/// Secrets that are noted of one configuration.
const NOTED: usize = 10_000;

/// Build arguments that are told apart in one line.
const ARGUMENTS: usize = 1000;

/// Notes and masks secrets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Masker {
    pub secrets: Vec<PlacedSecret>,
}

/// `config.Env[3]`
pub(crate) fn field(name: &str) -> SecretPlace {
    SecretPlace::Config { field: format!("config.{name}") }
}

impl Masker {
    /// Free text.
    pub(crate) fn text(&mut self, place: &SecretPlace, text: &str) -> String {
        let found = find_in_text(text);
        let masked = redact_text(text);
        let masked = if stays(&found, || find_in_text(&masked)) { mask("text", text) } else { masked };
        self.note(place, found);
        masked
    }

    /// The value of a named setting.
    pub(crate) fn setting(&mut self, place: &SecretPlace, name: &str, value: &str) -> String {
        let found = find_in_setting(name, value);
        let masked = redact_value(name, value);
        let masked = if stays(&found, || find_in_setting(name, &masked)) { mask("value", value) } else { masked };
        self.note(place, found);
        masked
    }

    /// The words of a command. They are searched as one line, since an option and its value are two words.
    pub(crate) fn words(&mut self, place: &SecretPlace, words: &[String]) -> Vec<String> {
        let found = find_in_text(&words.join(" "));
        let mut before = "";
        let mut masked = Vec::with_capacity(words.len());
        for word in words {
            let is_option = before.starts_with('-') && !before.contains(char::is_whitespace);
            let pair = is_option.then(|| redact_text(&format!("{before} {word}")));
            let own = pair.as_deref().and_then(|pair| pair.strip_prefix(before)?.strip_prefix(' '));
            masked.push(own.map_or_else(|| redact_text(word), str::to_owned));
            before = word;
        }
        if stays(&found, || find_in_text(&masked.join(" "))) {
            masked = words.iter().map(|word| mask("word", word)).collect();
        }
        self.note(place, found);
        masked
    }

    /// A line of the history. `|2 NAME=value NAME=value command` lists the build arguments that the command saw.
    pub(crate) fn history(&mut self, place: &SecretPlace, line: &str) -> String {
        let Some((start, arguments, command)) = arguments(line) else { return self.text(place, line) };
        let mut masked = start.to_owned();
        for (name, value) in arguments {
            let value = self.setting(place, name, value);
            masked.push_str(&format!(" {name}={value}"));
        }
        let command = self.text(place, command);
        masked.push_str(&command);
        masked
    }

    fn note(&mut self, place: &SecretPlace, found: Vec<Finding>) {
        let room = NOTED.saturating_sub(self.secrets.len());
        self.secrets.extend(found.into_iter().take(room).map(|finding| PlacedSecret { place: place.clone(), finding }));
    }
}

/// Whether one of the secrets that were `found` is still among those of the masked text.
fn stays(found: &[Finding], left: impl FnOnce() -> Vec<Finding>) -> bool {
    let known_to_all = |finding: &Finding| {
        matches!(finding.harmless, Some(Harmless::Placeholder | Harmless::Example | Harmless::Public))
    };
    let secret: Vec<&Finding> = found.iter().filter(|finding| !known_to_all(finding)).collect();
    if secret.is_empty() {
        return false;
    }
    let same = |a: &Finding, b: &Finding| a.length == b.length && a.shown == b.shown && a.sha256 == b.sha256;
    left().iter().any(|left| secret.iter().any(|found| same(found, left)))
}

/// The beginning of a history line, its build arguments, its command.
type Split<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

/// Splits a history line into what stands before its build arguments, these, and what follows them. The values stand
/// there without quotes: each reaches to the next name, the last one to the shell.
fn arguments(line: &str) -> Option<Split<'_>> {
    let begin = line.strip_prefix("RUN ").map_or(0, |_| 4);
    let list = line.get(begin..)?.strip_prefix('|')?;
    let digits = list.find(' ')?;
    let count: usize = list.get(..digits)?.parse().ok()?;
    let (start, rest) = line.split_at_checked(begin + 1 + digits)?;
    if count == 0 || count > ARGUMENTS {
        return None;
    }
    // Each name with its position behind the space, and where its value begins.
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    };
    let named: Vec<(usize, &str)> = rest
        .match_indices(' ')
        .filter_map(|(space, _)| {
            let after = rest.get(space + 1..)?;
            let (name, _) = after.split_once('=')?;
            is_name(name).then_some((space, name))
        })
        .take(count)
        .collect();
    if named.len() < count {
        return None;
    }
    let last = named.last().map(|(space, name)| space + name.len() + 2)?;
    let tail = rest.get(last..)?;
    let shells = [" /bin/", " /usr/", " cmd /", " powershell "];
    let shell = shells.iter().filter_map(|shell| tail.find(shell)).min().or_else(|| tail.find(' '));
    let end = last + shell.unwrap_or(tail.len());
    let ends = named.iter().skip(1).map(|(space, _)| *space).chain([end]);
    let values =
        named.iter().zip(ends).filter_map(|((space, name), end)| Some((*name, rest.get(space + name.len() + 2..end)?)));
    Some((start, values.collect(), rest.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> SecretPlace {
        field("Cmd")
    }

    #[test]
    fn build_arguments_are_told_apart() {
        let line = "RUN |2 A=one two B= /bin/sh -c make A=1 # buildkit";
        let (start, found, command) = arguments(line).unwrap();
        assert_eq!((start, command), ("RUN |2", " /bin/sh -c make A=1 # buildkit"));
        assert_eq!(found, [("A", "one two"), ("B", "")]);
        assert_eq!(arguments("|1 A=x /bin/sh -c true").unwrap().1, [("A", "x")]);
        assert_eq!(arguments("|1 A=x").unwrap(), ("|1", vec![("A", "x")], ""));
        for other in ["", "|", "RUN", "|x A=1", "|2 A=1 /bin/sh", "|0 x", "/bin/sh -c a|1 A=2", "|99999 A=1"] {
            assert_eq!(arguments(other), None, "{other}");
        }
    }

    #[test]
    fn a_build_argument_goes_whole() {
        let line = "|2 USERNAME=bob DB_PASSWORD=correct horse /bin/sh -c true";
        let masked = Masker::default().history(&place(), line);
        assert!(!masked.contains("correct") && !masked.contains("horse"), "{masked}");
        assert!(
            masked.starts_with("|2 USERNAME=bob DB_PASSWORD=‹") && masked.ends_with("› /bin/sh -c true"),
            "{masked}"
        );
        let plain = "RUN |1 VERSION=1.2 /bin/sh -c make # buildkit";
        assert_eq!(Masker::default().history(&place(), plain), plain);
    }

    #[test]
    fn an_option_and_its_value_are_two_words() {
        let words = ["mysql", "--password", "hunter2", "-h", "db"].map(str::to_owned);
        let masked = Masker::default().words(&place(), &words);
        assert_eq!(masked.len(), 5);
        assert!(!masked.join(" ").contains("hunter2"), "{masked:?}");
        assert_eq!((masked[1].as_str(), masked[4].as_str()), ("--password", "db"));
    }

    #[test]
    fn what_masking_missed_is_masked_whole() {
        let finding = |harmless| Finding {
            kind: "k".to_owned(),
            title: String::new(),
            name: None,
            line: 1,
            length: 4,
            shown: "‹k, 4 chars›".to_owned(),
            sha256: None,
            certainty: plimsoll_secrets::Certainty::Form,
            harmless,
            detail: None,
        };
        assert!(stays(&[finding(None)], || vec![finding(None)]));
        assert!(!stays(&[finding(None)], Vec::new));
        assert!(!stays(&[finding(Some(Harmless::Placeholder))], || vec![finding(None)]));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_masked_without_panic(line in "(RUN )?[|]?[0-9]{0,2}[ -~é]{0,120}") {
            let _ = Masker::default().history(&place(), &line);
        }
    }
}
