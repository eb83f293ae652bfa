//! Pages to a PDF document with printpdf: content streams, font subsets, pictures, and nothing else.
//!
//! This is the only file that knows printpdf. Another library could take its place by offering `write`.

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{
    Codepoint, DictItem, ExternalStream, ExternalXObject, FontId, Line, LinePoint, Op, PaintMode, ParsedFont,
    PdfDocument, PdfFont, PdfFontHandle, PdfPage, PdfParseErrorSeverity, PdfSaveOptions, Polygon, PolygonRing, Pt, Rgb,
    TextItem, TextMatrix, WindingOrder, XObject, XObjectId, XObjectTransform,
};

use crate::error::ReportError;
use crate::fonts::{Font, Fonts, Subset};
use crate::page::{Color, Item, Page, Paint, Picture, PictureData, Point, Run};

/// Distance of a Bézier curve's control points that makes a quarter of a circle.
const QUARTER: f32 = 0.552_284_8;

/// Writes pages of one size; links and fields are left to post-processing.
pub fn write(
    pages: &[Page],
    size: (f32, f32),
    pictures: &[Picture],
    fonts: &Fonts,
) -> Result<lopdf::Document, ReportError> {
    let subsets = subsets(pages, fonts)?;
    let mut document = PdfDocument::new("");
    for (font, subset) in &subsets {
        let parsed = parsed(*font, subset)?;
        document.resources.fonts.map.insert(font_id(*font), PdfFont::new(parsed));
    }
    for (index, picture) in pictures.iter().enumerate() {
        document.resources.xobjects.map.insert(picture_id(index), XObject::External(external(picture)));
    }
    document.pages = pages
        .iter()
        .map(|page| {
            let mut writer = Writer { ops: Vec::new(), height: size.1, subsets: &subsets, fonts, text: None };
            page.items.iter().for_each(|item| writer.item(item));
            writer.end_text();
            let mut page = PdfPage::new(Pt(size.0).into(), Pt(size.1).into(), writer.ops);
            for area in [&mut page.media_box, &mut page.trim_box, &mut page.crop_box] {
                (area.width, area.height) = (Pt(round(size.0)), Pt(round(size.1)));
            }
            page
        })
        .collect();
    let options = PdfSaveOptions { optimize: true, subset_fonts: false, secure: true, image_optimization: None };
    let mut messages = Vec::new();
    let document = document.to_lopdf_document(&options, &mut messages);
    match messages.into_iter().find(|message| message.severity == PdfParseErrorSeverity::Error) {
        Some(message) => Err(ReportError::Page { page: message.page + 1, reason: message.msg }),
        None => Ok(document),
    }
}

/// The name of a font in the resources.
fn font_id(font: Font) -> FontId {
    FontId(format!("{font:?}"))
}

fn picture_id(index: usize) -> XObjectId {
    XObjectId(format!("Picture{index}"))
}

fn subsets(pages: &[Page], fonts: &Fonts) -> Result<BTreeMap<Font, Subset>, ReportError> {
    let mut used: BTreeMap<Font, BTreeSet<u16>> = BTreeMap::new();
    for item in pages.iter().flat_map(|page| &page.items) {
        if let Item::Text { run, .. } = item {
            used.entry(run.font).or_default().extend(run.glyphs.iter().map(|glyph| glyph.id));
        }
    }
    used.into_iter().map(|(font, glyphs)| Ok((font, fonts.subset(font, &glyphs)?))).collect()
}

fn parsed(font: Font, subset: &Subset) -> Result<ParsedFont, ReportError> {
    // A subset has no character map; the warning about it is expected.
    let mut parsed = ParsedFont::from_bytes(&subset.bytes, 0, &mut Vec::new()).ok_or_else(|| ReportError::Font {
        font: font.name(),
        action: "read",
        reason: "its subset is not a font".to_owned(),
    })?;
    parsed.font_name = Some(subset.name.clone());
    parsed.pdf_font_metrics.us_weight_class = font.weight();
    Ok(parsed)
}

