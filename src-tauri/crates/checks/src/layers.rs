//! Speaking of an image's layers: which instruction made one, which package owns a path, how to see an entry again.

use plimsoll_catalog::{Location, Observation, Severity};
use plimsoll_image::{Entry, ImageFacts};
use plimsoll_packages::Package;

use crate::Facts;
use crate::facts::quote;
use crate::observe::observation;

/// Characters of an instruction that are shown.
const SHOWN: usize = 90;

/// An instruction as a reader of Dockerfiles knows it, on one line and not too long.
pub(crate) fn instruction(command: &str) -> String {
    let text = command.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    let text = match text.strip_prefix("/bin/sh -c ") {
        Some(rest) => match rest.trim_start().strip_prefix("#(nop)") {
            Some(instruction) => instruction.trim().to_owned(),
            None => format!("RUN {}", rest.trim()),
        },
        None => match text.strip_prefix("RUN /bin/sh -c ") {
            Some(rest) => format!("RUN {}", rest.trim()),
            None => text.to_owned(),
        },
    };
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if words.chars().count() > SHOWN {
            let cut: String = words.chars().take(SHOWN).collect();
            return format!("{cut}…");
        }
    }
    words
}

/// A layer for people: "layer 3 (RUN apt-get update)", counted from 1, the lowest first.
pub(crate) fn layer_name(image: &ImageFacts, diff_id: &str) -> String {
    match image.layers.iter().position(|layer| layer.diff_id == diff_id) {
        Some(index) => match image.layers.get(index).and_then(|layer| layer.command.as_deref()) {
            Some(command) if !command.trim().is_empty() => format!("layer {} ({})", index + 1, instruction(command)),
            _ => format!("layer {}", index + 1),
        },
        None if diff_id.is_empty() => "an unknown layer".to_owned(),
        None => format!("layer {diff_id}"),
    }
}

/// The package that owns an entry's path.
pub(crate) fn package_of<'a>(image: &'a ImageFacts, entry: &Entry) -> Option<&'a Package> {
    image.inventory.packages.get(entry.package? as usize)
}

/// A command that lists an entry of a layer again, with mode and owner.
pub(crate) fn show_entry(facts: &Facts, diff_id: &str, path: &str) -> String {
    let inside = path.trim_start_matches('/');
    let image = facts.image.as_ref();
    let index = image.and_then(|image| image.layers.iter().position(|layer| layer.diff_id == diff_id));
    let layer = image.zip(index).and_then(|(image, index)| image.layers.get(index));
    let blob = layer.map_or(diff_id, |layer| layer.digest.as_str());
    let hex = blob.trim_start_matches("sha256:");
    let unpack = match layer.map(|layer| layer.media_type.as_str()) {
        Some(media) if media.contains("zstd") => "tar --zstd -tvf -",
        Some(media) if media.contains("gzip") => "tar -tzvf -",
        _ => "tar -tvf -",
    };
    let find = format!("{unpack} | grep -F {}", quote(inside));
    match facts.source.split_once(':') {
        Some(("docker-daemon", reference)) => {
            let hex = diff_id.trim_start_matches("sha256:");
            format!(
                "docker save {} | tar -xOf - blobs/sha256/{hex} | tar -tvf - | grep -F {}",
                quote(reference),
                quote(inside)
            )
        }
        Some(("docker-archive", rest)) => {
            let file = quote(rest.find(".tar:").map_or(rest, |at| &rest[..at + 4]));
            // Where a layer lies in the archive differs between versions of Docker; its manifest says where.
            let number = index.unwrap_or_default();
            format!("tar -xOf {file} \"$(tar -xOf {file} manifest.json | jq -r '.[0].Layers[{number}]')\" | {find}")
        }
        Some(("oci-archive", rest)) => {
            let file = rest.find(".tar:").map_or(rest, |at| &rest[..at + 4]);
            format!("tar -xOf {} blobs/sha256/{hex} | {find}", quote(file))
        }
        Some(("oci", rest)) => {
            let folder = rest.split_once(':').map_or(rest, |(folder, _)| folder);
            format!("cat {}/blobs/sha256/{hex} | {find}", quote(folder))
        }
        Some(("docker", rest)) => {
            let reference = rest.trim_start_matches('/');
            let name = reference.split_once('@').map_or(reference, |(name, _)| name);
            // A tag follows the last slash; a port does not.
            let name = match name.rsplit_once(':') {
                Some((before, tag)) if !tag.contains('/') => before,
                _ => name,
            };
            format!("crane blob {} | {find}", quote(&format!("{name}@{blob}")))
        }
        _ => format!("tar -tvf layer.tar | grep -F {}", quote(inside)),
    }
}

