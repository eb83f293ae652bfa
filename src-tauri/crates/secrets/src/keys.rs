//! Private keys, parsed: PKCS#1, PKCS#8, SEC 1, DSA, OpenSSH, OpenPGP, PuTTY; key stores by their first bytes.
//!
//! A header without a body that parses is no key: libraries and manuals are full of such strings.

use crate::validate::decode_base64;
use crate::{Certainty, Harmless};

/// Longest block that is looked at.
pub(crate) const LONGEST: usize = 32 << 10;

/// A key that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) detail: String,
    pub(crate) certainty: Certainty,
    pub(crate) harmless: Option<Harmless>,
}

/// What a key's bytes say.
struct Facts {
    kind: String,
    encrypted: bool,
    published: bool,
}

fn plain(kind: String) -> Facts {
    Facts { kind, encrypted: false, published: false }
}

fn key(start: usize, end: usize, facts: Facts, proven: bool) -> Key {
    let state = if facts.encrypted { "encrypted" } else { "not encrypted" };
    let harmless = match (facts.encrypted, facts.published) {
        (true, _) => Some(Harmless::Encrypted),
        (_, true) => Some(Harmless::Example),
        _ => None,
    };
    Key {
        start,
        end,
        detail: format!("{}, {state}", facts.kind),
        certainty: if proven { Certainty::Proven } else { Certainty::Form },
        harmless,
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The PEM block whose `-----BEGIN ` stands at `at`.
pub(crate) fn pem_at(buf: &[u8], at: usize) -> Option<Key> {
    let block = buf.get(at..buf.len().min(at + LONGEST))?;
    let after = block.strip_prefix(b"-----BEGIN ")?;
    let label_end = find(after.get(..after.len().min(48))?, b"-----")?;
    let label = std::str::from_utf8(after.get(..label_end)?).ok()?;
    if !label.contains("PRIVATE KEY") {
        return None;
    }
    let body_start = b"-----BEGIN ".len() + label_end + 5;
    let rest = block.get(body_start..)?;
    // No body holds five dashes: the next ones are the end, or there is none.
    let body_len = find(rest, b"-----")?;
    rest.get(body_len..)?.starts_with(b"-----END ").then_some(())?;
    let body = rest.get(..body_len)?;
    let tail = rest.get(body_len + 9..)?;
    let end = at + body_start + body_len + 9 + find(tail.get(..tail.len().min(48))?, b"-----")? + 5;
    let (data, encrypted) = body_bytes(body)?;
    if encrypted {
        let kind = label.split(' ').next().unwrap_or("private").to_owned();
        return (data.len() >= 64).then(|| key(at, end, Facts { encrypted: true, ..plain(kind) }, false));
    }
    let facts = match label {
        "RSA PRIVATE KEY" => rsa(&data),
        "EC PRIVATE KEY" => ec(&data, None),
        "DSA PRIVATE KEY" => dsa(&data),
        "PRIVATE KEY" => pkcs8(&data),
        "ENCRYPTED PRIVATE KEY" => encrypted_pkcs8(&data),
        "OPENSSH PRIVATE KEY" => openssh(&data),
        "PGP PRIVATE KEY BLOCK" => openpgp(&data),
        _ => None,
    }?;
    Some(key(at, end, facts, true))
}

/// A PEM block that was put into base64 once more, as Kubernetes does.
pub(crate) fn pem_in_base64(buf: &[u8], at: usize) -> Option<Key> {
    let rest = buf.get(at..buf.len().min(at + LONGEST))?;
    let head = decode_base64(std::str::from_utf8(rest.get(..64)?).ok()?)?;
    find(&head, b"PRIVATE KEY")?;
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).count();
    let text = std::str::from_utf8(rest.get(..length)?).ok()?;
    let decoded = decode_base64(text)?;
    let inner = pem_at(&decoded, 0)?;
    Some(Key { start: at, end: at + length, detail: format!("{}, in base64", inner.detail), ..inner })
}

/// The bytes between the lines of a PEM block, and whether its headers say that they are encrypted. Escaped line ends,
/// quotes and continuation signs of the text around are taken away.
fn body_bytes(body: &[u8]) -> Option<(Vec<u8>, bool)> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.replace("\\\\n", "\n").replace("\\n", "\n").replace("\\r", "").replace("\\t", "");
    let mut base64 = String::with_capacity(text.len());
    let mut encrypted = false;
    for line in text.lines() {
        let line = line.trim().trim_end_matches('\\').trim();
        let line = line.strip_suffix('+').filter(|l| l.trim_end().ends_with(['"', '\''])).unwrap_or(line);
        let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '#'));
        if line.contains(':') {
            encrypted |= line.contains("ENCRYPTED");
            continue;
        }
        // OpenPGP's checksum stands on a line of its own.
        if line.len() == 5 && line.starts_with('=') {
            continue;
        }
        base64.extend(line.split_whitespace());
    }
    Some((decode_base64(&base64).filter(|data| data.len() >= 24)?, encrypted))
}

