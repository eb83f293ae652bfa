//! Which repositories, and which names, a pattern of the auditor's stands for.

/// Longest pattern that is taken, in bytes.
const PATTERN_MAX: usize = 1024;
/// Longest text that is compared, in bytes.
const TEXT_MAX: usize = 8192;

/// Whether a scope counts for a repository: an empty one counts for all.
pub(crate) fn covers(scope: &str, repository: &str) -> bool {
    let scope = scope.trim();
    scope.is_empty() || matches(scope, repository)
}

enum Token {
    /// This character.
    Exactly(char),
    /// Any characters, without a slash.
    Component,
    /// Any characters.
    Anything,
}

/// Whether a text is what a pattern describes: `*` stands for anything within a path component, `**` for anything.
/// Takes time in proportion to both lengths, whatever the pattern.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    if pattern.len() > PATTERN_MAX || text.len() > TEXT_MAX {
        return false;
    }
    let mut tokens = Vec::new();
    let mut stars = 0_usize;
    for character in pattern.chars().map(Some).chain([None]) {
        if character == Some('*') {
            stars += 1;
            continue;
        }
        match stars {
            0 => {}
            1 => tokens.push(Token::Component),
            _ => tokens.push(Token::Anything),
        }
        stars = 0;
        tokens.extend(character.map(Token::Exactly));
    }
    let text: Vec<char> = text.chars().collect();
    // reached[i]: the tokens so far can stand for the first i characters
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for token in &tokens {
        let mut next = Vec::with_capacity(reached.len());
        let mut before = false;
        for (index, here) in reached.iter().enumerate() {
            let last = index.checked_sub(1).and_then(|index| text.get(index));
            let holds = match token {
                Token::Exactly(wanted) => {
                    last == Some(wanted)
                        && index.checked_sub(1).and_then(|index| reached.get(index)).copied().unwrap_or(false)
                }
                Token::Component => *here || (before && last != Some(&'/')),
                Token::Anything => *here || before,
            };
            next.push(holds);
            before = holds;
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Says what is wrong with a pattern.
///
/// # Errors
///
/// The end of a sentence that begins with the pattern's name.
pub(crate) fn check(pattern: &str) -> Result<(), String> {
    if pattern.len() > PATTERN_MAX {
        return Err(format!("is longer than {PATTERN_MAX} bytes"));
    }
    if pattern.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err("holds a space or a control character".to_owned());
    }
    if pattern.contains("://") {
        return Err(
            "begins with a protocol; a repository is written as host/name, for example docker.io/library/*".to_owned()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_scope_counts_for_every_repository() {
        assert!(covers("", "docker.io/library/nginx"));
        assert!(covers("  ", "docker.io/library/nginx"));
    }

    #[test]
    fn one_star_stays_within_a_component() {
        assert!(covers("docker.io/library/*", "docker.io/library/nginx"));
        assert!(!covers("docker.io/*", "docker.io/library/nginx"));
        assert!(covers("*/library/ng*x", "docker.io/library/nginx"));
        assert!(!covers("docker.io/library/nginx", "docker.io/library/nginx2"));
        assert!(covers("docker.io/library/*", "docker.io/library/"));
    }

    #[test]
    fn two_stars_go_across_components() {
        assert!(covers("registry.example/**", "registry.example/a/b/c"));
        assert!(covers("**", "registry.example/a"));
        assert!(!covers("registry.example/**", "registry.example.evil/a"));
        assert!(covers("**/app", "registry.example/a/app"));
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_more_time_than_its_length() {
        let pattern = "*a".repeat(400);
        assert!(!matches(&pattern, &"a".repeat(399)));
        assert!(matches(&pattern, &"a".repeat(400)));
        assert!(!matches(&"a".repeat(2000), &"a".repeat(2000)));
    }

    #[test]
    fn a_scope_with_a_protocol_or_a_space_is_refused() {
        assert!(check("https://docker.io/**").is_err());
        assert!(check("docker.io /x").is_err());
        assert!(check("docker.io/**").is_ok());
    }
}
