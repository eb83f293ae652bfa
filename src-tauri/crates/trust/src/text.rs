//! Text, numbers and base64 from outside, brought into a form that can be shown and computed with.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, general_purpose};
use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const ANY_STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const ANY_URL: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// Text from outside as it may stand in a sentence: without control characters, cut at `most` characters.
pub(crate) fn short(text: &str, most: usize) -> String {
    let mut out: String = text
        .chars()
        .take(most)
        .map(|character| if character.is_control() || is_bidi(character) { '\u{fffd}' } else { character })
        .collect();
    if text.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

/// Characters that turn the direction of text: in a name they only deceive.
fn is_bidi(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from outside with the usual bound.
pub(crate) fn shown(text: &str) -> String {
    short(text, 200)
}

/// An error of a parser as it may stand in a sentence: it may quote what it read.
pub(crate) fn said(error: &impl std::fmt::Display) -> String {
    short(&error.to_string(), 160)
}

/// Base64 of either alphabet, padded or not: writers differ.
pub(crate) fn base64_any(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    ANY_STANDARD.decode(text).or_else(|_| ANY_URL.decode(text)).ok()
}

/// Base64 without padding in the URL alphabet, and nothing else, as JOSE wants it (RFC 7515, section 2).
pub(crate) fn base64_url(text: &str) -> Option<Vec<u8>> {
    general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}

/// Base64 in the standard alphabet, padded.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A moment as RFC 3339 in UTC; empty where it cannot be written (a year beyond 9999).
pub(crate) fn moment(at: OffsetDateTime) -> String {
    // Not `to_offset`: the last hours of the year 9999 in a western zone would panic.
    at.checked_to_offset(time::UtcOffset::UTC).and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Seconds since 1970 as a moment.
pub(crate) fn from_unix(seconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

/// Whether a text is a SHA-256, SHA-384 or SHA-512 digest as OCI writes it: `sha256:` and lower-case hexadecimal.
pub(crate) fn is_digest(text: &str) -> bool {
    let Some((algorithm, hash)) = text.split_once(':') else {
        return false;
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hash.len() == length && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// SHA-256 as lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// A whole number that JSON holds as a number or, as Protocol Buffers write 64 bits, as text.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }
    match Option::<Either>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Either::Number(number)) => Ok(Some(number)),
        Some(Either::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_loses_control_characters_and_is_cut() {
        assert_eq!(short("a\nb\u{202e}c", 10), "a\u{fffd}b\u{fffd}c");
        assert_eq!(short("abcdef", 3), "abc…");
    }

    #[test]
    fn base64_is_read_in_both_alphabets_and_jose_takes_one() {
        assert_eq!(base64_any("+/8=").as_deref(), Some(&[0xfb_u8, 0xff][..]));
        assert_eq!(base64_any("-_8").as_deref(), Some(&[0xfb_u8, 0xff][..]));
        assert_eq!(base64_url("-_8").as_deref(), Some(&[0xfb_u8, 0xff][..]));
        assert_eq!(base64_url("-_8="), None);
        assert_eq!(base64_any("not base64!"), None);
    }

    #[test]
    fn a_moment_after_the_year_9999_is_empty() {
        let late = OffsetDateTime::parse("9999-12-31T23:59:59-23:00", &Rfc3339).unwrap();
        assert_eq!(moment(late), "");
    }

    #[test]
    fn digests_are_lower_case_and_of_the_right_length() {
        assert!(is_digest(&format!("sha256:{}", "0".repeat(64))));
        assert!(!is_digest(&format!("sha256:{}", "A".repeat(64))));
        assert!(!is_digest(&format!("sha256:{}", "0".repeat(63))));
        assert!(!is_digest("md5:00"));
    }
}
