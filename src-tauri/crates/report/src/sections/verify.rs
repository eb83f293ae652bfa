//! The page that lets a reader prove the file by themselves.

use sha2::{Digest, Sha256};

use super::{Context, command, grouped, lead, note, opening, pairs};
use crate::layout::{Block, Heading};
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:verify";

/// The blocks of the page.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let (content, words) = (cx.content, cx.words);
    let (entries, head) = &content.trail_head;
    let hash = |text: &str| Para { leading: Some(12.0), ..Para::new(grouped(text), theme::CELL_CODE) };
    let results = hex::encode(Sha256::digest(content.results_json.as_bytes()));
    let mut blocks = vec![
        cx.section(words.verify_title(), ANCHOR),
        lead(if content.draft { words.verify_draft() } else { words.verify_lead() }),
        title(cx, words.fingerprints(), "fingerprints"),
        pairs(vec![
            (words.signature_field().to_owned(), vec![Para::new(words.signature_field_text(), theme::CELL)]),
            (words.attached().to_owned(), vec![Para::new(words.attached_text(), theme::CELL), hash(&results)]),
            (
                words.snapshot().to_owned(),
                vec![Para::new(words.snapshot_text(), theme::CELL), hash(&content.snapshot_sha256)],
            ),
            (words.trail_head().to_owned(), vec![Para::new(words.entries(*entries), theme::CELL), hash(head)]),
            (
                words.engagement().to_owned(),
                vec![Para::of(vec![Span::new(
                    format!("{}, {} {}", content.engagement, words.report_number(), content.number),
                    theme::CELL,
                )])],
            ),
        ]),
    ];
    let recipes: [(&str, &str, &str, &[&str], &str); 3] = [
        (
            words.check_signature(),
            "signature",
            words.check_signature_text(),
            &["pdfsig report.pdf"],
            words.check_signature_expect(),
        ),
        (
            words.check_changes(),
            "changes",
            words.check_changes_text(),
            &["pyhanko sign validate --trust-replace --trust ca.pem report.pdf"],
            words.check_changes_expect(),
        ),
        (
            words.check_attachment(),
            "attachment",
            words.check_attachment_text(),
            &["pdfdetach -saveall report.pdf", "sha256sum results.json"],
            words.check_attachment_expect(),
        ),
    ];
    for (heading, name, text, lines, expect) in recipes {
        blocks.extend([title(cx, heading, name), opening(text), command(lines), note(expect)]);
    }
    blocks
}

fn title(_: &Context, text: &str, name: &str) -> Block {
    Block::Heading(Heading {
        level: 2,
        number: String::new(),
        title: text.to_owned(),
        anchor: format!("verify:{name}"),
        aside: None,
        listed: false,
    })
}
