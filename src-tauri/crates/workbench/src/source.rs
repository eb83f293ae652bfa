//! Where a subject comes from, in the field's own transport syntax (containers-transports(5)).

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use plimsoll_catalog::SubjectKind;
use plimsoll_docker::EngineAddress;
use thiserror::Error;

/// A source that cannot be read as one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    /// No known transport stands at its beginning.
    #[error(
        "\"{0}\" does not say what it is; write docker-daemon:REF, docker://REF, docker-archive:FILE, oci-archive:FILE, oci:DIR, dockerfile:FILE, compose:FILE, sbom:FILE, registry:HOST, host:, container:NAME or facts:FILE"
    )]
    Transport(String),
    /// Nothing follows the transport.
    #[error("\"{0}\" names nothing after its transport; write for example {0}app.tar")]
    Empty(String),
    /// An engine's name that is none.
    #[error(transparent)]
    Engine(#[from] plimsoll_docker::AddressError),
    /// A registry's host that is none.
    #[error(
        "\"{0}\" is not a registry's host; write registry:HOST or registry:HOST:PORT, without https:// and without a path"
    )]
    Host(String),
    /// A path that is none of the things that can be audited.
    #[error("{0} is neither an image archive, an OCI layout, a bill of materials, a Dockerfile nor a Compose file")]
    Undetected(PathBuf),
}

/// Where a subject comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// An image of the local Docker daemon.
    DockerDaemon(String),
    /// An image in a registry.
    Registry(String),
    /// An archive made by `docker save`, and the image in it.
    DockerArchive(PathBuf, Option<String>),
    /// An OCI layout in a tar file, and the image in it.
    OciArchive(PathBuf, Option<String>),
    /// An OCI layout in a folder, and the image in it.
    OciLayout(PathBuf, Option<String>),
    /// A Dockerfile.
    Dockerfile(PathBuf),
    /// A Compose file.
    Compose(PathBuf),
    /// A registry itself, by its host.
    RegistryHost(String),
    /// A bill of materials (CycloneDX or SPDX, JSON) in the place of an image.
    Sbom(PathBuf),
    /// A Docker host: `host:` for the default engine, `host:ssh://ops@box`, `host:CONTEXT`.
    Host(EngineAddress),
    /// A container by its name or id: `container:web` on the default engine, `container:ssh://ops@box/web`.
    Container(EngineAddress, String),
    /// A subject out of a facts file that `plimsoll collect` wrote elsewhere: `facts:FILE#host:`. Without a subject all of
    /// them are meant, and the workbench takes it apart.
    Collected(PathBuf, Option<Box<Source>>),
}

/// A registry's host, in small letters: a name or an address, and perhaps a port.
fn host_of(text: &str) -> Result<String, SourceError> {
    let host = text.trim_end_matches('/').to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    if host.is_empty() || host.len() > 260 || !host.chars().all(fits) {
        return Err(SourceError::Host(text.to_owned()));
    }
    let hub = matches!(host.as_str(), "index.docker.io" | "registry-1.docker.io" | "hub.docker.com");
    Ok(if hub { "docker.io".to_owned() } else { host })
}

/// `FILE[:REF]`: a colon belongs to the path as long as there is such a file.
fn path_and_reference(text: &str) -> (PathBuf, Option<String>) {
    if Path::new(text).exists() {
        return (text.into(), None);
    }
    for (index, _) in text.match_indices(':') {
        let (path, reference) = (&text[..index], &text[index + 1..]);
        if Path::new(path).exists() && !reference.is_empty() {
            return (path.into(), Some(reference.to_owned()));
        }
    }
    match text.split_once(':') {
        Some((path, reference)) if !path.is_empty() && !reference.is_empty() => {
            (path.into(), Some(reference.to_owned()))
        }
        _ => (text.into(), None),
    }
}

