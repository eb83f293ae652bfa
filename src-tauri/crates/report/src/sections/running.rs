//! What every page carries: header, footer, and the mark of a draft.

use super::Context;
use crate::page::{Item, Page, Paint, Point};
use crate::text::Typesetter;
use crate::theme;

/// Adds header and footer to the pages that carry them, and the mark of a draft to all.
pub fn add(cx: &Context, pages: &mut [Page], typesetter: &mut Typesetter) {
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        let mut items = Vec::new();
        if page.running {
            if cx.content.draft {
                watermark(cx, &mut items, typesetter);
            }
            header(cx, &mut items, typesetter);
            footer(cx, &page.section, index + 1, count, &mut items, typesetter);
        }
        // They lie below the text.
        items.append(&mut page.items);
        page.items = items;
    }
}

fn header(cx: &Context, items: &mut Vec<Item>, typesetter: &mut Typesetter) {
    let (content, words) = (cx.content, cx.words);
    let baseline = 46.0;
    let (state, color) = if content.draft { (words.draft(), theme::RED) } else { (words.confidential(), theme::NAVY) };
    let number = format!("{} {}", words.report_number(), content.number);
    let number = typesetter.fitted(&number, theme::RUNNING, 150.0);
    let state_width = typesetter.width(state, theme::RUNNING_STRONG);
    let number_width = typesetter.width(&number, theme::RUNNING);
    let right = theme::PAGE_WIDTH - theme::MARGIN;
    let mut put = |text: &str, style, x: f32| items.extend(typesetter.line_at(text, style, Point { x, y: baseline }).0);
    put(state, theme::RUNNING_STRONG.colored(color), right - state_width);
    put(&number, theme::RUNNING, right - state_width - 14.0 - number_width);
    let room = theme::WIDTH - state_width - number_width - 40.0;
    let title = typesetter.fitted(&content.title, theme::RUNNING, room);
    items.extend(typesetter.line_at(&title, theme::RUNNING, Point { x: theme::MARGIN, y: baseline }).0);
    rule(items, 53.0);
}

fn footer(cx: &Context, section: &str, page: usize, count: usize, items: &mut Vec<Item>, typesetter: &mut Typesetter) {
    let baseline = theme::PAGE_HEIGHT - 38.0;
    rule(items, theme::PAGE_HEIGHT - 50.0);
    let place = cx.words.page_of(page, count);
    let width = typesetter.width(&place, theme::RUNNING);
    let section = typesetter.fitted(section, theme::RUNNING, theme::WIDTH - width - 20.0);
    items.extend(typesetter.line_at(&section, theme::RUNNING, Point { x: theme::MARGIN, y: baseline }).0);
    let x = theme::PAGE_WIDTH - theme::MARGIN - width;
    items.extend(typesetter.line_at(&place, theme::RUNNING, Point { x, y: baseline }).0);
}

fn rule(items: &mut Vec<Item>, y: f32) {
    items.push(Item::Path {
        points: vec![Point { x: theme::MARGIN, y }, Point { x: theme::PAGE_WIDTH - theme::MARGIN, y }],
        closed: false,
        paint: Paint::Stroke(theme::HAIR, 0.4),
    });
}

fn watermark(cx: &Context, items: &mut Vec<Item>, typesetter: &mut Typesetter) {
    let style = theme::H1.colored(theme::WATERMARK).sized(120.0);
    let text = cx.words.draft().to_uppercase();
    let turn = 54.0_f32;
    let half = typesetter.width(&text, style) / 2.0;
    let (sin, cos) = turn.to_radians().sin_cos();
    // The middle of the word is the middle of the page.
    let at = Point {
        x: theme::PAGE_WIDTH / 2.0 - half * cos + 42.0 * sin,
        y: theme::PAGE_HEIGHT / 2.0 + half * sin + 42.0 * cos,
    };
    let (drawn, _) = typesetter.line_at(&text, style, at);
    items.extend(drawn.into_iter().map(|item| match item {
        Item::Text { run, size, color, .. } => Item::Text { at, run, size, color, turned: turn },
        other => other,
    }));
}
