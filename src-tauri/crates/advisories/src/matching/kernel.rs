//! Which packages hold headers and build files of the kernel: hundreds of flaws that cannot run in a container.

use plimsoll_packages::{Ecosystem, Package};

/// Whether a package holds kernel headers or what else is built from the kernel's source, but no kernel.
pub(super) fn is_headers(package: &Package) -> bool {
    let name = package.name.as_str();
    let source = package.source_name.as_deref().unwrap_or(name);
    let is_distribution = matches!(package.ecosystem, Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm);
    if !is_distribution || is_kernel(name) {
        return false;
    }
    let named =
        ["linux-libc-dev", "linux-headers", "linux-kbuild", "kernel-headers", "kernel-devel", "glibc-kernheaders"];
    named.iter().any(|start| name.starts_with(start))
        // kernel-rt-devel, kernel-default-devel, kernel-64k-devel
        || name.starts_with("kernel-") && name.ends_with("-devel")
        || source == "linux" && ["linux-doc", "linux-source", "linux-config", "linux-support"].iter().any(|start| name.starts_with(start))
}

/// Kernels themselves and their modules.
fn is_kernel(name: &str) -> bool {
    let starts = ["linux-image", "linux-modules", "linux-signed", "linux-virt", "linux-lts", "linux-rt"];
    starts.iter().any(|start| name.starts_with(start))
        || matches!(
            name,
            "linux" | "kernel" | "kernel-core" | "kernel-modules" | "kernel-default" | "kernel-modules-extra"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_told_from_kernels() {
        let of = |kind, name: &str, source: Option<&str>| {
            let mut package = Package::new(kind, name.into(), "1".into());
            package.source_name = source.map(str::to_owned);
            is_headers(&package)
        };
        assert!(of(Ecosystem::Deb, "linux-libc-dev", Some("linux")));
        assert!(of(Ecosystem::Deb, "linux-headers-6.1.0-18-common", Some("linux")));
        assert!(of(Ecosystem::Apk, "linux-headers", None));
        assert!(of(Ecosystem::Rpm, "kernel-headers", Some("kernel")));
        assert!(of(Ecosystem::Rpm, "kernel-rt-devel", Some("kernel-rt")));
        assert!(of(Ecosystem::Deb, "linux-doc", Some("linux")));
        assert!(!of(Ecosystem::Deb, "linux-image-6.1.0-18-amd64", Some("linux")));
        assert!(!of(Ecosystem::Rpm, "kernel-core", Some("kernel")));
        assert!(!of(Ecosystem::Deb, "openssl", None));
        assert!(!of(Ecosystem::Npm, "linux-headers", None));
    }
}
