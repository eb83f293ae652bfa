//! The summary: the verdict, its numbers, what is worst, and what nobody could look at.

use std::collections::HashMap;

use plimsoll_catalog::{OutcomeKind, Severity};

use super::{Context, Tally, body, figure, head, lead, note, runtime, styled};
use crate::content::{ObservationLine, SubjectSheet, UseCaseLine};
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:summary";
/// So many observations are listed; the others are in the sheets of the subjects.
const MOST: usize = 10;

/// So many places of one observation are named.
const PLACES: usize = 8;

/// The blocks of the section; `sheets` is the number of the section with the subjects' sheets, `running` of the one with
/// hosts and containers.
pub fn blocks(cx: &Context, sheets: &str, running: &str) -> Vec<Block> {
    let mut blocks = vec![cx.section(cx.words.summary(), ANCHOR)];
    blocks.extend(conclusion(cx));
    blocks.extend([cx.part(1, cx.words.verdict(), "summary:verdict"), levels(cx)]);
    blocks.extend([
        cx.part(2, cx.words.use_cases_by_outcome(), "summary:use-cases"),
        by_outcome(cx),
        note(cx.words.use_cases_note()),
        cx.part(3, cx.words.severe(), "summary:observations"),
    ]);
    blocks.extend(severe(cx, sheets));
    blocks.push(cx.part(4, cx.words.not_seen(), "summary:limitations"));
    if cx.content.limitations.is_empty() {
        blocks.push(body(cx.words.no_limitations()));
    }
    let bullets = cx.content.limitations.iter();
    blocks.extend(bullets.map(|text| Block::Para(Para::new(text, theme::BODY).bulleted(theme::BODY).spaced(0.0, 3.0))));
    blocks.push(cx.part(5, cx.words.subjects(), "summary:subjects"));
    let runs = cx.content.subjects.iter().filter(|sheet| sheet.runs).count();
    if runs <= runtime::MANY {
        blocks.push(subjects(cx, |_| true));
        return blocks;
    }
    if runs < cx.content.subjects.len() {
        blocks.extend([subjects(cx, |sheet| !sheet.runs), Block::Space(6.0)]);
    }
    blocks.push(body(cx.words.listed_in(runs, running)));
    blocks
}

fn conclusion(cx: &Context) -> Vec<Block> {
    let (content, words) = (cx.content, cx.words);
    let examined = words.subjects_examined(content.subjects.len());
    match content.states_levels {
        false => {
            let tally = Tally::of(content, None);
            vec![
                lead(format!(
                    "{} ({}).",
                    words.requirements_verdict(content.profile, tally.satisfied, tally.total),
                    words.others(tally.failed, tally.open, tally.not_applicable)
                )),
                body(format!("{examined} {}", words.no_level())),
            ]
        }
        true => {
            let aim = content.levels.iter().find(|line| line.level == content.target_level);
            let sentence = aim.map(|aim| {
                let total = aim.satisfied + aim.failed + aim.not_applicable + aim.open;
                let verdict = words.level_verdict(aim.level, aim.verdict);
                lead(format!("{verdict}. {}", words.level_reason(aim.failed, aim.open, total)))
            });
            sentence.into_iter().chain([body(examined)]).collect()
        }
    }
}

