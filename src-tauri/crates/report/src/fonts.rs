//! The bundled fonts: which one has a letter, how wide it is, and the subset that goes into the file.

use std::collections::{BTreeMap, BTreeSet};

use rustybuzz::ttf_parser::GlyphId;
use sha2::{Digest, Sha256};

use crate::error::ReportError;

/// One font file of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Font {
    /// Noto Sans Regular
    Sans,
    /// Noto Sans Bold
    Bold,
    /// Noto Sans Mono Regular
    Mono,
    /// Noto Sans Math Regular: arrows and operators
    Math,
    /// Noto Sans Symbols 2 Regular: check marks and other signs
    Symbols,
}

impl Font {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Sans, Self::Bold, Self::Mono, Self::Math, Self::Symbols];

    /// Its PostScript name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sans => "NotoSans-Regular",
            Self::Bold => "NotoSans-Bold",
            Self::Mono => "NotoSansMono-Regular",
            Self::Math => "NotoSansMath-Regular",
            Self::Symbols => "NotoSansSymbols2-Regular",
        }
    }

    /// Its weight on the scale 100–900.
    #[must_use]
    pub fn weight(self) -> u16 {
        if self == Self::Bold { 700 } else { 400 }
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Sans => include_bytes!("../fonts/NotoSans-Regular.ttf"),
            Self::Bold => include_bytes!("../fonts/NotoSans-Bold.ttf"),
            Self::Mono => include_bytes!("../fonts/NotoSansMono-Regular.ttf"),
            Self::Math => include_bytes!("../fonts/NotoSansMath-Regular.ttf"),
            Self::Symbols => include_bytes!("../fonts/NotoSansSymbols2-Regular.ttf"),
        }
    }
}

/// A look of text; a letter that its font lacks is taken from the next one of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Running text
    Sans,
    /// Headings and emphasis
    Bold,
    /// Paths, digests, commands
    Mono,
}

impl Face {
    fn chain(self) -> &'static [Font] {
        match self {
            Self::Sans => &[Font::Sans, Font::Math, Font::Symbols],
            Self::Bold => &[Font::Bold, Font::Math, Font::Symbols],
            Self::Mono => &[Font::Mono, Font::Sans, Font::Math, Font::Symbols],
        }
    }
}

/// The part of a font that a document uses.
#[derive(Debug, Clone)]
pub struct Subset {
    /// The font program.
    pub bytes: Vec<u8>,
    /// Six letters, `+`, PostScript name.
    pub name: String,
    /// From the glyph's number in the whole font to its number in the subset.
    pub glyphs: BTreeMap<u16, u16>,
}

/// The fonts, read.
pub struct Fonts {
    loaded: Vec<Loaded>,
}

struct Loaded {
    face: rustybuzz::Face<'static>,
    /// The first character that shows each glyph: what a reader gets when copying it.
    characters: BTreeMap<u16, char>,
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(Font::ALL.map(Font::name)).finish()
    }
}

impl Fonts {
    /// Reads the bundled fonts.
    pub fn load() -> Result<Self, ReportError> {
        let loaded = Font::ALL
            .into_iter()
            .map(|font| {
                let face = rustybuzz::Face::from_slice(font.bytes(), 0).ok_or_else(|| ReportError::Font {
                    font: font.name(),
                    action: "read",
                    reason: "it is not a TrueType font".to_owned(),
                })?;
                let characters = characters(&face);
                Ok(Loaded { face, characters })
            })
            .collect::<Result<Vec<_>, ReportError>>()?;
        Ok(Self { loaded })
    }

    /// The font of a face's chain that has a character.
    #[must_use]
    pub fn font_for(&self, face: Face, character: char) -> Option<Font> {
        face.chain().iter().copied().find(|font| self.has(*font, character))
    }

    /// Whether a font has a character.
    #[must_use]
    pub fn has(&self, font: Font, character: char) -> bool {
        self.face(font).glyph_index(character).is_some_and(|glyph| glyph.0 != 0)
    }