/// One element of DER: tag, content, what follows.
fn tlv(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = bytes else { return None };
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(*first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let length = rest.get(..count)?.iter().fold(0_usize, |sum, &b| (sum << 8) | usize::from(b));
        (length, rest.get(count..)?)
    };
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}

fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    tlv(bytes).filter(|(found, _, _)| *found == tag).map(|(_, content, rest)| (content, rest))
}

fn bits(integer: &[u8]) -> usize {
    let trimmed: &[u8] = match integer.iter().position(|&b| b != 0) {
        Some(first) => integer.get(first..).unwrap_or_default(),
        None => return 0,
    };
    trimmed.len() * 8 - trimmed.first().map_or(0, |b| b.leading_zeros() as usize)
}

/// The first bytes of the modulus of Vagrant's published key for new machines.
const VAGRANT: &[u8] = &[0xe8, 0xd1, 0x7c, 0x89, 0xa9, 0x65, 0xbd, 0x05, 0x69, 0xdb, 0x65, 0x83];

fn rsa(der: &[u8]) -> Option<Facts> {
    let (sequence, _) = expect(der, 0x30)?;
    let (_, rest) = expect(sequence, 2)?;
    let (modulus, rest) = expect(rest, 2)?;
    let (_, rest) = expect(rest, 2)?;
    expect(rest, 2)?;
    let size = bits(modulus);
    let mut facts = plain(format!("RSA, {size} bits"));
    facts.published = modulus.iter().skip_while(|&&b| b == 0).take(VAGRANT.len()).eq(VAGRANT);
    (size >= 256).then_some(facts)
}

fn dsa(der: &[u8]) -> Option<Facts> {
    let (sequence, _) = expect(der, 0x30)?;
    let (_, rest) = expect(sequence, 2)?;
    let (p, rest) = expect(rest, 2)?;
    expect(rest, 2)?;
    (bits(p) >= 256).then(|| plain(format!("DSA, {} bits", bits(p))))
}

/// The size of a named curve's field.
fn curve(oid: &[u8]) -> Option<(&'static str, usize)> {
    match oid {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Some(("P-256", 256)),
        [0x2b, 0x81, 4, 0, 0x22] => Some(("P-384", 384)),
        [0x2b, 0x81, 4, 0, 0x23] => Some(("P-521", 521)),
        [0x2b, 0x81, 4, 0, 0x0a] => Some(("secp256k1", 256)),
        _ => None,
    }
}

fn ec(der: &[u8], outer: Option<&[u8]>) -> Option<Facts> {
    let (sequence, _) = expect(der, 0x30)?;
    let (version, rest) = expect(sequence, 2)?;
    let (private, rest) = expect(rest, 4)?;
    if version != [1] || private.len() < 16 {
        return None;
    }
    let own = expect(rest, 0xa0).and_then(|(inner, _)| expect(inner, 6)).map(|(oid, _)| oid);
    Some(plain(match own.or(outer).and_then(curve) {
        Some((name, size)) => format!("EC {name}, {size} bits"),
        None => format!("EC, {} bits", private.len() * 8),
    }))
}

fn pkcs8(der: &[u8]) -> Option<Facts> {
    let (sequence, _) = expect(der, 0x30)?;
    let (_, rest) = expect(sequence, 2)?;
    let (algorithm, rest) = expect(rest, 0x30)?;
    let (private, _) = expect(rest, 4)?;
    let (oid, parameters) = expect(algorithm, 6)?;
    match oid {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 | 0x0a] => rsa(private),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => ec(private, expect(parameters, 6).map(|(oid, _)| oid)),
        [0x2b, 0x65, 0x6e] => Some(plain("X25519, 256 bits".to_owned())),
        [0x2b, 0x65, 0x70] => Some(plain("Ed25519, 256 bits".to_owned())),
        [0x2b, 0x65, 0x71] => Some(plain("Ed448, 456 bits".to_owned())),
        [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1] => {
            let (numbers, _) = expect(parameters, 0x30)?;
            let (p, _) = expect(numbers, 2)?;
            Some(plain(format!("DSA, {} bits", bits(p))))
        }
        _ => (private.len() >= 16).then(|| plain("of an unknown algorithm".to_owned())),
    }
}

