//! What a file is, by its path and its first bytes.

use crate::program::Program;

/// A file that says something about packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    OsRelease,
    RedHatRelease,
    DpkgStatus,
    DpkgStatusD,
    DpkgMd5sums,
    DpkgList,
    AptStates,
    Copyright,
    ApkInstalled,
    ApkWorld,
    RpmSqlite,
    RpmSqliteWal,
    RpmNdb,
    RpmBdb,
    RpmManifest,
    PythonMetadata,
    PythonRecord,
    PythonRequested,
    Npm,
    Gemspec,
    Jar,
    Composer,
    DotnetDeps,
    BitnamiSpdx,
    Program(Program),
    Elf,
}

const MIB: u64 = 1024 * 1024;

/// Larger copyright files are not asked for at all.
pub(crate) const COPYRIGHT_LIMIT: u64 = MIB / 4;

impl Kind {
    /// What the file at `path` is, if it concerns us.
    pub(crate) fn of(path: &str, head: &[u8]) -> Option<Kind> {
        let is_elf = head.starts_with(b"\x7fELF");
        // A program may be called `release`.
        Kind::by_path(path)
            .filter(|kind| !(is_elf && matches!(kind, Kind::Program(_))))
            .or_else(|| is_elf.then_some(Kind::Elf))
    }

    fn by_path(path: &str) -> Option<Kind> {
        let fixed = match path {
            "/etc/os-release" | "/usr/lib/os-release" => Some(Kind::OsRelease),
            "/etc/redhat-release" => Some(Kind::RedHatRelease),
            "/var/lib/dpkg/status" => Some(Kind::DpkgStatus),
            "/var/lib/apt/extended_states" => Some(Kind::AptStates),
            "/lib/apk/db/installed" | "/usr/lib/apk/db/installed" => Some(Kind::ApkInstalled),
            "/etc/apk/world" => Some(Kind::ApkWorld),
            "/var/lib/rpmmanifest/container-manifest-2" => Some(Kind::RpmManifest),
            _ => None,
        };
        if fixed.is_some() {
            return fixed;
        }
        let (directory, name) = path.rsplit_once('/')?;
        let parent = directory.rsplit('/').next().unwrap_or_default();
        match directory {
            "/var/lib/dpkg/status.d" if name.ends_with(".md5sums") => return Some(Kind::DpkgMd5sums),
            "/var/lib/dpkg/status.d" => return Some(Kind::DpkgStatusD),
            "/var/lib/dpkg/info" => return name.ends_with(".list").then_some(Kind::DpkgList),
            "/var/lib/rpm" | "/usr/lib/sysimage/rpm" | "/usr/share/rpm" => {
                return match name {
                    "rpmdb.sqlite" => Some(Kind::RpmSqlite),
                    "rpmdb.sqlite-wal" => Some(Kind::RpmSqliteWal),
                    "Packages.db" => Some(Kind::RpmNdb),
                    "Packages" => Some(Kind::RpmBdb),
                    _ => None,
                };
            }
            _ => {}
        }
        match name {
            "METADATA" if parent.ends_with(".dist-info") => Some(Kind::PythonMetadata),
            "RECORD" if parent.ends_with(".dist-info") => Some(Kind::PythonRecord),
            "REQUESTED" if parent.ends_with(".dist-info") => Some(Kind::PythonRequested),
            "PKG-INFO" if parent.ends_with(".egg-info") || parent == "EGG-INFO" => Some(Kind::PythonMetadata),
            "package.json" if is_npm_package(directory) => Some(Kind::Npm),
            "installed.json" if parent == "composer" => Some(Kind::Composer),
            _ if name.ends_with(".deps.json") => Some(Kind::DotnetDeps),
            _ if name.starts_with(".spdx-") && name.ends_with(".spdx") => {
                directory.starts_with("/opt/bitnami/").then_some(Kind::BitnamiSpdx)
            }
            "copyright" => is_doc_directory(directory).then_some(Kind::Copyright),
            _ if name.ends_with(".egg-info") => Some(Kind::PythonMetadata),
            _ if name.ends_with(".gemspec") => is_specifications(directory).then_some(Kind::Gemspec),
            _ if is_jar(name) => Some(Kind::Jar),
            _ => Program::of(directory, name).map(Kind::Program),
        }
    }

    /// How many bytes are read at most.
    pub(crate) fn limit(self) -> u64 {
        match self {
            Kind::OsRelease | Kind::RedHatRelease | Kind::PythonRequested | Kind::Program(_) => MIB,
            Kind::Copyright => COPYRIGHT_LIMIT,
            Kind::Npm | Kind::Gemspec | Kind::PythonMetadata | Kind::ApkWorld => 4 * MIB,
            Kind::DpkgList | Kind::DpkgMd5sums | Kind::DpkgStatusD | Kind::AptStates => 16 * MIB,
            Kind::PythonRecord | Kind::Composer | Kind::DotnetDeps | Kind::RpmManifest => 16 * MIB,
            Kind::BitnamiSpdx => 16 * MIB,
            Kind::DpkgStatus | Kind::ApkInstalled | Kind::Elf => 64 * MIB,
            Kind::Jar => 128 * MIB,
            Kind::RpmSqlite | Kind::RpmSqliteWal | Kind::RpmNdb | Kind::RpmBdb => 256 * MIB,
        }
    }

