//! Recognising secrets in text, and masking them.
//!
//! In: any text that a collector read (an `ENV` value, a history line, a Dockerfile). Out: the same text with every
//! recognised secret masked, line for line. Pure; no I/O. Facts pass through here before they are stored, so that a
//! secret never reaches the engagement, the window, a log or a report.
//!
//! A masked secret keeps its kind, its length, its first and last characters and the head of its SHA-256: enough to
//! find it again at its source, too little to use it.

mod files;
mod find;
mod finding;
mod formats;
mod hit;
mod keys;
mod matcher;
mod names;
mod pairs;
mod place;
mod rules;
mod scan;
mod shape;
mod shell;
mod validate;

#[cfg(test)]
mod tests_corpus;
#[cfg(test)]
mod tests_random;

pub use find::{FileScanner, find_in_file, find_in_setting, find_in_text};
pub use finding::{Certainty, Finding, Harmless};
pub use names::{NameKind, classify_name};

use sha2::{Digest, Sha256};

/// The masked form of one secret: `‹kind, 20 chars, ab…yz, sha256:0123456789ab›`.
///
/// Secrets shorter than 12 characters show no characters of their own, and no hash: a short one could be guessed from it.
#[must_use]
pub fn mask(kind: &str, secret: &str) -> String {
    let count = secret.chars().count();
    if count < 12 {
        return format!("‹{kind}, {count} chars›");
    }
    let head: String = secret.chars().take(2).collect();
    let tail: String = secret.chars().skip(count - 2).collect();
    let digest = hex::encode(Sha256::digest(secret.as_bytes()));
    format!("‹{kind}, {count} chars, {head}…{tail}, sha256:{}›", &digest[..12])
}

/// Masks the value of a named setting (an environment variable, a label, a build argument).
///
/// The whole value goes when the name speaks of a secret; otherwise only the known token formats inside it do.
#[must_use]
pub fn redact_value(name: &str, value: &str) -> String {
    if value.is_empty() || is_masked(value) {
        return value.to_owned();
    }
    match classify_name(name) {
        NameKind::Secret if !is_reference(value) => mask("value", value),
        _ => redact_text(value),
    }
}

