//! The cover: whose report, about what, for whom, and the verdict in words.

use super::{Context, Tally};
use crate::layout::{Block, Cell, Frame, Row, Table, TableStyle, flow};
use crate::marks::Mark;
use crate::page::{Item, Page, Paint, Point};
use crate::text::{Para, Span, Style, Typesetter};
use crate::theme;

/// Height of the dark field.
const FIELD: f32 = 372.0;
/// More than this of a text is not for a cover.
const LONGEST: usize = 420;

/// Draws the cover.
pub fn page(cx: &Context, typesetter: &mut Typesetter) -> Page {
    let mut page = Page { section: String::new(), running: false, items: Vec::new() };
    page.items.push(Item::Rect {
        at: Point { x: 0.0, y: 0.0 },
        width: theme::PAGE_WIDTH,
        height: FIELD,
        paint: Paint::Fill(theme::NAVY),
    });
    house_mark(&mut page, theme::PAGE_WIDTH - theme::MARGIN - 22.0, 82.0);
    upper(cx, &mut page, typesetter);
    let verdict = verdict_blocks(cx);
    let frame = Frame { top: FIELD + 34.0, bottom: theme::PAGE_HEIGHT - 236.0, ..Frame::default() };
    add(&verdict, frame, &mut page, typesetter);
    let frame = Frame { top: theme::PAGE_HEIGHT - 226.0, bottom: theme::PAGE_HEIGHT - 20.0, ..Frame::default() };
    add(&[facts(cx)], frame, &mut page, typesetter);
    page
}

fn add(blocks: &[Block], frame: Frame, page: &mut Page, typesetter: &mut Typesetter) {
    // What does not fit is told in full in the sections.
    if let Some(first) = flow(blocks, frame, typesetter).pages.into_iter().next() {
        page.items.extend(first.items);
    }
}

/// The ship's load line: a ring and a bar.
fn house_mark(page: &mut Page, x: f32, y: f32) {
    let bar = |y: f32| Item::Path {
        points: vec![Point { x: x - 25.0, y }, Point { x: x + 25.0, y }],
        closed: false,
        paint: Paint::Stroke(theme::WHITE, 2.6),
    };
    page.items.push(Item::Circle { centre: Point { x, y }, radius: 15.0, paint: Paint::Stroke(theme::WHITE, 2.6) });
    page.items.push(bar(y));
}

fn upper(cx: &Context, page: &mut Page, typesetter: &mut Typesetter) {
    let (content, words) = (cx.content, cx.words);
    let pale = |style: Style| style.colored(crate::page::Color(0xc9, 0xd6, 0xe6));
    let mut top = Vec::new();
    let firm = content.auditor.organization.as_deref().unwrap_or(&content.auditor.name);
    let firm_para = Para::new(shortened(firm, 120), theme::H3.colored(theme::WHITE).sized(12.0));
    top.push(Block::Para(firm_para.spaced(0.0, 2.0)));
    let frame = Frame { top: 68.0, width: theme::WIDTH - 70.0, bottom: 130.0, ..Frame::default() };
    add(&top, frame, page, typesetter);
    // The title stands on the lower edge of the field, as large as it can.
    let kind = Para::new(words.report_kind(), pale(theme::BODY).sized(12.0)).spaced(0.0, 8.0);
    let for_whom = Para::of(vec![
        Span::new(format!("{} ", words.prepared_for()), pale(theme::BODY).sized(12.0)),
        Span::new(shortened(&content.client, 160), theme::STRONG.colored(theme::WHITE).sized(12.0)),
    ])
    .spaced(14.0, 0.0);
    for size in [30.0, 24.0, 19.0, 14.0, 11.0] {
        let title = Para {
            leading: Some(size * 1.24),
            ..Para::new(shortened(&content.title, LONGEST), theme::H1.colored(theme::WHITE).sized(size))
        };
        let height: f32 = [&kind, &title, &for_whom]
            .into_iter()
            .map(|para| typesetter.lay(para, theme::WIDTH).iter().map(|l| l.height).sum::<f32>() + para.after)
            .sum();
        let room = FIELD - 140.0 - 40.0;
        if height <= room || size < 12.0 {
            let top = (FIELD - 40.0 - height).max(130.0);
            let frame = Frame { top, bottom: FIELD, ..Frame::default() };
            let blocks = [Block::Para(kind), Block::Para(title), Block::Para(for_whom)];
            add(&blocks, frame, page, typesetter);
            return;
        }
    }
}

