//! `HEALTHCHECK` instructions.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#healthcheck>.

use crate::model::{Arguments, Instruction, Keyword};
use serde::{Deserialize, Serialize};

/// What a `HEALTHCHECK` says. Durations are as written, in Go's notation (`30s`, `1m30s`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Healthcheck {
    /// `HEALTHCHECK NONE`: a check of the base image is switched off.
    None,
    /// `HEALTHCHECK CMD …`.
    Command {
        /// The command.
        test: Arguments,
        /// Time between two runs (default `30s`).
        interval: Option<String>,
        /// Time for one run (default `30s`).
        timeout: Option<String>,
        /// Time at the start in which failures do not count (default `0s`).
        start_period: Option<String>,
        /// Time between two runs during the start period (default `5s`).
        start_interval: Option<String>,
        /// Failures in a row that make the container unhealthy (default 3).
        retries: Option<String>,
    },
}

/// Reads a `HEALTHCHECK`; None for other instructions and for one that Docker refuses.
#[must_use]
pub fn healthcheck(instruction: &Instruction) -> Option<Healthcheck> {
    if instruction.keyword != Keyword::Healthcheck {
        return None;
    }
    let text = instruction.arguments.shell()?;
    let (kind, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    if kind.eq_ignore_ascii_case("NONE") {
        return rest.is_empty().then_some(Healthcheck::None);
    }
    if !kind.eq_ignore_ascii_case("CMD") || rest.is_empty() {
        return None;
    }
    let test = match serde_json::from_str::<Vec<String>>(rest) {
        Ok(items) => Arguments::Json(items),
        Err(_) => Arguments::Shell(rest.to_owned()),
    };
    let flag = |name: &str| instruction.flag(name).map(str::to_owned);
    Some(Healthcheck::Command {
        test,
        interval: flag("interval"),
        timeout: flag("timeout"),
        start_period: flag("start-period"),
        start_interval: flag("start-interval"),
        retries: flag("retries"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Option<Healthcheck> {
        crate::parse(&format!("FROM a\n{line}\n")).instructions.last().and_then(healthcheck)
    }

    #[test]
    fn commands_with_their_settings() {
        let Some(Healthcheck::Command { test, interval, retries, start_period, .. }) =
            check("HEALTHCHECK --interval=5m --retries=2 \\\n  CMD curl -f http://localhost/ || exit 1")
        else {
            panic!("no command");
        };
        assert_eq!(test, Arguments::Shell("curl -f http://localhost/ || exit 1".into()));
        assert_eq!((interval.as_deref(), retries.as_deref(), start_period), (Some("5m"), Some("2"), None));
        assert!(matches!(
            check("healthcheck cmd [\"/check\"]"),
            Some(Healthcheck::Command { test: Arguments::Json(items), .. }) if items == ["/check"]
        ));
    }

    #[test]
    fn none_and_what_is_refused() {
        assert_eq!(check("HEALTHCHECK none"), Some(Healthcheck::None));
        for line in ["HEALTHCHECK NONE x", "HEALTHCHECK CMD", "HEALTHCHECK curl x", "CMD NONE"] {
            assert_eq!(check(line), None, "{line}");
        }
    }
}
