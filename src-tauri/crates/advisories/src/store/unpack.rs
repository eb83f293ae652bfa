//! Undoes gzip, bzip2 and Zstandard, told by their first bytes, with bounds on what comes out.

use std::io::{BufRead, BufReader, Read};

/// Largest document, unpacked.
pub(super) const MAX_DOCUMENT: u64 = 1 << 30;
/// Below this many bytes the ratio of what comes out to what goes in is not looked at.
const FREE: u64 = 16 << 20;
/// Highest ratio. Advisory data reach about 40.
const MAX_RATIO: u64 = 300;

/// How much may come out of so many packed bytes.
pub(super) fn bound(packed: u64) -> u64 {
    packed.saturating_mul(MAX_RATIO).clamp(FREE, MAX_DOCUMENT)
}

/// Why a document cannot be unpacked.
pub(super) enum Unpack {
    /// The file cannot be read.
    Io(std::io::Error),
    /// It is broken or out of bounds.
    Broken(String),
}

/// Compression endings, which are not part of a document's name.
const ENDINGS: [&str; 5] = [".gz", ".bz2", ".zst", ".zstd", ".bzip2"];

/// A name without a compression's ending.
pub(super) fn without_ending(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// How a document is packed, by its first bytes.
fn kind(magic: &[u8]) -> Option<&'static str> {
    match magic {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Some("bzip2"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("Zstandard"),
        _ => None,
    }
}

/// The first bytes of a document, unpacked.
pub(super) fn read_head(source: impl Read, most: u64) -> Option<Vec<u8>> {
    let mut source = BufReader::with_capacity(64 << 10, source);
    let mut out = Vec::new();
    let read = match kind(source.fill_buf().ok()?) {
        Some("gzip") => flate2::bufread::MultiGzDecoder::new(source).take(most).read_to_end(&mut out),
        Some("bzip2") => bzip2::bufread::MultiBzDecoder::new(source).take(most).read_to_end(&mut out),
        Some(_) => zstd::stream::read::Decoder::with_buffer(source).ok()?.take(most).read_to_end(&mut out),
        None => source.take(most).read_to_end(&mut out),
    };
    read.ok().map(|_| out)
}

/// Reads a document whole into `out`, unpacked if it is packed. `packed` is its length as stored.
pub(super) fn read_all(source: impl Read, packed: u64, out: &mut Vec<u8>) -> Result<bool, Unpack> {
    out.clear();
    let mut source = BufReader::with_capacity(64 << 10, source);
    let kind = kind(source.fill_buf().map_err(Unpack::Io)?);
    let limit = if kind.is_some() { bound(packed) } else { MAX_DOCUMENT };
    // Room is asked for as it is needed, not as something claims to need it.
    out.try_reserve(usize::try_from(packed.min(limit).min(64 << 20)).unwrap_or(0))
        .map_err(|_| Unpack::Broken("there is not enough memory".to_owned()))?;
    let read = match kind {
        Some("gzip") => flate2::bufread::MultiGzDecoder::new(source).take(limit + 1).read_to_end(out),
        Some("bzip2") => bzip2::bufread::MultiBzDecoder::new(source).take(limit + 1).read_to_end(out),
        Some(_) => zstd::stream::read::Decoder::with_buffer(source)
            .and_then(|decoder| decoder.take(limit + 1).read_to_end(out)),
        None => source.take(limit + 1).read_to_end(out),
    };
    if let Err(error) = read {
        return Err(match kind {
            Some(kind) => {
                Unpack::Broken(format!("its {kind} compression is broken after {} bytes: {error}", out.len()))
            }
            None => Unpack::Io(error),
        });
    }
    if u64::try_from(out.len()).is_ok_and(|length| length > limit) {
        return Err(Unpack::Broken(if limit < MAX_DOCUMENT {
            format!("it unpacks to more than {MAX_RATIO} times its size, which no advisory data do")
        } else {
            format!("it is larger than {} MiB", MAX_DOCUMENT >> 20)
        }));
    }
    Ok(kind.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn unpack(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        match read_all(bytes, bytes.len() as u64, &mut out) {
            Ok(_) => Ok(out),
            Err(Unpack::Broken(reason)) => Err(reason),
            Err(Unpack::Io(error)) => Err(error.to_string()),
        }
    }

    #[test]
    fn compression_is_told_by_its_first_bytes_and_undone() {
        let text = b"{\"id\":\"A\"}".repeat(100);
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&text).expect("writes");
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bz.write_all(&text).expect("writes");
        let zst = zstd::encode_all(&text[..], 1).expect("packs");
        for packed in [gz.finish().expect("packs"), bz.finish().expect("packs"), zst] {
            assert_eq!(unpack(&packed).as_deref(), Ok(&text[..]));
            assert!(unpack(&packed[..packed.len() - 9]).is_err(), "cut off");
        }
        assert_eq!(unpack(&text).as_deref(), Ok(&text[..]));
        assert_eq!(unpack(b"").as_deref(), Ok(&b""[..]));
    }

    #[test]
    fn bombs_are_refused() {
        let zeros = vec![0_u8; 64 << 20];
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(&zeros).expect("writes");
        for packed in [gz.finish().expect("packs"), zstd::encode_all(&zeros[..], 3).expect("packs")] {
            assert!(unpack(&packed).is_err_and(|reason| reason.contains("300 times")));
        }
    }

    #[test]
    fn endings_of_compression_are_no_part_of_a_name() {
        assert_eq!(without_ending("a.json.gz"), "a.json");
        assert_eq!(without_ending("a.json"), "a.json");
    }
}
