//! A finished page as plain drawing: the seam between layout and whatever writes the file.
//!
//! Lengths are points; the origin is the page's upper left corner, y grows downwards.

use std::sync::Arc;

use crate::fonts::Font;

/// A colour of the sRGB space, 0–255 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

/// One shaped glyph.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its number in the whole font; never 0.
    pub id: u16,
    /// How far the pen moves, in thousandths of an em.
    pub advance: f32,
    /// Moved to the right, in thousandths of an em.
    pub dx: f32,
    /// Moved up, in thousandths of an em.
    pub dy: f32,
    /// What a reader gets when copying it.
    pub text: Arc<str>,
}

/// Glyphs of one font on one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The font.
    pub font: Font,
    /// The glyphs, from left to right.
    pub glyphs: Arc<[Glyph]>,
}

/// A point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
}

/// How a path is painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paint {
    /// Filled.
    Fill(Color),
    /// Drawn with a pen of this width.
    Stroke(Color, f32),
}

/// One thing on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Text.
    Text {
        /// Where the first glyph stands on the baseline.
        at: Point,
        /// What it is made of.
        run: Run,
        /// Size in points.
        size: f32,
        /// Its colour.
        color: Color,
        /// Turned anticlockwise, in degrees.
        turned: f32,
    },
    /// A rectangle.
    Rect {
        /// Its upper left corner.
        at: Point,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// How it is painted.
        paint: Paint,
    },
    /// Straight lines from point to point.
    Path {
        /// The points.
        points: Vec<Point>,
        /// Whether the last is joined to the first.
        closed: bool,
        /// How it is painted.
        paint: Paint,
    },
    /// A circle.
    Circle {
        /// Its centre.
        centre: Point,
        /// Its radius.
        radius: f32,
        /// How it is painted.
        paint: Paint,
    },
    /// A picture.
    Picture {
        /// Its upper left corner.
        at: Point,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// Number of the picture in the document.
        picture: usize,
    },
    /// An area that leads to another place of the document.
    Link {
        /// Its upper left corner.
        at: Point,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// The anchor that it leads to.
        target: String,
        /// What it says, for those who do not see it.
        label: String,
    },
    /// An empty field for a signature.
    Field {
        /// Its upper left corner.
        at: Point,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// The field's name.
        name: String,
        /// What it is for, for those who do not see it.
        label: String,
    },
}

impl Item {
    /// The same thing, moved.
    #[must_use]
    pub fn moved(mut self, dx: f32, dy: f32) -> Self {
        let shift = |p: &mut Point| {
            p.x += dx;
            p.y += dy;
        };
        match &mut self {
            Self::Text { at, .. }
            | Self::Rect { at, .. }
            | Self::Circle { centre: at, .. }
            | Self::Picture { at, .. }
            | Self::Link { at, .. }
            | Self::Field { at, .. } => shift(at),
            Self::Path { points, .. } => points.iter_mut().for_each(shift),
        }
        self
    }
}

/// One page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// What is on it, the lowest first.
    pub items: Vec<Item>,
    /// The section that it belongs to, for the footer.
    pub section: String,
    /// Whether it carries header and footer.
    pub running: bool,
}

/// A picture, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The pixels.
    pub data: PictureData,
}

/// The pixels of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureData {
    /// A JPEG file with this many colour components, 1 or 3, as it is.
    Jpeg(Vec<u8>, u8),
    /// Rows of eight-bit samples with this many components, 1 or 3.
    Raw(Vec<u8>, u8),
}

/// A place that links and bookmarks lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Index of the page.
    pub page: usize,
    /// From the top.
    pub y: f32,
}

/// A bookmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Bookmark {
    /// 1 is a section.
    pub level: u8,
    /// What it says.
    pub title: String,
    /// The anchor that it leads to.
    pub anchor: String,
}
