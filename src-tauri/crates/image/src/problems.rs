//! Collecting the oddities of an image without letting a hostile one fill the memory with them.

use std::collections::BTreeMap;

/// Different kinds of oddity that are kept; more are only counted.
const KINDS: usize = 200;

/// Oddities by place and kind: how many, and the first example.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems {
    /// Key: place (“layer 1 of 3”), kind. Value: count, first example.
    seen: BTreeMap<(String, &'static str), (u64, String)>,
    single: Vec<String>,
    dropped: u64,
}

impl Problems {
    /// Notes an oddity that can come many times; `kind` reads on from a number: “names are not UTF-8”.
    pub(crate) fn count(&mut self, place: &str, kind: &'static str, example: &str) {
        if let Some((count, _)) = self.seen.get_mut(&(place.to_owned(), kind)) {
            *count += 1;
        } else if self.seen.len() < KINDS {
            self.seen.insert((place.to_owned(), kind), (1, crate::names::shown(example)));
        } else {
            self.dropped += 1;
        }
    }

    /// Notes one whole sentence.
    pub(crate) fn say(&mut self, sentence: String) {
        if self.single.len() < KINDS {
            self.single.push(sentence);
        } else {
            self.dropped += 1;
        }
    }

    /// Adds another collection.
    pub(crate) fn merge(&mut self, other: Problems) {
        for sentence in other.single {
            self.say(sentence);
        }
        self.dropped += other.dropped;
        for (key, (count, example)) in other.seen {
            if self.seen.len() < KINDS || self.seen.contains_key(&key) {
                self.seen.entry(key).or_insert((0, example)).0 += count;
            } else {
                self.dropped += count;
            }
        }
    }

    /// The sentences.
    pub(crate) fn into_sentences(self) -> Vec<String> {
        let mut all = self.single;
        for ((place, kind), (count, example)) in self.seen {
            all.push(format!("{}: {kind} ({count}, the first: {example}).", capital(&place)));
        }
        if self.dropped > 0 {
            all.push(format!("{} more oddities are not listed.", self.dropped));
        }
        all
    }
}

/// The text with its first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
