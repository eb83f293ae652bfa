//! Checks that a token's own form allows: checksums, parsing, decoding.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::shape::entropy;
use crate::{Certainty, Harmless};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// What a validator says of a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) certainty: Certainty,
    pub(crate) harmless: Option<Harmless>,
    pub(crate) detail: Option<String>,
}

/// Looks at a matched secret; none when it is none of the kind after all.
pub(crate) type Validator = fn(&str) -> Option<Verdict>;

fn verdict(certainty: Certainty, harmless: Option<Harmless>, detail: Option<String>) -> Option<Verdict> {
    Some(Verdict { certainty, harmless, detail })
}

/// Base64 in either alphabet, padded or not.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// The form alone.
pub(crate) fn form(_: &str) -> Option<Verdict> {
    verdict(Certainty::Form, None, None)
}

/// The form, of a key for tests that moves no money.
pub(crate) fn test_key(_: &str) -> Option<Verdict> {
    verdict(Certainty::Form, Some(Harmless::TestData), Some("a key of the provider's test mode".to_owned()))
}

/// The form, and a value that looks drawn at random: for formats without a prefix of their own.
pub(crate) fn random(secret: &str) -> Option<Verdict> {
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    let letters = secret.bytes().filter(u8::is_ascii_alphabetic).count();
    (digits >= 2 && letters >= 2 && entropy(secret.as_bytes()) >= 3.0).then_some(())?;
    form(secret)
}

/// CRC-32 as in zlib.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A number in base 62, six digits.
pub(crate) fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = ['0'; 6];
    for place in out.iter_mut().rev() {
        *place = char::from(DIGITS[(number % 62) as usize]);
        number /= 62;
    }
    out.iter().collect()
}

/// GitHub's and npm's tokens end in the CRC-32 of what follows the prefix, in base 62.
pub(crate) fn crc_base62(secret: &str) -> Option<Verdict> {
    let body = secret.split_once('_').map(|(_, body)| body)?;
    let split = body.len().checked_sub(6)?;
    let (random, sum) = (body.get(..split)?, body.get(split..)?);
    if base62(crc32(random.as_bytes())) == sum {
        verdict(Certainty::Proven, None, Some("its checksum is right".to_owned()))
    } else {
        verdict(Certainty::Form, Some(Harmless::BadChecksum), Some("its checksum is wrong".to_owned()))
    }
}

/// Grafana's service account tokens end in a CRC-32 in hexadecimal. Which bytes come first is told nowhere; either is taken.
pub(crate) fn grafana(secret: &str) -> Option<Verdict> {
    let (body, sum) = secret.strip_prefix("glsa_")?.rsplit_once('_')?;
    let crc = crc32(body.as_bytes());
    let sum = sum.to_ascii_lowercase();
    if sum == hex::encode(crc.to_le_bytes()) || sum == hex::encode(crc.to_be_bytes()) {
        verdict(Certainty::Proven, None, Some("its checksum is right".to_owned()))
    } else {
        form(secret)
    }
}

/// An AWS key id holds the account number.
pub(crate) fn aws_id(secret: &str) -> Option<Verdict> {
    let body = secret.get(4..)?;
    let mut bits: u64 = 0;
    for byte in body.bytes().take(10) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u64::from(digit);
    }
    // 50 bits are read; the account number is bits 7 to 46 of the first 48.
    let account = ((bits >> 2) & 0x7fff_ffff_ff80) >> 7;
    let harmless = secret.ends_with("EXAMPLE").then_some(Harmless::Example);
    if harmless.is_none() && entropy(body.as_bytes()) < 2.5 {
        return verdict(Certainty::Form, Some(Harmless::Placeholder), None);
    }
    let detail = (account < 1_000_000_000_000).then(|| format!("account {account:012}"));
    verdict(Certainty::Form, harmless, detail)
}

/// 40 characters of base64, upper, lower and digits among them.
pub(crate) fn aws_secret(secret: &str) -> Option<Verdict> {
    let harmless = secret.contains("EXAMPLE").then_some(Harmless::Example);
    let has = |test: fn(&u8) -> bool| secret.bytes().any(|b| test(&b));
    let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (mixed && entropy(secret.as_bytes()) >= 3.8).then_some(())?;
    verdict(Certainty::Form, harmless, None)
}

/// A PyPI token is a macaroon: version, then the location `pypi.org`.
pub(crate) fn pypi(secret: &str) -> Option<Verdict> {
    let bytes = decode_base64(secret.strip_prefix("pypi-")?)?;
    let [2, 1, length, rest @ ..] = bytes.as_slice() else { return None };
    let location = std::str::from_utf8(rest.get(..usize::from(*length))?).ok()?;
    if !location.ends_with("pypi.org") {
        return None;
    }
    let harmless = (location == "test.pypi.org").then_some(Harmless::TestData);
    verdict(Certainty::Proven, harmless, Some(format!("a token for {location}")))
}

