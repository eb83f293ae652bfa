//! A2 and C1: whether Docker's client on this machine enforces Content Trust. An observation beside the outcome, never
//! decisive: the machine that Plimsoll runs on need not be the one that deploys.

use plimsoll_catalog::{Location, Observation, Severity};
use plimsoll_registry::facts::ClientFacts;

use crate::trust::SHUTDOWN;

/// The first docker command that does not know Content Trust.
const WITHOUT: u64 = 29;

/// Whether the variable is on, as docker reads it: anything but a word for "no".
fn enforced(value: Option<&str>) -> bool {
    !matches!(value.unwrap_or_default(), "" | "0" | "f" | "F" | "false" | "FALSE" | "False")
}

/// The first number of a version: `29` of `29.1.3`.
fn major(version: &str) -> Option<u64> {
    version.trim().trim_start_matches('v').split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What is said of the client, if its configuration was read.
pub(crate) fn client_side(client: Option<&ClientFacts>) -> Option<Observation> {
    let client = client?;
    let version = client.cli_version.as_deref();
    let (severity, message) = match (enforced(client.content_trust.as_deref()), version.map(major)) {
        (true, Some(Some(number))) if number >= WITHOUT => (
            Severity::Medium,
            format!(
                "DOCKER_CONTENT_TRUST is set on the machine that Plimsoll runs on, and has no effect there: docker {} no longer reads it, and pulls unsigned images without a word.",
                version.unwrap_or_default()
            ),
        ),
        (true, Some(Some(_))) => (
            Severity::Low,
            format!(
                "DOCKER_CONTENT_TRUST is set on the machine that Plimsoll runs on, and docker {} enforces it; its pulls of official images fail from {SHUTDOWN} on, when Docker's trust server closes, and an update to docker 29 ends it without a word.",
                version.unwrap_or_default()
            ),
        ),
        (true, _) => (
            Severity::Low,
            "DOCKER_CONTENT_TRUST is set on the machine that Plimsoll runs on; whether that has any effect depends on the docker command, whose version is not known: from 29 on it has none.".to_owned(),
        ),
        (false, None) => return None,
        (false, Some(_)) => (
            Severity::Info,
            format!(
                "Content Trust is not enforced on the machine that Plimsoll runs on: DOCKER_CONTENT_TRUST is not set there (docker {}).",
                version.unwrap_or_default()
            ),
        ),
    };
    Some(Observation {
        severity,
        message,
        location: Some(Location::Field { field: "DOCKER_CONTENT_TRUST".to_owned() }),
        reproduce: Some("docker version --format '{{.Client.Version}}'; printenv DOCKER_CONTENT_TRUST".to_owned()),
        aliases: vec!["4.5".to_owned(), "CIS-DI-0005".to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(version: Option<&str>, value: Option<&str>) -> Option<Observation> {
        let client = ClientFacts {
            cli_version: version.map(str::to_owned),
            content_trust: value.map(str::to_owned),
            ..ClientFacts::default()
        };
        client_side(Some(&client))
    }

    #[test]
    fn the_variable_counts_as_the_client_reads_it() {
        let from_29 = said(Some("29.1.3"), Some("1")).unwrap();
        assert_eq!(from_29.severity, Severity::Medium);
        assert!(from_29.message.contains("no effect"));
        for version in ["28.5.2", "20.10.24+dfsg1", "v27"] {
            let before = said(Some(version), Some("true")).unwrap();
            assert_eq!(before.severity, Severity::Low, "{version}");
            assert!(before.message.contains("enforces it") && before.message.contains(SHUTDOWN));
        }
        for value in [None, Some(""), Some("0"), Some("false")] {
            let off = said(Some("28.0.0"), value).unwrap();
            assert_eq!(off.severity, Severity::Info);
            assert!(off.message.contains("not enforced"));
        }
        // Docker takes what is no word for yes or no as a yes.
        assert!(said(Some("28.0.0"), Some("yes")).unwrap().message.contains("enforces it"));
        assert!(said(None, Some("1")).unwrap().message.contains("not known"));
        assert!(said(Some("dev"), Some("1")).unwrap().message.contains("not known"));
        assert!(said(None, None).is_none());
        assert!(client_side(None).is_none());
    }

    #[test]
    fn it_is_said_which_machine_is_meant_and_how_to_see_it() {
        for observation in [said(Some("29.0.0"), Some("1")), said(Some("28.0.0"), None), said(None, Some("1"))] {
            let observation = observation.unwrap();
            assert!(observation.message.contains("the machine that Plimsoll runs on"));
            assert!(observation.location.is_some() && observation.reproduce.is_some());
        }
    }
}
