//! Statements as they are gathered from a document: what all formats have in common, and the bounds.

use crate::bounded::malformed;
use crate::error::AdvisoryError;
use crate::vex::{Product, Statement, Status};
use crate::when;

/// Statements of one document.
const STATEMENTS: usize = 100_000;
/// Bytes of an id.
const ID: usize = 4096;
/// Bytes of a text.
const TEXT: usize = 64 << 10;
/// Other ids of one flaw.
const ALIASES: usize = 200;
/// Bytes that all statements together may take: documents repeat what they refer to.
const ALL: usize = 256 << 20;

/// OpenVEX's five, which CSAF's flags share.
const LABELS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// Gathers statements.
pub(super) struct Gather<'o> {
    origin: &'o str,
    statements: Vec<Statement>,
    left: usize,
}

impl<'o> Gather<'o> {
    pub(super) fn new(origin: &'o str) -> Gather<'o> {
        Gather { origin, statements: Vec::new(), left: ALL }
    }

    pub(super) fn wrong(&self, place: &str, reason: impl Into<String>) -> AdvisoryError {
        malformed(self.origin, place, reason)
    }

    /// Counts what is going to be repeated.
    pub(super) fn spend(&mut self, place: &str, bytes: usize) -> Result<(), AdvisoryError> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.wrong(place, format!("what it repeats takes more than {} MiB", ALL >> 20))),
        }
    }

    /// Adds a statement.
    ///
    /// # Errors
    /// When it is invalid, or too much.
    pub(super) fn add(&mut self, place: &str, statement: Statement) -> Result<(), AdvisoryError> {
        if self.statements.len() >= STATEMENTS {
            return Err(self.wrong(place, format!("it says more than {STATEMENTS} statements")));
        }
        if statement.vulnerability.is_empty() {
            return Err(self.wrong(place, "it names no vulnerability"));
        }
        if statement.aliases.len() > ALIASES {
            return Err(self.wrong(place, format!("it gives one flaw more than {ALIASES} ids")));
        }
        if statement.status == Status::NotAffected && statement.justification.is_none() && statement.impact.is_none() {
            let reason = format!("it says that {} does no harm, but not why", statement.vulnerability);
            return Err(self.wrong(place, reason));
        }
        let texts = [&statement.document, &statement.author, &statement.vulnerability].map(String::len);
        let options = [&statement.justification, &statement.impact, &statement.action];
        let options = options.map(|text| text.as_ref().map_or(0, String::len));
        let aliases: usize = statement.aliases.iter().map(String::len).sum();
        let products: usize = statement.products.iter().map(weight).sum();
        self.spend(place, texts.iter().chain(&options).sum::<usize>() + aliases + products + size_of::<Statement>())?;
        self.statements.push(statement);
        Ok(())
    }

    /// The statements.
    ///
    /// # Errors
    /// When there are none: such a document says nothing.
    pub(super) fn done(self) -> Result<Vec<Statement>, AdvisoryError> {
        if self.statements.is_empty() {
            return Err(self.wrong("the whole", "it says no statement"));
        }
        Ok(self.statements)
    }

    /// An id: trimmed, and of a length that can be.
    pub(super) fn id(&self, place: &str, text: &str) -> Result<String, AdvisoryError> {
        let text = text.trim();
        if text.len() > ID {
            return Err(self.wrong(place, format!("an id in it is longer than {ID} bytes")));
        }
        Ok(text.to_owned())
    }

    /// A text; none when it is empty.
    pub(super) fn text(&self, place: &str, text: Option<&str>) -> Result<Option<String>, AdvisoryError> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        if text.len() > TEXT {
            return Err(self.wrong(place, format!("a text in it is longer than {} KiB", TEXT >> 10)));
        }
        Ok(Some(text.to_owned()))
    }

    /// One of the five labels.
    pub(super) fn label(&self, place: &str, text: Option<&str>) -> Result<Option<String>, AdvisoryError> {
        self.word(place, text, &LABELS)
    }

    /// One of several words.
    pub(super) fn word(
        &self,
        place: &str,
        text: Option<&str>,
        words: &[&str],
    ) -> Result<Option<String>, AdvisoryError> {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Some((*word).to_owned())),
            None => Err(self.wrong(place, format!("its justification “{}” is none that is known", brief(text)))),
        }
    }

    /// A point in time, the first that is given; empty when none is.
    pub(super) fn at(&self, place: &str, given: &[Option<&str>]) -> Result<String, AdvisoryError> {
        let Some(text) = given.iter().flatten().map(|text| text.trim()).find(|text| !text.is_empty()) else {
            return Ok(String::new());
        };
        if when::instant(text).is_none() {
            return Err(self.wrong(place, format!("“{}” is no point in time", brief(text))));
        }
        Ok(text.to_owned())
    }
}

/// What a product takes.
pub(super) fn weight(product: &Product) -> usize {
    let lists = [&product.identifiers, &product.subcomponents, &product.versions];
    let texts: usize = lists.iter().flat_map(|list| list.iter()).map(|text| text.len() + size_of::<String>()).sum();
    product.id.len() + texts + size_of::<Product>()
}

/// A hash as images write digests: `sha256:…`.
pub(super) fn digest(algorithm: &str, value: &str) -> String {
    let algorithm = algorithm.to_ascii_lowercase();
    // `SHA-256`, `sha-256` and `sha256` are one, `sha3-256` another.
    let algorithm = algorithm.strip_prefix("sha-").map_or(algorithm.clone(), |size| format!("sha{size}"));
    format!("{algorithm}:{}", value.trim().to_ascii_lowercase())
}

/// The beginning of what a document says, for a sentence.
pub(super) fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
