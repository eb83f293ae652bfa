//! CSAF 2.0's product tree: which rpm package on which release of Red Hat Enterprise Linux a product's id means.
//!
//! Follows OASIS CSAF 2.0, section 3.2.2. Red Hat names platforms by CPE and packages by purl, and joins them by
//! relationships: `BaseOS-9.4.0.Z.MAIN:openssl-1:3.0.7-27.el9.x86_64`, `red_hat_enterprise_linux_9:openssl`.

use std::collections::HashMap;

use serde::Deserialize;

use super::oval::redhat_release;

/// Products and relationships of one document.
pub(super) const PRODUCTS: usize = 500_000;

/// `product_tree`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProductTree {
    branches: Vec<Branch>,
    full_product_names: Vec<Product>,
    relationships: Vec<Relationship>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Branch {
    branches: Vec<Branch>,
    product: Option<Product>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Product {
    product_id: String,
    product_identification_helper: Option<Helper>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Helper {
    cpe: Option<String>,
    purl: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Relationship {
    full_product_name: Product,
    product_reference: String,
    relates_to_product_reference: String,
}

/// What a purl of Red Hat's names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Rpm(Rpm),
    /// A module stream, `nodejs:18`.
    Module(String),
}

/// An rpm package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rpm {
    pub(super) name: String,
    /// With its epoch and release; none when no version is named.
    pub(super) version: Option<String>,
    /// `src` for a source package.
    pub(super) arch: Option<String>,
    /// The module stream.
    pub(super) module: Option<String>,
}

/// What a product is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// An rpm package on a release of Red Hat Enterprise Linux.
    Package {
        /// Major version: `9`.
        release: String,
        rpm: Rpm,
    },
    /// On such a release, but it cannot be told what.
    Unclear,
    /// Something else: another product, a container image.
    Other,
}

/// Products by their ids.
#[derive(Debug, Default)]
pub(super) struct Products<'a> {
    platforms: HashMap<&'a str, Option<&'a str>>,
    named: HashMap<&'a str, Named>,
    /// Products that are neither an rpm package nor a module.
    foreign: std::collections::HashSet<&'a str>,
    joined: HashMap<&'a str, (&'a str, &'a str)>,
}

impl<'a> Products<'a> {
    /// Reads a tree. None when it has more than [`PRODUCTS`] products and relationships.
    pub(super) fn of(tree: &'a ProductTree) -> Option<Self> {
        let mut products = Self::default();
        let mut count = 0_usize;
        let mut open: Vec<&'a Branch> = tree.branches.iter().collect();
        for product in &tree.full_product_names {
            products.add(product);
            count = count.saturating_add(1);
        }
        while let Some(branch) = open.pop() {
            count = count.saturating_add(1);
            if let Some(product) = &branch.product {
                products.add(product);
            }
            open.extend(&branch.branches);
            if count > PRODUCTS {
                return None;
            }
        }
        for relation in &tree.relationships {
            count = count.saturating_add(1);
            products.joined.insert(
                &relation.full_product_name.product_id,
                (&relation.product_reference, &relation.relates_to_product_reference),
            );
        }
        (count <= PRODUCTS).then_some(products)
    }

    fn add(&mut self, product: &'a Product) {
        let id = product.product_id.as_str();
        let Some(helper) = &product.product_identification_helper else { return };
        match (&helper.purl, &helper.cpe) {
            (Some(purl), _) => match named(purl) {
                Some(named) => _ = self.named.insert(id, named),
                None => _ = self.foreign.insert(id),
            },
            (None, Some(cpe)) => _ = self.platforms.insert(id, redhat_release(cpe)),
            (None, None) => {}
        }
    }

    /// What a product's id means.
    pub(super) fn what(&self, id: &'a str) -> What {
        let mut found = Found::default();
        self.collect(id, &mut found, 0);
        if !found.joined {
            // Without relationships the id itself tells both.
            let Some((platform, component)) = id.split_once(':') else { return What::Other };
            self.collect(platform, &mut found, 0);
            if found.release.is_none() && !found.elsewhere {
                found.release = platform.strip_prefix("red_hat_enterprise_linux_").filter(|version| is_number(version));
            }
            self.collect(component, &mut found, 0);
            if found.rpm.is_none() && !found.foreign {
                found.rpm = plain(component);
            }
        }
        if found.elsewhere || found.foreign {
            return What::Other;
        }
        match (found.release, found.rpm) {
            (Some(release), Some(mut rpm)) => {
                rpm.module = rpm.module.or(found.module);
                What::Package { release: release.to_owned(), rpm }
            }
            (Some(_), None) => What::Unclear,
            (None, _) => What::Other,
        }
    }

    fn collect(&self, id: &'a str, found: &mut Found<'a>, depth: usize) {
        // A module within a stream of a platform is the deepest that there is.
        if depth > 4 {
            return;
        }
        if let Some(release) = self.platforms.get(id) {
            match release {
                Some(release) => found.release = Some(release),
                None => found.elsewhere = true,
            }
        }
        match self.named.get(id) {
            Some(Named::Rpm(rpm)) => found.rpm = Some(rpm.clone()),
            Some(Named::Module(module)) => found.module = Some(module.clone()),
            None => found.foreign |= self.foreign.contains(id),
        }
        if let Some((component, platform)) = self.joined.get(id) {
            found.joined = true;
            let before = found.rpm.is_some() || found.module.is_some();
            self.collect(component, found, depth.saturating_add(1));
            if !before && found.rpm.is_none() && found.module.is_none() && !found.foreign {
                found.rpm = plain(component);
            }
            self.collect(platform, found, depth.saturating_add(1));
        }
    }
}

