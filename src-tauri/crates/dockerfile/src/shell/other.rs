//! PowerShell and `cmd.exe`: not parsed, only split into commands and words.

use super::source::{Source, show_masks};
use super::{Command, Connector, Language, Script, Word};

/// Most commands that are told apart.
const MAX_COMMANDS: usize = 10_000;

/// Splits a text at what separates commands in its language.
pub(crate) fn split(source: &Source, language: Language) -> Script {
    let mut script = Script { language, commands: Vec::new(), problems: Vec::new() };
    if language == Language::Other {
        return script;
    }
    let mut quote: Option<char> = None;
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let finish = |words: &mut Vec<(usize, String)>, script: &mut Script| {
        let taken = std::mem::take(words);
        let Some((at, _)) = taken.first() else { return };
        if script.commands.len() >= MAX_COMMANDS {
            return;
        }
        let command = Command {
            line: source.line(*at),
            connector: if script.commands.is_empty() { Connector::First } else { Connector::Then },
            pipeline: u32::try_from(script.commands.len()).unwrap_or(u32::MAX),
            words: taken
                .into_iter()
                .map(|(_, text)| Word { literal: !text.contains(['$', '%']), text: show_masks(&text) })
                .collect(),
            ..Command::default()
        };
        script.commands.push(command);
    };
    for (at, ch) in source.text.chars().enumerate() {
        let separates = match language {
            Language::Cmd => ch == '&' || ch == '\n',
            _ => ch == ';' || ch == '\n',
        };
        match quote {
            Some(open) if ch == open => quote = None,
            None if ch == '"' || (ch == '\'' && language == Language::PowerShell) => {
                quote = Some(ch);
                word.get_or_insert((at, String::new()));
            }
            None if separates || ch.is_whitespace() => {
                words.extend(word.take());
                if separates {
                    finish(&mut words, &mut script);
                }
            }
            _ => word.get_or_insert((at, String::new())).1.push(ch),
        }
    }
    words.extend(word.take());
    finish(&mut words, &mut script);
    script
}
