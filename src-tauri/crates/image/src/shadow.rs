//! Password fields of `/etc/shadow` and `/etc/passwd`: their state alone, never a hash.
//!
//! What a hash is made with shows in its form (`crypt(5)`). A few of the most common passwords are tried on the cheap
//! schemes, as whoever finds the image would; how many is bounded, and only the result is kept.

use md5::Md5;
use sha_crypt::{PasswordVerifier, ShaCrypt};
use sha2::Digest;

use crate::accounts::numbered;
use crate::facts::{Password, PasswordState};

/// Hashes that are tried; a real image has one or two.
const TRIED: usize = 8;

/// Passwords that stand at the top of every published list, or in tutorials. The account's name is tried too.
const COMMON: [&str; 10] =
    ["", "root", "toor", "password", "admin", "123456", "12345678", "changeme", "docker", "secret"];

/// The default of `crypt(5)`; more rounds take too long.
const ROUNDS: u32 = 5000;

/// A longer name is no name, and the schemes' time grows with its square.
const NAME_BYTES: usize = 64;

/// Where the lines stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines<'a> {
    pub bytes: &'a [u8],
    /// `/etc/shadow` or `/etc/passwd`.
    pub file: &'a str,
    /// Diff ID.
    pub layer: &'a str,
}

/// The password fields of the lines. In `/etc/passwd` an `x` says that the field stands in `/etc/shadow`; it is left out.
pub(crate) fn read(lines: Lines<'_>) -> Vec<Password> {
    let in_passwd = lines.file == "/etc/passwd";
    let mut tried = 0;
    let mut passwords = Vec::new();
    for (line, text) in numbered(lines.bytes) {
        let Some((user, rest)) = text.split_once(':') else { continue };
        let field = rest.split(':').next().unwrap_or_default();
        // Lines of NIS bring in accounts from elsewhere; they have no password of their own.
        if user.is_empty() || user.starts_with(['+', '-']) || in_passwd && field == "x" {
            continue;
        }
        passwords.push(Password {
            user: user.to_owned(),
            state: state(user, field, &mut tried),
            file: lines.file.to_owned(),
            line,
            layer: lines.layer.to_owned(),
        });
    }
    passwords
}

fn state(user: &str, field: &str, tried: &mut usize) -> PasswordState {
    let Some(scheme) = scheme(field) else {
        // What no hash can equal lets nobody in.
        return if field.is_empty() { PasswordState::Empty } else { PasswordState::Locked };
    };
    let cheap = matches!(scheme, "md5" | "sha256" | "sha512");
    let guessed = cheap && *tried < TRIED && {
        *tried += 1;
        let name = Some(user).filter(|name| name.len() <= NAME_BYTES);
        name.into_iter().chain(COMMON).any(|word| is_hash_of(scheme, field, word))
    };
    PasswordState::Hash { scheme: scheme.to_owned(), guessed }
}

/// The scheme of a hash; `None` for what is none.
fn scheme(field: &str) -> Option<&'static str> {
    let is_base64 = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/'));
    if let Some(rest) = field.strip_prefix('$') {
        return Some(match rest.split('$').next().unwrap_or_default() {
            "1" => "md5",
            "5" => "sha256",
            "6" => "sha512",
            "2" | "2a" | "2b" | "2x" | "2y" => "bcrypt",
            "7" => "scrypt",
            "y" | "gy" => "yescrypt",
            _ => "unknown",
        });
    }
    let extended = field.strip_prefix('_').is_some_and(|rest| rest.len() == 19 && is_base64(rest));
    (extended || field.len() == 13 && is_base64(field)).then_some("des")
}

fn is_hash_of(scheme: &str, hash: &str, password: &str) -> bool {
    if scheme == "md5" {
        let salt = hash.strip_prefix("$1$").and_then(|rest| rest.split_once('$')).map(|(salt, _)| salt);
        return salt.is_some_and(|salt| md5_crypt(password.as_bytes(), salt) == hash);
    }
    // `$6$rounds=N$salt$hash`
    let rounds = hash.split('$').nth(2).and_then(|field| field.strip_prefix("rounds="));
    if rounds.is_some_and(|rounds| rounds.parse::<u32>().map_or(true, |rounds| rounds > ROUNDS)) {
        return false;
    }
    ShaCrypt::default().verify_password(password.as_bytes(), hash).is_ok()
}