fn encrypted_pkcs8(der: &[u8]) -> Option<Facts> {
    let (sequence, _) = expect(der, 0x30)?;
    let (algorithm, rest) = expect(sequence, 0x30)?;
    expect(algorithm, 6)?;
    let (data, _) = expect(rest, 4)?;
    (data.len() >= 32).then(|| Facts { encrypted: true, ..plain("PKCS#8".to_owned()) })
}

/// A length and that many bytes, as SSH writes them.
fn ssh_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = bytes.get(..4)?.iter().fold(0_usize, |sum, &b| (sum << 8) | usize::from(b));
    let rest = bytes.get(4..)?;
    Some((rest.get(..length)?, rest.get(length..)?))
}

fn ssh_public(blob: &[u8]) -> Option<(String, bool)> {
    let (name, rest) = ssh_string(blob)?;
    Some(match name {
        b"ssh-rsa" => {
            let (_, rest) = ssh_string(rest)?;
            let (modulus, _) = ssh_string(rest)?;
            let published = modulus.iter().skip_while(|&&b| b == 0).take(VAGRANT.len()).eq(VAGRANT);
            (format!("RSA, {} bits", bits(modulus)), published)
        }
        b"ssh-dss" => {
            let (p, _) = ssh_string(rest)?;
            (format!("DSA, {} bits", bits(p)), false)
        }
        b"ssh-ed25519" => ("Ed25519, 256 bits".to_owned(), false),
        b"ecdsa-sha2-nistp256" => ("EC P-256, 256 bits".to_owned(), false),
        b"ecdsa-sha2-nistp384" => ("EC P-384, 384 bits".to_owned(), false),
        b"ecdsa-sha2-nistp521" => ("EC P-521, 521 bits".to_owned(), false),
        other if other.len() < 64 && other.iter().all(u8::is_ascii_graphic) => {
            (String::from_utf8_lossy(other).into_owned(), false)
        }
        _ => return None,
    })
}

fn openssh(data: &[u8]) -> Option<Facts> {
    let rest = data.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = ssh_string(rest)?;
    let (_, rest) = ssh_string(rest)?;
    let (_, rest) = ssh_string(rest)?;
    let (public, rest) = ssh_string(rest.get(4..)?)?;
    let (private, _) = ssh_string(rest)?;
    let (kind, published) = ssh_public(public)?;
    (private.len() >= 16).then(|| Facts { kind, encrypted: cipher != b"none", published })
}

/// The first packet of an OpenPGP block (RFC 4880, 4.2 and 5.5.3).
fn openpgp(data: &[u8]) -> Option<Facts> {
    let [head, rest @ ..] = data else { return None };
    let (tag, body) = if head & 0x40 == 0 {
        let size = 1_usize.checked_shl(u32::from(head & 3)).filter(|&s| s <= 4)?;
        ((head >> 2) & 0x0f, rest.get(size..)?)
    } else {
        let size = match rest.first()? {
            0..=191 => 1,
            192..=223 => 2,
            255 => 5,
            _ => return None,
        };
        (head & 0x3f, rest.get(size..)?)
    };
    let (&version, &algorithm) = (body.first()?, body.get(5)?);
    if !matches!(tag, 5 | 7) || !(4..=6).contains(&version) {
        return None;
    }
    let number = |bytes: &[u8]| -> Option<(usize, usize)> {
        let bits = usize::from(*bytes.first()?) << 8 | usize::from(*bytes.get(1)?);
        Some((bits, 2 + bits.div_ceil(8)))
    };
    let mut at = if version == 4 { 6 } else { 10 };
    let numbers = |count: usize, mut at: usize| -> Option<(usize, usize)> {
        let mut first = 0;
        for i in 0..count {
            let (bits, size) = number(body.get(at..)?)?;
            first = if i == 0 { bits } else { first };
            at += size;
        }
        Some((first, at))
    };
    let kind = match algorithm {
        1..=3 => {
            let (bits, next) = numbers(2, at)?;
            at = next;
            format!("OpenPGP RSA, {bits} bits")
        }
        17 => {
            let (bits, next) = numbers(4, at)?;
            at = next;
            format!("OpenPGP DSA, {bits} bits")
        }
        19 | 22 => {
            let oid = usize::from(*body.get(at)?);
            let (_, next) = numbers(1, at + 1 + oid)?;
            at = next;
            if algorithm == 22 { "OpenPGP EdDSA".to_owned() } else { "OpenPGP ECDSA".to_owned() }
        }
        _ => return Some(plain("OpenPGP".to_owned())),
    };
    Some(Facts { encrypted: *body.get(at)? != 0, ..plain(kind) })
}

