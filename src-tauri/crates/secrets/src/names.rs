//! What the name of a setting says about its value.

/// The kinds of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// The value is a secret: `DB_PASSWORD`, `api.token`.
    Secret,
    /// The name speaks of secrets, but its value is not one: `TOKEN_TTL`, `PASSWORD_FILE`, `GPG_KEY`.
    About,
    /// Nothing points to a secret.
    Plain,
}

/// Words that make a name a secret's, compared as whole words of the name.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "accesskey",
    "secretkey",
    "privatekey",
    "authtoken",
    "pgpassword",
    "passwort",
    "dbpass",
    "dbpassword",
    "dbpasswd",
    "rootpassword",
    "userpassword",
    "rootpw",
    "secretaccesskey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "accountkey",
    "clientkey",
    "authkey",
];

/// Pairs of words that make a name a secret's only together.
const SECRET_PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("access", "key"),
    ("secret", "key"),
    ("private", "key"),
    ("client", "key"),
    ("encryption", "key"),
    ("signing", "key"),
    ("auth", "key"),
    ("account", "key"),
    ("master", "key"),
    ("ssh", "key"),
];

/// Last words that turn the name into one about a secret: where it lies, how long it lives, who it is for.
const ABOUT_WORDS: &[&str] = &[
    "file",
    "path",
    "dir",
    "ttl",
    "length",
    "len",
    "min",
    "max",
    "url",
    "uri",
    "endpoint",
    "name",
    "id",
    "type",
    "expiry",
    "expires",
    "timeout",
    "version",
    "policy",
    "enabled",
    "required",
    "header",
    "count",
    "size",
    "issuer",
    "algorithm",
    "audience",
    "public",
    "rotation",
    "age",
    "store",
    "provider",
    "prompt",
    "hint",
    "env",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "digest",
    "checksum",
    "fingerprint",
    "regex",
    "pattern",
    "format",
    "field",
    "label",
    "placeholder",
    "class",
    "help",
    "error",
    "message",
    "description",
    "title",
    "mode",
    "strategy",
    "scope",
    "scopes",
    "host",
    "port",
    "user",
    "username",
    "email",
    "limit",
    "kind",
    "arn",
    "ref",
    "status",
    "generator",
    "validator",
    "encoder",
    "manager",
    "strength",
    "lifetime",
    "duration",
    "validity",
    "seconds",
    "minutes",
    "hours",
    "days",
];

/// Judges a setting by its name alone.
#[must_use]
pub fn classify_name(name: &str) -> NameKind {
    let words = words(name);
    let secret = words.iter().any(|w| SECRET_WORDS.contains(&w.as_str()))
        || words.windows(2).any(|pair| match pair {
            [a, b] => SECRET_PAIRS.iter().any(|(x, y)| a == x && b == y),
            _ => false,
        });
    if !secret {
        return NameKind::Plain;
    }
    // AWS calls the public half of its key pair "access key id".
    match words.last() {
        Some(last) if ABOUT_WORDS.contains(&last.as_str()) => NameKind::About,
        _ if words.iter().any(|w| w == "public" || w == "min" || w == "max") => NameKind::About,
        _ => NameKind::Secret,
    }
}

/// `dbPassword`, `DB_PASSWORD`, `db.password` → `db`, `password`.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            previous_lower = false;
            continue;
        }
        if c.is_uppercase() && previous_lower && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        previous_lower = c.is_lowercase() || c.is_numeric();
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "api.token",
            "AWS_SECRET_ACCESS_KEY",
            "MYSQL_ROOT_PASSWORD",
            "API_KEY",
            "PASS",
        ] {
            assert_eq!(classify_name(name), NameKind::Secret, "{name}");
        }
        for name in ["PASSWORD_FILE", "TOKEN_TTL", "SECRET_NAME", "AWS_ACCESS_KEY_ID", "PASSWORD_MIN_LENGTH"] {
            assert_eq!(classify_name(name), NameKind::About, "{name}");
        }
        for name in ["TOKENIZER_PATH", "GPG_KEY", "PATH", "BYPASS", "COMPASS_HOME", "KEYBOARD", "MONKEY"] {
            assert_eq!(classify_name(name), NameKind::Plain, "{name}");
        }
    }
}