/// A command that asks the whole image with `find`, in a container of it.
pub(crate) fn show_find(facts: &Facts, arguments: &str) -> String {
    let name = || {
        let image = facts.image.as_ref();
        image.and_then(|image| image.reference.clone().or_else(|| image.repo_tags.first().cloned()))
    };
    let run = |reference: &str| format!("docker run --rm --user 0 --entrypoint find {} {arguments}", quote(reference));
    match facts.source.split_once(':') {
        Some(("docker-daemon", reference)) => run(reference),
        Some(("docker", rest)) => run(rest.trim_start_matches('/')),
        Some(("docker-archive", rest)) => {
            let file = rest.find(".tar:").map_or(rest, |at| &rest[..at + 4]);
            let image = facts.image.as_ref().map(|image| image.config_digest.clone()).unwrap_or_default();
            format!("docker load -i {} && {}", quote(file), run(&name().unwrap_or(image)))
        }
        _ => format!("skopeo copy {} docker-daemon:audit:1 && {}", quote(&facts.source), run("audit:1")),
    }
}

/// An observation on a path in a layer.
pub(crate) fn on_entry(
    facts: &Facts,
    (diff_id, path): (&str, &str),
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(
        Location::Layer { layer: diff_id.to_owned(), path: path.to_owned() },
        show_entry(facts, diff_id, path),
        severity,
        message,
        aliases,
    )
}

/// An observation on the image as a whole, seen again with a command of its own.
pub(crate) fn on_image(severity: Severity, message: impl Into<String>, reproduce: Option<String>) -> Observation {
    Observation { severity, message: message.into(), location: None, reproduce, aliases: Vec::new() }
}

#[cfg(test)]
pub(crate) mod tests {
    //! Images with a file tree for the checks' tests.

    use super::*;
    use crate::facts::tests::image;
    use plimsoll_image::{FileFact, Kind, LayerFacts, Magic, Tree, TreeLayer};
    use plimsoll_packages::Ecosystem;

    /// A root-owned file of ten bytes; change it with the methods below. A path that ends in `/` is a directory.
    pub(crate) fn entry(path: &str) -> Entry {
        let directory = path.len() > 1 && path.ends_with('/');
        Entry {
            path: if directory { path.trim_end_matches('/') } else { path }.into(),
            kind: if directory { Kind::Directory } else { Kind::File },
            size: if directory { 0 } else { 10 },
            mode: if directory { 0o755 } else { 0o644 },
            uid: 0,
            gid: 0,
            mtime: 0,
            link: None,
            target: None,
            capabilities: None,
            magic: None,
            package: None,
            hidden: None,
        }
    }

    /// Ways to say what is special about an entry.
    pub(crate) trait With: Sized {
        fn mode(self, mode: u32) -> Self;
        fn owner(self, uid: u64, gid: u64) -> Self;
        fn magic(self, magic: Magic) -> Self;
        fn package(self, index: u32) -> Self;
        fn size(self, size: u64) -> Self;
        fn kind(self, kind: Kind) -> Self;
        fn link(self, kind: Kind, to: &str) -> Self;
        fn capability(self, hex: &str) -> Self;
    }

    impl With for Entry {
        fn mode(self, mode: u32) -> Self {
            Self { mode, ..self }
        }
        fn owner(self, uid: u64, gid: u64) -> Self {
            Self { uid, gid, ..self }
        }
        fn magic(self, magic: Magic) -> Self {
            Self { magic: Some(magic), mode: self.mode | 0o111, ..self }
        }
        fn package(self, index: u32) -> Self {
            Self { package: Some(index), ..self }
        }
        fn size(self, size: u64) -> Self {
            Self { size, ..self }
        }
        fn kind(self, kind: Kind) -> Self {
            Self { kind, ..self }
        }
        fn link(self, kind: Kind, to: &str) -> Self {
            Self { kind, size: 0, mode: 0o777, link: Some(to.into()), ..self }
        }
        fn capability(self, hex: &str) -> Self {
            Self { capabilities: Some(hex.into()), ..self }
        }
    }

