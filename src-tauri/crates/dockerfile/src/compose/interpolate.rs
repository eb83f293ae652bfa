//! Variables in a Compose value: `$V`, `${V}`, `${V:-default}`, `${V:?message}`, `${V:+other}`.

use crate::expand::Expanded;

/// Deepest nesting of `${…:-${…}}`.
const MAX_DEPTH: usize = 16;

/// Replaces the variables of a Compose value as far as the file settles them: by their defaults.
///
/// Every variable can be changed from outside ([`Expanded::from_arg`]); one without a default stays as written and is
/// named. `$$` is a dollar sign. Quotes have no meaning here.
#[must_use]
pub fn interpolate(text: &str) -> Expanded {
    let chars: Vec<char> = text.chars().collect();
    let mut state = Interpolation { unresolved: Vec::new(), used: false, problem: None };
    let mut position = 0;
    let value = state.run(&chars, &mut position, false, 0);
    match state.problem {
        Some(problem) => Expanded {
            value: text.to_owned(),
            unresolved: state.unresolved,
            from_arg: state.used,
            problem: Some(problem),
        },
        None => Expanded { value, unresolved: state.unresolved, from_arg: state.used, problem: None },
    }
}

struct Interpolation {
    unresolved: Vec<String>,
    used: bool,
    problem: Option<String>,
}

impl Interpolation {
    /// Reads to the end, or to the closing brace.
    fn run(&mut self, chars: &[char], position: &mut usize, inside: bool, depth: usize) -> String {
        let mut result = String::new();
        while let Some(ch) = chars.get(*position) {
            match ch {
                '}' if inside => return result,
                '$' => result.push_str(&self.reference(chars, position, depth)),
                _ => {
                    result.push(*ch);
                    *position += 1;
                }
            }
        }
        if inside {
            self.problem = Some("missing } in a variable".to_owned());
        }
        result
    }

    fn reference(&mut self, chars: &[char], position: &mut usize, depth: usize) -> String {
        let start = *position;
        *position += 1;
        let written = |end: usize| chars.get(start..end).unwrap_or_default().iter().collect::<String>();
        match chars.get(*position) {
            Some('$') => {
                *position += 1;
                return "$".to_owned();
            }
            Some('{') => *position += 1,
            Some(ch) if ch.is_ascii_alphabetic() || *ch == '_' => {
                let name = name_at(chars, position);
                self.note(&name);
                return written(*position);
            }
            _ => return "$".to_owned(),
        }
        let name = name_at(chars, position);
        let mut operator = String::new();
        while let Some(ch @ (':' | '-' | '?' | '+')) = chars.get(*position).filter(|_| operator.len() < 2) {
            operator.push(*ch);
            *position += 1;
            if *ch != ':' {
                break;
            }
        }
        if name.is_empty() || depth > MAX_DEPTH {
            self.problem = Some("a variable could not be read".to_owned());
            *position = chars.len();
            return written(*position);
        }
        let before = self.unresolved.len();
        let word = self.run(chars, position, true, depth + 1);
        *position += 1;
        match operator.as_str() {
            "" if word.is_empty() => {
                self.unresolved.truncate(before);
                self.note(&name);
                written(*position)
            }
            "-" | ":-" => {
                self.used = true;
                word
            }
            "+" | ":+" => {
                // Unset as far as the file tells.
                self.unresolved.truncate(before);
                self.used = true;
                String::new()
            }
            "?" | ":?" => {
                self.unresolved.truncate(before);
                self.note(&name);
                written(*position)
            }
            _ => {
                self.problem = Some("a variable could not be read".to_owned());
                String::new()
            }
        }
    }

    fn note(&mut self, name: &str) {
        self.used = true;
        if !self.unresolved.iter().any(|known| known == name) {
            self.unresolved.push(name.to_owned());
        }
    }
}

fn name_at(chars: &[char], position: &mut usize) -> String {
    let start = *position;
    while chars.get(*position).is_some_and(|ch| ch.is_ascii_alphanumeric() || *ch == '_') {
        *position += 1;
    }
    chars.get(start..*position).unwrap_or_default().iter().collect()
}