    /// The word for it in a source.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::OsRelease | Kind::RedHatRelease => "os-release",
            Kind::DpkgStatus | Kind::DpkgStatusD => "dpkg",
            Kind::DpkgMd5sums | Kind::DpkgList => "dpkg-files",
            Kind::AptStates => "apt",
            Kind::Copyright => "copyright",
            Kind::ApkInstalled => "apk",
            Kind::ApkWorld => "apk-world",
            Kind::RpmSqlite | Kind::RpmSqliteWal | Kind::RpmNdb | Kind::RpmBdb | Kind::RpmManifest => "rpm",
            Kind::PythonMetadata => "pypi",
            Kind::PythonRecord => "pypi-files",
            Kind::PythonRequested => "pypi-requested",
            Kind::Npm => "npm",
            Kind::Gemspec => "gem",
            Kind::Jar => "java",
            Kind::Composer => "composer",
            Kind::DotnetDeps => "dotnet",
            Kind::BitnamiSpdx => "bitnami",
            Kind::Program(_) => "program",
            Kind::Elf => "binary",
        }
    }

    /// Whether a file of this kind only adds to what another lists: there are many, and only a failure is of interest.
    pub(crate) fn is_beside(self) -> bool {
        matches!(
            self,
            Kind::DpkgMd5sums
                | Kind::DpkgList
                | Kind::Copyright
                | Kind::PythonRecord
                | Kind::PythonRequested
                | Kind::RpmSqliteWal
        )
    }

    /// The database that the file is (a copy of): files of one database stand in for each other from layer to layer.
    pub(crate) fn database(self, path: &str) -> Option<&str> {
        match self {
            Kind::ApkInstalled => Some("apk"),
            Kind::RpmSqlite | Kind::RpmNdb | Kind::RpmBdb | Kind::RpmManifest => Some("rpm"),
            Kind::DpkgStatus | Kind::DpkgStatusD | Kind::Composer => Some(path),
            _ => None,
        }
    }
}

/// `…/node_modules/name` or `…/node_modules/@scope/name`. What lies deeper belongs to the package: test data and
/// partial manifests, which are no packages of their own.
fn is_npm_package(directory: &str) -> bool {
    let mut up = directory.rsplit('/');
    let (Some(name), Some(parent)) = (up.next(), up.next()) else { return false };
    if parent.starts_with('@') {
        return up.next() == Some("node_modules");
    }
    parent == "node_modules" && !name.starts_with('@')
}

fn is_doc_directory(directory: &str) -> bool {
    directory.strip_prefix("/usr/share/doc/").is_some_and(|package| !package.is_empty() && !package.contains('/'))
}

fn is_specifications(directory: &str) -> bool {
    let directory = directory.strip_suffix("/default").unwrap_or(directory);
    directory.ends_with("/specifications")
}

/// Whether a name is that of a Java archive.
pub(crate) fn is_jar(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    !stem.is_empty() && ["jar", "war", "ear", "hpi", "jpi"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_the_kind() {
        let kind = |path| Kind::by_path(path);
        assert_eq!(kind("/var/lib/dpkg/status"), Some(Kind::DpkgStatus));
        assert_eq!(kind("/srv/var/lib/dpkg/status"), None);
        assert_eq!(kind("/var/lib/dpkg/status.d/base"), Some(Kind::DpkgStatusD));
        assert_eq!(kind("/var/lib/dpkg/status.d/base.md5sums"), Some(Kind::DpkgMd5sums));
        assert_eq!(kind("/var/lib/dpkg/info/libc6:i386.list"), Some(Kind::DpkgList));
        assert_eq!(kind("/var/lib/dpkg/info/libc6.postinst"), None);
        assert_eq!(kind("/usr/lib/sysimage/rpm/Packages.db"), Some(Kind::RpmNdb));
        assert_eq!(kind("/var/lib/rpm/Name"), None);
        assert_eq!(kind("/x/site-packages/a-1.dist-info/METADATA"), Some(Kind::PythonMetadata));
        assert_eq!(kind("/x/METADATA"), None);
        assert_eq!(kind("/x/a.egg-info"), Some(Kind::PythonMetadata));
        assert_eq!(kind("/x/a.egg-info/PKG-INFO"), Some(Kind::PythonMetadata));
        assert_eq!(kind("/g/specifications/default/json-2.gemspec"), Some(Kind::Gemspec));
        assert_eq!(kind("/src/json.gemspec"), None);
        assert_eq!(kind("/app/A.JAR"), Some(Kind::Jar));
        assert_eq!(kind("/app/.jar"), None);
        assert_eq!(kind("/app/App.deps.json"), Some(Kind::DotnetDeps));
        assert_eq!(kind("/opt/bitnami/nginx/.spdx-nginx.spdx"), Some(Kind::BitnamiSpdx));
        assert_eq!(kind("/srv/nginx/.spdx-nginx.spdx"), None);
        assert_eq!(kind("/usr/local/include/php/main/php_version.h"), Some(Kind::Program(Program::Php)));
        assert_eq!(kind("/var/lib/rpmmanifest/container-manifest-2"), Some(Kind::RpmManifest));
        assert_eq!(kind("/usr/share/doc/a/b/copyright"), None);
        assert_eq!(kind(""), None);
    }

    #[test]
    fn manifests_inside_an_npm_package_are_no_packages() {
        assert!(is_npm_package("/app/node_modules/a"));
        assert!(is_npm_package("/app/node_modules/@s/a"));
        assert!(is_npm_package("/app/node_modules/.pnpm/a@1/node_modules/a"));
        assert!(!is_npm_package("/app/node_modules/a/dist/esm"));
        assert!(!is_npm_package("/app/node_modules/@s"));
        assert!(!is_npm_package("/app"));
    }
}
