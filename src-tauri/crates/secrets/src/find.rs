//! Finding secrets: in free text, in a named setting, in a file that streams past.

use crate::Finding;

/// Secrets in free text: a `RUN` body, a history line, a label.
#[must_use]
pub fn find_in_text(_text: &str) -> Vec<Finding> {
    Vec::new()
}

/// Secrets in the value of a named setting: `ENV`, `ARG`, a label, Compose's `environment`. The line is 1.
#[must_use]
pub fn find_in_setting(_name: &str, _value: &str) -> Vec<Finding> {
    Vec::new()
}

/// Secrets in a file that is there whole.
#[must_use]
pub fn find_in_file(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let mut scanner = FileScanner::new(path, bytes.len() as u64);
    scanner.push(bytes);
    scanner.finish()
}

/// Looks for secrets in a file whose bytes stream past; memory is bounded whatever the file's size.
#[derive(Debug)]
pub struct FileScanner {}

impl FileScanner {
    /// A scanner for the file at an absolute path, with its size in bytes.
    #[must_use]
    pub fn new(_path: &str, _size: u64) -> Self {
        Self {}
    }

    /// The next bytes.
    pub fn push(&mut self, _bytes: &[u8]) {}

    /// What was found.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        Vec::new()
    }
}
