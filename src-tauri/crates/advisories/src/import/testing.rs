//! What tests of importers share: a sink that keeps everything.

use super::{Feed, Sink, find};
use crate::error::AdvisoryError;
use crate::matching::About;
use crate::record::{Affected, Record};

/// Keeps what comes.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) records: Vec<Record>,
    pub(super) about: Vec<About>,
    pub(super) covers: Vec<(String, bool)>,
    pub(super) snapshot: Option<String>,
    pub(super) notes: Vec<String>,
    /// Refuses the record of this number.
    pub(super) stop_at: Option<usize>,
}

impl Kept {
    fn stop(&self) -> Result<(), AdvisoryError> {
        if self.stop_at == Some(self.records.len() + self.about.len()) { Err(AdvisoryError::Cancelled) } else { Ok(()) }
    }

    pub(super) fn record(&self, id: &str) -> &Record {
        self.records.iter().find(|record| record.id == id).unwrap()
    }
}

impl Sink for Kept {
    fn record(&mut self, record: Record) -> Result<(), AdvisoryError> {
        self.stop()?;
        self.records.push(record);
        Ok(())
    }

    fn about(&mut self, about: About) -> Result<(), AdvisoryError> {
        self.stop()?;
        self.about.push(about);
        Ok(())
    }

    fn covers(&mut self, ecosystem: &str, with_unfixed: bool) -> Result<(), AdvisoryError> {
        self.covers.push((ecosystem.to_owned(), with_unfixed));
        Ok(())
    }

    fn snapshot(&mut self, snapshot: &str) {
        self.snapshot = Some(snapshot.to_owned());
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }
}

/// Reads a document in the format that it is found to be in.
pub(super) fn read(name: &str, text: &str) -> Result<(Feed, Kept), AdvisoryError> {
    let mut kept = Kept::default();
    let head = &text.as_bytes()[..text.len().min(4096)];
    let feed = find(name, head).unwrap().read(name, name, text.as_bytes(), &mut kept)?;
    Ok((feed, kept))
}

/// `name<fixed`, with what else there is.
pub(super) fn line(affected: &Affected) -> String {
    let mut line = format!("{} {}", affected.ecosystem, affected.name);
    for span in &affected.spans {
        match (&span.introduced, &span.fixed, &span.last_affected) {
            (None, Some(fixed), None) => line += &format!(" <{fixed}"),
            (None, None, None) => line += " all",
            other => line += &format!(" {other:?}"),
        }
    }
    for version in &affected.versions {
        line += &format!(" ={version}");
    }
    line += &format!(" {:?}", affected.kind);
    if affected.state != crate::record::State::Affected {
        line += &format!(" {:?}", affected.state);
    }
    for more in [&affected.module, &affected.channel, &affected.note].into_iter().flatten() {
        line += &format!(" [{more}]");
    }
    if !affected.architectures.is_empty() {
        line += &format!(" {}", affected.architectures.join("|"));
    }
    line
}

/// All lines of a record.
pub(super) fn lines(record: &Record) -> Vec<String> {
    record.affected.iter().map(line).collect()
}

/// Breaks a text: bytes at some places are replaced, cut out, or doubled.
pub(super) fn mutate(text: &str, edits: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, what, byte) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = at % bytes.len();
        match what % 5 {
            0 => bytes[at] = *byte,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, *byte),
            3 => bytes.truncate(at),
            _ => {
                let end = (at + 40).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = usize::from(*byte) * bytes.len() / 256;
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}
