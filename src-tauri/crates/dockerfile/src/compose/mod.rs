//! Compose files: what they say of each service that matters to an audit, with lines.
//!
//! Source: <https://github.com/compose-spec/compose-spec/blob/main/spec.md>. Anchors, aliases and merge keys are
//! resolved; short and long syntax come out alike. Variables (`${TAG:-1}`) stay as written, [`interpolate`] reads them.
//! `extends` and `include` are not followed, and [`Compose::problems`] says so. What could not be read is remembered by its
//! key ([`Service::unread`]), so that nobody takes it for not being there.
//!
//! `model.rs` and `parts.rs` hold the data; `reader.rs` reads single values, `service.rs` a service, `top.rs` what stands
//! beside the services; `mounts.rs` and `ports.rs` take the short syntax apart; `interpolate.rs` reads variables.

mod interpolate;
mod model;
mod mounts;
mod parts;
mod ports;
mod reader;
mod service;
#[cfg(test)]
mod tests;
mod top;

pub use interpolate::interpolate;
pub use model::{Build, Compose, ComposeError, ComposeHealthcheck, EnvEntry, Positioned, READER, Service};
pub use mounts::read_mount;
pub use parts::{ComposeFile, ComposeNetwork, ComposeVolume, Deploy, Hook, Logging, Mount, Rollout, UlimitEntry};
pub use ports::{PortMapping, read_port};

use plimsoll_secrets::redact_text;
use sha2::{Digest, Sha256};

use crate::yaml::{Kind, Node, load};
use reader::Reader;

/// Reads a Compose file.
///
/// # Errors
/// When the text is no YAML, is beyond the bounds, or is something else than a Compose file.
pub fn parse_compose(text: &str) -> Result<Compose, ComposeError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    read(text, body).map_err(|error| match dockerfile_line(body) {
        Some(line) => ComposeError::Dockerfile { line },
        None => error,
    })
}

fn read(text: &str, body: &str) -> Result<Compose, ComposeError> {
    let (root, more) =
        load(body).map_err(|error| ComposeError::Yaml { line: error.line, message: redact_text(&error.message) })?;
    let root = root.filter(|root| !matches!(root.kind, Kind::Null)).ok_or(ComposeError::Empty)?;
    let entries = root.mapping().ok_or(ComposeError::NotMapping { line: root.line })?;
    let mut reader = Reader::default();
    let mut unread = Vec::new();
    if more {
        reader.complain(1, "only the first document of the file was read");
        unread.push(Positioned { value: "its further documents".to_owned(), line: 1 });
    }
    let services = entries.iter().find(|entry| entry.key == "services");
    let include = entries.iter().find(|entry| entry.key == "include");
    if let Some(include) = include {
        reader.complain(include.line, "include is not followed");
        unread.push(Positioned { value: "the files that it includes".to_owned(), line: include.line });
    }
    let services = match services {
        Some(entry) => match &entry.value.kind {
            Kind::Mapping(services) => {
                let mut read = Vec::new();
                for entry in services {
                    match reader.service(entry) {
                        Some(service) => read.push(service),
                        None => {
                            unread.push(Positioned { value: format!("the service {}", entry.key), line: entry.line })
                        }
                    }
                }
                read
            }
            Kind::Null => Vec::new(),
            _ => return Err(ComposeError::NoServices { line: entry.line }),
        },
        None if include.is_some() => Vec::new(),
        None => return Err(ComposeError::NoServices { line: root.line }),
    };
    let networks = reader.networks(&root);
    let volumes = reader.volumes(&root);
    let (secrets, configs) = (reader.files(&root, "secrets"), reader.files(&root, "configs"));
    unread.append(&mut reader.unread);
    reader.problems.sort_by_key(|problem| problem.line);
    Ok(Compose {
        name: root.get("name").and_then(Node::scalar).map(str::to_owned),
        services,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text: redact_text(body),
        problems: reader.problems,
        reader: READER,
        networks,
        volumes,
        secrets,
        configs,
        unread,
    })
}

/// The line of the first instruction, when the text begins as a Dockerfile does.
fn dockerfile_line(text: &str) -> Option<u32> {
    let (index, line) =
        text.lines().enumerate().find(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let mut words = line.split_whitespace();
    let word = words.next()?;
    let begins = ["FROM", "ARG"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
    (begins && words.next().is_some()).then(|| crate::lines::number(index))
}
