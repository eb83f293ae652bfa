//! What a file's path says: how it is to be read, and whether its secrets are likely to be test data.

use crate::scan::Context;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// As its bytes stream past, with what counts in it.
    Stream,
    /// Whole: lines of names and values, of which these names too are secrets.
    Pairs(&'static [&'static str]),
    /// Whole: Docker's logins.
    Docker,
    /// Whole: `machine … login … password …`.
    Netrc,
    /// Whole: `host:port:database:user:password`.
    Pgpass,
    /// Whole: `user:hash`.
    Htpasswd,
    /// Whole: one token.
    Token,
    /// Whole: commands.
    History,
    /// Whole: a PKCS#12 file.
    Pkcs12,
    /// Whole: a Java key store.
    JavaKeyStore,
    /// Whole: a private key, perhaps in DER.
    PrivateKey,
}

/// A path, taken apart.
struct Parts<'a> {
    whole: String,
    name: &'a str,
    parent: &'a str,
    extension: &'a str,
}

fn parts<'a>(path: &str, lower: &'a str) -> Parts<'a> {
    let mut segments = lower.rsplit('/');
    let name = segments.next().unwrap_or_default();
    let parent = segments.next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Parts { whole: path.to_owned(), name, parent, extension }
}

/// How the file at a path is read.
pub(crate) fn reader(path: &str) -> Reader {
    let lower = path.to_ascii_lowercase();
    let p = parts(path, &lower);
    let is = |names: &[&str]| names.contains(&p.name);
    if under(&lower, &["/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/"]) {
        return Reader::Stream;
    }
    if (p.name == "config.json" && p.parent == ".docker") || is(&[".dockerconfigjson", ".dockercfg"]) {
        return Reader::Docker;
    }
    if p.parent == "containers" && p.name == "auth.json" || p.whole.ends_with("/kaniko/.docker/config.json") {
        return Reader::Docker;
    }
    if is(&[".netrc", "_netrc"]) {
        return Reader::Netrc;
    }
    if is(&[".pgpass", "pgpass.conf"]) {
        return Reader::Pgpass;
    }
    if is(&[".htpasswd", "htpasswd"]) || p.extension == "htpasswd" {
        return Reader::Htpasswd;
    }
    if is(&[".vault-token", ".dockerhub-token", ".npm-token", ".github-token"]) {
        return Reader::Token;
    }
    if p.name.starts_with('.') && p.name.ends_with("_history") {
        return Reader::History;
    }
    match p.extension {
        "p12" | "pfx" | "pkcs12" => return Reader::Pkcs12,
        "jks" | "keystore" | "jceks" | "ks" => return Reader::JavaKeyStore,
        "key" | "pem" | "der" | "pk8" | "p8" | "ppk" => return Reader::PrivateKey,
        _ => {}
    }
    if p.name.starts_with("id_") && !p.name.ends_with(".pub") && p.parent == ".ssh" {
        return Reader::PrivateKey;
    }
    if is(&[".npmrc", ".yarnrc", ".yarnrc.yml"]) {
        return Reader::Pairs(&["_authtoken", "_auth", "_password", "npmauthtoken", "npmauthident"]);
    }
    if is(&["wp-config.php", "configuration.php", "settings.php", "localsettings.php", "config.inc.php"]) {
        return Reader::Pairs(&[
            "auth_key",
            "secure_auth_key",
            "logged_in_key",
            "nonce_key",
            "auth_salt",
            "secure_auth_salt",
            "logged_in_salt",
            "nonce_salt",
            "hash_salt",
            "blowfish_secret",
        ]);
    }
    if p.parent == ".kube" || is(&["kubeconfig", "admin.conf", "kubelet.conf"]) || p.extension == "kubeconfig" {
        return Reader::Pairs(&["client-key-data", "token", "id-token", "refresh-token"]);
    }
    if is(&["wpa_supplicant.conf"]) {
        return Reader::Pairs(&["psk", "wep_key0"]);
    }
    if is(&["redis.conf", "sentinel.conf"]) {
        return Reader::Pairs(&["requirepass", "masterauth"]);
    }
    let named = is(&[
        ".env",
        ".envrc",
        ".flaskenv",
        ".pypirc",
        ".git-credentials",
        ".my.cnf",
        "my.cnf",
        ".s3cfg",
        "rclone.conf",
        ".boto",
        ".terraformrc",
        "terraform.rc",
        "credentials.tfrc.json",
        "gradle.properties",
        "local.properties",
        "web.config",
        "secrets.yml",
        "secrets.yaml",
        "credentials.xml",
        "database.yml",
        "tomcat-users.xml",
        "nuget.config",
        "pip.conf",
        ".databrickscfg",
        "sitemanager.xml",
        "recentservers.xml",
        "application_default_credentials.json",
        "hosts.yml",
        ".travis.yml",
        ".gitlab-ci.yml",
        "bitbucket-pipelines.yml",
        "azure-pipelines.yml",
        ".drone.yml",
        "credentials.json",
        "grafana.ini",
        "smbcredentials",
        ".smbcredentials",
        ".pgsync.yml",
        "jenkins.yaml",
        "secrets.json",
        "secrets.toml",
        "docker-compose.yml",
        "docker-compose.yaml",
        "compose.yml",
        "compose.yaml",
        "terraform.tfstate",
        "terraform.tfstate.backup",
    ]);
    let numbered = p.name.starts_with(".env.")
        || (p.name.starts_with("application") || p.name.starts_with("bootstrap"))
            && matches!(p.extension, "properties" | "yml" | "yaml")
        || p.name.starts_with("appsettings") && p.extension == "json"
        || matches!(p.extension, "env" | "tfvars" | "tfstate");
    let placed = p.parent == ".aws" && is(&["credentials", "config"])
        || p.parent == ".m2" && p.name.starts_with("settings")
        || p.parent == "composer" && p.name == "auth.json"
        || p.parent == ".composer" && p.name == "auth.json"
        || p.parent == "maven" && p.name == "settings.xml"
        || p.parent == ".gem" && p.name == "credentials"
        || p.parent == ".cargo" && p.name.starts_with("credentials")
        || p.parent == ".circleci" && p.name == "config.yml"
        || p.parent == ".bundle" && p.name == "config"
        || p.parent == ".azure" && p.extension == "json"
        || p.parent == ".config" && p.name == "gh";
    if p.parent == ".gem" || p.parent == ".cargo" && placed {
        return Reader::Pairs(&[":rubygems_api_key", "rubygems_api_key", "token"]);
    }
    if named || numbered || placed { Reader::Pairs(&[]) } else { Reader::Stream }
}