fn levels(cx: &Context) -> Block {
    let (content, words) = (cx.content, cx.words);
    let full = content.states_levels;
    let counts = [
        (words.satisfied(), true),
        (words.not_satisfied(), true),
        (words.not_applicable(), true),
        (words.open(), true),
        (words.total(), true),
    ];
    let mut titles = vec![(words.level(), false)];
    if full {
        titles.push((words.verdict(), false));
    }
    titles.extend(counts);
    let rows = if full {
        content
            .levels
            .iter()
            .map(|line| {
                let total = line.satisfied + line.failed + line.not_applicable + line.open;
                let mut cells = vec![
                    styled(words.level_name(line.level), theme::CELL_STRONG),
                    Cell::new(Para::marked(line.verdict.into(), words.level_word(line.verdict), theme::CELL_STRONG)),
                ];
                let numbers = [line.satisfied, line.failed, line.not_applicable, line.open, total];
                cells.extend(numbers.map(figure));
                Row::new(cells)
            })
            .collect()
    } else {
        let line = |name: String, tally: Tally, style| {
            let numbers = [tally.satisfied, tally.failed, tally.not_applicable, tally.open, tally.total];
            let mut cells = vec![styled(name, style)];
            cells.extend(numbers.map(|number| Cell::new(Para::new(number.to_string(), style).right())));
            Row::new(cells)
        };
        let levels = (1..=3).map(|level| (level, Tally::of(content, Some(level))));
        let mut rows: Vec<Row> = levels
            .filter(|(_, tally)| tally.total > 0)
            .map(|(level, tally)| line(words.level_name(level), tally, theme::CELL))
            .collect();
        rows.push(Row {
            fill: Some(theme::PALE),
            ..line(words.total().to_owned(), Tally::of(content, None), theme::CELL_STRONG)
        });
        rows
    };
    let counts = [54.0, 56.0, 62.0, 44.0, 48.0];
    let verdict = if full { 84.0 } else { 0.0 };
    let mut columns = vec![theme::WIDTH - verdict - counts.iter().sum::<f32>()];
    if full {
        columns.push(verdict);
    }
    columns.extend(counts);
    Block::Table(Table { columns, head: head(&titles), rows, style: TableStyle::default() })
}

fn by_outcome(cx: &Context) -> Block {
    let words = cx.words;
    let rows = OutcomeKind::ALL
        .into_iter()
        .map(|kind| {
            let cases: Vec<&UseCaseLine> = cx.content.use_cases.iter().filter(|line| line.verdict == kind).collect();
            let mut spans = Vec::new();
            for (index, case) in cases.iter().enumerate() {
                if index > 0 {
                    spans.push(Span::new(", ", theme::CELL));
                }
                spans.push(Span::linked(
                    case.id.to_string(),
                    theme::CELL.colored(theme::ACCENT),
                    super::use_cases::anchor(case.id),
                ));
                spans.push(Span::new(format!(" {}", case.title), theme::CELL));
            }
            if spans.is_empty() {
                spans.push(Span::new(words.none(), theme::CELL_SOFT));
            }
            Row::new(vec![
                Cell::new(Para::marked(kind.into(), words.outcome_word(kind), theme::CELL_STRONG)),
                figure(cases.len()),
                Cell::new(Para::of(spans)),
            ])
        })
        .collect();
    let titles = [(words.outcome(), false), (words.number(), true), (words.use_cases(), false)];
    let columns = vec![104.0, 48.0, theme::WIDTH - 152.0];
    Block::Table(Table { columns, head: head(&titles), rows, style: TableStyle::default() })
}

/// Subjects with the numbers of their results.
fn subjects(cx: &Context, which: impl Fn(&SubjectSheet) -> bool) -> Block {
    let words = cx.words;
    if cx.content.subjects.is_empty() {
        return body(words.no_subjects());
    }
    let kinds = [OutcomeKind::Pass, OutcomeKind::Fail, OutcomeKind::Undecided, OutcomeKind::Error];
    let rows = cx
        .content
        .subjects
        .iter()
        .filter(|sheet| which(sheet))
        .map(|sheet| {
            let mut cells = vec![
                Cell::new(Para::of(vec![Span::linked(
                    sheet.label.clone(),
                    theme::CELL_STRONG.colored(theme::ACCENT),
                    super::subjects::anchor(&sheet.label),
                )])),
                Cell::of(vec![
                    Para::new(sheet.name.clone(), theme::CELL_CODE.sized(7.2)),
                    Para::new(sheet.kind.clone(), theme::CELL_SOFT),
                ]),
            ];
            let all = || sheet.results.iter().map(|r| r.outcome).chain(sheet.checks.iter().map(|check| check.outcome));
            cells.extend(kinds.map(|kind| figure(all().filter(|outcome| *outcome == kind).count())));
            Row::new(cells)
        })
        .collect();
    let mut titles = vec![(words.id(), false), (words.subject(), false)];
    titles.extend(kinds.map(|kind| (words.outcome_word(kind), true)));
    let counts = kinds.map(|kind| column(words.outcome_word(kind)));
    let name = theme::WIDTH - 32.0 - counts.iter().sum::<f32>();
    let columns = [32.0, name].into_iter().chain(counts).collect();
    Block::Table(Table { columns, head: head(&titles), rows, style: TableStyle::default() })
}

