//! Offers a server TLS 1.0 and 1.1 and sees whether it goes along. Only the first message of a handshake is sent.
//!
//! The library for TLS does not speak them any more, so the message is made by hand (RFC 2246 and RFC 4346, 7.4.1.2).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::facts::Older;

/// Versions on the wire, and their names.
pub(crate) const OUTDATED: [(u8, &str); 2] = [(1, "TLS 1.0"), (2, "TLS 1.1")];

/// Suites that those versions have; the old and broken ones too, as a server that takes only them goes along as well.
const SUITES: [u16; 15] = [
    0xc014, 0xc00a, 0xc013, 0xc009, // ECDHE with AES
    0x0039, 0x0033, // DHE with AES
    0x0035, 0x002f, // RSA with AES
    0xc012, 0xc008, 0x0016, 0x000a, // with 3DES
    0xc011, 0x0005, 0x0004, // with RC4
];

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), length(content.len()).as_slice(), content].concat()
}

/// Two bytes of a length. What is written here is far below their limit.
fn length(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

/// The first message of a client that knows nothing later than this version (minor number on the wire). `name` is the
/// server's, if it has one.
pub(crate) fn client_hello(minor: u8, name: Option<&str>, random: [u8; 32]) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(name) = name.filter(|name| name.len() <= 253) {
        // server_name (RFC 6066, 3): a list with one host name.
        let entry = [&[0], length(name.len()).as_slice(), name.as_bytes()].concat();
        extensions.extend(extension(0, &[length(entry.len()).as_slice(), &entry].concat()));
    }
    // supported_groups with P-256, P-384, P-521, x25519; ec_point_formats: uncompressed; no renegotiation so far.
    extensions.extend(extension(10, &[0, 8, 0, 23, 0, 24, 0, 25, 0, 29]));
    extensions.extend(extension(11, &[1, 0]));
    extensions.extend(extension(0xff01, &[0]));
    let suites: Vec<u8> = SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let mut body = vec![3, minor];
    body.extend(random);
    body.push(0); // no session
    body.extend(length(suites.len()));
    body.extend(suites);
    body.extend([1, 0]); // no compression
    body.extend(length(extensions.len()));
    body.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(length(body.len()));
    handshake.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(length(handshake.len()));
    record.extend(handshake);
    record
}

/// What the first bytes of an answer say; none: more are needed.
pub(crate) fn answer(minor: u8, bytes: &[u8]) -> Option<Older> {
    let &[kind, major, _, high, low, ref rest @ ..] = bytes else { return None };
    let size = usize::from(u16::from_be_bytes([high, low]));
    match (kind, major, rest) {
        // A handshake that begins with the server's hello: type, length, and the version it chose.
        (22, 3, &[2, _, _, _, 3, chosen, ..]) => Some(if chosen == minor { Older::Accepted } else { Older::Unknown }),
        (22, 3, rest) if rest.len() < 6 => None,
        // An alert that only warns, such as a name that it does not know: the answer follows.
        (21, 3, &[1, description, ref more @ ..]) if size == 2 && description != 0 => answer(minor, more),
        // handshake_failure, protocol_version, insufficient_security, internal_error, inappropriate_fallback
        (21, 3, &[_, 40 | 70 | 71 | 80 | 86, ..]) => Some(Older::Refused),
        (21, 3, rest) if rest.len() < 2 => None,
        _ => Some(Older::Unknown),
    }
}

/// Asks a server. That it closes the connection without a word is a refusal only where it has just shown, with a later
/// version, that it is there.
pub(crate) async fn ask(
    host: &str,
    port: u16,
    name: Option<&str>,
    minor: u8,
    patience: Duration,
    is_there: bool,
) -> Older {
    let asking = async {
        let mut stream = TcpStream::connect((host, port)).await.map_err(|_| Older::Unknown)?;
        let mut random = [0; 32];
        let drawn = uuid();
        for (place, byte) in random.iter_mut().zip(drawn.iter().cycle()) {
            *place = *byte;
        }
        let sent = stream.write_all(&client_hello(minor, name, random)).await;
        let closed = if is_there { Older::Refused } else { Older::Unknown };
        sent.map_err(|_| closed)?;
        let mut bytes = Vec::new();
        let mut piece = [0; 512];
        loop {
            let read = stream.read(&mut piece).await.map_err(|_| closed)?;
            if read == 0 {
                return Err(if bytes.is_empty() { closed } else { Older::Unknown });
            }
            bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
            if let Some(answer) = answer(minor, &bytes) {
                return Ok(answer);
            }
            if bytes.len() > 4096 {
                return Err(Older::Unknown);
            }
        }
    };
    match tokio::time::timeout(patience, asking).await {
        Ok(Ok(answer) | Err(answer)) => answer,
        Err(_) => Older::Unknown,
    }
}

/// Bytes that are not the same twice. Nothing is kept secret by them: no key is ever agreed on.
fn uuid() -> [u8; 8] {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_hello_has_the_lengths_that_it_says() {
        for name in [None, Some("r.example")] {
            let hello = client_hello(2, name, [7; 32]);
            assert_eq!(hello[..3], [22, 3, 1]);
            assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
            assert_eq!(hello[5], 1);
            assert_eq!(usize::from(u16::from_be_bytes([hello[7], hello[8]])), hello.len() - 9);
            assert_eq!(hello[9..11], [3, 2]);
            assert_eq!(hello.windows(9).any(|window| window == b"r.example"), name.is_some());
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let hello = |minor| vec![22, 3, 1, 0, 80, 2, 0, 0, 76, 3, minor, 0];
        assert_eq!(answer(1, &hello(1)), Some(Older::Accepted));
        assert_eq!(answer(2, &hello(1)), Some(Older::Unknown));
        for refusal in [40, 70, 71, 80, 86] {
            assert_eq!(answer(1, &[21, 3, 1, 0, 2, 2, refusal]), Some(Older::Refused));
        }
        assert_eq!(answer(1, &[21, 3, 1, 0, 2, 2, 112]), Some(Older::Unknown));
        assert_eq!(answer(1, b"HTTP/1.1 400 Bad Request"), Some(Older::Unknown));
        let warned: Vec<u8> = [vec![21, 3, 1, 0, 2, 1, 112], hello(1)].concat();
        assert_eq!(answer(1, &warned), Some(Older::Accepted));
        for short in [&[][..], &[22, 3, 1], &[22, 3, 1, 0, 80, 2, 0], &[21, 3, 1, 0, 2, 2], &warned[..7]] {
            assert_eq!(answer(1, short), None, "{short:?}");
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = answer(1, &bytes);
        }
    }
}
