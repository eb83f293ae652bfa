//! To which of the paper's five categories an image belongs: operating system, database, language, web component or
//! application platform.
//!
//! The paper scans images in these categories and sets their vulnerabilities side by side. A name on Docker's list of
//! official images tells the category; else the program that the image starts does, as far as it is well known. The
//! auditor may say otherwise.

use serde::{Deserialize, Serialize};

use crate::Facts;
use crate::bases::Full;

/// One of the paper's categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Operating system
    Os,
    /// Database
    Database,
    /// Language
    Language,
    /// Web component
    Web,
    /// Application platform
    Platform,
}

impl Category {
    /// All of them, in the paper's order.
    pub const ALL: [Self; 5] = [Self::Os, Self::Database, Self::Language, Self::Web, Self::Platform];

    /// The word as it is recorded.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Os => "os",
            Self::Database => "database",
            Self::Language => "language",
            Self::Web => "web",
            Self::Platform => "platform",
        }
    }

    /// The category of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }
}

const OS: &[&str] = &[
    "almalinux",
    "alpine",
    "alt",
    "amazonlinux",
    "archlinux",
    "bash",
    "buildpack-deps",
    "busybox",
    "centos",
    "cirros",
    "clearlinux",
    "clefos",
    "crux",
    "debian",
    "euleros",
    "fedora",
    "mageia",
    "neurodebian",
    "opensuse",
    "oraclelinux",
    "photon",
    "rockylinux",
    "sl",
    "sourcemage",
    "ubuntu",
    "ubuntu-debootstrap",
    "ubuntu-upstart",
];
const DATABASE: &[&str] = &[
    "aerospike",
    "arangodb",
    "cassandra",
    "clickhouse",
    "couchbase",
    "couchdb",
    "crate",
    "elasticsearch",
    "influxdb",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "neo4j",
    "orientdb",
    "percona",
    "postgres",
    "redis",
    "rethinkdb",
    "solr",
];
const LANGUAGE: &[&str] = &[
    "adoptopenjdk",
    "amazoncorretto",
    "azul-zulu",
    "clojure",
    "composer",
    "dart",
    "eclipse-temurin",
    "elixir",
    "erlang",
    "fsharp",
    "gcc",
    "golang",
    "gradle",
    "groovy",
    "haskell",
    "haxe",
    "hylang",
    "ibm-semeru-runtimes",
    "ibmjava",
    "iojs",
    "java",
    "jruby",
    "julia",
    "maven",
    "mono",
    "nim",
    "node",
    "openjdk",
    "perl",
    "php",
    "pypy",
    "python",
    "r-base",
    "rakudo-star",
    "ruby",
    "rust",
    "sapmachine",
    "swift",
    "swipl",
    "thrift",
];
const WEB: &[&str] = &[
    "api-firewall",
    "caddy",
    "haproxy",
    "hipache",
    "hitch",
    "httpd",
    "kong",
    "krakend",
    "nginx",
    "php-zendserver",
    "traefik",
    "unit",
    "varnish",
    "zend-php",
];
const PLATFORM: &[&str] = &[
    "backdrop",
    "bonita",
    "celery",
    "convertigo",
    "django",
    "drupal",
    "eclipse-mosquitto",
    "emqx",
    "espocrm",
    "express-gateway",
    "flink",
    "friendica",
    "geonetwork",
    "ghost",
    "glassfish",
    "jenkins",
    "jetty",
    "joomla",
    "kibana",
    "lightstreamer",
    "logstash",
    "matomo",
    "mediawiki",
    "monica",
    "nats",
    "nextcloud",
    "nuxeo",
    "odoo",
    "open-liberty",
    "owncloud",
    "phpmyadmin",
    "piwik",
    "plone",
    "rabbitmq",
    "rails",
    "redmine",
    "rocket.chat",
    "sentry",
    "silverpeas",
    "sonarqube",
    "spark",
    "spiped",
    "storm",
    "tomcat",
    "tomee",
    "websphere-liberty",
    "wordpress",
    "xwiki",
    "yourls",
    "zookeeper",
];

/// The category of an official image's name.
fn of_name(name: &str) -> Option<Category> {
    [
        (OS, Category::Os),
        (DATABASE, Category::Database),
        (LANGUAGE, Category::Language),
        (WEB, Category::Web),
        (PLATFORM, Category::Platform),
    ]
    .into_iter()
    .find_map(|(names, category)| names.contains(&name).then_some(category))
}