    /// The font, ready for shaping.
    #[must_use]
    pub fn face(&self, font: Font) -> &rustybuzz::Face<'static> {
        // `load` fills one entry for each of `Font::ALL`.
        &self.loaded[font as usize].face
    }

    /// The character that a glyph shows by itself, if there is one.
    #[must_use]
    pub fn character(&self, font: Font, glyph: u16) -> Option<char> {
        self.loaded[font as usize].characters.get(&glyph).copied()
    }

    /// From font units to thousandths of an em.
    #[must_use]
    pub fn thousandths(&self, font: Font, units: i32) -> f32 {
        #[allow(clippy::cast_precision_loss)] // Font units are far below 2^24.
        let units = units as f32;
        units * 1000.0 / f32::from(self.units_per_em(font))
    }

    /// The advance as a PDF reader takes it from the file: whole thousandths of an em, cut off.
    #[must_use]
    pub fn printed_width(&self, font: Font, glyph: u16) -> f32 {
        let units = self.face(font).glyph_hor_advance(GlyphId(glyph)).unwrap_or(0);
        (f32::from(units) * 1000.0 / f32::from(self.units_per_em(font))).trunc()
    }

    fn units_per_em(&self, font: Font) -> u16 {
        u16::try_from(self.face(font).units_per_em()).unwrap_or(1000).max(1)
    }

    /// Cuts a font down to some glyphs.
    pub fn subset(&self, font: Font, glyphs: &BTreeSet<u16>) -> Result<Subset, ReportError> {
        let mut remapper = subsetter::GlyphRemapper::new();
        let glyphs: BTreeMap<u16, u16> = glyphs.iter().map(|glyph| (*glyph, remapper.remap(*glyph))).collect();
        let bytes = subsetter::subset(font.bytes(), 0, &remapper).map_err(|error| ReportError::Font {
            font: font.name(),
            action: "reduced to the letters in use",
            reason: error.to_string(),
        })?;
        let name = format!("{}+{}", tag(font, &glyphs), font.name());
        Ok(Subset { bytes, name, glyphs })
    }
}

/// Six capital letters that depend on what is in the subset and on nothing else.
fn tag(font: Font, glyphs: &BTreeMap<u16, u16>) -> String {
    let mut hash = Sha256::new();
    hash.update(font.name());
    glyphs.keys().for_each(|glyph| hash.update(glyph.to_be_bytes()));
    hash.finalize().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}

fn characters(face: &rustybuzz::Face<'static>) -> BTreeMap<u16, char> {
    let mut characters = BTreeMap::new();
    let Some(table) = face.tables().cmap else { return characters };
    for subtable in table.subtables.into_iter().filter(rustybuzz::ttf_parser::cmap::Subtable::is_unicode) {
        subtable.codepoints(|codepoint| {
            if let (Some(glyph), Some(character)) = (subtable.glyph_index(codepoint), char::from_u32(codepoint)) {
                let known = characters.entry(glyph.0).or_insert(character);
                *known = (*known).min(character);
            }
        });
    }
    characters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_from_the_first_font_that_has_them() {
        let fonts = Fonts::load().unwrap();
        assert_eq!(fonts.font_for(Face::Sans, 'ß'), Some(Font::Sans));
        assert_eq!(fonts.font_for(Face::Bold, 'Ж'), Some(Font::Bold));
        assert_eq!(fonts.font_for(Face::Mono, '├'), Some(Font::Mono));
        assert_eq!(fonts.font_for(Face::Sans, '→'), Some(Font::Math));
        assert_eq!(fonts.font_for(Face::Sans, '✓'), Some(Font::Symbols));
        assert_eq!(fonts.font_for(Face::Sans, '中'), None);
    }

    #[test]
    fn a_subset_is_small_and_its_name_depends_on_the_glyphs_alone() {
        let fonts = Fonts::load().unwrap();
        let glyphs = |text: &str| {
            text.chars().filter_map(|c| fonts.face(Font::Sans).glyph_index(c)).map(|g| g.0).collect::<BTreeSet<_>>()
        };
        let one = fonts.subset(Font::Sans, &glyphs("Plimsoll")).unwrap();
        let same = fonts.subset(Font::Sans, &glyphs("llosmilP")).unwrap();
        let other = fonts.subset(Font::Sans, &glyphs("Plimsolls line")).unwrap();
        assert!(one.bytes.len() < 40_000, "{}", one.bytes.len());
        assert_eq!((&one.name, &one.bytes), (&same.name, &same.bytes));
        assert_ne!(one.name, other.name);
        assert!(one.glyphs.values().all(|glyph| *glyph != 0));
        let (letters, rest) = one.name.split_once('+').unwrap();
        assert!(letters.len() == 6 && letters.bytes().all(|b| b.is_ascii_uppercase()));
        assert_eq!(rest, "NotoSans-Regular");
    }

    #[test]
    fn figures_are_equally_wide() {
        let fonts = Fonts::load().unwrap();
        for font in [Font::Sans, Font::Bold, Font::Mono] {
            let widths: BTreeSet<_> = ('0'..='9')
                .filter_map(|c| fonts.face(font).glyph_index(c))
                .map(|g| fonts.face(font).glyph_hor_advance(g))
                .collect();
            assert_eq!(widths.len(), 1, "{font:?}");
        }
    }
}