/// Masks what is recognised as a secret inside free text. The number of lines stays the same.
///
/// Everything that [`find_in_text`] reports is masked, and more: what is only suspected is better hidden. Placeholders
/// may stay readable.
#[must_use]
pub fn redact_text(text: &str) -> String {
    let mut text = redact_once(text);
    // What a mask leaves behind may read like a secret of its own; masking again must change nothing.
    for _ in 0..3 {
        let next = redact_once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn redact_once(text: &str) -> String {
    let text = formats::redact_private_keys(&redact_hits(text));
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix('\n') {
            Some(body) => (body, "\n"),
            None => (line, ""),
        };
        out.push_str(&formats::redact_line(body));
        out.push_str(end);
    }
    out
}

/// Masks the hits of the finder, placeholders apart.
fn redact_hits(text: &str) -> String {
    let mut hits = Vec::new();
    find::text_hits(text, &mut hits);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for found in hit::resolve(hits) {
        let open = matches!(found.harmless, Some(Harmless::Placeholder | Harmless::Example | Harmless::Public));
        let (Some(before), Some(secret)) = (text.get(done..found.start), text.get(found.start..found.end)) else {
            continue;
        };
        if open || found.kind == "ansible-vault" {
            continue;
        }
        out.push_str(before);
        let lines = secret.matches('\n').count();
        if lines == 0 && found.kind != "private-key" {
            out.push_str(&mask(hit::mask_word(&found), secret));
        } else {
            out.push_str("‹private key›");
            out.push_str(&"\n‹private key›".repeat(lines));
        }
        done = found.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// A host or the like that a finding's detail shows, with tokens in it masked.
pub(crate) fn redact_tokens_in(text: &str) -> String {
    formats::redact_tokens(text)
}

/// The spans of our own masks in a text.
pub(crate) fn mask_spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find('‹')).map(|at| from + at) {
        match text.get(start..).and_then(mask_length) {
            Some(length) => {
                spans.push((start, start + length));
                from = start + length;
            }
            None => from = start + '‹'.len_utf8(),
        }
    }
    spans
}

/// The length of the mask that a text begins with.
fn mask_length(text: &str) -> Option<usize> {
    const KEY: &str = "‹private key›";
    if text.starts_with(KEY) {
        return Some(KEY.len());
    }
    let rest = text.strip_prefix('‹')?;
    let comma = rest.char_indices().take(100).find(|(_, c)| *c == ',').map(|(at, _)| at)?;
    let kind = rest.get(..comma)?;
    if kind.is_empty() || kind.contains(['‹', '›', '\n', '=']) {
        return None;
    }
    let rest = rest.get(comma..)?.strip_prefix(", ")?;
    let digits = rest.bytes().take(20).take_while(u8::is_ascii_digit).count();
    let rest = rest.get(digits..)?.strip_prefix(" chars").filter(|_| digits > 0)?;
    if let Some(rest) = rest.strip_prefix('›') {
        return Some(text.len() - rest.len());
    }
    let rest = rest.strip_prefix(", ")?;
    let mut chars = rest.chars();
    chars.by_ref().take(2).for_each(drop);
    let rest = chars.as_str().strip_prefix('…')?;
    let mut chars = rest.chars();
    chars.by_ref().take(2).for_each(drop);
    let rest = chars.as_str().strip_prefix(", sha256:")?;
    let hash = rest.get(..12).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let rest = rest.get(hash.len()..)?.strip_prefix('›')?;
    Some(text.len() - rest.len())
}

/// A value that only points to a secret: `$VAR`, `${VAR}`, `/run/secrets/x`, or a mask of ours.
pub(crate) fn is_reference(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    value.starts_with('$') || value.starts_with("/run/secrets/") || is_masked(value)
}

/// Whether the text was masked before: masking twice must change nothing.
pub(crate) fn is_masked(value: &str) -> bool {
    mask_length(value) == Some(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_by_name_goes_whole_and_a_reference_stays() {
        assert_eq!(redact_value("DB_PASSWORD", "hunter2"), "‹value, 7 chars›");
        assert_eq!(redact_value("DB_PASSWORD", "$PASS"), "$PASS");
        assert_eq!(redact_value("DB_PASSWORD_FILE", "/run/secrets/db"), "/run/secrets/db");
        assert_eq!(redact_value("PATH", "/usr/bin:/bin"), "/usr/bin:/bin");
    }

    #[test]
    fn a_long_secret_keeps_what_finds_it_again() {
        let masked = redact_value("API_TOKEN", "abcdefghijklmnopqrst");
        assert!(masked.starts_with("‹value, 20 chars, ab…st, sha256:"), "{masked}");
    }

    #[test]
    fn tokens_in_free_text_are_masked_wherever_they_stand() {
        let line = "RUN git clone https://bob:s3cr3tpw@example.org/x && echo ghp_abcdefghijklmnopqrstuvwxyz0123456789";
        let out = redact_text(line);
        assert!(!out.contains("s3cr3tpw"), "{out}");
        assert!(!out.contains("ghp_abcdefghij"), "{out}");
        assert!(out.contains("https://bob:"), "{out}");
    }

    #[test]
    fn assignments_in_free_text_are_masked_by_name() {
        for line in [
            "ENV DB_PASSWORD=hunter2 PORT=80",
            "ENV DB_PASSWORD hunter2",
            "ENV DB_PASSWORD=\"hunter2\"",
            "|1 DB_PASSWORD=hunter2 /bin/sh -c true",
            "      DB_PASSWORD: hunter2",
            "RUN mysql --password=hunter2",
            "RUN mysql --password hunter2",
            "RUN curl -u bob:hunter2 http://x",
            "RUN curl -H 'Authorization: Bearer hunter2'",
            "/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2",
            "LABEL admin.password='hunter2'",
        ] {
            let out = redact_text(line);
            assert!(!out.contains("hunter2"), "{line} -> {out}");
        }
        assert!(redact_text("ENV DB_PASSWORD=hunter2 PORT=80").ends_with("PORT=80"));
    }

    #[test]
    fn a_private_key_goes_and_its_lines_stay_counted() {
        let text = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nb\n";
        let out = redact_text(text);
        assert!(!out.contains("MIIE"));
        assert_eq!(out.lines().count(), text.lines().count());
    }

    #[test]
    fn what_is_no_secret_stays() {
        for line in [
            "FROM debian:12",
            "ENV TOKENIZER_PATH=/opt/tokens",
            "ENV PGPASSFILE=/x PASSWORD_MIN_LENGTH=12",
            "RUN --mount=type=secret,id=npm npm ci",
            "COPY --from=build /a /b",
            "ENV PYTHON_SHA256=0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "USER 1000:1000",
        ] {
            assert_eq!(redact_text(line), line);
        }
    }

    #[test]
    fn masking_twice_changes_nothing() {
        let once = redact_text("ENV API_TOKEN=abcdefghijklmnopqrst DB_PASSWORD=hunter2");
        assert_eq!(redact_text(&once), once);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_masked_without_panic_and_keeps_its_lines(text in "[ -~‹›\n\"'=:/@é-]{0,200}") {
            let out = redact_text(&text);
            proptest::prop_assert_eq!(out.matches('\n').count(), text.matches('\n').count());
            let _ = redact_value("API_TOKEN", &text);
        }
    }
}
