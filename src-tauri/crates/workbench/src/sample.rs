//! The sample engagement: two small images and a Dockerfile that the program makes itself. No network, no Docker.

use std::path::{Path, PathBuf};

use plimsoll_catalog::{Level, Profile};
use plimsoll_engagement::{Details, Engagement, NewSubject};
use plimsoll_image::Healthcheck;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing, SampleEntry};

use crate::error::WorkbenchError;
use crate::settings::{data_folder, write_whole};
use crate::source::Source;

const SHOP_DOCKERFILE: &str = "\
# The shop's web front end. Part of the sample that Plimsoll brings.
FROM debian:12-slim AS build
WORKDIR /src
COPY package.json ./
ADD . /src
RUN make dist

FROM debian:12-slim
RUN useradd --system --uid 10001 shop
ADD entrypoint.sh /usr/local/bin/
COPY --from=build /src/dist /srv/shop
ENV SHOP_PORT=8080
EXPOSE 8080
USER shop
HEALTHCHECK --interval=30s --timeout=3s CMD [\"/usr/bin/wget\", \"-q\", \"-O-\", \"http://127.0.0.1:8080/health\"]
ENTRYPOINT [\"/usr/local/bin/entrypoint.sh\"]
";

const REPORTS_DOCKERFILE: &str = "\
# Nightly reports. Part of the sample that Plimsoll brings.
FROM gcr.io/distroless/static-debian12@sha256:3f2b64ef97bd285e36132c684e6b2ae8f2723293d09aae046196cca64251acac
COPY reports /reports
USER 65532:65532
HEALTHCHECK --interval=60s --timeout=5s --retries=3 CMD [\"/reports\", \"--self-test\"]
ENTRYPOINT [\"/reports\"]
";

const PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/sh\nshop:x:10001:10001::/srv/shop:/usr/sbin/nologin\n";
const GROUP: &[u8] = b"root:x:0:\nshop:x:10001:\n";

/// Name, version, section, installed size in KiB, and the files of the packages that the sample's images hold.
type SamplePackage = (&'static str, &'static str, &'static str, u32, &'static [&'static str]);

const BASE_PACKAGES: &[SamplePackage] = &[
    ("base-files", "12.4+deb12u11", "admin", 350, &["/etc/os-release"]),
    ("ca-certificates", "20230311", "misc", 390, &[]),
    ("libc6", "2.36-9+deb12u10", "libs", 12_986, &[]),
    ("passwd", "1:4.13+dfsg1-1+b1", "admin", 2_825, &["/usr/bin/passwd"]),
    ("wget", "1.21.3-1+b2", "web", 3_692, &["/usr/bin/wget"]),
];

const WORKER_PACKAGES: &[SamplePackage] = &[
    ("gcc-12", "12.2.0-14+deb12u1", "devel", 49_152, &["/usr/bin/gcc-12"]),
    ("vim-tiny", "2:9.0.1378-2+deb12u2", "editors", 1_752, &["/usr/bin/vim.tiny"]),
];

/// The bytes of `/var/lib/dpkg/status`.
fn status(packages: &[&[SamplePackage]]) -> Vec<u8> {
    packages
        .iter()
        .copied()
        .flatten()
        .map(|(name, version, section, size, _)| {
            format!(
                "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: {section}\n\
                 Installed-Size: {size}\nArchitecture: amd64\nVersion: {version}\nDescription: part of the sample\n\n"
            )
        })
        .collect::<String>()
        .into_bytes()
}

/// A layer with the lists of the files that packages own.
fn with_lists(layer: LayerBuilder, packages: &[SamplePackage]) -> LayerBuilder {
    packages.iter().fold(layer, |layer, (name, _, _, _, files)| {
        let list = files.iter().map(|file| format!("{file}\n")).collect::<String>();
        layer.file(&format!("var/lib/dpkg/info/{name}.list"), list.as_bytes())
    })
}

/// Where the sample lies unless somebody says otherwise.
#[must_use]
pub fn default_folder() -> PathBuf {
    data_folder().join("sample")
}

fn base() -> LayerBuilder {
    let layer = LayerBuilder::new()
        .directory("etc")
        .file("etc/os-release", b"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n")
        .file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        .file("etc/group", b"root:x:0:\n")
        .directory("usr/bin")
        .add(SampleEntry::file("usr/bin/wget", &vec![b'w'; 180_000]).mode(0o755))
        .add(SampleEntry::file("usr/bin/passwd", &vec![b'p'; 60_000]).mode(0o4755))
        .directory("usr/share/doc")
        .file("usr/share/doc/copyright", &vec![b'c'; 40_000])
        .file("var/lib/dpkg/status", &status(&[BASE_PACKAGES]));
    with_lists(layer, BASE_PACKAGES)
}

fn shop() -> ImageBuilder {
    let check = Healthcheck {
        test: ["CMD", "/usr/bin/wget", "-q", "-O-", "http://127.0.0.1:8080/health"].map(str::to_owned).to_vec(),
        interval_ns: Some(30_000_000_000),
        timeout_ns: Some(3_000_000_000),
        ..Healthcheck::default()
    };
    ImageBuilder::new("harbour/shop:1.4.2")
        .layer("/bin/sh -c #(nop) ADD file:5ab8f2a1c9 in / ", base())
        .line("/bin/sh -c #(nop)  CMD [\"bash\"]")
        .layer(
            "RUN /bin/sh -c useradd --system --uid 10001 shop # buildkit",
            LayerBuilder::new().file("etc/passwd", PASSWD).file("etc/group", GROUP),
        )
        .layer(
            "ADD entrypoint.sh /usr/local/bin/ # buildkit",
            LayerBuilder::new()
                .add(SampleEntry::file("usr/local/bin/entrypoint.sh", b"#!/bin/sh\nexec /srv/shop/server\n").mode(0o755)),
        )
        .layer(
            "COPY /src/dist /srv/shop # buildkit",
            LayerBuilder::new()
                .directory("srv/shop")
                .add(SampleEntry::file("srv/shop/server", &vec![b's'; 900_000]).mode(0o755))
                .file("srv/shop/index.html", b"<!doctype html><title>Harbour shop</title>"),
        )
        .line("ENV SHOP_PORT=8080")
        .line("USER shop")
        .line("HEALTHCHECK &{[\"CMD\" \"/usr/bin/wget\" \"-q\" \"-O-\" \"http://127.0.0.1:8080/health\"] \"30s\" \"3s\" \"0s\" \"0s\" '\\x00'}")
        .user("shop")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("SHOP_PORT", "8080")
        .label("org.opencontainers.image.title", "shop")
        .label("org.opencontainers.image.version", "1.4.2")
        .entrypoint(&["/usr/local/bin/entrypoint.sh"])
        .healthcheck(&check)
}

fn worker() -> ImageBuilder {
    ImageBuilder::new("harbour/worker:latest")
        .layer("/bin/sh -c #(nop) ADD file:5ab8f2a1c9 in / ", base())
        .layer(
            "/bin/sh -c apt-get update && apt-get install -y gcc vim-tiny",
            with_lists(
                LayerBuilder::new()
                    .add(SampleEntry::file("usr/bin/gcc-12", &vec![b'g'; 300_000]).mode(0o755))
                    .add(SampleEntry::file("usr/bin/vim.tiny", &vec![b'v'; 90_000]).mode(0o755))
                    .file("var/lib/dpkg/status", &status(&[BASE_PACKAGES, WORKER_PACKAGES]))
                    .file("var/lib/apt/lists/deb.example_dists_bookworm_InRelease", &vec![b'l'; 20_000]),
                WORKER_PACKAGES,
            ),
        )
        .layer(
            "/bin/sh -c #(nop) ADD dir:77c1d0e6b2 in /opt/worker ",
            LayerBuilder::new()
                .directory("opt/worker")
                .add(SampleEntry::file("opt/worker/worker", &vec![b'k'; 700_000]).mode(0o755))
                .file("opt/worker/.git/config", b"[remote \"origin\"]\n\turl = https://git.example/worker.git\n")
                .file("opt/worker/.env", b"QUEUE_PASSWORD=harbour-tide-88213\nQUEUE_HOST=queue\n")
                .add(SampleEntry::file("opt/worker/notes.txt", b"to do\n").mode(0o666))
                .file("opt/worker/build-cache.bin", &vec![b'b'; 1_600_000]),
        )
        .layer(
            "/bin/sh -c rm /opt/worker/build-cache.bin /opt/worker/.env",
            LayerBuilder::new().whiteout("opt/worker/build-cache.bin").whiteout("opt/worker/.env"),
        )
        .line("/bin/sh -c #(nop)  CMD [\"/opt/worker/worker\"]")
        .env("PATH", "/usr/bin:/bin")
        .env("QUEUE_PASSWORD", "harbour-tide-88213")
        .cmd(&["/opt/worker/worker"])
}

/// Makes the sample in a folder and opens it; one that was made before is opened as it was left.
///
/// # Errors
/// When the folder cannot be written or the engagement not opened.
pub fn open(folder: &Path) -> Result<Engagement, WorkbenchError> {
    let path = folder.join("Sample audit.plimsoll");
    if path.is_file() {
        return Ok(Engagement::open(&path)?);
    }
    let write = |source| WorkbenchError::Write { path: folder.to_owned(), source };
    for part in ["shop", "reports"] {
        std::fs::create_dir_all(folder.join(part)).map_err(write)?;
    }
    let file = |name: &str| folder.join(name);
    write_whole(&file("shop/Dockerfile"), SHOP_DOCKERFILE.as_bytes(), false)?;
    write_whole(&file("shop/entrypoint.sh"), b"#!/bin/sh\nexec /srv/shop/server\n", false)?;
    write_whole(&file("shop/package.json"), b"{ \"name\": \"shop\", \"version\": \"1.4.2\" }\n", false)?;
    write_whole(&file("shop/.env"), b"SHOP_PORT=8080\nDB_PASSWORD=harbour-tide-88213\n", false)?;
    write_whole(&file("reports/Dockerfile"), REPORTS_DOCKERFILE.as_bytes(), false)?;
    shop().write(Format::DockerSave, Packing::Plain, &file("shop.tar")).map_err(write)?;
    worker().write(Format::DockerSave, Packing::Plain, &file("worker.tar")).map_err(write)?;

    let mut engagement = Engagement::create(
        &path,
        Details {
            title: "Container audit of the web shop".to_owned(),
            client: "Harbour Trading Ltd".to_owned(),
            scope: "The images of the web shop and of its worker, and the Dockerfile of the nightly reports."
                .to_owned(),
            auditor: "Sam Sample".to_owned(),
            organization: "Example Auditors".to_owned(),
            target_level: Level::One,
            profile: Profile::Image,
            sample: true,
        },
    )?;
    let path_string = |name: &str| file(name).display().to_string();
    let subjects = [
        (Source::DockerArchive(file("shop.tar"), None), "harbour/shop:1.4.2", Some("shop/Dockerfile"), Some("shop")),
        (Source::DockerArchive(file("worker.tar"), None), "harbour/worker:latest", None, None),
        (Source::Dockerfile(file("reports/Dockerfile")), "reports/Dockerfile", None, None),
    ];
    for (source, name, dockerfile, context) in subjects {
        engagement.add_subject(&NewSubject {
            kind: source.kind(),
            name: name.to_owned(),
            source: source.to_string(),
            dockerfile: dockerfile.map(path_string),
            context: context.map(path_string),
            platform: None,
            files: Vec::new(),
        })?;
    }
    Ok(engagement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Job, results};
    use plimsoll_catalog::{OutcomeKind, UseCaseId};

    #[tokio::test]
    async fn the_sample_is_made_audited_and_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = open(folder.path()).unwrap();
        crate::run::audit(&mut engagement, &Job::silent()).await.unwrap();
        let results = results::results(&engagement).unwrap();
        assert!(results.subjects.iter().all(|s| s.error.is_none()), "{:?}", results.subjects);
        let outcome = |subject: &str, use_case| {
            let of = results.outcomes.iter().find(|o| o.subject == subject && o.use_case == Some(use_case));
            of.map(|o| o.outcome).unwrap()
        };
        assert_eq!(outcome("s1", UseCaseId::D1), OutcomeKind::Pass);
        assert_eq!(outcome("s1", UseCaseId::B4), OutcomeKind::Pass);
        assert_eq!(outcome("s1", UseCaseId::B3), OutcomeKind::Fail);
        assert_eq!(outcome("s2", UseCaseId::D1), OutcomeKind::Fail);
        assert_eq!(outcome("s3", UseCaseId::B1), OutcomeKind::Pass);
        let all = serde_json::to_string(&results).unwrap();
        assert!(!all.contains("harbour-tide-88213"));
        drop(engagement);
        assert_eq!(open(folder.path()).unwrap().runs().unwrap().len(), 1);
    }
}
