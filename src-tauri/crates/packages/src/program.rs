//! Programs that were built from source, as the official images of runtimes and servers are: found by a file that is
//! installed with the program and tells its exact version. An environment variable is no such thing.
//!
//! Names and versions are written as Bitnami's advisories write them, the one public source that speaks of upstream's
//! releases: three parts, and Java's 1.8.0_392 as 8.0.392.

use crate::build::{Builder, is_name};
use crate::model::{Ecosystem, Package, PackageError, Part};

/// A program that is known by a file of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Node,
    Python,
    Php,
    Ruby,
    Java,
    Tomcat,
    Httpd,
    Postgresql,
    Go,
    Wordpress,
    Drupal,
}

impl Program {
    /// The program that the file belongs to.
    pub(crate) fn of(directory: &str, name: &str) -> Option<Program> {
        let below = |end: &str| directory.strip_suffix(end);
        match name {
            // Where addons are built, the headers of versions lie about that are not installed.
            "node_version.h" => below("/include/node").filter(|at| !at.contains("-gyp")).map(|_| Program::Node),
            "patchlevel.h" => {
                let (above, last) = directory.rsplit_once('/')?;
                let version = last.strip_prefix("python")?;
                (above.ends_with("/include") && version.starts_with(|c: char| c.is_ascii_digit()))
                    .then_some(Program::Python)
            }
            "php_version.h" => below("/include/php/main").map(|_| Program::Php),
            // lib/ruby/3.3.0/x86_64-linux/rbconfig.rb
            "rbconfig.rb" => {
                let (above, _) = directory.rsplit_once('/')?;
                let (above, api) = above.rsplit_once('/')?;
                (above.ends_with("/lib/ruby") && api.starts_with(|c: char| c.is_ascii_digit())).then_some(Program::Ruby)
            }
            "release" => (!directory.is_empty()).then_some(Program::Java),
            "RELEASE-NOTES" => {
                let last = directory.rsplit('/').next()?;
                last.contains("tomcat").then_some(Program::Tomcat)
            }
            "ap_release.h" => below("/include").map(|_| Program::Httpd),
            "pg_config.h" => below("/include/postgresql/server").map(|_| Program::Postgresql),
            "VERSION" => below("/usr/local/go").filter(|at| at.is_empty()).map(|_| Program::Go),
            "version.php" => below("/wp-includes").map(|_| Program::Wordpress),
            "Drupal.php" => below("/core/lib").map(|_| Program::Drupal),
            _ => None,
        }
    }

    /// Whether a file that has the name begins like the program's.
    pub(crate) fn may_be(self, head: &[u8]) -> bool {
        self != Program::Java || {
            let head = String::from_utf8_lossy(head);
            head.lines().any(|line| line.starts_with("JAVA_VERSION=") || line.starts_with("IMPLEMENTOR="))
        }
    }