fn external(picture: &Picture) -> ExternalXObject {
    let name = |text: &str| DictItem::Name(text.as_bytes().to_vec());
    let (content, components, filter) = match &picture.data {
        PictureData::Jpeg(bytes, components) => (bytes, *components, Some("DCTDecode")),
        PictureData::Raw(bytes, components) => (bytes, *components, None),
    };
    let mut dict = BTreeMap::from([
        ("Type".to_owned(), name("XObject")),
        ("Subtype".to_owned(), name("Image")),
        ("Width".to_owned(), DictItem::Int(picture.width.into())),
        ("Height".to_owned(), DictItem::Int(picture.height.into())),
        ("ColorSpace".to_owned(), name(if components == 1 { "DeviceGray" } else { "DeviceRGB" })),
        ("BitsPerComponent".to_owned(), DictItem::Int(8)),
    ]);
    if let Some(filter) = filter {
        dict.insert("Filter".to_owned(), name(filter));
    }
    let stream = ExternalStream { dict, content: content.clone(), compress: filter.is_none() };
    ExternalXObject { stream, width: None, height: None, dpi: None }
}

/// Hundredths of a point are enough, and keep the file small.
fn round(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

struct Writer<'a> {
    ops: Vec<Op>,
    height: f32,
    subsets: &'a BTreeMap<Font, Subset>,
    fonts: &'a Fonts,
    /// What is set inside the open text object.
    text: Option<(Font, f32, Color)>,
}

