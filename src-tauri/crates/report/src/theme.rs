//! The look of the report: measures, sizes, colours.

use crate::fonts::Face;
use crate::page::Color;
use crate::text::Style;

/// Width of A4, in points.
pub const PAGE_WIDTH: f32 = 595.28;
/// Height of A4, in points.
pub const PAGE_HEIGHT: f32 = 841.89;
/// Left and right margin: 22 mm.
pub const MARGIN: f32 = 62.36;
/// Where the text begins, from the top.
pub const TOP: f32 = 80.0;
/// Where the text ends, from the top.
pub const BOTTOM: f32 = PAGE_HEIGHT - 68.0;
/// Width of the text.
pub const WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
/// Width of a signature's box.
pub const SIGNATURE_WIDTH: f32 = 226.0;
/// Height of a signature's box.
pub const SIGNATURE_HEIGHT: f32 = 96.0;

/// Headings, the mark of the house.
pub const NAVY: Color = Color(0x14, 0x21, 0x3d);
/// Running text.
pub const INK: Color = Color(0x1f, 0x29, 0x33);
/// What accompanies the text.
pub const SLATE: Color = Color(0x52, 0x60, 0x6d);
/// The one accent.
pub const ACCENT: Color = Color(0x1f, 0x5f, 0xa8);
/// Hairlines.
pub const HAIR: Color = Color(0xc4, 0xcc, 0xd4);
/// Backgrounds of heads and boxes.
pub const PALE: Color = Color(0xf2, 0xf5, 0xf8);
/// Paper.
pub const WHITE: Color = Color(0xff, 0xff, 0xff);
/// It holds.
pub const GREEN: Color = Color(0x1b, 0x74, 0x46);
/// It does not hold.
pub const RED: Color = Color(0xad, 0x23, 0x1c);
/// Somebody has to look.
pub const AMBER: Color = Color(0x95, 0x57, 0x00);
/// It could not be read.
pub const PURPLE: Color = Color(0x63, 0x2c, 0x8f);
/// The mark of a draft behind the text.
pub const WATERMARK: Color = Color(0xed, 0xef, 0xf2);

const fn style(face: Face, size: f32, color: Color) -> Style {
    Style { face, size, color }
}

/// Running text.
pub const BODY: Style = style(Face::Sans, 9.5, INK);
/// Emphasis in running text.
pub const STRONG: Style = style(Face::Bold, 9.5, INK);
/// A command in running text.
pub const CODE: Style = style(Face::Mono, 8.6, INK);
/// The first sentence of a section.
pub const LEAD: Style = style(Face::Sans, 11.5, NAVY);
/// Tables.
pub const CELL: Style = style(Face::Sans, 8.2, INK);
/// Emphasis in tables.
pub const CELL_STRONG: Style = style(Face::Bold, 8.2, INK);
/// What accompanies the text in tables.
pub const CELL_SOFT: Style = style(Face::Sans, 8.2, SLATE);
/// Paths and digests in tables.
pub const CELL_CODE: Style = style(Face::Mono, 7.6, INK);
/// Heads of tables.
pub const HEAD: Style = style(Face::Bold, 7.8, NAVY);
/// Notes under tables and pictures.
pub const NOTE: Style = style(Face::Sans, 7.8, SLATE);
/// Small headings above a line.
pub const LABEL: Style = style(Face::Bold, 7.4, SLATE);
/// Title of a section.
pub const H1: Style = style(Face::Bold, 19.0, NAVY);
/// Title of a part.
pub const H2: Style = style(Face::Bold, 12.5, NAVY);
/// Title of a paragraph.
pub const H3: Style = style(Face::Bold, 10.0, NAVY);
/// Header and footer.
pub const RUNNING: Style = style(Face::Sans, 7.4, SLATE);
/// Emphasis in header and footer.
pub const RUNNING_STRONG: Style = style(Face::Bold, 7.4, NAVY);
