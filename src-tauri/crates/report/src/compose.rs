//! The whole report as pages: sections in their order, numbers, contents, header and footer.

use std::collections::BTreeMap;

use crate::content::Content;
use crate::layout::{Block, Flowed, Frame, flow};
use crate::page::{Bookmark, Page, Picture, Place};
use crate::sections::{
    Context, contents, cover, evidence, method, requirements, running, runtime, sign_off, subjects, summary, tools,
    use_cases, verify, vulnerabilities,
};
use crate::strings::Words;
use crate::text::Typesetter;

/// The laid out report.
#[derive(Debug)]
pub struct Composed {
    /// All pages.
    pub pages: Vec<Page>,
    /// The bookmarks, in order.
    pub bookmarks: Vec<Bookmark>,
    /// Where anchors are.
    pub places: BTreeMap<String, Place>,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// What is wrong with single pieces.
    pub warnings: Vec<String>,
}

/// A section begins a page unless so much room is left.
const ROOM: f32 = 430.0;
/// More characters do not fit into one sentence.
const MOST_CHARACTERS: usize = 20;

/// Lays the report out.
pub fn compose(content: &Content, typesetter: &mut Typesetter) -> Composed {
    let words = Words(content.language);
    let mut pictures = Vec::new();
    let mut warnings = Vec::new();
    let cx = |number| Context { content, words, number };
    let runs = content.subjects.iter().any(|sheet| sheet.runs);
    // Sections that nothing was found for are left out, and the numbers close up.
    let mut last = 4;
    let mut next = || {
        last += 1;
        u8::to_string(&last)
    };
    let runtime_number = if runs { next() } else { String::new() };
    let scanned = content.vulnerabilities.as_ref().map(|part| (part, next()));
    let [requirements_number, evidence_number, tools_number, sign_off_number] = [next(), next(), next(), next()];
    let mut sections: Vec<(Vec<Block>, f32)> = vec![
        (summary::blocks(&cx("1"), "4", &runtime_number), ROOM),
        (method::blocks(&cx("2")), ROOM),
        (use_cases::blocks(&cx("3")), ROOM),
        (subjects::blocks(&cx("4")), ROOM),
    ];
    if runs {
        sections.push((runtime::blocks(&cx(&runtime_number)), ROOM));
    }
    if let Some((part, number)) = &scanned {
        sections.push((vulnerabilities::blocks(&cx(number), part, typesetter), ROOM));
    }
    sections.extend([
        (requirements::blocks(&cx(&requirements_number)), ROOM),
        (evidence::blocks(&cx(&evidence_number), &mut pictures, &mut warnings), ROOM),
        (tools::blocks(&cx(&tools_number)), 240.0),
        (sign_off::blocks(&cx(&sign_off_number), typesetter), 340.0),
    ]);
    let mut blocks = Vec::new();
    for (index, (section, room)) in sections.into_iter().enumerate() {
        // A section begins a page, unless most of one is left; short ones follow where there is room.
        if index > 0 {
            blocks.extend([Block::Need(room), Block::Space(34.0)]);
        }
        blocks.extend(section);
    }
    let body = flow(&blocks, Frame::default(), typesetter);

    let mut whole = Flowed { pages: vec![cover::page(&cx(""), typesetter)], ..Flowed::default() };
    whole.append(flow(&verify::blocks(&cx("")), Frame::default(), typesetter));
    let listed: Vec<Bookmark> = whole.listed.iter().chain(&body.listed).cloned().collect();
    // The length of the contents does not depend on the numbers in it.
    let length =
        flow(&contents::blocks(&cx(""), &listed, |_| "1".to_owned()), Frame::default(), typesetter).pages.len();
    let front = whole.pages.len();
    let number = |anchor: &str| {
        let before = whole.places.get(anchor).map(|place| place.page + 1);
        let after = || body.places.get(anchor).map(|place| place.page + front + length + 1);
        before.or_else(after).map(|page| page.to_string()).unwrap_or_default()
    };
    let mut table = flow(&contents::blocks(&cx(""), &listed, number), Frame::default(), typesetter);
    table.listed.clear();
    whole.append(table);
    whole.append(body);
    running::add(&cx(""), &mut whole.pages, typesetter);
    warnings.extend(told(words, typesetter));
    Composed { pages: whole.pages, bookmarks: whole.bookmarks, places: whole.places, pictures, warnings }
}

/// What the typesetter could not do, in words.
fn told(words: Words, typesetter: &Typesetter) -> Vec<String> {
    let mut told = Vec::new();
    let missing: Vec<char> = typesetter.missing().iter().copied().collect();
    if !missing.is_empty() {
        let shown = missing.len().min(MOST_CHARACTERS);
        told.push(words.missing_glyphs(&missing[..shown], missing.len() - shown));
    }
    told.extend(typesetter.overfull().iter().map(|line| words.overfull(line)));
    told
}
