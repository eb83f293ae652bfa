//! Finding and masking secrets.

use bolero::check;
use plimsoll_secrets::{FileScanner, find_in_file, find_in_setting, find_in_text, redact_text, redact_value};

use crate::bounded;
use crate::mutate::{Recipe, TEXT};

const WORDS: &[&str] = &[
    "password=",
    "PASSWORD: ",
    "token",
    "Bearer ",
    "https://a:b@c",
    "AKIA",
    "eyJhbGciOi",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    "-----END RSA PRIVATE KEY-----\n",
    "MIIEpAIBAAKCAQEA",
    "\"",
    "'",
    "=",
    ":",
    "\n",
    "\r\n",
    "\0",
    "‹",
    "›",
    "$",
    "${",
    "<",
    ">",
    "changeme",
    "{\"auths\":{",
    "\u{feff}",
    "é",
    "\\n",
];

const PATHS: [&str; 8] = [
    "/app/.env",
    "/root/.ssh/id_rsa",
    "/root/.docker/config.json",
    "/app/settings.py",
    "/usr/share/doc/a",
    "/root/.netrc",
    "/app/tests/x.pem",
    "/a",
];

fn seeds() -> Vec<Vec<u8>> {
    // Put together here, so that no scanner finds a token in our repository.
    let letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    let texts = [
        format!("export GITHUB_TOKEN={}{letters}\n", "ghp_"),
        format!("ENV DB_PASSWORD=hunter2 A=\"{}{}\"\n", "AKIA", "IOSFODNN7EXAMPLE"),
        "machine example.org login a password b\n[default]\naws_secret_access_key = x\n".to_owned(),
        format!("{}BEGIN EC PRIVATE KEY{0}\nMHcCAQEEIA==\n{0}END EC PRIVATE KEY{0}\n", "-----"),
        format!("{{\"auths\":{{\"a\":{{\"auth\":\"{}\"}}}}}}\n//r/:_authToken={}{letters}\n", "YTpi", "npm_"),
        format!("curl -u a:b -H 'Authorization: Bearer {letters}' https://u:p@example.org/?token={letters}\n"),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

#[test]
fn secrets_in_text() {
    let seeds = seeds();
    check!().with_iterations(400).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, WORDS);
        let masked = redact_text(&text);
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count(), "masking changes the lines");
        assert_eq!(masked, redact_text(&text));
        bounded("masked text", &masked, text.len());
        for name in ["DB_PASSWORD", "PATH"] {
            let value = redact_value(name, &text);
            assert_eq!(value, redact_value(name, &text));
            bounded("findings", &find_in_setting(name, &text), text.len());
        }
        let found = find_in_text(&text);
        assert_eq!(found, find_in_text(&text));
        bounded("findings", &found, text.len());
        let lines = text.matches('\n').count() + 1;
        assert!(found.iter().all(|finding| finding.line >= 1 && finding.line as usize <= lines));
    });
}

/// In whatever pieces a file streams past, the same is found in it.
#[test]
fn secrets_in_files() {
    let seeds = seeds();
    check!().with_iterations(400).with_type::<Recipe>().for_each(|recipe| {
        let bytes = recipe.make(&seeds, WORDS, TEXT);
        let path = PATHS[usize::from(recipe.variant) % PATHS.len()];
        let whole = find_in_file(path, &bytes);
        let mut scanner = FileScanner::new(path, bytes.len() as u64);
        bytes.chunks(usize::from(recipe.variant / 8) % 97 + 1).for_each(|piece| scanner.push(piece));
        assert_eq!(scanner.finish(), whole);
        bounded("findings", &whole, bytes.len());
        // A size that is not true must not matter more than to what is found.
        let mut lied_to = FileScanner::new(path, u64::MAX);
        lied_to.push(&bytes);
        let _ = lied_to.finish();
    });
}
