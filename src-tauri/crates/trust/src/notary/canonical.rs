//! Canonical JSON as Notary v1 signs it: members in the order of their names' bytes, no white space, whole numbers only.
//!
//! It is not RFC 8785: only the quotation mark and the backslash are escaped, everything else stands as it is, control
//! characters too.

use serde_json::{Map, Value};

/// A number with a fraction or an exponent, or beyond 64 bits: it has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotWhole;

/// The bytes that a signature is over, or that a key's id is the hash of. The reader's limit on depth bounds this one.
pub(super) fn canonical(value: &Value) -> Result<Vec<u8>, NotWhole> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotWhole> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let whole = number
                .as_u64()
                .map(|n| n.to_string())
                .or_else(|| number.as_i64().map(|n| n.to_string()))
                .ok_or(NotWhole)?;
            out.extend_from_slice(whole.as_bytes());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => write_members(members, out)?,
    }
    Ok(())
}

fn write_members(members: &Map<String, Value>, out: &mut Vec<u8>) -> Result<(), NotWhole> {
    // Whether the map is sorted already depends on a feature that any crate of the workspace may switch on.
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by(|one, other| one.0.as_bytes().cmp(other.0.as_bytes()));
    out.push(b'{');
    for (index, (name, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_text(name, out);
        out.push(b':');
        write(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<String, NotWhole> {
        canonical(&serde_json::from_str(json).unwrap()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn members_are_sorted_and_white_space_is_gone() {
        assert_eq!(of(r#"{ "b" : [ 1 , 2 ], "a" : { } , "B": null }"#).unwrap(), r#"{"B":null,"a":{},"b":[1,2]}"#);
        assert_eq!(of("[true,\n false, []]").unwrap(), "[true,false,[]]");
    }

    #[test]
    fn names_are_sorted_by_their_bytes() {
        // U+FF5E has three bytes that begin with EF, U+1F600 four that begin with F0; UTF-16 would turn them round.
        assert_eq!(of("{\"\u{1F600}\":1,\"\u{FF5E}\":2,\"z\":3}").unwrap(), "{\"z\":3,\"\u{FF5E}\":2,\"\u{1F600}\":1}");
    }

    #[test]
    fn only_the_quotation_mark_and_the_backslash_are_escaped() {
        assert_eq!(of(r#""a\"b\\c\/d\n\u0001\u00e9""#).unwrap(), "\"a\\\"b\\\\c/d\n\u{1}é\"");
    }

    #[test]
    fn whole_numbers_stand_as_they_are_and_others_are_refused() {
        assert_eq!(
            of("[0,-1,9223372036854775807,18446744073709551615]").unwrap(),
            "[0,-1,9223372036854775807,18446744073709551615]"
        );
        for json in ["1.5", "1.0", "1e3", "18446744073709551616", "[{\"a\":0.1}]"] {
            assert_eq!(of(json), Err(NotWhole), "{json}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_canonical_form_is_its_own_canonical_form(text in "[a-zA-Z0-9 {}:,é\"\\\\]{0,40}", number in proptest::num::i64::ANY) {
            let value = serde_json::json!({ "t": text, "n": number, "a": [text, { "x": null }] });
            let once = canonical(&value).unwrap();
            let again: Value = serde_json::from_slice(&once).unwrap();
            proptest::prop_assert_eq!(&again, &value);
            proptest::prop_assert_eq!(canonical(&again).unwrap(), once);
        }
    }
}