    /// Its name among Bitnami's components.
    fn name(self) -> &'static str {
        match self {
            Program::Node => "node",
            Program::Python => "python",
            Program::Php => "php",
            Program::Ruby => "ruby",
            Program::Java => "java",
            Program::Tomcat => "tomcat",
            Program::Httpd => "apache",
            Program::Postgresql => "postgresql",
            Program::Go => "golang",
            Program::Wordpress => "wordpress",
            Program::Drupal => "drupal",
        }
    }

    /// Reads the file.
    pub(crate) fn read(self, bytes: &[u8]) -> Result<Part, PackageError> {
        let text = String::from_utf8_lossy(bytes);
        let version = self.version(&text).map(|version| three(&version)).filter(|version| is_version(version));
        let Some(version) = version else {
            return Err(PackageError::Malformed {
                what: "file that tells a program's version",
                reason: format!("the version of {} is not in it", self.name()),
            });
        };
        let mut package = Package::new(Ecosystem::Generic, self.name().to_owned(), version);
        if self == Program::Java {
            package.vendor = assigned(&text, "IMPLEMENTOR").map(str::to_owned);
            package.architecture = assigned(&text, "OS_ARCH").map(str::to_owned);
        }
        let mut builder = Builder::default();
        builder.push(package)?;
        Ok(builder.finish())
    }

    fn version(self, text: &str) -> Option<String> {
        let define = |name: &str| defined(text, name).map(str::to_owned);
        let number = |name: &str| defined(text, name)?.parse::<u32>().ok();
        match self {
            Program::Node => {
                let (major, minor) = (number("NODE_MAJOR_VERSION")?, number("NODE_MINOR_VERSION")?);
                let tag = defined(text, "NODE_TAG").unwrap_or_default();
                Some(format!("{major}.{minor}.{}{tag}", number("NODE_PATCH_VERSION")?))
            }
            Program::Python => define("PY_VERSION"),
            Program::Php => define("PHP_VERSION"),
            Program::Ruby => {
                let part = |name: &str| {
                    let start = format!("CONFIG[\"{name}\"] = ");
                    let line = text.lines().map(str::trim).find_map(|line| line.strip_prefix(start.as_str()))?;
                    unquoted(line).parse::<u32>().ok()
                };
                Some(format!("{}.{}.{}", part("MAJOR")?, part("MINOR")?, part("TEENY")?))
            }
            Program::Java => {
                let version = assigned(text, "JAVA_VERSION")?;
                match version.strip_prefix("1.8.0") {
                    Some("") => Some("8.0.0".to_owned()),
                    Some(update) => update.strip_prefix('_').map(|update| format!("8.0.{update}")),
                    None => Some(version.replace('_', ".")),
                }
            }
            Program::Tomcat => {
                let line =
                    text.lines().take(200).find_map(|line| line.trim().strip_prefix("Apache Tomcat Version "))?;
                Some(line.trim().to_owned())
            }
            Program::Httpd => {
                let (major, minor) =
                    (number("AP_SERVER_MAJORVERSION_NUMBER")?, number("AP_SERVER_MINORVERSION_NUMBER")?);
                let patch = number("AP_SERVER_PATCHLEVEL_NUMBER")?;
                let is_before = number("AP_SERVER_DEVBUILD_BOOLEAN").is_some_and(|flag| flag != 0);
                Some(format!("{major}.{minor}.{patch}{}", if is_before { "-dev" } else { "" }))
            }
            Program::Postgresql => define("PG_VERSION"),
            Program::Go => text.lines().next()?.trim().strip_prefix("go").map(str::to_owned),
            Program::Wordpress => text.lines().find_map(|line| {
                let value = line.trim().strip_prefix("$wp_version")?.trim_start().strip_prefix('=')?;
                Some(unquoted(value).to_owned())
            }),
            Program::Drupal => text.lines().find_map(|line| {
                let value = line.trim().strip_prefix("const VERSION")?.trim_start().strip_prefix('=')?;
                Some(unquoted(value).to_owned())
            }),
        }
    }
}

/// The value of `#define NAME value`, without its quotes.
fn defined<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("define")?;
        let rest = rest.trim_start().strip_prefix(name)?;
        let value = rest.strip_prefix([' ', '\t'])?;
        // A remark may follow.
        Some(unquoted(value.split("/*").next().unwrap_or(value)))
    })
}

/// The value of `NAME="value"`, as a shell would assign it.
fn assigned<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(unquoted).filter(|v| !v.is_empty())
}

/// What stands between the first quotes; without any, the whole.
fn unquoted(value: &str) -> &str {
    let value = value.trim().trim_end_matches(';');
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            value.get(1..).and_then(|rest| rest.split(quote).next()).unwrap_or_default().trim()
        }
        _ => value,
    }
}

fn is_version(version: &str) -> bool {
    is_name(version)
        && version.len() <= 64
        && version.starts_with(|c: char| c.is_ascii_digit())
        && !version.contains(' ')
}

