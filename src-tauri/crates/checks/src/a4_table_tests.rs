//! Tests of the names of packages and programs.

use super::*;

#[test]
fn names_are_told_apart() {
    for (name, category) in [
        ("gcc", Category::Compiler),
        ("gcc-12", Category::Compiler),
        ("clang17", Category::Compiler),
        ("openjdk-17-jdk-headless", Category::Compiler),
        ("golang-1.22-go", Category::Compiler),
        ("libc6-dev", Category::Headers),
        ("musl-dev", Category::Headers),
        ("glibc-devel", Category::Headers),
        ("manpages-dev", Category::Documentation),
        ("dpkg-dev", Category::BuildTool),
        ("libc6-dbg", Category::Debugger),
        ("openssh-server", Category::RemoteManagement),
        ("openssh", Category::RemoteClient),
        ("sudo", Category::Privileges),
        ("curl", Category::Downloader),
    ] {
        assert_eq!(of_name(name), Some(category), "{name}");
    }
}

#[test]
fn what_only_sounds_alike_is_left_alone() {
    for name in [
        "gcc-12-base",
        "libgcc-s1",
        "libgcc",
        "libcurl4",
        "cpp-httplib",
        "openjdk-17-jre-headless",
        "java-17-openjdk-headless",
        "perl-base",
        "libbinutils",
        "login",
        "busybox",
        "ssl_client",
        "distro-info-data",
        "libgit2-1.5",
        "-dev",
    ] {
        assert_eq!(of_name(name), None, "{name}");
    }
    assert_eq!(of_package(Ecosystem::Npm, "curl"), None);
    assert_eq!(of_package(Ecosystem::Npm, "nodemon"), Some(Category::BuildTool));
    assert_eq!(of_program("gcc-12.2"), Some(Category::Compiler));
    assert_eq!(of_program("sshd-session"), None);
}