/// Width of a column whose head is a short word or two.
pub(super) fn column(head: &str) -> f32 {
    let longest = head.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    let letters = u16::try_from(longest).unwrap_or(20);
    (f32::from(letters) * 4.9 + 11.0).max(38.0)
}

/// The same observation on several subjects, told once.
struct Severe<'a> {
    observation: &'a ObservationLine,
    places: Vec<(String, String)>,
}

fn severe(cx: &Context, sheets: &str) -> Vec<Block> {
    let words = cx.words;
    let mut found: Vec<Severe> = Vec::new();
    let mut known: HashMap<(Severity, &str), usize> = HashMap::new();
    let shared = runtime::shared(cx.content);
    for sheet in &cx.content.subjects {
        let results = sheet.results.iter().map(|result| {
            let place = (format!("{} {}", sheet.label, result.id), super::subjects::result(&sheet.label, result.id));
            (result.outcome, &result.observations, place)
        });
        let checks = sheet.checks.iter().map(|check| {
            let number = check.links.first().map(|link| link.id.to_string()).unwrap_or_default();
            let target = if sheet.runs { shared.target(check) } else { None };
            let target = target.unwrap_or_else(|| runtime::anchor(&sheet.label, &check.check));
            (check.outcome, &check.observations, (format!("{} {number}", sheet.label), target))
        });
        for (_, observations, place) in results.chain(checks).filter(|(o, ..)| *o != OutcomeKind::NotApplicable) {
            for observation in observations.iter().filter(|o| o.severity <= Severity::Medium) {
                let next = found.len();
                let index = *known.entry((observation.severity, &observation.message)).or_insert(next);
                match found.get_mut(index) {
                    Some(severe) if severe.places.last() == Some(&place) => {}
                    Some(severe) => severe.places.push(place.clone()),
                    None => found.push(Severe { observation, places: vec![place.clone()] }),
                }
            }
        }
    }
    if found.is_empty() {
        return vec![body(words.no_severe())];
    }
    found.sort_by_key(|severe| severe.observation.severity);
    let rows = found
        .iter()
        .take(MOST)
        .map(|severe| {
            let severity = severe.observation.severity;
            let mut spans = Vec::new();
            for (index, (text, target)) in severe.places.iter().take(PLACES).enumerate() {
                if index > 0 {
                    spans.push(Span::new(", ", theme::CELL));
                }
                let text = text.replace(' ', "\u{a0}");
                spans.push(Span::linked(text, theme::CELL.colored(theme::ACCENT), target.clone()));
            }
            if let Some(more) = severe.places.len().checked_sub(PLACES).filter(|more| *more > 0) {
                spans.push(Span::new(format!(" {}", words.and_more(more)), theme::CELL_SOFT));
            }
            Row::new(vec![
                Cell::new(Para::marked(Mark::from(severity), words.severity_word(severity), theme::CELL_STRONG)),
                styled(severe.observation.message.clone(), theme::CELL),
                Cell::new(Para::of(spans)),
            ])
        })
        .collect();
    let titles = [(words.severity(), false), (words.observation(), false), (words.place(), false)];
    let columns = vec![76.0, theme::WIDTH - 76.0 - 84.0, 84.0];
    let mut blocks = vec![Block::Table(Table { columns, head: head(&titles), rows, style: TableStyle::default() })];
    if found.len() > MOST {
        blocks.push(note(words.more_observations(found.len() - MOST, sheets)));
    }
    blocks
}
