//! What there is to choose from: images of the local daemon, and what a path turns out to be.

use std::path::Path;

use plimsoll_catalog::Language;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::WorkbenchError;
use crate::source::Source;
use crate::view::{DaemonImage, Detected};
use crate::words;

/// The images of the local Docker daemon, the latest first.
///
/// # Errors
/// When no daemon answers.
pub async fn daemon_images(language: Language) -> Result<Vec<DaemonImage>, WorkbenchError> {
    let images = plimsoll_docker::Engine::connect().await?.images().await?;
    let created = |seconds| {
        OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
    };
    let mut listed = Vec::new();
    for image in images {
        // An image with several names can be picked under each; one without a name by its id.
        let names = if image.tags.is_empty() { vec![image.id.clone()] } else { image.tags.clone() };
        for reference in names {
            listed.push(DaemonImage {
                reference,
                id: image.id.clone(),
                size: words::bytes(image.size, language),
                created: created(image.created),
                digests: image.digests.clone(),
            });
        }
    }
    Ok(listed)
}

/// What a path turns out to be, and a Dockerfile beside it as a proposal.
///
/// # Errors
/// When it is not there, or nothing that can be audited.
pub fn detect(path: &Path) -> Result<Detected, WorkbenchError> {
    if !path.exists() {
        return Err(WorkbenchError::NoFile(path.to_owned()));
    }
    let source = Source::detect(path)?;
    let sources = match &source {
        Source::DockerArchive(path, None) => named(plimsoll_image::Transport::DockerArchive, path, &source),
        Source::OciArchive(path, None) => named(plimsoll_image::Transport::OciArchive, path, &source),
        Source::OciLayout(path, None) => named(plimsoll_image::Transport::OciLayout, path, &source),
        _ => vec![source.to_string()],
    };
    let beside = path.parent().map(|folder| folder.join("Dockerfile")).filter(|file| file.is_file() && file != path);
    let is_image = source.kind() == plimsoll_catalog::SubjectKind::Image;
    Ok(Detected {
        platforms: platforms(&source),
        sources,
        kind: source.kind().as_str().to_owned(),
        dockerfile: beside.filter(|_| is_image).map(|file| file.display().to_string()),
    })
}

/// A key or certificate in a file may be at most this many bytes: 256 KiB.
const PEM_LIMIT: u64 = 256 << 10;

/// The text of a small file that the auditor picked: a public key, a certificate. A private key is refused: it has no
/// business in an engagement.
///
/// # Errors
/// When it cannot be read, is too large, or is no text.
pub fn read_text(path: &Path) -> Result<String, WorkbenchError> {
    let read = |source| WorkbenchError::Read { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(read)?;
    if metadata.len() > PEM_LIMIT {
        let kind = "key or certificate";
        return Err(WorkbenchError::TooLarge { path: path.into(), size: metadata.len(), limit: PEM_LIMIT, kind });
    }
    let text = String::from_utf8(std::fs::read(path).map_err(read)?)
        .map_err(|_| WorkbenchError::NotText { path: path.into(), kind: "key or certificate in PEM" })?;
    if text.contains("PRIVATE KEY-----") {
        return Err(WorkbenchError::Input(format!(
            "{} holds a private key; the engagement keeps public keys and certificates only.",
            path.display()
        )));
    }
    Ok(text)
}

/// Stops the reader once it has chosen the image, before it reads a layer.
struct ChooseOnly;

impl plimsoll_image::Hooks for ChooseOnly {
    fn cancelled(&self) -> bool {
        true
    }
}

/// One source for each image in an archive or layout. What cannot be listed is left to the run, which says why.
fn named(transport: plimsoll_image::Transport, path: &Path, source: &Source) -> Vec<String> {
    match plimsoll_image::read_image(transport, path, &plimsoll_image::OpenOptions::default(), &ChooseOnly) {
        Err(plimsoll_image::ImageError::SeveralImages { candidates, .. }) => {
            candidates.into_iter().map(|name| format!("{source}:{name}")).collect()
        }
        _ => vec![source.to_string()],
    }
}

/// The platforms that an archive or layout offers; empty when there is no choice to make.
#[must_use]
pub fn platforms(source: &Source) -> Vec<String> {
    use plimsoll_image::Transport;
    let (transport, path, reference) = match source {
        Source::OciArchive(path, reference) => (Transport::OciArchive, path, reference),
        Source::OciLayout(path, reference) => (Transport::OciLayout, path, reference),
        _ => return Vec::new(),
    };
    let options = plimsoll_image::OpenOptions { reference: reference.clone(), ..Default::default() };
    let platforms = plimsoll_image::list_platforms(transport, path, &options).unwrap_or_default();
    if platforms.len() < 2 { Vec::new() } else { platforms.iter().map(ToString::to_string).collect() }
}

/// The platforms that a registry offers an image for; empty when there is no choice to make.
///
/// # Errors
/// When the registry does not give the image's manifest.
pub async fn registry_platforms(reach: &crate::reach::Reach, reference: &str) -> Result<Vec<String>, WorkbenchError> {
    let reference = plimsoll_registry::Reference::parse(reference)?;
    let cancel = tokio_util::sync::CancellationToken::new();
    let platforms = plimsoll_registry::platforms(&reach.network, &reference, &cancel).await?;
    Ok(if platforms.len() < 2 { Vec::new() } else { platforms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing, write_images};

    #[test]
    fn each_image_of_an_archive_is_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.tar");
        let image = |name: &str| ImageBuilder::new(name).layer("x", LayerBuilder::new().file("a", name.as_bytes()));
        write_images(&[&image("a:1"), &image("b:2")], Format::DockerSave, Packing::Plain, &path).unwrap();
        std::fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
        let detected = detect(&path).unwrap();
        assert_eq!(detected.kind, "image");
        assert_eq!(detected.sources.len(), 2, "{:?}", detected.sources);
        assert!(detected.dockerfile.is_some_and(|file| file.ends_with("Dockerfile")));
        assert!(
            detected
                .sources
                .iter()
                .all(|s| s.parse::<Source>().unwrap().kind() == plimsoll_catalog::SubjectKind::Image)
        );
        assert!(detect(&folder.path().join("none")).is_err());
    }
}