/// `16.1` as `16.1.0`; anything but plain numbers stays as it is.
fn three(version: &str) -> String {
    let parts: Vec<&str> = version.split('.').collect();
    let is_plain = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    match parts.len() {
        1 if is_plain => format!("{version}.0.0"),
        2 if is_plain => format!("{version}.0"),
        _ => version.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_programs_tell_the_version() {
        let ruby = "  CONFIG[\"MAJOR\"] = \"3\"\n  CONFIG[\"MINOR\"] = \"3\"\n  CONFIG[\"TEENY\"] = \"7\"\n";
        for (path, text, name, version) in [
            (
                "/usr/local/include/node/node_version.h",
                "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 1\n# define NODE_PATCH_VERSION 4\n",
                "node",
                "20.1.4",
            ),
            ("/usr/local/include/python3.12/patchlevel.h", "#define PY_VERSION    \t\"3.12.1\"\n", "python", "3.12.1"),
            ("/opt/c/include/python3.13t/patchlevel.h", "#define PY_VERSION \"3.13.0rc1\"", "python", "3.13.0rc1"),
            ("/usr/local/include/php/main/php_version.h", "#define PHP_VERSION \"8.2.1\" /* x */\n", "php", "8.2.1"),
            ("/usr/local/lib/ruby/3.3.0/x86_64-linux/rbconfig.rb", ruby, "ruby", "3.3.7"),
            ("/opt/jdk/release", "IMPLEMENTOR=\"Maker\"\nJAVA_VERSION=\"17.0.9\"\nOS_ARCH=\"x\"", "java", "17.0.9"),
            ("/opt/jdk/release", "JAVA_VERSION=\"1.8.0_392\"", "java", "8.0.392"),
            ("/opt/jdk/release", "JAVA_VERSION=\"21\"", "java", "21.0.0"),
            ("/usr/local/tomcat/RELEASE-NOTES", "==\n   Apache Tomcat Version 10.1.16\n   Notes", "tomcat", "10.1.16"),
            (
                "/usr/local/apache2/include/ap_release.h",
                "#define AP_SERVER_MAJORVERSION_NUMBER 2\n#define AP_SERVER_MINORVERSION_NUMBER 4\n\
                 #define AP_SERVER_PATCHLEVEL_NUMBER   58\n#define AP_SERVER_DEVBUILD_BOOLEAN 0\n",
                "apache",
                "2.4.58",
            ),
            ("/usr/local/include/postgresql/server/pg_config.h", "#define PG_VERSION \"16.1\"", "postgresql", "16.1.0"),
            ("/usr/local/go/VERSION", "go1.21.5\ntime x\n", "golang", "1.21.5"),
            ("/var/www/html/wp-includes/version.php", "<?php\n$wp_version = '6.4.2';\n", "wordpress", "6.4.2"),
            ("/opt/drupal/web/core/lib/Drupal.php", "  const VERSION = '10.1.6';\n", "drupal", "10.1.6"),
        ] {
            let (directory, file) = path.rsplit_once('/').unwrap();
            let program = Program::of(directory, file).unwrap();
            assert!(program.may_be(text.as_bytes()), "{path}");
            let part = program.read(text.as_bytes()).unwrap();
            let package = &part.packages[0];
            assert_eq!((package.name.as_str(), package.version.as_str()), (name, version), "{path}");
            assert_eq!(package.ecosystem, Ecosystem::Generic);
        }
        let part = Program::Java.read(b"IMPLEMENTOR=\"Maker\"\nJAVA_VERSION=\"17.0.9\"").unwrap();
        assert_eq!(part.packages[0].vendor.as_deref(), Some("Maker"));
    }

    #[test]
    fn what_does_not_tell_is_an_error_and_what_is_alike_is_passed_over() {
        assert!(Program::Node.read(b"#define NODE_MAJOR_VERSION 20\n").is_err());
        assert!(Program::Python.read(b"#define PY_VERSION get_it()\n").is_err());
        assert!(!Program::Java.may_be(b"6.1.0-13-amd64\n"));
        for (directory, name) in [
            ("/root/.cache/node-gyp/20.0.0/include/node", "node_version.h"),
            ("/usr/include/x", "patchlevel.h"),
            ("/usr/lib/ruby/gems/3.0.0/gems", "rbconfig.rb"),
            ("/srv/go", "VERSION"),
            ("", "release"),
            ("/src", "RELEASE-NOTES"),
        ] {
            assert_eq!(Program::of(directory, name), None, "{directory}/{name}");
        }
    }
}
