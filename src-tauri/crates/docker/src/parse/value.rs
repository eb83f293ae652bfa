//! Reading fields of JSON that may be missing, null or of another type.

use std::collections::BTreeMap;

use serde_json::Value;

/// A word; none when it is missing, null or no word.
pub(crate) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// A word that says something.
pub(crate) fn filled(value: &Value, key: &str) -> Option<String> {
    text(value, key).filter(|text| !text.is_empty())
}

/// A word, or an empty one.
pub(crate) fn word(value: &Value, key: &str) -> String {
    text(value, key).unwrap_or_default()
}

/// Yes or no.
pub(crate) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

/// A number that is not negative; also where it is written as a word or with a point.
pub(crate) fn count(value: &Value, key: &str) -> Option<u64> {
    as_count(value.get(key)?)
}

/// See [`count`].
pub(crate) fn as_count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| as_number(value).and_then(|number| u64::try_from(number).ok()))
}

/// A number.
pub(crate) fn number(value: &Value, key: &str) -> Option<i64> {
    as_number(value.get(key)?)
}

fn as_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number with a point that is a whole one.
fn whole(number: f64) -> Option<i64> {
    // Up to 2^53 such a number is exact; what is larger was not written as a whole number by anybody.
    let fits = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    fits.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// The parts of a list; none when it is missing, null or no list.
pub(crate) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The words of a list; one word by itself counts as a list of one.
pub(crate) fn words(value: &Value, key: &str) -> Vec<String> {
    listed(value, key).unwrap_or_default()
}

/// As [`words`]; none when it is missing or null, which is something else than empty.
pub(crate) fn listed(value: &Value, key: &str) -> Option<Vec<String>> {
    match value.get(key)? {
        Value::Array(items) => Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()),
        Value::String(text) => Some(vec![text.clone()]),
        _ => None,
    }
}

/// Names with their values; numbers and flags as words, null as an empty word.
pub(crate) fn map(value: &Value, key: &str) -> BTreeMap<String, String> {
    let Some(Value::Object(entries)) = value.get(key) else { return BTreeMap::new() };
    entries.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// A value as a word.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The names of an object's fields.
pub(crate) fn keys(value: &Value, key: &str) -> Vec<String> {
    match value.get(key) {
        Some(Value::Object(entries)) => entries.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// A field of a field; null when one of them is not there.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().try_fold(value, |value, key| value.get(key)).unwrap_or(&Value::Null)
}

/// A list whose parts are read by a function; none when it is no list.
pub(crate) fn each<T>(value: &Value, read: impl Fn(&Value) -> T) -> Option<Vec<T>> {
    Some(value.as_array()?.iter().map(read).collect())
}
