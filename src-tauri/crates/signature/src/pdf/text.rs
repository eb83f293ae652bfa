//! Text strings and dates as PDF writes them (ISO 32000-1, 7.9.2 and 7.9.4).

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// A text string as a PDF object: plain ASCII as a literal, everything else as UTF-16BE in hexadecimal.
pub(crate) fn text_object(text: &str) -> Vec<u8> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        let mut out = vec![b'('];
        for byte in text.bytes() {
            if matches!(byte, b'(' | b')' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b')');
        return out;
    }
    let units: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    format!("<{}>", hex::encode(units)).into_bytes()
}

/// The text of a text string; bytes outside ASCII without a mark are read as Latin-1.
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        let units: Vec<u16> = rest.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        return String::from_utf8_lossy(rest).into_owned();
    }
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// A date as a PDF object, with its offset from UTC.
pub(crate) fn date_object(at: OffsetDateTime) -> String {
    let (hours, minutes, _) = at.offset().as_hms();
    let sign = if hours < 0 || minutes < 0 { '-' } else { '+' };
    format!(
        "(D:{:04}{:02}{:02}{:02}{:02}{:02}{sign}{:02}'{:02}')",
        at.year().clamp(0, 9999),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs()
    )
}

/// The moment that a full date string names; shorter forms are not accepted.
pub(crate) fn decode_date(bytes: &[u8]) -> Option<OffsetDateTime> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix("D:")?;
    let part = |from: usize, to: usize| -> Option<u32> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let byte = |from: usize| part(from, from + 2).and_then(|number| u8::try_from(number).ok());
    let year = i32::try_from(part(0, 4)?).ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(byte(4)?).ok()?, byte(6)?).ok()?;
    let time = Time::from_hms(byte(8)?, byte(10)?, byte(12)?).ok()?;
    let offset = match text.get(14..15)? {
        "Z" => UtcOffset::UTC,
        sign @ ("+" | "-") => {
            let hours = i8::try_from(byte(15)?).ok()?;
            let minutes = i8::try_from(byte(18)?).ok()?;
            let turn = if sign == "-" { -1 } else { 1 };
            UtcOffset::from_hms(turn * hours, turn * minutes, 0).ok()?
        }
        _ => return None,
    };
    Some(date.with_time(time).assume_offset(offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn text_survives() {
        for text in ["Jane (Doe) \\", "Ζωή Müller", "審査員 🚢", ""] {
            let object = text_object(text);
            let value = crate::pdf::syntax::Parser::new(&object, 0).value().unwrap();
            let crate::pdf::syntax::Kind::String(bytes) = value.kind else { panic!("no string") };
            assert_eq!(decode_text(&bytes), text);
        }
    }

    #[test]
    fn dates_survive() {
        for at in [
            datetime!(2026-02-28 23:59:58 UTC),
            datetime!(2026-07-01 08:00:00 -3:30),
            datetime!(2026-07-01 08:00:00 +2),
        ] {
            let object = date_object(at);
            assert_eq!(decode_date(object.trim_matches(['(', ')']).as_bytes()), Some(at), "{object}");
        }
        for bad in
            ["", "D:2026", "D:20261301000000Z", "D:20260101000000*01'00'", "D:+0260101000000Z", "D:2026010100000é"]
        {
            assert_eq!(decode_date(bad.as_bytes()), None, "{bad}");
        }
    }
}