/// MD5-crypt as FreeBSD 2 brought it and `crypt(5)` lists it: `$1$salt$hash`.
fn md5_crypt(password: &[u8], salt: &str) -> String {
    const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let salt = salt.get(..8).unwrap_or(salt);
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut hash = Md5::new().chain_update(password).chain_update("$1$").chain_update(salt);
    for block in password.chunks(16) {
        hash.update(inner.get(..block.len()).unwrap_or_default());
    }
    let mut length = password.len();
    while length > 0 {
        hash.update(if length & 1 == 1 { &[0] } else { password.get(..1).unwrap_or_default() });
        length >>= 1;
    }
    let mut last = hash.finalize();
    for round in 0..1000 {
        let mut hash = Md5::new();
        let (first, second): (&[u8], &[u8]) = if round % 2 == 1 { (password, &last) } else { (&last, password) };
        hash.update(first);
        if round % 3 != 0 {
            hash.update(salt);
        }
        if round % 7 != 0 {
            hash.update(password);
        }
        hash.update(second);
        last = hash.finalize();
    }
    let byte = |at: usize| u32::from(last.get(at).copied().unwrap_or_default());
    let mut text = format!("$1${salt}$");
    let mut put = |mut value: u32, count: usize| {
        for _ in 0..count {
            text.extend(DIGITS.get((value & 63) as usize).map(|&digit| char::from(digit)));
            value >>= 6;
        }
    };
    for [a, b, c] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        put(byte(a) << 16 | byte(b) << 8 | byte(c), 4);
    }
    put(byte(11), 2);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(text: &str, file: &str) -> Vec<Password> {
        read(Lines { bytes: text.as_bytes(), file, layer: "sha256:1" })
    }

    fn state_of(field: &str) -> PasswordState {
        passwords(&format!("app:{field}:19000:0:99999:7:::\n"), "/etc/shadow").remove(0).state
    }

    fn hash(scheme: &str, guessed: bool) -> PasswordState {
        PasswordState::Hash { scheme: scheme.to_owned(), guessed }
    }

    #[test]
    fn the_state_shows_in_the_form() {
        for locked in ["*", "!", "!!", "!*", "!$6$salt$hash", "x", "NP", "*LK*", "no hash"] {
            assert_eq!(state_of(locked), PasswordState::Locked, "{locked}");
        }
        assert_eq!(state_of(""), PasswordState::Empty);
        for (field, scheme) in [
            ("$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzabcde", "bcrypt"),
            ("$y$j9T$abc$def", "yescrypt"),
            ("$7$CU..../....x$y", "scrypt"),
            ("$sha1$1$x$y", "unknown"),
            ("rl0uE3lzkXUPg", "des"),
            ("_J9..rasmBYk8r9AiWNc", "des"),
            ("$6$", "sha512"),
            ("$1$", "md5"),
        ] {
            assert_eq!(state_of(field), hash(scheme, false), "{field}");
        }
    }

    // Made with `openssl passwd -1|-5|-6 -salt saltsalt`.
    #[test]
    fn common_passwords_are_recognised() {
        assert_eq!(md5_crypt(b"password", "saltsalt"), MD5_PASSWORD);
        for (field, scheme, guessed) in [
            (MD5_PASSWORD, "md5", true),
            (SHA256_APP, "sha256", true),
            (SHA512_TOOR, "sha512", true),
            (SHA512_OTHER, "sha512", false),
            (&SHA512_TOOR.replace("$6$", "$6$rounds=999999999$"), "sha512", false),
        ] {
            assert_eq!(state_of(field), hash(scheme, guessed), "{field}");
        }
    }

    #[test]
    fn tries_are_bounded() {
        let line = |name: &str| format!("{name}:{MD5_PASSWORD}::::::\n");
        let text: String = (0..20).map(|number| line(&format!("user{number}"))).collect();
        let guessed = |p: &Password| matches!(p.state, PasswordState::Hash { guessed: true, .. });
        assert_eq!(passwords(&text, "/etc/shadow").iter().filter(|p| guessed(p)).count(), TRIED);
        assert_eq!(passwords(&line(&"n".repeat(100_000)), "/etc/shadow").len(), 1);
    }

    #[test]
    fn passwd_counts_only_where_it_holds_the_field_itself() {
        let text = "root::0:0::/:/bin/sh\n# note\napp:x:1:1::/:\n+::::::\n\nold:rl0uE3lzkXUPg:2:2::/:\nnoline\n";
        let found = passwords(text, "/etc/passwd");
        let shown: Vec<_> = found.iter().map(|p| (p.user.as_str(), p.line, p.state.clone())).collect();
        assert_eq!(shown, [("root", 1, PasswordState::Empty), ("old", 6, hash("des", false))]);
    }

    proptest::proptest! {
        #[test]
        fn no_field_panics(scheme in "[$]?([156y]|2b)?[$]?(rounds=[0-9]{1,4}[$])?", rest in "[!-9;-~é]{0,100}") {
            let _ = state_of(&format!("{scheme}{rest}"));
        }
    }

    const MD5_PASSWORD: &str = "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/";

    const SHA256_APP: &str = "$5$saltsalt$jQwjSeI69SoBnDNsJ1KWQN3lx0.OpRLXJ1fQG0UdMFA";

    const SHA512_TOOR: &str =
        "$6$saltsalt$imNpoTToxg0uElWe0jkumPeYaSbMjdfpMltx4ujhl6fBM0Kbfp4goTvuYuH/9J.53A/DGQiRrlELi.Z/L.rQo/";

    const SHA512_OTHER: &str =
        "$6$saltsalt$JreE8w5/Poiq9rC8T5YiclbIv2T.sxIIBps6jRvArbpFZX0DJUCtXB49FKYsiXj5R/VErBzFnpYaeivQYjD/2.";
}