/// `FILE[#SOURCE]`: a number sign belongs to the path as long as there is such a file, and as long as no source follows it.
fn collected(text: &str) -> Option<Source> {
    if Path::new(text).exists() {
        return Some(Source::Collected(text.into(), None));
    }
    let mut first = None;
    for (index, _) in text.match_indices('#') {
        let (file, of) = (text.get(..index)?, text.get(index + 1..)?);
        // Out of a facts file comes no other facts file: this does not call itself twice.
        let Some(of) = (!of.starts_with("facts:")).then(|| of.parse().ok()).flatten() else { continue };
        if file.is_empty() {
            continue;
        }
        let whole = Source::Collected(file.into(), Some(Box::new(of)));
        if Path::new(file).exists() {
            return Some(whole);
        }
        first = first.or(Some(whole));
    }
    // A path with a number sign and no source behind it is a path.
    first.or_else(|| (!text.contains('#')).then(|| Source::Collected(text.into(), None)))
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        if let Some(reference) = text.strip_prefix("docker://") {
            return if reference.is_empty() {
                Err(SourceError::Empty("docker://".into()))
            } else {
                Ok(Self::Registry(reference.to_owned()))
            };
        }
        if let Some(address) = text.strip_prefix("host:") {
            return Ok(Self::Host(address.parse()?));
        }
        if let Some(rest) = text.strip_prefix("container:") {
            // Names of containers hold no slash.
            let (address, name) = rest.rsplit_once('/').unwrap_or(("", rest));
            if name.is_empty() {
                return Err(SourceError::Empty("container:".to_owned()));
            }
            return Ok(Self::Container(address.parse()?, name.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("facts:") {
            if rest.is_empty() {
                return Err(SourceError::Empty("facts:".to_owned()));
            }
            return collected(rest).ok_or_else(|| SourceError::Transport(text.to_owned()));
        }
        let Some((transport, rest)) = text.split_once(':') else {
            return Err(SourceError::Transport(text.to_owned()));
        };
        let known =
            ["docker-daemon", "docker-archive", "oci-archive", "oci", "dockerfile", "compose", "registry", "sbom"];
        if !known.contains(&transport) {
            return Err(SourceError::Transport(text.to_owned()));
        }
        if rest.is_empty() {
            return Err(SourceError::Empty(format!("{transport}:")));
        }
        Ok(match transport {
            "docker-daemon" => Self::DockerDaemon(rest.to_owned()),
            "dockerfile" => Self::Dockerfile(rest.into()),
            "compose" => Self::Compose(rest.into()),
            "sbom" => Self::Sbom(rest.into()),
            "registry" => Self::RegistryHost(host_of(rest)?),
            _ => {
                let (path, reference) = path_and_reference(rest);
                match transport {
                    "docker-archive" => Self::DockerArchive(path, reference),
                    "oci-archive" => Self::OciArchive(path, reference),
                    _ => Self::OciLayout(path, reference),
                }
            }
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (transport, path, reference) = match self {
            Self::DockerDaemon(reference) => return write!(f, "docker-daemon:{reference}"),
            Self::Registry(reference) => return write!(f, "docker://{reference}"),
            Self::DockerArchive(path, reference) => ("docker-archive", path, reference),
            Self::OciArchive(path, reference) => ("oci-archive", path, reference),
            Self::OciLayout(path, reference) => ("oci", path, reference),
            Self::Dockerfile(path) => ("dockerfile", path, &None),
            Self::Compose(path) => ("compose", path, &None),
            Self::Sbom(path) => ("sbom", path, &None),
            Self::RegistryHost(host) => return write!(f, "registry:{host}"),
            Self::Host(address) => return write!(f, "host:{address}"),
            Self::Container(EngineAddress::Default, name) => return write!(f, "container:{name}"),
            Self::Container(address, name) => return write!(f, "container:{address}/{name}"),
            Self::Collected(path, None) => return write!(f, "facts:{}", path.display()),
            Self::Collected(path, Some(of)) => return write!(f, "facts:{}#{of}", path.display()),
        };
        write!(f, "{transport}:{}", path.display())?;
        match reference {
            Some(reference) => write!(f, ":{reference}"),
            None => Ok(()),
        }
    }
}

impl Source {
    /// What kind of subject it gives.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Dockerfile(_) => SubjectKind::Dockerfile,
            Self::Compose(_) => SubjectKind::Compose,
            Self::Sbom(_) => SubjectKind::Sbom,
            Self::RegistryHost(_) => SubjectKind::Registry,
            Self::Host(_) => SubjectKind::Host,
            Self::Container(..) => SubjectKind::Container,
            Self::Collected(_, Some(of)) => of.kind(),
            Self::Collected(_, None) => SubjectKind::Host,
            _ => SubjectKind::Image,
        }
    }

    /// A short name for lists: the reference, or the file's name.
    #[must_use]
    pub fn name(&self) -> String {
        let file_name = |path: &Path| {
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
        };
        match self {
            Self::DockerDaemon(reference) | Self::Registry(reference) | Self::RegistryHost(reference) => {
                reference.clone()
            }
            Self::DockerArchive(path, reference)
            | Self::OciArchive(path, reference)
            | Self::OciLayout(path, reference) => reference.clone().unwrap_or_else(|| file_name(path)),
            Self::Dockerfile(path) | Self::Compose(path) | Self::Sbom(path) | Self::Collected(path, None) => {
                file_name(path)
            }
            Self::Host(EngineAddress::Default) => "local Docker host".to_owned(),
            Self::Host(address) => address.to_string(),
            Self::Container(_, name) => name.clone(),
            Self::Collected(_, Some(of)) => of.name(),
        }
    }

    /// The same source with its path made absolute, so that an engagement can be opened from anywhere.
    #[must_use]
    pub fn absolute(self) -> Self {
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        match self {
            Self::DockerArchive(path, reference) => Self::DockerArchive(absolute(path), reference),
            Self::OciArchive(path, reference) => Self::OciArchive(absolute(path), reference),
            Self::OciLayout(path, reference) => Self::OciLayout(absolute(path), reference),
            Self::Dockerfile(path) => Self::Dockerfile(absolute(path)),
            Self::Compose(path) => Self::Compose(absolute(path)),
            Self::Sbom(path) => Self::Sbom(absolute(path)),
            Self::Collected(path, of) => Self::Collected(absolute(path), of),
            other => other,
        }
    }

    /// Guesses what a path is, by its content: an OCI layout, an archive, a bill of materials, a Compose file or a
    /// Dockerfile.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn detect(path: &Path) -> Result<Self, SourceError> {
        let undetected = || SourceError::Undetected(path.to_owned());
        if path.is_dir() {
            let layout = path.join("oci-layout").is_file() || path.join("index.json").is_file();
            return if layout { Ok(Self::OciLayout(path.into(), None)) } else { Err(undetected()) };
        }
        let mut head = vec![0_u8; 64 * 1024];
        let read = std::fs::File::open(path).and_then(|mut file| {
            use std::io::Read;
            file.read(&mut head)
        });
        head.truncate(read.map_err(|_| undetected())?);
        let is_tar = head.get(257..262) == Some(b"ustar")
            || head.starts_with(&[0x1f, 0x8b])
            || head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
        if is_tar {
            return Ok(if archive_has_docker_manifest(path) {
                Self::DockerArchive(path.into(), None)
            } else {
                Self::OciArchive(path.into(), None)
            });
        }
        let text = std::str::from_utf8(&head)
            .or_else(|error| std::str::from_utf8(&head[..error.valid_up_to()]))
            .map_err(|_| undetected())?;
        if text.is_empty() || text.contains('\0') {
            return Err(undetected());
        }
        if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') && is_sbom(path, &head) {
            return Ok(Self::Sbom(path.into()));
        }
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        if matches!(extension.as_str(), "yml" | "yaml") {
            return Ok(Self::Compose(path.into()));
        }
        let has_from = text.lines().any(|line| line.trim_start().to_ascii_uppercase().starts_with("FROM "));
        if has_from { Ok(Self::Dockerfile(path.into())) } else { Err(undetected()) }
    }
}