/// Programs that images are started with, as far as they tell what the image is.
fn of_program(program: &str) -> Option<Category> {
    Some(match program {
        "nginx" | "httpd" | "httpd-foreground" | "apache2" | "apache2-foreground" | "apachectl" | "haproxy"
        | "traefik" | "caddy" | "varnishd" | "lighttpd" | "envoy" => Category::Web,
        "postgres" | "mysqld" | "mariadbd" | "redis-server" | "mongod" | "memcached" | "cassandra" | "influxd"
        | "clickhouse-server" | "couchdb" | "neo4j" => Category::Database,
        "catalina.sh" | "jenkins.sh" | "rabbitmq-server" | "wildfly" | "standalone.sh" | "tomee" => Category::Platform,
        "node" | "python" | "python2" | "python3" | "ruby" | "irb" | "php" | "php-fpm" | "java" | "jshell" | "perl"
        | "julia" | "go" | "erl" | "iex" | "ghci" | "R" => Category::Language,
        "sh" | "bash" | "ash" | "dash" | "zsh" => Category::Os,
        _ => return None,
    })
}

/// The category of what was read, and what it was told by: `name` or `content`. None when nothing tells it.
#[must_use]
pub fn category_of(facts: &Facts) -> Option<(Category, &'static str)> {
    let image = facts.image.as_ref()?;
    let source = facts.source.strip_prefix("docker://");
    let names = image.repo_tags.iter().chain(&image.reference).chain(&facts.registry_digests).map(String::as_str);
    for full in names.chain(source).filter_map(Full::parse) {
        // The last part: `bitnami/nginx` and a company's own `mirror/nginx` are nginx too.
        let last = full.repository.rsplit('/').next().unwrap_or_default();
        if let Some(category) = of_name(last) {
            return Some((category, "name"));
        }
    }
    let started = image.config.entrypoint.iter().flatten().chain(image.config.cmd.iter().flatten());
    let programs: Vec<&str> =
        started.map(|word| word.trim_start_matches("exec ").rsplit('/').next().unwrap_or_default()).collect();
    let known = programs.iter().filter_map(|program| of_program(program));
    // A shell that starts something else says nothing; alone it makes an operating system.
    let (shells, others): (Vec<_>, Vec<_>) = known.partition(|category| *category == Category::Os);
    if let Some(category) = others.first() {
        return Some((*category, "content"));
    }
    let alone = image.config.entrypoint.is_none() && programs.len() == 1 && image.config.exposed_ports.is_empty();
    (alone && !shells.is_empty() && image.inventory.os.is_some()).then_some((Category::Os, "content"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::image;
    use plimsoll_catalog::official;
    use plimsoll_packages::OsRelease;

    #[test]
    fn every_name_in_the_table_is_an_official_one_and_stands_there_once() {
        let all: Vec<&&str> = [OS, DATABASE, LANGUAGE, WEB, PLATFORM].into_iter().flatten().collect();
        for name in &all {
            assert!(official(name).is_some(), "{name}");
            assert_eq!(all.iter().filter(|other| other == &name).count(), 1, "{name}");
        }
    }

    #[test]
    fn the_name_tells_before_the_program_does() {
        let mut facts = image();
        let read = facts.image.as_mut().unwrap();
        read.repo_tags = vec!["registry.example.com/mirror/postgres:16".into()];
        read.config.cmd = Some(vec!["node".into()]);
        assert_eq!(category_of(&facts), Some((Category::Database, "name")));
    }

    #[test]
    fn a_program_tells_where_the_name_does_not_and_a_shell_alone_is_a_system() {
        let mut facts = image();
        let read = facts.image.as_mut().unwrap();
        read.repo_tags = vec!["shop:1".into()];
        read.reference = None;
        read.config.entrypoint = Some(vec!["/bin/sh".into(), "-c".into(), "/usr/sbin/nginx".into()]);
        assert_eq!(category_of(&facts), Some((Category::Web, "content")));
        let read = facts.image.as_mut().unwrap();
        read.config.entrypoint = None;
        read.config.exposed_ports.clear();
        read.config.cmd = Some(vec!["/bin/bash".into()]);
        read.inventory.os = Some(OsRelease { id: "debian".into(), ..OsRelease::default() });
        assert_eq!(category_of(&facts), Some((Category::Os, "content")));
        let read = facts.image.as_mut().unwrap();
        read.config.cmd = Some(vec!["/opt/shop".into()]);
        assert_eq!(category_of(&facts), None);
    }

    #[test]
    fn words_come_back() {
        for category in Category::ALL {
            assert_eq!(Category::of_word(category.as_str()), Some(category));
        }
        assert_eq!(Category::of_word("x"), None);
    }
}