fn under(lower: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| lower.starts_with(folder))
}

/// Endings of source code, where a name is often bound to another name.
const CODE: &[&str] = &[
    "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte", "py", "pyi", "go", "rs", "java", "kt", "kts", "scala",
    "groovy", "c", "h", "cc", "cpp", "hpp", "cs", "swift", "m", "rb", "php", "pl", "pm", "lua", "tcl", "el", "vim",
    "r", "jl", "dart", "ex", "exs", "erl", "hs", "clj", "sql", "d", "inc", "t",
];

/// What counts in a file that streams past.
pub(crate) fn context(path: &str) -> Context {
    let lower = path.to_ascii_lowercase();
    let p = parts(path, &lower);
    let translated = [
        "locale",
        "locales",
        "i18n",
        "l10n",
        "lang",
        "langs",
        "language",
        "languages",
        "translations",
        "messages",
        "nls",
    ];
    let nameless = under(
        &lower,
        &[
            "/usr/share/doc/",
            "/usr/share/man/",
            "/usr/share/info/",
            "/usr/share/locale/",
            "/usr/share/i18n/",
            "/usr/share/help/",
        ],
    ) || lower.rsplit('/').skip(1).take(4).any(|segment| translated.contains(&segment))
        || p.name.contains("lock")
        || p.name.ends_with(".min.js")
        || p.name.ends_with(".min.css")
        || p.name.ends_with(".sum")
        || matches!(
            p.extension,
            "map"
                | "svg"
                | "po"
                | "pot"
                | "mo"
                | "css"
                | "scss"
                | "md"
                | "rst"
                | "adoc"
                | "html"
                | "htm"
                | "1"
                | "3"
                | "5"
                | "7"
                | "8"
                | "gz"
                | "sha256"
                | "sha512"
                | "md5sums"
                | "asc"
                | "sig"
                | "crt"
                | "cer"
                | "pub"
                | "list"
                | "md5"
                | "patch"
                | "diff"
                | "tmlanguage"
        )
        || under(&lower, &["/var/lib/dpkg/", "/lib/apk/", "/var/lib/rpm/", "/usr/lib/sysimage/rpm/"])
        || p.name == "record";
    Context { code: CODE.contains(&p.extension), nameless, ..Context::default() }
}

/// Whether a path lies among tests, fixtures, examples or documentation.
pub(crate) fn is_test_data(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    if under(
        &lower,
        &["/usr/share/doc/", "/usr/share/man/", "/usr/share/info/", "/usr/local/share/doc/", "/usr/share/perl/"],
    ) {
        return true;
    }
    let mut segments = lower.rsplit('/');
    let name = segments.next().unwrap_or_default();
    let folders = [
        "test",
        "tests",
        "testing",
        "testdata",
        "test-data",
        "test_data",
        "fixtures",
        "fixture",
        "__tests__",
        "__fixtures__",
        "spec",
        "specs",
        "example",
        "examples",
        "sample",
        "samples",
        "mock",
        "mocks",
        "__mocks__",
        "testsuite",
        "test_certs",
        "testutil",
        "testutils",
        "docs",
    ];
    if segments.any(|segment| folders.contains(&segment)) {
        return true;
    }
    name.starts_with("test_")
        || name.contains("_test.")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.contains(".example")
        || name.contains(".sample")
        || name.ends_with(".dist")
        || name.ends_with(".tmpl")
        || name.ends_with(".template")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_choose_their_reader() {
        assert_eq!(reader("/root/.docker/config.json"), Reader::Docker);
        assert_eq!(reader("/home/a/.ssh/id_ed25519"), Reader::PrivateKey);
        assert_eq!(reader("/app/.env.production"), Reader::Pairs(&[]));
        assert_eq!(reader("/app/config.json"), Reader::Stream);
        assert_eq!(reader("/root/.bash_history"), Reader::History);
        assert_eq!(reader("/srv/conf/keystore.jks"), Reader::JavaKeyStore);
        assert_eq!(reader(""), Reader::Stream);
    }

    #[test]
    fn test_data_is_known_by_its_folder() {
        assert!(is_test_data("/usr/lib/python3/dist-packages/x/tests/key.pem"));
        assert!(is_test_data("/app/.env.example"));
        assert!(!is_test_data("/app/contest/.env"));
        assert!(!is_test_data("/etc/app/latest.conf"));
    }
}
