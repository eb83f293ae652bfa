//! Package URLs, <https://github.com/package-url/purl-spec>.

use crate::model::{Ecosystem, OsRelease, Package};

/// The package's URL. A Java archive whose group is not known is of the type `generic`: one of the type `maven` needs a
/// group.
pub(crate) fn of(package: &Package, os: Option<&OsRelease>) -> String {
    let name = package.name.as_str();
    let mut version = package.version.as_str();
    let mut qualifiers: Vec<(&str, String)> = Vec::new();
    let distribution = os.map(|os| os.id.to_lowercase()).filter(|id| !id.is_empty());
    let (kind, namespace, name) = match package.ecosystem {
        Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm => {
            qualifiers.extend(package.architecture.clone().map(|architecture| ("arch", architecture)));
            if let (Some(os), Some(id)) = (os, &distribution) {
                let release = match &os.version_id {
                    Some(version) => format!("{id}-{version}"),
                    None => id.clone(),
                };
                qualifiers.push(("distro", release));
            }
            if package.ecosystem == Ecosystem::Rpm
                && let Some((epoch, rest)) = version.split_once(':')
            {
                qualifiers.push(("epoch", epoch.to_owned()));
                version = rest;
            }
            if let Some(source) = &package.source_name {
                qualifiers.push((
                    "upstream",
                    match &package.source_version {
                        Some(version) => format!("{source}@{version}"),
                        None => source.clone(),
                    },
                ));
            }
            match package.ecosystem {
                Ecosystem::Deb => ("deb", distribution, name.to_lowercase()),
                Ecosystem::Apk => ("apk", distribution, name.to_lowercase()),
                _ => ("rpm", distribution, name.to_owned()),
            }
        }
        Ecosystem::Pypi => ("pypi", None, name.to_lowercase().replace('_', "-")),
        Ecosystem::Npm => spaced("npm", &name.to_lowercase(), '/'),
        Ecosystem::Gem => {
            qualifiers.extend(package.architecture.clone().map(|platform| ("platform", platform)));
            ("gem", None, name.to_owned())
        }
        Ecosystem::Maven if name.contains(':') => spaced("maven", name, ':'),
        Ecosystem::Maven => ("generic", None, name.to_owned()),
        Ecosystem::Golang => {
            // A version that is none would only look like one.
            if version == "(devel)" {
                version = "";
            }
            spaced("golang", &name.to_lowercase(), '/')
        }
        Ecosystem::Cargo => ("cargo", None, name.to_owned()),
        Ecosystem::Nuget => ("nuget", None, name.to_owned()),
        Ecosystem::Bitnami => ("bitnami", None, name.to_lowercase()),
        Ecosystem::Generic => ("generic", None, name.to_owned()),
        Ecosystem::Composer => spaced("composer", &name.to_lowercase(), '/'),
    };
    let mut url = format!("pkg:{kind}/");
    for segment in namespace.iter().flat_map(|namespace| namespace.split('/')).filter(|segment| !segment.is_empty()) {
        encode(segment, &mut url);
        url.push('/');
    }
    encode(&name, &mut url);
    if !version.is_empty() {
        url.push('@');
        encode(version, &mut url);
    }
    // They are sorted by name, as the specification wants them.
    for (index, (key, value)) in qualifiers.iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(key);
        url.push('=');
        encode(value, &mut url);
    }
    url
}

fn spaced<'k>(kind: &'k str, name: &str, separator: char) -> (&'k str, Option<String>, String) {
    match name.rsplit_once(separator) {
        Some((namespace, name)) => (kind, Some(namespace.to_owned()), name.to_owned()),
        None => (kind, None, name.to_owned()),
    }
}

/// Percent-encodes all but letters, digits, `.-_~`, and the colon, which the specification leaves as it is.
fn encode(text: &str, url: &mut String) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.extend([byte >> 4, byte & 15].iter().filter_map(|&half| DIGITS.get(usize::from(half))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(ecosystem: Ecosystem, name: &str, version: &str, change: impl Fn(&mut Package)) -> String {
        let mut package = Package::new(ecosystem, name.to_owned(), version.to_owned());
        change(&mut package);
        let os = OsRelease { id: "debian".into(), version_id: Some("12".into()), ..OsRelease::default() };
        of(&package, Some(&os))
    }

    #[test]
    fn urls_follow_the_specification() {
        let deb = url(Ecosystem::Deb, "libstdc++6", "1:12.2.0-14+b1", |package| {
            package.architecture = Some("amd64".into());
            package.source_name = Some("gcc-12".into());
            package.source_version = Some("12.2.0-14".into());
        });
        assert_eq!(
            deb,
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14"
        );
        let rpm = url(Ecosystem::Rpm, "OpenSSL", "1:3.0-1.el9", |_| {});
        assert_eq!(rpm, "pkg:rpm/debian/OpenSSL@3.0-1.el9?distro=debian-12&epoch=1");
        let plain = |ecosystem, name, version| url(ecosystem, name, version, |_| {});
        assert_eq!(plain(Ecosystem::Npm, "@Angular/core", "1.0"), "pkg:npm/%40angular/core@1.0");
        assert_eq!(plain(Ecosystem::Pypi, "Foo_Bar", "1!2"), "pkg:pypi/foo-bar@1%212");
        assert_eq!(plain(Ecosystem::Maven, "org.a:b", "1"), "pkg:maven/org.a/b@1");
        assert_eq!(plain(Ecosystem::Maven, "b", "1"), "pkg:generic/b@1");
        assert_eq!(plain(Ecosystem::Golang, "github.com/A/b/v2", "v2.0.0"), "pkg:golang/github.com/a/b/v2@v2.0.0");
        assert_eq!(plain(Ecosystem::Golang, "stdlib", "1.22.1"), "pkg:golang/stdlib@1.22.1");
        assert_eq!(plain(Ecosystem::Golang, "a.b/c", "(devel)"), "pkg:golang/a.b/c");
        assert_eq!(plain(Ecosystem::Composer, "symfony/http", "v1"), "pkg:composer/symfony/http@v1");
    }
}
