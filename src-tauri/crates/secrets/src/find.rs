//! Finding secrets: in free text, in a named setting, in a file that streams past.

use std::collections::HashSet;

use crate::files::{self, KEEP};
use crate::hit::{Hit, line_feeds, resolve};
use crate::keys::LONGEST;
use crate::pairs::weigh;
use crate::place::{self, Reader};
use crate::scan::{Context, TEXT, scan};
use crate::{Certainty, Finding, Harmless, NameKind, classify_name, is_masked, is_reference, mask_spans, shell};

/// Most findings that one text or file gives.
const MOST: usize = 100;
/// Largest credential file that is kept whole.
const LARGEST_WHOLE: usize = 1 << 20;
/// How much of a stream is gathered before it is looked at.
const CHUNK: usize = 256 << 10;
/// How much must stand behind a place before it is looked at: the longest thing that may begin there.
const AHEAD: usize = LONGEST;

/// All hits in free text, those in our own masks left out.
pub(crate) fn text_hits(text: &str, hits: &mut Vec<Hit>) {
    let first = hits.len();
    scan(text.as_bytes(), 0, text.len(), TEXT, hits);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        shell::scan_line(line.trim_end_matches(['\r', '\n']), at, 0, hits);
        at += line.len();
    }
    let masks = mask_spans(text);
    if !masks.is_empty() {
        let mut index = first;
        while let Some(hit) = hits.get(index) {
            if masks.iter().any(|(start, end)| hit.start < *end && *start < hit.end) {
                hits.swap_remove(index);
            } else {
                index += 1;
            }
        }
    }
}

/// Secrets in free text: a `RUN` body, a history line, a label.
#[must_use]
pub fn find_in_text(text: &str) -> Vec<Finding> {
    let mut hits = Vec::new();
    text_hits(text, &mut hits);
    let mut gathered = Gathered::default();
    gathered.add(text.as_bytes(), 1, hits, None);
    gathered.finish()
}

/// Secrets in the value of a named setting: `ENV`, `ARG`, a label, Compose's `environment`. The line is 1.
#[must_use]
pub fn find_in_setting(name: &str, value: &str) -> Vec<Finding> {
    if value.trim().is_empty() || is_masked(value) {
        return Vec::new();
    }
    let shown_name: String = name.chars().take(200).collect();
    let mut hits = Vec::new();
    text_hits(value, &mut hits);
    let hits: Vec<Hit> = resolve(hits);
    let by_form =
        hits.iter().any(|hit| hit.certainty <= Certainty::Form && hit.harmless != Some(Harmless::Placeholder));
    let mut findings: Vec<Finding>;
    let by_name = classify_name(name) == NameKind::Secret && !is_reference(value);
    if by_name && !by_form {
        findings = Vec::new();
        if let Some((certainty, harmless)) = weigh(value, true) {
            let hit = Hit {
                start: 0,
                end: value.len(),
                kind: "value-of-secret-name",
                title: "value under a secret's name".to_owned(),
                name: Some(shown_name),
                certainty,
                harmless,
                detail: None,
            };
            findings.push(hit.finding(value.as_bytes(), 1));
        }
    } else {
        let mut gathered = Gathered::default();
        gathered.add(value.as_bytes(), 1, hits, None);
        findings = gathered.finish();
        for finding in &mut findings {
            finding.line = 1;
            finding.name.get_or_insert_with(|| shown_name.clone());
        }
    }
    findings
}

/// Secrets in a file that is there whole.
#[must_use]
pub fn find_in_file(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let mut scanner = FileScanner::new(path, bytes.len() as u64);
    scanner.push(bytes);
    scanner.finish()
}

/// Findings, each once, up to a number.
#[derive(Debug, Default)]
struct Gathered {
    findings: Vec<Finding>,
    seen: HashSet<(String, String, Option<String>)>,
    more: u64,
    surest: Option<Certainty>,
}

