//! Why a report could not be made.

use thiserror::Error;

/// A report, or the picture of a signature, could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A font that is part of the program could not be read.
    #[error(
        "The font {font} that belongs to this program could not be {action}: {reason}. \
         The program is damaged; install it again."
    )]
    Font {
        /// Its PostScript name.
        font: &'static str,
        /// "read" or "reduced to the letters in use".
        action: &'static str,
        /// What the font library said.
        reason: String,
    },
    /// The PDF library refused a page.
    #[error("Page {page} of the report could not be written: {reason}. Please report this as an error of the program.")]
    Page {
        /// From 1.
        page: usize,
        /// What the library said.
        reason: String,
    },
    /// The finished pages could not be put together to one file.
    #[error(
        "The PDF file of the report could not be put together: {reason}. Please report this as an error of the program."
    )]
    Document {
        /// What is missing or wrong.
        reason: String,
    },
    /// The box for a signature is too small for any text.
    #[error(
        "A signature box of {width} × {height} points is too small for the signer's name; \
         it needs at least {least_width} × {least_height} points."
    )]
    SmallBox {
        /// Asked for, in points.
        width: f32,
        /// Asked for, in points.
        height: f32,
        /// What it takes, in points.
        least_width: f32,
        /// What it takes, in points.
        least_height: f32,
    },
}