/// JSON in base64 behind a prefix.
pub(crate) fn json_behind_prefix(secret: &str) -> Option<Verdict> {
    let body = secret.split_once('_').map_or(secret, |(_, body)| body);
    let body = body.split('_').next().unwrap_or(body);
    let bytes = decode_base64(body)?;
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).ok()?;
    verdict(Certainty::Proven, None, None)
}

/// A JSON web token: a header with `alg`, a payload that is an object.
pub(crate) fn jwt(secret: &str) -> Option<Verdict> {
    let mut parts = secret.split('.');
    let object =
        |part: &str| serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&decode_base64(part)?).ok();
    let header = object(parts.next()?)?;
    let algorithm = header.get("alg")?.as_str()?;
    let algorithm: String = algorithm.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let payload = object(parts.next()?)?;
    let signature = parts.next().unwrap_or_default();
    if signature.is_empty() && !algorithm.eq_ignore_ascii_case("none") {
        return None;
    }
    let expiry = match payload.get("exp").and_then(serde_json::Value::as_i64) {
        Some(seconds) => format!("expires {}", date(seconds)),
        None => "without expiry".to_owned(),
    };
    let text = |key: &str| payload.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    let example = text("name") == "John Doe" || text("sub") == "1234567890" || text("iss").contains("example");
    // Local development keys of the `supabase` starter and the like say so.
    let harmless = (example || text("iss").ends_with("-demo")).then_some(Harmless::Example);
    verdict(Certainty::Proven, harmless, Some(format!("algorithm {algorithm}, {expiry}")))
}

/// Seconds since 1970 as a date, after Howard Hinnant's `civil_from_days`.
fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400).clamp(-1_000_000, 5_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// An age identity is bech32 with its checksum.
pub(crate) fn age(secret: &str) -> Option<Verdict> {
    const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = secret.to_ascii_lowercase();
    let (prefix, data) = lower.rsplit_once('1')?;
    let step = |sum: u32, value: u32| {
        let top = sum >> 25;
        let mut next = ((sum & 0x01ff_ffff) << 5) ^ value;
        for (i, generator) in [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].iter().enumerate() {
            if (top >> i) & 1 == 1 {
                next ^= generator;
            }
        }
        next
    };
    let mut sum = prefix.bytes().fold(1, |sum, b| step(sum, u32::from(b >> 5)));
    sum = step(sum, 0);
    sum = prefix.bytes().fold(sum, |sum, b| step(sum, u32::from(b & 31)));
    for byte in data.bytes() {
        let digit = DIGITS.iter().position(|&d| d == byte)?;
        sum = step(sum, u32::try_from(digit).ok()?);
    }
    if sum == 1 {
        verdict(Certainty::Proven, None, Some("its checksum is right".to_owned()))
    } else {
        verdict(Certainty::Form, Some(Harmless::BadChecksum), Some("its checksum is wrong".to_owned()))
    }
}

/// An OpenAI key has its mark in the middle.
pub(crate) fn openai(secret: &str) -> Option<Verdict> {
    (secret.contains("T3BlbkFJ") || (secret.starts_with("sk-proj-") && secret.len() > 40)).then_some(())?;
    form(secret)
}

/// A service key that must hold both letters and digits, since its prefix may be a word.
pub(crate) fn mixed(secret: &str) -> Option<Verdict> {
    let digits = secret.bytes().filter(u8::is_ascii_digit).count();
    let upper = secret.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = secret.bytes().filter(u8::is_ascii_lowercase).count();
    (digits >= 2 && upper + lower >= 3 && entropy(secret.as_bytes()) >= 3.0).then_some(())?;
    form(secret)
}

/// Letters of both cases; a Hugging Face token holds nothing else.
pub(crate) fn both_cases(secret: &str) -> Option<Verdict> {
    let body = secret.split_once('_').map_or(secret, |(_, body)| body);
    let upper = body.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = body.bytes().filter(u8::is_ascii_lowercase).count();
    (upper >= 4 && lower >= 4 && entropy(body.as_bytes()) >= 3.3).then_some(())?;
    form(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_computed_as_their_makers_do() {
        // GitHub publishes this pair of body and checksum.
        assert_eq!(base62(crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")), "0mLq17");
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn the_account_is_read_from_the_key_id() {
        let verdict = aws_id(concat!("ASIA", "QNZGKIQY56JQ7WML")).unwrap();
        assert_eq!(verdict.detail.as_deref(), Some("account 029608264753"));
        assert_eq!(aws_id(concat!("AKIA", "IOSFODNN7EXAMPLE")).unwrap().harmless, Some(Harmless::Example));
    }

    #[test]
    fn dates_are_read() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(1_516_239_022), "2018-01-18");
        assert_eq!(date(4_102_444_800), "2100-01-01");
        date(i64::MAX);
        date(i64::MIN);
    }
}
