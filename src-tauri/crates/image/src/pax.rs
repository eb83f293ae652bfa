//! The records of PAX extended headers (POSIX.1-2008, pax Interchange Format).

/// What one entry's extended headers say. Unset fields keep what the plain header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pax {
    pub path: Option<Vec<u8>>,
    pub link: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub uid: Option<u64>,
    pub gid: Option<u64>,
    pub mtime: Option<i64>,
    /// `SCHILY.xattr.security.capability`, binary.
    pub capability: Option<Vec<u8>>,
    /// `GNU.sparse.name`: the file's true name (formats 0.1 and 1.0).
    pub sparse_name: Option<Vec<u8>>,
    /// `GNU.sparse.realsize` (1.0) or `GNU.sparse.size` (0.0, 0.1): the size with its holes.
    pub sparse_size: Option<u64>,
    /// Whether any `GNU.sparse.*` record is there.
    pub sparse: bool,
}

/// Reads the records in `data`: `LENGTH SPACE KEY = VALUE NEWLINE`, LENGTH in decimal and counting the whole record.
///
/// The error is a short phrase. A record that comes twice counts the last time; an empty value unsets it.
pub(crate) fn parse(mut data: &[u8]) -> Result<Pax, &'static str> {
    let mut pax = Pax::default();
    while !data.is_empty() {
        // Some writers pad with zeros.
        if data.iter().all(|&b| b == 0) {
            break;
        }
        let space = data.iter().take(20).position(|&b| b == b' ').ok_or("a PAX record without a length")?;
        let length = decimal(data.get(..space).unwrap_or_default()).ok_or("a PAX record with a malformed length")?;
        let length = usize::try_from(length).map_err(|_| "a PAX record with an impossible length")?;
        let record = data.get(space + 1..length).ok_or("a PAX record that reaches beyond its header")?;
        data = data.get(length..).unwrap_or_default();
        let record = record.strip_suffix(b"\n").ok_or("a PAX record without an end")?;
        let equals = record.iter().position(|&b| b == b'=').ok_or("a PAX record without a value")?;
        let (key, value) = (record.get(..equals).unwrap_or_default(), record.get(equals + 1..).unwrap_or_default());
        set(&mut pax, key, value)?;
    }
    Ok(pax)
}

fn set(pax: &mut Pax, key: &[u8], value: &[u8]) -> Result<(), &'static str> {
    let bytes = || (!value.is_empty()).then(|| value.to_vec());
    let number = |what: &'static str| {
        if value.is_empty() { Ok(None) } else { decimal(value).map(Some).ok_or(what) }
    };
    match key {
        b"path" => pax.path = bytes(),
        b"linkpath" => pax.link = bytes(),
        b"size" => pax.size = number("a PAX record with a malformed size")?,
        b"uid" => pax.uid = number("a PAX record with a malformed user ID")?,
        b"gid" => pax.gid = number("a PAX record with a malformed group ID")?,
        b"mtime" => pax.mtime = seconds(value),
        b"SCHILY.xattr.security.capability" => pax.capability = bytes(),
        b"GNU.sparse.name" => {
            pax.sparse = true;
            pax.sparse_name = bytes();
        }
        b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
            pax.sparse = true;
            pax.sparse_size = number("a PAX record with a malformed sparse size")?;
        }
        key if key.starts_with(b"GNU.sparse.") => pax.sparse = true,
        _ => {}
    }
    Ok(())
}

/// A decimal number of digits alone, at most `i64::MAX`.
fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    i64::try_from(value).is_ok().then_some(value)
}

/// The whole seconds of a PAX time, `-12.5` or `1700000000.123`.
fn seconds(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    text.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, value: &[u8]) -> Vec<u8> {
        crate::sample::pax_record(key, value)
    }

    #[test]
    fn records_are_read() {
        let mut data = record("path", b"long/\xffname\nwith a newline");
        data.extend(record("size", b"12"));
        data.extend(record("mtime", b"1700000000.5"));
        data.extend(record("SCHILY.xattr.security.capability", &[1, 0, 0, 2, b'\n', b'=']));
        data.extend(record("GNU.sparse.realsize", b"1073741824"));
        let pax = parse(&data).unwrap();
        assert_eq!(pax.path.as_deref(), Some(&b"long/\xffname\nwith a newline"[..]));
        assert_eq!((pax.size, pax.mtime, pax.sparse_size), (Some(12), Some(1_700_000_000), Some(1 << 30)));
        assert_eq!(pax.capability, Some(vec![1, 0, 0, 2, b'\n', b'=']));
        assert!(pax.sparse);
    }

    #[test]
    fn malformed_records_are_refused() {
        for bad in [
            &b"x"[..],
            b"5 a",
            b"99 path=x\n",
            b"0 \n",
            b"9 path=xx",
            b"7 path\n",
            b"+9 path=x\n",
            b"4294967296999 a=b\n",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
        assert!(parse(&record("size", b"-1")).is_err());
        assert!(parse(&record("size", b"99999999999999999999")).is_err());
        assert_eq!(parse(b"\0\0").unwrap(), Pax::default());
    }
}
