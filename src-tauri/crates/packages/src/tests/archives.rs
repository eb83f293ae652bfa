//! Java archives, built here, and the single-file formats of languages.

use std::io::Write;

use crate::model::Part;
use crate::read;

/// A ZIP archive; `deflated` entries are compressed.
pub(super) fn zip(entries: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for (name, content, deflated) in entries {
        let data = if *deflated {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        } else {
            content.to_vec()
        };
        let offset = bytes.len() as u32;
        let mut common = vec![20, 0, 0, 0, if *deflated { 8 } else { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend((data.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(name.as_bytes());
        bytes.extend(data);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = bytes.len() as u32;
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([(entries.len() as u16).to_le_bytes(), (entries.len() as u16).to_le_bytes()].concat());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

const POM: &[u8] = b"#x\nversion=2.17.1\ngroupId=org.apache.logging.log4j\nartifactId=log4j-core\n";

pub(super) fn jar() -> Vec<u8> {
    zip(&[
        ("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\nImplementation-Title: Apache Log4j\r\n", true),
        ("META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties", POM, true),
        ("org/X.class", b"class", true),
    ])
}

fn names(part: &Part) -> Vec<String> {
    part.packages.iter().map(|package| format!("{} {} {}", package.name, package.version, package.location)).collect()
}

#[test]
fn maven_names_a_jar() {
    let part = read("/app/log4j-core-2.17.1.jar", &jar()).unwrap();
    assert_eq!(names(&part), ["org.apache.logging.log4j:log4j-core 2.17.1 "]);
    let started = [b"#!/bin/sh\nexec java -jar $0\n".to_vec(), jar()].concat();
    assert_eq!(
        read("/app/log4j-core-2.17.1.jar", &started).unwrap().packages.len(),
        1,
        "a jar with a script before it"
    );
}

#[test]
fn the_manifest_and_the_name_do_where_maven_is_silent() {
    let manifest: &[u8] =
        b"Manifest-Version: 1.0\nImplementation-Title: Commons Lang\nImplementation-Version: 2.\n 6\n\
        Implementation-Vendor-Id: org.apache\n\nName: x\nImplementation-Version: 9\n";
    let bytes = zip(&[("META-INF/MANIFEST.MF", manifest, false)]);
    assert_eq!(names(&read("/a/commons-lang-2.6.jar", &bytes).unwrap()), ["org.apache:commons-lang 2.6 "]);
    let osgi = zip(&[("META-INF/MANIFEST.MF", b"Bundle-SymbolicName: a.b;singleton:=true\nBundle-Version: 3\n", true)]);
    assert_eq!(names(&read("/a/x.jar", &osgi).unwrap()), ["a.b 3 "]);
    assert!(read("/a/app.jar", &zip(&[("x", b"", false)])).unwrap().packages.is_empty(), "neither name nor version");
}

#[test]
fn jars_within_jars_are_read_to_a_depth() {
    let library = jar();
    let war = zip(&[("WEB-INF/lib/log4j-core-2.17.1.jar", &library, false)]);
    let ear = zip(&[("a.war", &war, true)]);
    assert_eq!(
        names(&read("/x.ear", &ear).unwrap()),
        ["org.apache.logging.log4j:log4j-core 2.17.1 /x.ear!/a.war!/WEB-INF/lib/log4j-core-2.17.1.jar"]
    );
    let deeper = zip(&[("x.ear", &ear, false)]);
    let part = read("/y.jar", &deeper).unwrap();
    assert!(part.packages.is_empty());
    assert_eq!(part.problems.len(), 1);
}

#[test]
fn shaded_jars_have_their_own_name_too() {
    let bytes = zip(&[("META-INF/maven/g/a/pom.properties", POM, true)]);
    let part = read("/a/my-app-1.0.jar", &bytes).unwrap();
    assert_eq!(names(&part), ["org.apache.logging.log4j:log4j-core 2.17.1 ", "my-app 1.0 "]);
}

#[test]
fn archives_that_are_none_or_unpack_to_too_much() {
    assert!(read("/a.jar", b"no archive").is_err());
    assert!(read("/a.jar", b"").is_err());
    let large = vec![0; 3 * 1024 * 1024];
    let bytes = zip(&[("META-INF/maven/g/a/pom.properties", &large, true)]);
    let part = read("/a.jar", &bytes).unwrap();
    assert_eq!(part.problems.len(), 1, "{:?}", part.problems);
}

#[test]
fn entries_that_lie_about_their_size_pay_for_it() {
    let large = vec![0; 2 * 1024 * 1024];
    let name = "META-INF/maven/g/a/pom.properties";
    let mut bytes = zip(&[(name, &large, true)]);
    // The directory once more for each of a thousand entries that claim to be empty: together they unpack to 2 GiB.
    let start = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut one = bytes[start..start + 46 + name.len()].to_vec();
    one[24..28].copy_from_slice(&[0; 4]);
    bytes.truncate(start);
    bytes.extend(one.repeat(1000));
    bytes.extend(b"PK\x05\x06\0\0\0\0\0\0\0\0");
    bytes.extend((one.len() as u32 * 1000).to_le_bytes());
    bytes.extend((start as u32).to_le_bytes());
    bytes.extend([0, 0]);
    let part = read("/a.jar", &bytes).unwrap();
    assert!(part.packages.is_empty());
    assert!(part.problems.iter().any(|problem| problem.contains("unpacks to too much")), "{:?}", part.problems);
}

#[test]
fn python_metadata() {
    let text = b"Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.2\nLicense: UNKNOWN\n\
        Classifier: License :: OSI Approved :: MIT License\nRequires-Dist: requests (>=2)\n\
        Requires-Dist: idna[all]>=2; python_version > \"3\"\nRequires-Dist: pytest; extra == 'test'\n\nName: body\n";
    let part = read("/s/Foo_Bar-1.2.dist-info/METADATA", text).unwrap();
    let package = &part.packages[0];
    assert_eq!((package.name.as_str(), package.version.as_str()), ("Foo_Bar", "1.2"));
    assert_eq!(package.licence.as_deref(), Some("MIT License"));
    assert_eq!(package.depends, ["requests", "idna"]);
    assert!(read("/s/x.egg-info", b"Name: x\n").is_err());
    let record = b"foo.py,sha256=x,1\n../../../bin/foo,,\n\"a,b.py\",,\n";
    let part = read("/usr/lib/python3/site-packages/Foo_Bar-1.2.dist-info/RECORD", record).unwrap();
    let base = "/usr/lib/python3/site-packages";
    assert_eq!(part.owned[0].paths, [format!("{base}/foo.py"), "/usr/bin/foo".into(), format!("{base}/a,b.py")]);
}

#[test]
fn npm_manifests() {
    let read = |text: &str| read("/app/node_modules/a/package.json", text.as_bytes());
    let part =
        read(r#"{"name":"a","version":"v1.0","license":{"type":"MIT"},"dependencies":{"c":"1","b":"*"}}"#).unwrap();
    assert_eq!(part.packages[0].version, "1.0");
    assert_eq!(part.packages[0].licence.as_deref(), Some("MIT"));
    assert_eq!(part.packages[0].depends, ["b", "c"]);
    let both = read(r#"{"name":"a","version":"1","licenses":["MIT",{"type":"ISC"}]}"#).unwrap();
    assert_eq!(both.packages[0].licence.as_deref(), Some("MIT OR ISC"));
    let none = read(r#"{"type":"module"}"#).unwrap();
    assert!(none.packages.is_empty() && none.problems.len() == 1);
    assert!(read("[]").is_err() && read("{").is_err());
}

#[test]
fn gem_specifications() {
    let text =
        b"# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.15.4 x86_64-linux lib\n\nGem::Specification.new do |s|\n\
        s.name = \"nokogiri\".freeze\n  s.version = \"1.15.4\"\n  s.licenses = [\"MIT\".freeze, \"X\".freeze]\n\
        s.add_runtime_dependency(%q<racc>.freeze, [\"~> 1.4\"])\nend\n";
    let part = read("/g/specifications/nokogiri-1.15.4-x86_64-linux.gemspec", text).unwrap();
    let gem = &part.packages[0];
    assert_eq!((gem.name.as_str(), gem.version.as_str()), ("nokogiri", "1.15.4"));
    assert_eq!(gem.architecture.as_deref(), Some("x86_64-linux"));
    assert_eq!(gem.licence.as_deref(), Some("MIT OR X"));
    assert_eq!(gem.depends, ["racc"]);
    let computed = b"Gem::Specification.new do |spec|\n  spec.name = 'json'\n  spec.version = JSON::VERSION\nend\n";
    let part = read("/g/specifications/default/json-2.6.3.gemspec", computed).unwrap();
    assert_eq!(part.packages[0].version, "2.6.3");
    assert!(read("/g/specifications/x.gemspec", b"puts 1").is_err());
}

#[test]
fn composer_lists() {
    let one = r#"{"name":"a/b","version":"1.0","license":["MIT"],"require":{"php":"^8","c/d":"*"}}"#;
    let path = "/app/vendor/composer/installed.json";
    for text in [format!("[{one}]"), format!(r#"{{"packages":[{one}],"dev":false}}"#)] {
        let part = read(path, text.as_bytes()).unwrap();
        assert_eq!((part.packages[0].name.as_str(), part.packages[0].version.as_str()), ("a/b", "1.0"));
        assert_eq!(part.packages[0].depends, ["c/d"]);
        assert_eq!(part.packages[0].licence.as_deref(), Some("MIT"));
    }
    assert!(read(path, b"{}").is_err());
}