#[derive(Default)]
struct Found<'a> {
    joined: bool,
    release: Option<&'a str>,
    /// On a platform that is not the distribution.
    elsewhere: bool,
    /// Not an rpm package.
    foreign: bool,
    rpm: Option<Rpm>,
    module: Option<String>,
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A component without a purl: `openssl`, `nodejs:18/nodejs`; nothing that could hold a version.
fn plain(component: &str) -> Option<Rpm> {
    let (module, name) = match component.split_once('/') {
        Some((module, name)) if module.contains(':') => (stream(module), name),
        _ => (None, component),
    };
    let is_name = !name.is_empty()
        && name.len() <= 200
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    is_name.then(|| Rpm { name: name.to_owned(), module, ..Rpm::default() })
}

/// Name and stream of a module: `nodejs:18:8080020230131:63b34585` is `nodejs:18`.
fn stream(module: &str) -> Option<String> {
    let mut parts = module.split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !stream.is_empty() && module.len() <= 300).then(|| format!("{name}:{stream}"))
}

/// Reads `pkg:rpm/redhat/…` and `pkg:rpmmod/redhat/…` (package URL specification); none for other purls.
fn named(purl: &str) -> Option<Named> {
    if purl.len() > 2000 {
        return None;
    }
    let rest = purl.strip_prefix("pkg:")?;
    let rest = rest.split('#').next()?;
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = path.split_once('/')?;
    let (path, version) = match path.rsplit_once('@') {
        Some((path, version)) => (path, Some(decoded(version)).filter(|version| !version.is_empty())),
        None => (path, None),
    };
    let name = decoded(path.rsplit('/').next()?);
    if name.is_empty() || name.len() > 200 {
        return None;
    }
    let qualifier = |wanted: &str| {
        qualifiers
            .split('&')
            .find_map(|one| one.split_once('=').filter(|(key, _)| *key == wanted))
            .map(|(_, value)| decoded(value))
    };
    match kind {
        "rpmmod" => {
            let version = version?;
            let whole = if version.starts_with(&format!("{name}:")) { version } else { format!("{name}:{version}") };
            Some(Named::Module(stream(&whole)?))
        }
        "rpm" => {
            let epoch = qualifier("epoch").filter(|epoch| epoch != "0" && is_number(epoch));
            let version = version.map(|version| match &epoch {
                Some(epoch) if !version.contains(':') => format!("{epoch}:{version}"),
                _ => super::words::plain_version(&version).to_owned(),
            });
            let module = qualifier("rpmmod").and_then(|module| stream(&module));
            Some(Named::Rpm(Rpm { name, version, arch: qualifier("arch").filter(|arch| arch.len() <= 40), module }))
        }
        _ => None,
    }
}

/// Percent-decoding; what is no encoding stays.
fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let hex = part.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()), part.get(2..)) {
            (Some(byte), Some(rest)) => {
                bytes.push(byte);
                bytes.extend(rest.bytes());
            }
            _ => {
                bytes.push(b'%');
                bytes.extend(part.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_of_rpm_packages_and_modules_are_read() {
        let rpm = |name: &str, version: Option<&str>, arch: Option<&str>, module: Option<&str>| {
            Some(Named::Rpm(Rpm {
                name: name.into(),
                version: version.map(Into::into),
                arch: arch.map(Into::into),
                module: module.map(Into::into),
            }))
        };
        for (purl, is) in [
            (
                "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1",
                rpm("openssl", Some("1:3.0.7-27.el9"), Some("x86_64"), None),
            ),
            ("pkg:rpm/redhat/gzip@1.12-1.el9?arch=aarch64", rpm("gzip", Some("1.12-1.el9"), Some("aarch64"), None)),
            ("pkg:rpm/redhat/openssl?arch=src", rpm("openssl", None, Some("src"), None)),
            ("pkg:rpm/redhat/libstdc%2B%2B@1-2?epoch=0", rpm("libstdc++", Some("1-2"), None, None)),
            (
                "pkg:rpm/redhat/npm@1-2?arch=x86_64&rpmmod=nodejs%3A18%3A9:ab",
                rpm("npm", Some("1-2"), Some("x86_64"), Some("nodejs:18")),
            ),
            ("pkg:rpmmod/redhat/nodejs@18:8080020230131:63b34585", Some(Named::Module("nodejs:18".into()))),
            ("pkg:rpmmod/redhat/nodejs@nodejs:18:8:a", Some(Named::Module("nodejs:18".into()))),
            ("pkg:oci/ubi9@sha256:00?arch=amd64", None),
            ("pkg:rpm/", None),
            ("x", None),
        ] {
            assert_eq!(named(purl), is, "{purl}");
        }
        assert_eq!(decoded("%zz%4"), "%zz%4");
    }
}