    /// A Debian package.
    pub(crate) fn package(name: &str) -> Package {
        Package {
            ecosystem: Ecosystem::Deb,
            name: name.into(),
            version: "1.0-1".into(),
            architecture: Some("amd64".into()),
            source_name: None,
            source_version: None,
            licence: None,
            installed_size: None,
            section: None,
            essential: false,
            depends: vec![],
            requested: None,
            purl: format!("pkg:deb/debian/{name}@1.0-1"),
            location: "/var/lib/dpkg/status".into(),
            layer: "sha256:l1".into(),
            owner: None,
            vendor: None,
            module: None,
        }
    }

    /// An image whose layers hold these entries: for each the history line, the entries and the whiteouts. The layers
    /// are called `sha256:l1`, `sha256:l2` …
    pub(crate) fn tree_image(layers: Vec<(&str, Vec<Entry>, &[&str])>) -> Facts {
        let mut facts = image();
        let mut of_tree = Vec::new();
        let image = facts.image.as_mut().unwrap();
        for (number, (command, entries, whiteouts)) in layers.into_iter().enumerate() {
            let diff_id = format!("sha256:l{}", number + 1);
            image.layers.push(LayerFacts {
                digest: diff_id.clone(),
                diff_id: diff_id.clone(),
                media_type: "application/vnd.docker.image.rootfs.diff.tar".into(),
                compressed_size: 0,
                size: 0,
                content_bytes: 0,
                files: 0,
                entries: 0,
                command: Some(command.to_owned()),
                whiteouts: 0,
            });
            let whiteouts = whiteouts.iter().map(|&path| path.into()).collect();
            of_tree.push(TreeLayer { diff_id, entries, whiteouts, opaque: vec![] });
        }
        let tree = Tree::from_layers(of_tree);
        let special = |fact: &FileFact| fact.mode & 0o6000 != 0 || fact.capabilities.is_some();
        image.set_id_files =
            tree.iter().filter(|f| f.content.kind == Kind::File).map(|f| f.fact()).filter(special).collect();
        facts.tree = Some(tree);
        facts
    }

    #[test]
    fn instructions_are_shown_as_in_a_dockerfile() {
        for (line, shown) in [
            ("/bin/sh -c #(nop) COPY file:1 in /a ", "COPY file:1 in /a"),
            ("/bin/sh -c apt-get  update", "RUN apt-get update"),
            ("RUN /bin/sh -c make \\\n all # buildkit", "RUN make \\ all"),
            ("COPY . /app # buildkit", "COPY . /app"),
            ("", ""),
        ] {
            assert_eq!(instruction(line), shown);
        }
        assert!(instruction(&"x ".repeat(500)).chars().count() <= SHOWN + 1);
    }

    #[test]
    fn each_transport_has_a_command_that_shows_an_entry() {
        let mut facts = tree_image(vec![("RUN a", vec![entry("/a b")], &[])]);
        let show = |facts: &Facts| show_entry(facts, "sha256:l1", "/a b");
        assert_eq!(
            show(&facts),
            "tar -xOf a.tar \"$(tar -xOf a.tar manifest.json | jq -r '.[0].Layers[0]')\" | tar -tvf - | grep -F 'a b'"
        );
        facts.source = "docker-daemon:shop:1.4".into();
        assert_eq!(show(&facts), "docker save shop:1.4 | tar -xOf - blobs/sha256/l1 | tar -tvf - | grep -F 'a b'");
        facts.source = "oci-archive:a.tar:x".into();
        facts.image.as_mut().unwrap().layers[0].media_type = "application/vnd.oci.image.layer.v1.tar+gzip".into();
        assert_eq!(show(&facts), "tar -xOf a.tar blobs/sha256/l1 | tar -tzvf - | grep -F 'a b'");
        facts.source = "docker://registry:5000/shop:1.4".into();
        assert_eq!(show(&facts), "crane blob registry:5000/shop@sha256:l1 | tar -tzvf - | grep -F 'a b'");
        assert!(show_find(&facts, "/ -xdev").ends_with("registry:5000/shop:1.4 / -xdev"));
        assert_eq!(layer_name(facts.image.as_ref().unwrap(), "sha256:l1"), "layer 1 (RUN a)");
        assert_eq!(layer_name(facts.image.as_ref().unwrap(), "sha256:zz"), "layer sha256:zz");
    }
}
