//! What the shape of a value says: random or written by a person, a placeholder, a published example, plain noise.

use crate::Harmless;

/// Shannon entropy in bits per byte.
#[allow(clippy::cast_precision_loss)] // values are short
pub(crate) fn entropy(value: &[u8]) -> f64 {
    if value.is_empty() {
        return 0.0;
    }
    let mut counts = [0_u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let total = value.len() as f64;
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Whether a value looks drawn at random rather than written by a person.
pub(crate) fn looks_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() < 16 || bytes.len() > 1024 || !value.is_ascii() || bytes.iter().any(u8::is_ascii_whitespace) {
        return false;
    }
    if is_uuid(value) {
        return false;
    }
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let lower = bytes.iter().filter(|b| b.is_ascii_lowercase()).count();
    let upper = bytes.iter().filter(|b| b.is_ascii_uppercase()).count();
    let bits = entropy(bytes);
    if bytes.iter().all(u8::is_ascii_hexdigit) {
        return digits >= 3 && lower + upper >= 3 && bytes.len() >= 24 && bits >= 3.0;
    }
    // Words with a number at the end are written by people: `my-service-account-2024`.
    let words = value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let spelt = words.clone().filter(|part| part.bytes().all(|b| b.is_ascii_lowercase()) && part.len() > 2).count();
    if spelt >= 2 || (spelt >= 1 && words.count() > 1 && digits < 4) {
        return false;
    }
    let enough = if bytes.len() >= 20 { 3.5 } else { 3.3 };
    digits >= 2 && lower + upper >= 4 && bits >= enough && switches(bytes) * 4 >= bytes.len()
}

/// How often the class of the characters changes: often in random text, seldom in words.
fn switches(bytes: &[u8]) -> usize {
    let class = |b: u8| match b {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    bytes.windows(2).filter(|pair| matches!(pair, [a, b] if class(*a) != class(*b))).count()
}

/// `8-4-4-4-12` hexadecimal digits.
pub(crate) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Whole values that stand for a secret that is yet to come.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "change_this",
    "changethis",
    "change-this",
    "replaceme",
    "replace_me",
    "replace-me",
    "fixme",
    "todo",
    "tbd",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "yes",
    "no",
    "undefined",
    "unset",
    "not-set",
    "not_set",
    "notset",
    "empty",
    "redacted",
    "removed",
    "hidden",
    "masked",
    "placeholder",
    "example",
    "sample",
    "dummy",
    "fake",
    "foo",
    "bar",
    "foobar",
    "n/a",
    "...",
    "…",
    "optional",
    "required",
    "string",
    "mypassword",
    "yourpassword",
    "mysecret",
    "mytoken",
];

/// Parts of a value that give a placeholder away.
const PLACEHOLDER_PARTS: &[&str] = &[
    "your-",
    "your_",
    "yourpass",
    "yoursecret",
    "yourtoken",
    "yourkey",
    "yourapi",
    "your ",
    "xxxx",
    "changeme",
    "change-me",
    "change_me",
    "change_this",
    "change-this",
    "replace-",
    "replace_",
    "replaceme",
    "insert-",
    "insert_",
    "placeholder",
    "-here",
    "_here",
    "example",
    "dummy",
    "redacted",
    "****",
    "....",
    "to-be-",
    "to_be_",
    "goes-here",
    "<your",
    "fake-",
    "fake_",
    "sample-",
    "sample_",
];

/// Why a value is no secret: a placeholder or a published example.
pub(crate) fn placeholder(value: &str) -> Option<Harmless> {
    let value = value.trim().trim_matches(['"', '\'', '`']).trim();
    let lower = value.get(..value.len().min(4096)).unwrap_or(value).to_ascii_lowercase();
    if lower.is_empty() || PLACEHOLDERS.contains(&lower.as_str()) {
        return Some(Harmless::Placeholder);
    }
    let wraps = [("<", ">"), ("${", "}"), ("{{", "}}"), ("%", "%"), ("[", "]"), ("$(", ")"), ("{", "}"), ("__", "__")];
    if wraps.iter().any(|(open, close)| {
        lower.len() > open.len() + close.len() && lower.starts_with(open) && lower.ends_with(close)
    }) {
        return Some(Harmless::Placeholder);
    }
    if lower.starts_with('$') && lower.bytes().skip(1).all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Some(Harmless::Placeholder);
    }
    if lower.contains("${") || lower.contains("{{") || lower.contains("$(") || lower.contains("#{") {
        return Some(Harmless::Placeholder);
    }
    let first = lower.chars().next();
    if lower.chars().count() >= 3
        && lower.chars().all(|c| Some(c) == first)
        && !lower.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(Harmless::Placeholder);
    }
    if lower.contains("example") || lower.contains("sample") {
        return Some(Harmless::Example);
    }
    // Short marks in a long random value may stand there by chance; these are too long for that.
    if PLACEHOLDER_PARTS.iter().any(|part| lower.contains(part)) && !looks_random(value) {
        return Some(Harmless::Placeholder);
    }
    None
}