impl Writer<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::Text { at, run, size, color, turned } => self.text(*at, run, *size, *color, *turned),
            Item::Rect { at, width, height, paint } => {
                let corner = self.point(Point { x: at.x, y: at.y + height });
                self.shape(*paint, |mode| Op::DrawRectangle {
                    rectangle: printpdf::Rect {
                        x: corner.x,
                        y: corner.y,
                        width: Pt(round(*width)),
                        height: Pt(round(*height)),
                        mode: Some(mode),
                        winding_order: None,
                    },
                });
            }
            Item::Path { points, closed, paint } => {
                let points: Vec<LinePoint> = points.iter().map(|p| self.corner(*p, false)).collect();
                match paint {
                    Paint::Stroke(..) => {
                        let line = Line { points, is_closed: *closed };
                        self.shape(*paint, |_| Op::DrawLine { line });
                    }
                    Paint::Fill(_) => self.shape(*paint, |mode| polygon(points, mode)),
                }
            }
            Item::Circle { centre, radius, paint } => {
                let at = |dx: f32, dy: f32| Point { x: centre.x + dx * radius, y: centre.y + dy * radius };
                let mut points = vec![self.corner(at(1.0, 0.0), false)];
                for (dx, dy) in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] {
                    // The next quarter ends where this direction is turned by a right angle.
                    let (ex, ey) = (-dy, dx);
                    points.push(self.corner(at(dx + ex * QUARTER, dy + ey * QUARTER), true));
                    points.push(self.corner(at(ex + dx * QUARTER, ey + dy * QUARTER), true));
                    points.push(self.corner(at(ex, ey), false));
                }
                self.shape(*paint, |mode| polygon(points, mode));
            }
            Item::Picture { at, width, height, picture } => {
                let corner = self.point(Point { x: at.x, y: at.y + height });
                self.end_text();
                self.ops.push(Op::UseXobject {
                    id: picture_id(*picture),
                    transform: XObjectTransform {
                        translate_x: Some(corner.x),
                        translate_y: Some(corner.y),
                        scale_x: Some(round(*width)),
                        scale_y: Some(round(*height)),
                        no_auto_scale: true,
                        ..XObjectTransform::default()
                    },
                });
            }
            Item::Link { .. } | Item::Field { .. } => {}
        }
    }

    fn text(&mut self, at: Point, run: &Run, size: f32, color: Color, turned: f32) {
        let Some(subset) = self.subsets.get(&run.font) else { return };
        if self.text.is_none() {
            self.ops.push(Op::StartTextSection);
        }
        let wanted = (run.font, size, color);
        if self.text.is_none_or(|(font, points, _)| (font, points) != (run.font, size)) {
            self.ops.push(Op::SetFont { font: PdfFontHandle::External(font_id(run.font)), size: Pt(size) });
        }
        if self.text.is_none_or(|(_, _, known)| known != color) {
            self.ops.push(Op::SetFillColor { col: rgb(color) });
        }
        self.text = Some(wanted);
        let mut pen = at.x;
        let mut line: Vec<Codepoint> = Vec::new();
        let mut start = at;
        for glyph in run.glyphs.iter() {
            let Some(id) = subset.glyphs.get(&glyph.id).copied().filter(|id| *id != 0) else { continue };
            let advance = glyph.advance * size / 1000.0;
            let text = glyph.text.to_string();
            if glyph.dx != 0.0 || glyph.dy != 0.0 {
                // A glyph off the line, such as an accent, stands by itself.
                self.show(start, std::mem::take(&mut line), turned);
                let place = Point { x: pen + glyph.dx * size / 1000.0, y: at.y - glyph.dy * size / 1000.0 };
                self.show(place, vec![Codepoint::with_cid(id, 0.0, text)], turned);
                start = Point { x: pen + advance, y: at.y };
            } else {
                let offset = self.fonts.printed_width(run.font, glyph.id) - glyph.advance;
                line.push(Codepoint::with_cid(id, round(offset), text));
            }
            pen += advance;
        }
        self.show(start, line, turned);
    }

    fn show(&mut self, at: Point, glyphs: Vec<Codepoint>, turned: f32) {
        if glyphs.is_empty() {
            return;
        }
        let corner = self.point(at);
        let matrix = if turned == 0.0 {
            TextMatrix::Translate(corner.x, corner.y)
        } else {
            let (sin, cos) = turned.to_radians().sin_cos();
            TextMatrix::Raw([round(cos), round(sin), round(-sin), round(cos), corner.x.0, corner.y.0])
        };
        self.ops.push(Op::SetTextMatrix { matrix });
        self.ops.push(Op::ShowText { items: vec![TextItem::GlyphIds(glyphs)] });
    }

    fn shape(&mut self, paint: Paint, draw: impl FnOnce(PaintMode) -> Op) {
        self.end_text();
        match paint {
            Paint::Fill(color) => {
                self.ops.push(Op::SetFillColor { col: rgb(color) });
                self.ops.push(draw(PaintMode::Fill));
            }
            Paint::Stroke(color, width) => {
                self.ops.push(Op::SetOutlineColor { col: rgb(color) });
                self.ops.push(Op::SetOutlineThickness { pt: Pt(round(width)) });
                self.ops.push(draw(PaintMode::Stroke));
            }
        }
    }

    fn end_text(&mut self) {
        if self.text.take().is_some() {
            self.ops.push(Op::EndTextSection);
        }
    }

    fn point(&self, at: Point) -> printpdf::Point {
        printpdf::Point { x: Pt(round(at.x)), y: Pt(round(self.height - at.y)) }
    }

    fn corner(&self, at: Point, bezier: bool) -> LinePoint {
        LinePoint { p: self.point(at), bezier }
    }
}

fn polygon(points: Vec<LinePoint>, mode: PaintMode) -> Op {
    Op::DrawPolygon {
        polygon: Polygon { rings: vec![PolygonRing { points }], mode, winding_order: WindingOrder::NonZero },
    }
}

fn rgb(color: Color) -> printpdf::Color {
    let part = |value: u8| (f32::from(value) / 255.0 * 1000.0).round() / 1000.0;
    printpdf::Color::Rgb(Rgb { r: part(color.0), g: part(color.1), b: part(color.2), icc_profile: None })
}
