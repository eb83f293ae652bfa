//! Random, cut and changed bytes: never a panic, always an error or facts.

use proptest::prelude::*;

use super::layers::header;
use super::*;
use crate::sample;
use crate::tarball::{TarError, TarReader};

fn archive(format: Format, packing: Packing) -> Vec<u8> {
    sample::members(&[&sample()], format, packing).unwrap().tar()
}

#[test]
fn cut_at_every_block() {
    for format in [Format::DockerSave, Format::Skopeo, Format::OciArchive] {
        let bytes = archive(format, Packing::Gzip);
        let whole = Case::bytes(transport(format), &bytes).facts();
        let mut read = 0;
        for length in (0..bytes.len()).step_by(512) {
            let case = Case::bytes(transport(format), &bytes[..length]);
            match case.read_with(&OpenOptions::default()) {
                // Only the end-of-archive blocks are missing, or the file oci-layout too, which tells nothing.
                Ok(mut image) => {
                    read += 1;
                    assert!(image.facts.problems.iter().any(|text| text.contains("may have been cut")));
                    image.facts.problems.clear();
                    assert_eq!(image.facts, whole);
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        assert!(read > 0 && read <= 5, "{read}");
    }
}

#[test]
fn a_layer_cut_at_every_byte_of_its_end() {
    let mut raw = header("a", b'0', 600, |_| {}).to_vec();
    raw.extend([1; 600]);
    for length in 0..raw.len() {
        let mut tar = TarReader::new(std::io::BufReader::new(&raw[..length]));
        let result = tar.next().and_then(|_| tar.next());
        match length {
            0 => assert!(result.unwrap().is_none()),
            _ => assert!(matches!(result, Err(TarError::Truncated { .. })), "{length}"),
        }
        assert_eq!(tar.offset(), length as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4096), gzip in any::<bool>()) {
        let bytes = if gzip { sample::pack(bytes, Packing::Gzip).unwrap() } else { bytes };
        for transport in [Transport::DockerArchive, Transport::OciArchive] {
            let _ = Case::bytes(transport, &bytes).read_with(&OpenOptions::default());
        }
    }

    #[test]
    fn changed_archives_never_panic(
        format in 0usize..4,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let format = FORMATS[format];
        let mut bytes = archive(format, Packing::Gzip);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(error) = Case::bytes(transport(format), &bytes).read_with(&OpenOptions::default()) {
            prop_assert!(error.to_string().ends_with('.'));
        }
    }

    /// Layers whose digests are right, but whose headers were changed (their checksums put right).
    #[test]
    fn changed_layers_never_panic(
        changes in proptest::collection::vec((0usize..8, 0usize..512, any::<u8>()), 1..8),
    ) {
        let mut layer = LayerBuilder::new()
            .file("etc/passwd", b"root:x:0:0::/:\n")
            .add(SampleEntry::file("sparse", &[b'1'; 512]).pax("GNU.sparse.realsize", b"99"))
            .add(SampleEntry::hard_link("l", "etc/passwd"))
            .archive();
        for (block, at, byte) in changes {
            layer[block * 512 + at] = byte;
        }
        for block in layer.chunks_exact_mut(512) {
            if block[257..262] == *b"ustar" {
                block[148..156].copy_from_slice(b"        ");
                let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
                block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            }
        }
        let image = image_of(vec![LayerBuilder::new().raw(&layer).without_end()]);
        let case = Case::new(&image, Format::DockerSave, Packing::Plain);
        if let Err(error) = case.read_with(&OpenOptions::default()) {
            prop_assert!(matches!(error, ImageError::BadLayer { .. } | ImageError::LimitExceeded { .. }), "{}", error);
        }
    }

    #[test]
    fn pax_records_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = crate::pax::parse(&bytes);
    }

    #[test]
    fn pax_records_come_back(key in "[a-z]{1,120}", value in proptest::collection::vec(any::<u8>(), 1..1200)) {
        let record = sample::pax_record(&key, &value);
        prop_assert!(crate::pax::parse(&record).is_ok());
        let path = crate::pax::parse(&sample::pax_record("path", &value)).unwrap();
        prop_assert_eq!(path.path, Some(value));
    }

    /// The merged tree against a plain model: sets of paths, applied layer by layer.
    #[test]
    fn merging_agrees_with_a_simple_model(
        layers in proptest::collection::vec(proptest::collection::vec((0u8..4, "[ab]/[ab]/[ab]|[ab]/[ab]|[ab]"), 0..6), 1..5),
    ) {
        let mut model: std::collections::BTreeMap<String, bool> = Default::default();
        let mut built = Vec::new();
        for operations in &layers {
            let mut layer = LayerBuilder::new();
            let below = |path: &str, of: &str| path.starts_with(&format!("{of}/"));
            for (what, path) in operations.iter().filter(|(what, _)| *what >= 2) {
                model.retain(|other, _| !(below(other, path) || *what == 2 && other == path));
            }
            for (what, path) in operations {
                match what {
                    0 => {
                        layer = layer.file(path, b"x");
                        model.retain(|other, _| !below(other, path));
                    }
                    1 => layer = layer.directory(path),
                    2 => layer = layer.whiteout(path),
                    _ => layer = layer.add(SampleEntry::opaque(path)),
                }
                if *what < 2 {
                    model.retain(|other, directory| *directory || !below(path, other));
                    model.insert(path.clone(), *what == 1);
                }
            }
            built.push(layer);
        }
        let read = read_of(built);
        let expected: Vec<String> = model.keys().map(|path| format!("/{path}")).collect();
        prop_assert_eq!(paths(&read), expected);
    }
}