/// The same for the body of a token of a known form: what documentation prints in place of one.
pub(crate) fn token_placeholder(secret: &str) -> Option<Harmless> {
    let lower = secret.to_ascii_lowercase();
    if ["example", "your", "placeholder", "changeme", "dummy", "redacted"].iter().any(|part| lower.contains(part)) {
        return Some(Harmless::Example);
    }
    let tail: Vec<u8> = lower.bytes().rev().take(16).collect();
    let few = |bytes: &[u8]| {
        let mut seen = [false; 256];
        bytes.iter().for_each(|&b| seen[usize::from(b)] = true);
        seen.iter().filter(|&&s| s).count() <= 2
    };
    if (tail.len() >= 12 && few(&tail)) || lower.contains("xxxxxx") || lower.contains("000000000000") {
        return Some(Harmless::Placeholder);
    }
    let runs = ["0123456789abcdef", "1234567890abcdef", "abcdefghijklmnop", "12345678901234567890", "123456789abcdef"];
    if runs.iter().any(|run| lower.contains(run)) {
        return Some(Harmless::Example);
    }
    None
}

/// A file's path: `/run/secrets/x`, `./key.pem`, `C:\x`. Base64 that happens to begin with `/` is none.
pub(crate) fn is_path(value: &str) -> bool {
    let rooted =
        value.starts_with('/') || value.starts_with("./") || value.starts_with("../") || value.starts_with("~/");
    if value.get(1..3) == Some(":\\") {
        return true;
    }
    rooted
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-@~".contains(&b))
        && !value.ends_with('=')
        && !looks_random(value.trim_start_matches(['.', '~', '/']))
}

/// An address without a password in it.
pub(crate) fn is_plain_url(value: &str) -> bool {
    value.find("://").is_some_and(|at| {
        let rest = value.get(at + 3..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        at > 1 && !authority.contains('@') && !rest.contains("token=") && !rest.contains("password=")
    })
}

/// What stands under a secret's name in code and texts without being a secret: calls, references, words, hashes.
pub(crate) fn is_noise(value: &str) -> bool {
    if is_path(value) || is_plain_url(value) || is_uuid(value) {
        return true;
    }
    let bytes = value.as_bytes();
    // Integrity values and digests name their algorithm.
    if ["sha1-", "sha256-", "sha384-", "sha512-", "sha256:", "sha512:", "md5:", "sha1:", "ssh-rsa ", "ssh-ed25519 "]
        .iter()
        .any(|p| value.starts_with(p))
    {
        return true;
    }
    // A certificate or a public key in base64.
    if bytes.len() > 200 && (value.starts_with("MIIB") || value.starts_with("LS0tLS1CRUdJTiBDRVJU")) {
        return true;
    }
    // An alphabet.
    let lower = value.to_ascii_lowercase();
    if lower.contains("abcdefghijkl") || lower.contains("0123456789") {
        return true;
    }
    // Dotted and called names: `config.auth.token2`, `getToken(1)`.
    let identifier = |part: &str| {
        part.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'$')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
    };
    if value.contains('.') && value.split('.').all(|part| identifier(part) && !looks_random(part)) {
        return true;
    }
    value.contains('(') || value.contains("::") || value.contains("->") || value.contains('%') && value.contains("%s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_and_written_are_told_apart() {
        for value in [
            "a8F3kQ9zLm2Xv7Bt",
            "9f86d081884c7d659a2feaa0c55ad015",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzz4K",
            "q1w2E3r4!T5y6-U7i8",
        ] {
            assert!(looks_random(value), "{value}");
        }
        for value in [
            "hunter2",
            "correct-horse-battery-staple",
            "my-service-account-2024",
            "getAccessTokenFromRequest",
            "123e4567-e89b-12d3-a456-426614174000",
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "This is a sentence with 12 words",
        ] {
            assert!(!looks_random(value), "{value}");
        }
    }

    #[test]
    fn placeholders_are_known() {
        for value in [
            "changeme",
            "<password>",
            "${DB_PASSWORD}",
            "$PW",
            "{{ vault.pw }}",
            "xxxx",
            "your-api-key",
            "%PW%",
            "****",
        ] {
            assert!(placeholder(value).is_some(), "{value}");
        }
        for value in ["hunter2", "a8F3kQ9zLm2Xv7Bt", "Pa$$w0rd", "S3cret!"] {
            assert_eq!(placeholder(value), None, "{value}");
        }
    }

    #[test]
    fn noise_is_noise() {
        for value in ["/etc/ssl/key.pem", "https://example.com/a", "config.auth.token", "getToken()", "sha512-abc"] {
            assert!(is_noise(value), "{value}");
        }
        assert!(!is_noise("a8F3kQ9zLm2Xv7Bt"));
    }
}