/// A file that is looked at whole to see whether it is a bill of materials: 256 MiB at most, as when it is read.
const SBOM_LIMIT: u64 = 256 << 20;

/// Whether a JSON file is a bill of materials. The first keys of most say so; where they do not, all of it is looked at.
fn is_sbom(path: &Path, head: &[u8]) -> bool {
    plimsoll_sbom::is_sbom(head)
        || std::fs::metadata(path).is_ok_and(|metadata| metadata.len() <= SBOM_LIMIT)
            && std::fs::read(path).is_ok_and(|bytes| plimsoll_sbom::is_sbom(&bytes))
}

/// Whether a tar file names `manifest.json` on its top level. Compressed ones are taken to be docker archives.
fn archive_has_docker_manifest(path: &Path) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    let Ok(mut file) = std::fs::File::open(path) else { return false };
    let mut header = [0_u8; 512];
    for _ in 0..100_000 {
        if file.read_exact(&mut header).is_err() || header[0] == 0 {
            return false;
        }
        if header.get(257..262) != Some(b"ustar") {
            return true;
        }
        let name = header[..100].split(|b| *b == 0).next().unwrap_or_default();
        if name == b"manifest.json" || name == b"./manifest.json" {
            return true;
        }
        let digits: String = header[124..136].iter().map(|b| char::from(*b)).filter(char::is_ascii_digit).collect();
        let size = u64::from_str_radix(&digits, 8).unwrap_or(0);
        let Ok(skip) = i64::try_from(size.div_ceil(512) * 512) else { return false };
        if file.seek(SeekFrom::Current(skip)).is_err() {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_written_alike() {
        for text in [
            "docker-daemon:shop:1.4",
            "docker-daemon:sha256:0123",
            "docker://registry:5000/shop@sha256:0123",
            "docker-archive:/tmp/a.tar",
            "docker-archive:/tmp/a.tar:shop:1.4",
            "oci-archive:a.tar",
            "oci:layout:1.4",
            "dockerfile:Dockerfile",
            "compose:compose.yaml",
            "host:",
            "host:unix:///run/user/1000/docker.sock",
            "host:tcp://10.0.0.5:2376",
            "container:web",
            "container:ssh://ops@box/web",
            "container:unix:///run/podman/podman.sock/web",
            "container:prod/web",
            "facts:web-01.facts",
            "facts:web-01.facts#container:web",
            "facts:web-01.facts#docker-daemon:shop:1.4",
        ] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        assert_eq!("oci:layout:1.4".parse::<Source>().unwrap(), Source::OciLayout("layout".into(), Some("1.4".into())));
    }

    #[test]
    fn what_is_no_source_is_refused() {
        for text in ["", "shop", "shop:1.4", "/tmp/a.tar", "docker://", "oci:", "http://x/y"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_with_a_colon_is_one_when_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a:b.tar");
        std::fs::write(&path, "x").unwrap();
        let text = format!("docker-archive:{}", path.display());
        assert_eq!(text.parse::<Source>().unwrap(), Source::DockerArchive(path.clone(), None));
        let text = format!("docker-archive:{}:shop:1", path.display());
        assert_eq!(text.parse::<Source>().unwrap(), Source::DockerArchive(path, Some("shop:1".into())));
    }

    #[test]
    fn a_path_is_detected_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Containerfile.prod");
        std::fs::write(&file, "# x\nfrom debian:12\n").unwrap();
        assert_eq!(Source::detect(&file).unwrap(), Source::Dockerfile(file.clone()));
        std::fs::write(&file, [0, 1, 2]).unwrap();
        assert!(Source::detect(&file).is_err());
        assert!(Source::detect(folder.path()).is_err());
        std::fs::write(folder.path().join("oci-layout"), "{}").unwrap();
        assert!(matches!(Source::detect(folder.path()), Ok(Source::OciLayout(..))));
    }
}