fn verdict_blocks(cx: &Context) -> Vec<Block> {
    let (content, words) = (cx.content, cx.words);
    let big = Style { size: 15.0, ..theme::H2 };
    let mut paras = vec![Para::new(words.result().to_uppercase(), theme::LABEL).spaced(0.0, 4.0)];
    let mut mark = |mark: Mark, text: String| {
        paras.push(Para::of(vec![Span::Mark { mark, size: big.size }, Span::new(text, big.colored(mark.color()))]));
    };
    match content.states_levels {
        false => {
            let tally = Tally::of(content, None);
            mark(tally.verdict().into(), words.requirements_verdict(content.profile, tally.satisfied, tally.total));
            let others = words.others(tally.failed, tally.open, tally.not_applicable);
            paras.push(Para::new(others, theme::BODY).spaced(4.0, 0.0));
            paras.push(Para::new(words.no_level(), theme::BODY.colored(theme::SLATE)).spaced(4.0, 0.0));
        }
        true => {
            if let Some(aim) = content.levels.iter().find(|line| line.level == content.target_level) {
                mark(aim.verdict.into(), words.level_verdict(aim.level, aim.verdict));
                let total = aim.satisfied + aim.failed + aim.not_applicable + aim.open;
                let reason = words.level_reason(aim.failed, aim.open, total);
                paras.push(Para::new(format!("{}. {reason}", words.target_level()), theme::BODY).spaced(4.0, 0.0));
            }
            for line in content.levels.iter().filter(|line| line.level != content.target_level) {
                let mark = Mark::from(line.verdict);
                let style = theme::BODY.colored(theme::SLATE);
                paras.push(
                    Para::of(vec![
                        Span::Mark { mark, size: style.size },
                        Span::new(words.level_verdict(line.level, line.verdict), style),
                    ])
                    .spaced(4.0, 0.0),
                );
            }
        }
    }
    let mut blocks = vec![Block::Table(Table {
        columns: vec![theme::WIDTH],
        head: Vec::new(),
        rows: vec![Row::new(vec![Cell::of(paras)])],
        style: TableStyle {
            pad_x: 12.0,
            pad_y: 2.0,
            rules: false,
            frame: false,
            bar: Some(theme::ACCENT),
            ..TableStyle::default()
        },
    })];
    if !content.scope.trim().is_empty() {
        blocks.push(Block::Para(Para::new(words.scope().to_uppercase(), theme::LABEL).spaced(18.0, 3.0)));
        let scope = content.scope.split_whitespace().collect::<Vec<_>>().join(" ");
        blocks.push(Block::Para(Para::new(shortened(&scope, LONGEST), theme::BODY)));
    }
    blocks
}

fn facts(cx: &Context) -> Block {
    let (content, words) = (cx.content, cx.words);
    let date = words.day(content.made_at.date());
    let state = if content.draft { words.draft_note() } else { words.confidential() };
    let label = |text: &str| Para::new(text.to_uppercase(), theme::LABEL.sized(6.6));
    let pair = |key: &str, text: String| Cell::of(vec![label(key), Para::new(text, theme::BODY)]);
    let auditor = match &content.auditor.organization {
        Some(firm) => format!("{}\n{}", shortened(&content.auditor.name, 80), shortened(firm, 100)),
        None => shortened(&content.auditor.name, 80),
    };
    let profile = words.profile(content.profile, Tally::of(content, None).total);
    let rows = vec![
        Row::new(vec![pair(words.report_number(), content.number.clone()), pair(words.date_of_issue(), date)]),
        Row::new(vec![pair(words.auditor(), auditor), pair(words.measured_against(), profile)]),
        Row::new(vec![
            pair(words.engagement_id(), content.engagement.clone()),
            pair(words.target_level(), words.level_name(content.target_level)),
        ]),
        Row::new(vec![
            Cell::new(Para::new(state, theme::STRONG.colored(if content.draft { theme::RED } else { theme::NAVY })))
                .over(2),
        ]),
    ];
    Block::Table(Table {
        columns: vec![theme::WIDTH * 0.52, theme::WIDTH * 0.48],
        head: Vec::new(),
        rows,
        style: TableStyle { pad_x: 2.0, pad_y: 5.0, ..TableStyle::default() },
    })
}

/// At most so many characters, with an ellipsis for the rest.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = &text[..end];
            let word = cut.rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
            format!("{} …", cut[..word].trim_end())
        }
    }
}