/// A PuTTY key whose first line begins at `at`.
pub(crate) fn putty_at(buf: &[u8], at: usize) -> Option<Key> {
    let block = buf.get(at..buf.len().min(at + LONGEST))?;
    let text = std::str::from_utf8(block)
        .or_else(|e| std::str::from_utf8(block.get(..e.valid_up_to()).unwrap_or_default()))
        .ok()?;
    let first = text.lines().next()?;
    let algorithm = first.split_once(": ")?.1.trim();
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    let encryption = value("Encryption: ")?;
    let lines: usize = value("Private-Lines: ")?.parse().ok()?;
    let marker = text.find("Private-Lines: ")?;
    let body = text.get(marker..)?;
    let taken: usize = body.split_inclusive('\n').take(lines.min(400) + 1).map(str::len).sum();
    let private: String = body.get(..taken)?.lines().skip(1).map(str::trim).collect();
    decode_base64(&private).filter(|data| data.len() >= 16)?;
    let kind: String = algorithm.chars().filter(char::is_ascii_graphic).take(32).collect();
    let facts = Facts { encrypted: encryption != "none", ..plain(format!("PuTTY {kind}")) };
    Some(key(at, at + marker + taken, facts, true))
}

/// A private key in DER that is the whole file.
pub(crate) fn der(bytes: &[u8]) -> Option<Key> {
    let facts = pkcs8(bytes).or_else(|| rsa(bytes)).or_else(|| ec(bytes, None)).or_else(|| encrypted_pkcs8(bytes))?;
    Some(key(0, bytes.len(), facts, true))
}

/// A PKCS#12 file: a sequence that begins with version 3.
pub(crate) fn is_pkcs12(bytes: &[u8]) -> bool {
    // The file may be cut; only its head is looked at.
    let Some((&0x30, rest)) = bytes.split_first() else { return false };
    let skip = match rest.first() {
        Some(&first) if first < 0x80 => 1,
        Some(&first) => 1 + usize::from(first & 0x7f),
        None => return false,
    };
    rest.get(skip..).is_some_and(|body| body.starts_with(&[2, 1, 3, 0x30]))
}

/// Numbers of private keys and of certificates in a Java key store; none when it is not one, or not read to its end.
pub(crate) fn java_key_store(bytes: &[u8]) -> Option<(usize, usize)> {
    let number = |at: usize| -> Option<usize> {
        Some(bytes.get(at..at + 4)?.iter().fold(0, |sum, &b| (sum << 8) | usize::from(b)))
    };
    let text = |at: usize| -> Option<usize> {
        let two = bytes.get(at..at + 2)?;
        Some(at + 2 + (usize::from(*two.first()?) << 8 | usize::from(*two.get(1)?)))
    };
    if number(0)? != 0xfeed_feed {
        return None;
    }
    let version = number(4)?;
    let count = number(8)?.min(10_000);
    let certificate = |at: usize| -> Option<usize> {
        let at = if version == 2 { text(at)? } else { at };
        at.checked_add(4)?.checked_add(number(at)?)
    };
    let (mut keys, mut certificates, mut at) = (0, 0, 12);
    for _ in 0..count {
        let tag = number(at)?;
        at = text(at + 4)? + 8;
        if tag == 1 {
            keys += 1;
            at = at.checked_add(4)?.checked_add(number(at)?)?;
            let chain = number(at)?.min(100);
            at += 4;
            for _ in 0..chain {
                at = certificate(at)?;
            }
        } else {
            certificates += 1;
            at = certificate(at)?;
        }
    }
    Some((keys, certificates))
}
