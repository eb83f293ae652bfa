//! The last page: two fields for signatures.

use super::{Context, body, lead};
use crate::layout::Block;
use crate::page::{Item, Paint, Point};
use crate::text::{Style, Typesetter};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:sign-off";
/// The name of the auditor's field.
pub const AUDITOR: &str = "Auditor";
/// The name of the reviewer's field.
pub const REVIEWER: &str = "Reviewer";

/// The blocks of the section.
pub fn blocks(cx: &Context, typesetter: &mut Typesetter) -> Vec<Block> {
    let words = cx.words;
    vec![
        cx.section(words.sign_off(), ANCHOR),
        lead(words.sign_off_lead()),
        body(words.sign_off_review()),
        body(words.sign_off_limits()),
        Block::Space(14.0),
        fields(cx, typesetter),
    ]
}

fn fields(cx: &Context, typesetter: &mut Typesetter) -> Block {
    let (content, words) = (cx.content, cx.words);
    let firm = content.auditor.organization.clone().unwrap_or_default();
    let right = theme::WIDTH - theme::SIGNATURE_WIDTH;
    let mut items = Vec::new();
    let columns = [
        (0.0, words.auditor(), AUDITOR, words.field_auditor(), content.auditor.name.clone(), firm),
        (right, words.reviewer(), REVIEWER, words.field_reviewer(), words.not_yet_named().to_owned(), String::new()),
    ];
    for (x, role, field, label, name, firm) in columns {
        let mut put = |text: &str, style: Style, y: f32| {
            let text = typesetter.fitted(text, style, theme::SIGNATURE_WIDTH);
            items.extend(typesetter.line_at(&text, style, Point { x, y }).0);
        };
        put(role, theme::H3, 10.0);
        let below = 18.0 + theme::SIGNATURE_HEIGHT;
        let style = if field == AUDITOR { theme::STRONG } else { theme::BODY.colored(theme::SLATE) };
        put(&name, style, below + 15.0);
        put(&firm, theme::BODY, below + 28.0);
        let at = Point { x, y: 18.0 };
        let (width, height) = (theme::SIGNATURE_WIDTH, theme::SIGNATURE_HEIGHT);
        items.push(Item::Rect { at, width, height, paint: Paint::Stroke(theme::HAIR, 0.8) });
        items.push(Item::Field { at, width, height, name: field.to_owned(), label: label.to_owned() });
    }
    Block::Figure { height: 18.0 + theme::SIGNATURE_HEIGHT + 36.0, items, keep_next: false }
}