impl Gathered {
    /// Adds hits of a buffer whose first byte lies on a line.
    fn add(&mut self, buf: &[u8], first_line: u32, hits: Vec<Hit>, harmless: Option<Harmless>) {
        let mut line = first_line;
        let mut counted = 0;
        for mut hit in resolve(hits) {
            if self.findings.len() >= MOST {
                self.more += 1;
                if hit.harmless.is_none() && harmless.is_none() {
                    self.surest = Some(self.surest.map_or(hit.certainty, |s| s.min(hit.certainty)));
                }
                continue;
            }
            line = line.saturating_add(line_feeds(buf.get(counted..hit.start).unwrap_or_default()));
            counted = counted.max(hit.start);
            hit.harmless = hit.harmless.or(harmless);
            let finding = hit.finding(buf, line);
            let key = (finding.kind.clone(), finding.shown.clone(), finding.name.clone());
            if self.seen.insert(key) {
                self.findings.push(finding);
            }
        }
    }

    fn finish(mut self) -> Vec<Finding> {
        if self.more > 0 {
            self.findings.push(Finding {
                kind: "further-findings".to_owned(),
                title: "further findings".to_owned(),
                name: None,
                line: self.findings.last().map_or(1, |finding| finding.line),
                length: 0,
                shown: String::new(),
                sha256: None,
                certainty: self.surest.unwrap_or(Certainty::Name),
                harmless: if self.surest.is_some() { None } else { Some(Harmless::TestData) },
                detail: Some(format!("{} more, not listed one by one", self.more)),
            });
        }
        self.findings
    }
}

/// Looks for secrets in a file whose bytes stream past; memory is bounded whatever the file's size.
#[derive(Debug)]
pub struct FileScanner {
    reader: Reader,
    context: Context,
    harmless: Option<Harmless>,
    /// What is not yet done with: some bytes that were, for looking back, and all that were not.
    buf: Vec<u8>,
    /// How much of `buf` was looked at.
    done: usize,
    /// Line of the first byte of `buf`.
    line: u32,
    /// A binary file; known with its first bytes.
    binary: Option<bool>,
    gathered: Gathered,
}

impl FileScanner {
    /// A scanner for the file at an absolute path, with its size in bytes.
    #[must_use]
    pub fn new(path: &str, size: u64) -> Self {
        let reader = place::reader(path);
        let reader = if size > LARGEST_WHOLE as u64 { Reader::Stream } else { reader };
        Self {
            reader,
            context: place::context(path),
            harmless: place::is_test_data(path).then_some(Harmless::TestData),
            buf: Vec::new(),
            done: 0,
            line: 1,
            binary: None,
            gathered: Gathered::default(),
        }
    }

    /// The next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(CHUNK) {
            self.buf.extend_from_slice(piece);
            if self.reader != Reader::Stream {
                if self.buf.len() <= LARGEST_WHOLE {
                    continue;
                }
                // Larger than it said: read like any other.
                self.reader = Reader::Stream;
            }
            if self.buf.len() >= self.done + CHUNK + AHEAD {
                let to = self.buf.len() - AHEAD;
                self.look(to);
                self.forget();
            }
        }
    }

    /// Looks at what begins before `to`.
    fn look(&mut self, to: usize) {
        let binary = *self.binary.get_or_insert_with(|| files::is_binary(&self.buf));
        let mut hits = Vec::new();
        scan(&self.buf, self.done, to, Context { binary, ..self.context }, &mut hits);
        self.gathered.add(&self.buf, self.line, hits, self.harmless);
        self.done = to;
    }

    /// Lets go of what nothing looks back to any more.
    fn forget(&mut self) {
        let cut = self.done.saturating_sub(KEEP);
        self.line = self.line.saturating_add(line_feeds(self.buf.get(..cut).unwrap_or_default()));
        self.buf.drain(..cut);
        self.done -= cut;
    }

    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> Vec<Finding> {
        if self.reader == Reader::Stream {
            let end = self.buf.len();
            self.look(end);
        } else {
            let hits = files::whole_file(self.reader, &self.buf);
            self.gathered.add(&self.buf, 1, hits, self.harmless);
        }
        self.gathered.finish()
    }
}
