//! Pictures of the evidence: JPEG files go in as they are, everything else is decoded without loss.

use printpdf::{RawImage, RawImageData, RawImageFormat};

use crate::page::{Picture, PictureData};

/// More pixels than any screen has; what is larger is not decoded.
const MOST_PIXELS: u64 = 50_000_000;

/// Why a picture cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureError {
    /// Not a PNG or JPEG file, or a damaged one.
    Unreadable,
    /// No width or no height.
    Empty,
    /// More pixels than anybody prints.
    TooLarge,
    /// Colours of an unusual kind.
    Colors,
}

/// Reads a PNG or JPEG file.
pub fn read(bytes: &[u8]) -> Result<Picture, PictureError> {
    if let Some((width, height, components)) = jpeg_head(bytes) {
        check(width, height)?;
        if components == 1 || components == 3 {
            return Ok(Picture { width, height, data: PictureData::Jpeg(bytes.to_vec(), components) });
        }
    }
    if let Some((width, height)) = png_head(bytes) {
        check(width, height)?;
    }
    let raw = RawImage::decode_from_bytes(bytes, &mut Vec::new()).map_err(|_| PictureError::Unreadable)?;
    let (Ok(width), Ok(height)) = (u32::try_from(raw.width), u32::try_from(raw.height)) else {
        return Err(PictureError::TooLarge);
    };
    check(width, height)?;
    let (data, components) = opaque(&raw)?;
    let wanted = u64::from(width) * u64::from(height) * u64::from(components);
    if data.len() as u64 != wanted {
        return Err(PictureError::Unreadable);
    }
    Ok(Picture { width, height, data: PictureData::Raw(data, components) })
}

fn check(width: u32, height: u32) -> Result<(), PictureError> {
    if width == 0 || height == 0 {
        return Err(PictureError::Empty);
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(PictureError::TooLarge);
    }
    Ok(())
}

/// Eight bits for each sample, and white behind what is transparent.
fn opaque(raw: &RawImage) -> Result<(Vec<u8>, u8), PictureError> {
    let samples: Vec<u8> = match &raw.pixels {
        RawImageData::U8(samples) => samples.clone(),
        RawImageData::U16(samples) => samples.iter().map(|sample| sample.to_be_bytes()[0]).collect(),
        RawImageData::F32(_) => return Err(PictureError::Colors),
    };
    let over_white = |sample: u8, alpha: u8| {
        let (sample, alpha) = (u32::from(sample), u32::from(alpha));
        // At most 255 by construction.
        u8::try_from((sample * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    let blend = |step: usize| {
        let colors = step - 1;
        samples
            .chunks_exact(step)
            .flat_map(|pixel| pixel[..colors].iter().map(|sample| over_white(*sample, pixel[colors])))
            .collect()
    };
    match raw.data_format {
        RawImageFormat::R8 | RawImageFormat::R16 => Ok((samples, 1)),
        RawImageFormat::RGB8 | RawImageFormat::RGB16 => Ok((samples, 3)),
        RawImageFormat::RG8 | RawImageFormat::RG16 => Ok((blend(2), 1)),
        RawImageFormat::RGBA8 | RawImageFormat::RGBA16 => Ok((blend(4), 3)),
        _ => Err(PictureError::Colors),
    }
}

fn png_head(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    bytes.starts_with(b"\x89PNG\r\n\x1a\n").then(|| Some((number(16)?, number(20)?)))?
}

/// Width, height and number of colour components of a JPEG file.
fn jpeg_head(bytes: &[u8]) -> Option<(u32, u32, u8)> {
    if !bytes.starts_with(&[0xff, 0xd8, 0xff]) || !bytes.ends_with(&[0xff, 0xd9]) {
        return None;
    }
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let kind = *bytes.get(at + 1)?;
        let number = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        match kind {
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // Baseline, extended and progressive files with Huffman codes and eight bits for a sample.
            0xc0..=0xc2 if *bytes.get(at + 4)? == 8 => {
                return Some((number(at + 7)?.into(), number(at + 5)?.into(), *bytes.get(at + 9)?));
            }
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => return None,
            0xda => return None,
            _ => at += 2 + usize::from(number(at + 2)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_refused_with_a_reason() {
        assert!(read(b"").is_err());
        assert!(read(b"\x89PNG\r\n\x1a\nrubbish").is_err());
        assert!(read(&[0xff, 0xd8, 0xff, 0xd9]).is_err());
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_not_decoded() {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend([0, 1, 0, 0, 0, 1, 0, 0]);
        assert_eq!(read(&bytes), Err(PictureError::TooLarge));
    }

    #[test]
    fn the_head_of_a_jpeg_file_is_read() {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2];
        bytes.extend([0xff, 0xc0, 0, 17, 8, 0, 20, 0, 30, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xd9]);
        assert_eq!(jpeg_head(&bytes), Some((30, 20, 3)));
    }
}
