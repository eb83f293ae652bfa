//! Tests of the whole reading, with images that `sample` builds.

mod bounds;
mod choice;
mod errors;
mod hostile;
mod inspection;
mod layers;
mod shapes;
mod waste;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::sample::{Format, ImageBuilder, LayerBuilder, Packing, SampleEntry};
use crate::{ImageError, ImageFacts, ImageRead, NoHooks, OpenOptions, Transport, read_image_with_tree};

/// A folder that goes with the test, and an image in it.
struct Case {
    _folder: TempDir,
    path: PathBuf,
    transport: Transport,
}

impl Case {
    fn new(image: &ImageBuilder, format: Format, packing: Packing) -> Case {
        Case::of(&[image], format, packing)
    }

    fn of(images: &[&ImageBuilder], format: Format, packing: Packing) -> Case {
        let case = Case::empty(transport(format));
        crate::sample::write_images(images, format, packing, &case.path).unwrap();
        case
    }

    fn bytes(transport: Transport, bytes: &[u8]) -> Case {
        let case = Case::empty(transport);
        std::fs::write(&case.path, bytes).unwrap();
        case
    }

    fn empty(transport: Transport) -> Case {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        Case { _folder: folder, path, transport }
    }

    fn read_with(&self, options: &OpenOptions) -> Result<ImageRead, ImageError> {
        read_image_with_tree(self.transport, &self.path, options, &NoHooks)
    }

    fn read(&self) -> ImageRead {
        self.read_with(&OpenOptions::default()).unwrap()
    }

    fn facts(&self) -> ImageFacts {
        self.read().facts
    }

    /// The error, of which the sentence is checked: one, ending in a full stop, that names the path.
    fn error_with(&self, options: &OpenOptions) -> ImageError {
        let error = self.read_with(options).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with('.') && !text.contains('\n'), "{text}");
        assert!(text.contains(&*self.path.to_string_lossy()), "{text}");
        error
    }

    fn error(&self) -> ImageError {
        self.error_with(&OpenOptions::default())
    }
}

fn transport(format: Format) -> Transport {
    match format {
        Format::DockerSave | Format::Skopeo | Format::Docker25 => Transport::DockerArchive,
        Format::OciArchive => Transport::OciArchive,
        Format::OciLayout => Transport::OciLayout,
    }
}

const FORMATS: [Format; 5] =
    [Format::DockerSave, Format::Skopeo, Format::Docker25, Format::OciArchive, Format::OciLayout];
const PACKINGS: [Packing; 3] = [Packing::Plain, Packing::Gzip, Packing::Zstd];

/// The facts of an image with these layers.
fn facts_of(layers: Vec<LayerBuilder>) -> ImageFacts {
    read_of(layers).facts
}

fn read_of(layers: Vec<LayerBuilder>) -> ImageRead {
    Case::new(&image_of(layers), Format::DockerSave, Packing::Plain).read()
}

fn image_of(layers: Vec<LayerBuilder>) -> ImageBuilder {
    layers
        .into_iter()
        .enumerate()
        .fold(ImageBuilder::new("sample:1"), |image, (number, layer)| image.layer(&format!("RUN {number}"), layer))
}

fn paths(read: &ImageRead) -> Vec<&str> {
    read.tree.iter().map(|found| found.entry.path.as_ref()).collect()
}

/// An image with a bit of everything.
fn sample() -> ImageBuilder {
    let base = LayerBuilder::new()
        .directory("etc/")
        .file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/sbin/nologin\n")
        .file("etc/group", b"root:x:0:\napp:x:1000:app\n")
        .directory("usr/")
        .directory("usr/bin/")
        .add(SampleEntry::file("usr/bin/su", &[7; 3000]).mode(0o4755))
        .add(SampleEntry::hard_link("usr/bin/su2", "usr/bin/su"))
        .add(SampleEntry::symlink("bin", "usr/bin"));
    let app = LayerBuilder::new()
        .directory("app/")
        .file("app/data", &[1; 5000])
        .add(SampleEntry::file("app/ping", b"ping").capabilities(&[1, 0, 0, 2, 0, 32]));
    let clean = LayerBuilder::new().whiteout("app/data").file("etc/passwd", b"root:x:0:0::/root:/bin/sh\n");
    ImageBuilder::new("sample:1")
        .user("app")
        .env("PATH", "/usr/bin")
        .env("EMPTY", "")
        .label("maintainer", "nobody")
        .entrypoint(&["/app/ping"])
        .cmd(&["-c", "1"])
        .working_dir("/app")
        .layer("ADD rootfs.tar /", base)
        .line("ENV PATH=/usr/bin")
        .layer("COPY app /app", app)
        .layer("RUN rm /app/data", clean)
}

/// The bytes of the file at `path`.
fn slurp(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
