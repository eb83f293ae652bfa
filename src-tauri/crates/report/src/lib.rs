//! The signed report's document: content in, the bytes of a PDF out.
//!
//! In: [`Content`], plain data in the reader's language. Out: a PDF 1.7 file with bookmarks, links, the results as
//! an attachment and two empty signature fields, byte for byte the same for the same content. It decides nothing
//! about the engagement, reads no clock, no file and no font but the bundled ones.
//!
//! - `content`: what a report says
//! - `sections`: one file for each section: content to blocks
//! - `layout`: blocks to pages; `text`: text to lines; `fonts`, `marks`, `theme`, `strings`: what they are made of
//! - `page`: the seam: pages as plain drawing
//! - `backend`: pages to a document with printpdf; `post`: what printpdf cannot write
//! - [`appearance`](mod@appearance): the visible part of a signature

pub mod appearance;
mod backend;
mod compose;
pub mod content;
pub mod error;
mod fonts;
mod layout;
mod marks;
mod page;
mod pictures;
mod post;
mod sections;
mod strings;
mod text;
mod theme;

pub use appearance::{Appearance, appearance};
pub use content::Content;
pub use error::ReportError;
pub use theme::{SIGNATURE_HEIGHT, SIGNATURE_WIDTH};

/// A finished report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file, not signed yet.
    pub pdf: Vec<u8>,
    /// How many pages it has.
    pub pages: u32,
    /// What the auditor should know before signing it; one sentence each, in the report's language.
    pub warnings: Vec<String>,
}

/// Lays a report out and writes it as a PDF file.
pub fn render(content: &Content) -> Result<Rendered, ReportError> {
    let mut typesetter = text::Typesetter::new()?;
    let composed = compose::compose(content, &mut typesetter);
    let size = (theme::PAGE_WIDTH, theme::PAGE_HEIGHT);
    let document = backend::write(&composed.pages, size, &composed.pictures, typesetter.fonts())?;
    let pdf = post::finish(document, content, &composed)?;
    let pages = u32::try_from(composed.pages.len()).unwrap_or(u32::MAX);
    Ok(Rendered { pdf, pages, warnings: composed.warnings })
}
