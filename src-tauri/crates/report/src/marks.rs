//! The marks beside verdicts and severities: each has a shape of its own, so that they read in grey too.

use plimsoll_catalog::{LevelVerdict, OutcomeKind, Severity, Verdict};

use crate::content::Tone;
use crate::page::{Color, Item, Paint, Point};
use crate::theme;

/// A mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// A disc with a tick.
    Good,
    /// A square with a cross.
    Bad,
    /// A ring with a dash.
    Nothing,
    /// A diamond with a dot.
    Ask,
    /// A triangle with an exclamation mark.
    Trouble,
    /// So many of four bars are filled.
    Bars(u8),
}

impl Mark {
    /// The colour that the word beside it has.
    #[must_use]
    pub fn color(self) -> Color {
        match self {
            Self::Good => theme::GREEN,
            Self::Bad | Self::Bars(3..) => theme::RED,
            Self::Nothing | Self::Bars(0 | 1) => theme::SLATE,
            Self::Ask | Self::Bars(2) => theme::AMBER,
            Self::Trouble => theme::PURPLE,
        }
    }

    /// Its width in thousandths of the text's size.
    #[must_use]
    pub fn advance(self) -> f32 {
        if matches!(self, Self::Bars(_)) { 1250.0 } else { 1000.0 }
    }

    /// Draws it for text of a size that stands on a baseline.
    #[must_use]
    pub fn draw(self, x: f32, baseline: f32, size: f32) -> Vec<Item> {
        let color = self.color();
        let radius = size * 0.43;
        let (cx, cy) = (x + size * 0.46, baseline - size * 0.355);
        let at = |dx: f32, dy: f32| Point { x: cx + dx * radius, y: cy + dy * radius };
        let stroke = |points: Vec<Point>, color: Color, width: f32| Item::Path {
            points,
            closed: false,
            paint: Paint::Stroke(color, width),
        };
        let white = |points| stroke(points, theme::WHITE, size * 0.13);
        match self {
            Self::Good => vec![
                Item::Circle { centre: at(0.0, 0.0), radius, paint: Paint::Fill(color) },
                white(vec![at(-0.5, 0.02), at(-0.12, 0.42), at(0.52, -0.4)]),
            ],
            Self::Bad => {
                let side = radius * 1.8;
                vec![
                    Item::Rect { at: at(-0.9, -0.9), width: side, height: side, paint: Paint::Fill(color) },
                    white(vec![at(-0.45, -0.45), at(0.45, 0.45)]),
                    white(vec![at(0.45, -0.45), at(-0.45, 0.45)]),
                ]
            }
            Self::Nothing => vec![
                Item::Circle { centre: at(0.0, 0.0), radius: radius * 0.9, paint: Paint::Stroke(color, size * 0.09) },
                stroke(vec![at(-0.42, 0.0), at(0.42, 0.0)], color, size * 0.1),
            ],
            Self::Ask => vec![
                Item::Path {
                    points: vec![at(0.0, -1.1), at(1.1, 0.0), at(0.0, 1.1), at(-1.1, 0.0)],
                    closed: true,
                    paint: Paint::Stroke(color, size * 0.1),
                },
                Item::Circle { centre: at(0.0, 0.0), radius: radius * 0.34, paint: Paint::Fill(color) },
            ],
            Self::Trouble => vec![
                Item::Path {
                    points: vec![at(0.0, -1.05), at(1.1, 0.95), at(-1.1, 0.95)],
                    closed: true,
                    paint: Paint::Fill(color),
                },
                white(vec![at(0.0, -0.5), at(0.0, 0.3)]),
                white(vec![at(0.0, 0.5), at(0.0, 0.74)]),
            ],
            Self::Bars(filled) => (0..4_u8)
                .map(|bar| {
                    let step = f32::from(bar);
                    let height = size * (0.26 + 0.16 * step);
                    let paint =
                        if bar < filled { Paint::Fill(color) } else { Paint::Stroke(theme::SLATE, size * 0.05) };
                    Item::Rect {
                        at: Point { x: x + size * (0.04 + 0.29 * step), y: baseline - height },
                        width: size * 0.19,
                        height,
                        paint,
                    }
                })
                .collect(),
        }
    }
}

impl From<OutcomeKind> for Mark {
    fn from(outcome: OutcomeKind) -> Self {
        match outcome {
            OutcomeKind::Pass => Self::Good,
            OutcomeKind::Fail => Self::Bad,
            OutcomeKind::NotApplicable => Self::Nothing,
            OutcomeKind::Undecided => Self::Ask,
            OutcomeKind::Error => Self::Trouble,
        }
    }
}

impl From<Tone> for Mark {
    fn from(tone: Tone) -> Self {
        match tone {
            Tone::Good => Self::Good,
            Tone::Bad => Self::Bad,
            Tone::Open => Self::Ask,
            Tone::Nothing => Self::Nothing,
            Tone::Unknown => Self::Trouble,
        }
    }
}

impl From<Verdict> for Mark {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Satisfied => Self::Good,
            Verdict::NotSatisfied => Self::Bad,
            Verdict::NotApplicable => Self::Nothing,
            Verdict::Open => Self::Ask,
        }
    }
}

impl From<LevelVerdict> for Mark {
    fn from(verdict: LevelVerdict) -> Self {
        match verdict {
            LevelVerdict::Achieved => Self::Good,
            LevelVerdict::NotAchieved => Self::Bad,
            LevelVerdict::Incomplete => Self::Ask,
        }
    }
}

impl From<Severity> for Mark {
    fn from(severity: Severity) -> Self {
        Self::Bars(match severity {
            Severity::Critical => 4,
            Severity::High => 3,
            Severity::Medium => 2,
            Severity::Low => 1,
            Severity::Info => 0,
        })
    }
}
