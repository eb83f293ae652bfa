//! What collecting will read, said beforehand: one line for each thing, for whoever answers for the machine.

use std::path::Path;

use plimsoll_docker::{EngineAddress, reads};

use crate::collect::Request;
use crate::source::Source;

/// What is read of a container.
const CONTAINER: &str =
    "how it was made and runs, its processes, its use of memory, and which files changed in it (names, no content)";
/// Containers of one engine that are named one by one; of more only the count is said.
const NAMED: usize = 8;

/// What collecting these subjects reads, one line each; with `containers`, each container of the hosts, too. All of it is
/// only read: nothing is written, started or changed but the facts file. Nothing is read to say it.
#[must_use]
pub fn plan(requests: &[Request], containers: bool) -> Vec<String> {
    let every = containers;
    let mut said: Vec<Vec<String>> = Vec::new();
    let mut lines = Vec::new();
    let mut containers: Vec<(&EngineAddress, Vec<&str>)> = Vec::new();
    for request in requests {
        match &request.source {
            Source::Container(address, name) => match containers.iter_mut().find(|(known, _)| *known == address) {
                Some((_, names)) => names.push(name),
                None => containers.push((address, vec![name])),
            },
            Source::Host(address) => {
                lines.push(format!("The Docker host {}:", engine(address)));
                let own = reads(address, every);
                if said.contains(&own) {
                    lines.push("  the same as of the one before".to_owned());
                } else {
                    lines.extend(own.iter().map(|line| format!("  {line}")));
                    said.push(own);
                }
                lines.extend(request.files.iter().map(|file| text("The daemon's configuration", file)));
            }
            source => lines.push(image_or_file(source)),
        }
        if !matches!(request.source, Source::Dockerfile(_)) {
            lines.extend(request.dockerfile.iter().map(|file| text("The Dockerfile", file)));
        }
        lines.extend(request.context.iter().map(|folder| {
            format!(
                "The build context {}: names of its files, and their content for secrets and build commands",
                folder.display()
            )
        }));
    }
    for (address, names) in containers {
        let of = match names.as_slice() {
            [name] => format!("The container {name}"),
            few if few.len() <= NAMED => format!("The containers {}", few.join(", ")),
            many => format!("{} containers", many.len()),
        };
        lines.push(format!("{of} of the engine {}: {CONTAINER}", engine(address)));
    }
    lines
}

fn text(what: &str, file: &Path) -> String {
    format!("{what} {}: its text, with secrets masked", file.display())
}

fn engine(address: &EngineAddress) -> String {
    match address {
        EngineAddress::Default => "behind this user's Docker commands".to_owned(),
        EngineAddress::Context(name) => format!("of the Docker context {name}"),
        other => format!("at {other}"),
    }
}

fn image_or_file(source: &Source) -> String {
    const IMAGE: &str = "its layers: names and permissions of files, installed packages, configuration and history, and secrets in files (masked)";
    match source {
        Source::DockerDaemon(name) => {
            format!("The image {name} of the local Docker daemon, exported to a temporary file: {IMAGE}")
        }
        Source::Registry(name) => format!("The image {name}, fetched from its registry: {IMAGE}"),
        Source::DockerArchive(path, _) | Source::OciArchive(path, _) | Source::OciLayout(path, _) => {
            format!("The image in {}: {IMAGE}", path.display())
        }
        Source::Dockerfile(path) => text("The Dockerfile", path),
        Source::Compose(path) => text("The Compose file", path),
        Source::Sbom(path) => format!("The bill of materials {}: its packages", path.display()),
        Source::RegistryHost(host) => format!("The registry {host}: probes that change nothing"),
        Source::Host(_) | Source::Container(..) | Source::Collected(..) => source.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Request {
        Request { source: text.parse().unwrap(), dockerfile: None, context: None, platform: None, files: Vec::new() }
    }

    #[test]
    fn each_thing_is_said_on_a_line_and_a_thousand_containers_are_one() {
        let mut requests = vec![request("host:"), request("dockerfile:Dockerfile")];
        requests[0].files.push("/etc/docker/daemon.json".into());
        requests.extend((0..1000).map(|n| request(&format!("container:c{n}"))));
        let lines = plan(&requests, false);
        assert!(lines.len() < 30, "{lines:#?}");
        assert!(lines.iter().any(|line| line.starts_with("The daemon's configuration /etc/docker/daemon.json")));
        assert!(plan(&requests, true).len() > lines.len());
        let last = lines.last().unwrap();
        assert!(last.starts_with("1000 containers of the engine behind"), "{last}");
    }
}
