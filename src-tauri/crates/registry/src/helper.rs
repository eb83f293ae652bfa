//! Asks a `docker-credential-…` program for credentials (protocol of docker-credential-helpers): bounded in time and size.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a helper may take; some ask the user.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of its answer.
const LONGEST: u64 = 64 << 10;

/// Whether a helper may be run by that name.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
}

/// User and secret that the helper `name` keeps for a server; none if it keeps none.
///
/// # Errors
/// A sentence that says what went wrong, without what the helper printed.
pub(crate) fn get(name: &str, server: &str) -> Result<Option<(String, String)>, String> {
    if !is_name(name) {
        return Err(format!(
            "The credential helper \"{}\" of config.json was not run: names are lower-case letters, digits and dashes.",
            crate::error::quoted(name, 64)
        ));
    }
    run(Command::new(format!("docker-credential-{name}")).arg("get"), server)
        .map_err(|reason| format!("docker-credential-{name} gave no credentials: {reason}."))
}

fn run(command: &mut Command, server: &str) -> Result<Option<(String, String)>, String> {
    let until = Instant::now() + PATIENCE;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not read its input says so by its answer.
        let _ = input.write_all(server.as_bytes());
    }
    let (send, receive) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = output.take(LONGEST + 1).read_to_end(&mut bytes);
            let _ = send.send(read.map(|_| bytes));
        });
    }
    let read = receive.recv_timeout(until.saturating_duration_since(Instant::now()));
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) if read.is_ok() && Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            _ => break None,
        }
    };
    let Some(status) = status else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("it did not end within {} seconds", PATIENCE.as_secs()));
    };
    let Ok(Ok(bytes)) = read else { return Err("its answer could not be read".into()) };
    if bytes.len() as u64 > LONGEST {
        return Err("its answer is too long".into());
    }
    if !status.success() {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        let none = text.contains("credentials not found") || text.contains("no credentials");
        return if none { Ok(None) } else { Err(format!("it ended with {status}")) };
    }
    let answer: Value = serde_json::from_slice(&bytes).map_err(|_| "its answer is no JSON".to_owned())?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (text("Username"), text("Secret")) {
        (Some(user), Some(secret)) => Ok(Some((user.to_owned(), secret.to_owned()))),
        _ => Ok(None),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Result<Option<(String, String)>, String> {
        run(Command::new("sh").args(["-c", script]), "a.example")
    }

    #[test]
    fn a_helpers_answer_is_read() {
        let found = shell(r#"read x; printf '{"ServerURL":"%s","Username":"<token>","Secret":"%s"}' "$x" "$x""#);
        assert_eq!(found, Ok(Some(("<token>".into(), "a.example".into()))));
    }

    #[test]
    fn a_helper_that_knows_nothing_is_no_trouble_and_a_broken_one_is() {
        assert_eq!(shell("echo credentials not found in native keychain; exit 1"), Ok(None));
        assert_eq!(shell("echo '{}'"), Ok(None));
        assert!(shell("echo hunter2; exit 3").is_err_and(|note| !note.contains("hunter2")));
        assert!(shell("echo hunter2").is_err_and(|note| !note.contains("hunter2")));
        assert!(shell("head -c 100000 /dev/zero").is_err_and(|note| note.contains("too long")));
        assert!(get("no-such-helper-at-all", "a").is_err());
    }
}
