//! How matches stand: whom statements speak to, which of several counts, and acceptances.

use plimsoll_packages::{Ecosystem, OsRelease, Package};
use proptest::prelude::*;

use super::*;
use crate::facts::{Match, Vulnerability};
use crate::vex::Product;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const SSL: &str = "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl";

fn package(ecosystem: Ecosystem, name: &str, version: &str, purl: &str, location: &str) -> Package {
    let mut package = Package::new(ecosystem, name.into(), version.into());
    package.purl = purl.into();
    package.location = location.into();
    package
}

fn inventory() -> Inventory {
    let mut ssl = package(Ecosystem::Deb, "libssl3", "3.0.11-1", SSL, "/var/lib/dpkg/status");
    ssl.architecture = Some("amd64".into());
    ssl.source_name = Some("openssl".into());
    Inventory {
        os: Some(OsRelease { id: "debian".into(), version_id: Some("12".into()), ..OsRelease::default() }),
        packages: vec![
            ssl,
            package(Ecosystem::Golang, "golang.org/x/net", "v0.1.0", "pkg:golang/golang.org/x/net@v0.1.0", "/bin/app"),
            package(Ecosystem::Golang, "k8s.io/app", "v1.0.0", "pkg:golang/k8s.io/app@v1.0.0", "/bin/app"),
            package(Ecosystem::Golang, "golang.org/x/net", "v0.1.0", "pkg:golang/golang.org/x/net@v0.1.0", "/bin/x"),
        ],
        ..Inventory::default()
    }
}

/// Each package has the one flaw.
fn facts() -> VulnerabilityFacts {
    VulnerabilityFacts {
        vulnerabilities: vec![Vulnerability {
            id: "CVE-2024-0001".into(),
            aliases: vec!["GHSA-aaaa".into()],
            ..Vulnerability::default()
        }],
        matches: (0..4).map(|package| Match { package, ..Match::default() }).collect(),
        ..VulnerabilityFacts::default()
    }
}

fn subject() -> SubjectIds {
    SubjectIds {
        id: "s1".into(),
        names: vec!["docker.io/library/nginx:1.27".into(), "docker.io/library/nginx".into(), "Shop".into()],
        digests: vec![DIGEST.into()],
    }
}

fn product(id: &str, parts: &[&str]) -> Product {
    let subcomponents = parts.iter().map(|&part| part.to_owned()).collect();
    Product { id: id.into(), subcomponents, ..Product::default() }
}

fn statement(status: Status, products: Vec<Product>) -> Statement {
    Statement {
        document: "d".into(),
        format: "OpenVEX 0.2.0".into(),
        author: "a".into(),
        at: "2025-01-01T00:00:00Z".into(),
        vulnerability: "cve-2024-0001".into(),
        aliases: Vec::new(),
        products,
        status,
        justification: None,
        impact: Some("x".into()),
        action: None,
        evidence: "E-1".into(),
        subject: None,
    }
}

fn acceptance(expires: &str) -> Acceptance {
    Acceptance {
        id: "A-1".into(),
        vulnerability: "GHSA-AAAA".into(),
        package: None,
        subject: None,
        reason: "r".into(),
        owner: "o".into(),
        expires: expires.into(),
        author: "a".into(),
        at: "2025-01-01T00:00:00Z".into(),
    }
}

fn all(statements: &[Statement], acceptances: &[Acceptance]) -> Vec<Treated> {
    treat(&subject(), &inventory(), &facts(), statements, acceptances, "2025-06-01T12:00:00Z")
}

/// To which of the four packages a statement with this product speaks.
fn reaches(product: Product) -> Vec<usize> {
    reaches_when(product, None)
}

fn reaches_when(product: Product, given_for: Option<&str>) -> Vec<usize> {
    let mut said = statement(Status::NotAffected, vec![product]);
    said.subject = given_for.map(str::to_owned);
    let treated = all(&[said], &[]);
    (0..4).filter(|&index| treated[index].standing == Standing::NotAffected).collect()
}

#[test]
fn a_flaw_goes_by_any_id_of_either_side_whatever_the_case() {
    let with = |vulnerability: &str, aliases: &[&str]| {
        let mut said = statement(Status::Affected, vec![]);
        said.vulnerability = vulnerability.into();
        said.aliases = aliases.iter().map(|&id| id.to_owned()).collect();
        all(&[said], &[])[0].standing
    };
    assert_eq!(with("CVE-2024-0001", &[]), Standing::Affected);
    assert_eq!(with("ghsa-AAAA", &[]), Standing::Affected);
    assert_eq!(with("PYSEC-1", &["cve-2024-0001"]), Standing::Affected);
    assert_eq!(with("CVE-2024-0002", &["PYSEC-1"]), Standing::Open);
}

#[test]
fn a_statement_without_products_is_about_what_the_document_was_given_for() {
    let mut said = statement(Status::NotAffected, vec![]);
    assert!(all(&[said.clone()], &[]).iter().all(|treated| treated.standing == Standing::NotAffected));
    said.subject = Some("s1".into());
    assert!(all(&[said.clone()], &[]).iter().all(|treated| treated.standing == Standing::NotAffected));
    said.subject = Some("s2".into());
    assert!(all(&[said], &[]).iter().all(|treated| treated.standing == Standing::Open));
}

#[test]
fn a_product_is_the_subject_by_name_repository_tag_or_digest() {
    let every = vec![0, 1, 2, 3];
    for is in [
        "docker.io/library/nginx",
        "nginx",
        "nginx:1.27",
        "index.docker.io/library/nginx:1.27",
        "docker://docker.io/nginx:1.27",
        "shop",
        DIGEST,
        &format!("nginx@{DIGEST}"),
        &format!("elsewhere.example/copy@{DIGEST}"),
        "pkg:docker/nginx@1.27",
        "pkg:docker/library/nginx",
        "pkg:oci/nginx?repository_url=index.docker.io%2Flibrary%2Fnginx",
        "pkg:oci/nginx?repository_url=docker.io/library&tag=1.27",
        "pkg:oci/nginx?repository_url=docker.io/library/nginx&arch=x86_64",
        &format!("pkg:oci/nginx@{}?repository_url=docker.io/library/nginx", DIGEST.replace(':', "%3A")),
        &format!("pkg:docker/x/y@{}", DIGEST.replace(':', "%3A")),
        "pkg:oci/nginx",
    ] {
        assert_eq!(reaches(product(is, &[])), every, "{is}");
        assert_eq!(reaches(product(is, &["pkg:deb/debian/libssl3"])), [0], "{is}");
    }
}

#[test]
fn a_product_that_names_another_image_never_matches() {
    for other in [
        "nginx:1.26",
        "ghcr.io/library/nginx",
        "nginxinc/nginx",
        "other",
        OTHER,
        &format!("nginx:1.27@{OTHER}"),
        "pkg:docker/nginx@1.26",
        "pkg:docker/nginx@1.27?repository_url=ghcr.io",
        "pkg:oci/nginx?repository_url=ghcr.io/example/nginx",
        "pkg:oci/other?repository_url=docker.io/library/nginx",
        "pkg:oci/nginx?repository_url=docker.io/library/nginx&tag=1.26",
        "pkg:oci/nginx?repository_url=docker.io/library/nginx&arch=arm64",
        &format!("pkg:oci/nginx@{}?repository_url=docker.io/library/nginx", OTHER.replace(':', "%3A")),
        "cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*",
        "urn:uuid:1",
        "bom-ref: nginx",
    ] {
        assert_eq!(reaches(product(other, &[])), [0_usize; 0], "{other}");
        assert_eq!(
            reaches(product(other, &["pkg:deb/debian/libssl3"])).len(),
            usize::from(other.starts_with("cpe")),
            "{other}"
        );
        assert_eq!(reaches_when(product(other, &[]), Some("s1")), [0_usize; 0], "{other}");
    }
    // A digest is decisive, whatever else the product is called.
    let named = Product { identifiers: vec![OTHER.into()], ..product("docker.io/library/nginx:1.27", &[]) };
    assert_eq!(reaches(named), [0_usize; 0]);
}

#[test]
fn a_product_can_be_the_package_itself() {
    assert_eq!(reaches(product("pkg:deb/debian/libssl3@3.0.11-1", &[])), [0]);
    assert_eq!(reaches(product("pkg:deb/debian/openssl?arch=source", &[])), [0]);
    assert_eq!(reaches(product("pkg:deb/debian/openssl", &[])), [0_usize; 0]);
    assert_eq!(reaches(product("pkg:deb/debian/libssl3@3.0.11-2", &[])), [0_usize; 0]);
    assert_eq!(reaches(product("pkg:golang/golang.org/x/net@0.1.0", &[])), [1, 3]);
    let by_identifier = Product { identifiers: vec!["pkg:deb/debian/libssl3".into()], ..product("urn:x", &[]) };
    assert_eq!(reaches(by_identifier), [0]);
}

#[test]
fn a_program_in_the_image_can_be_the_product_that_holds_the_package() {
    let held = product("pkg:golang/k8s.io/app", &["pkg:golang/golang.org/x/net"]);
    assert_eq!(reaches(held), [1], "not the one in another program");
    assert_eq!(reaches(product("pkg:golang/k8s.io/app@2", &["pkg:golang/golang.org/x/net"])), [0_usize; 0]);
    assert_eq!(reaches(product("pkg:golang/k8s.io/none", &["pkg:golang/golang.org/x/net"])), [0_usize; 0]);
}

#[test]
fn an_application_stands_for_the_subject_for_which_its_document_was_given() {
    let root = || Product { root: true, ..product("shop-api:1", &["pkg:deb/debian/libssl3"]) };
    assert_eq!(reaches(root()), [0_usize; 0]);
    assert_eq!(reaches_when(root(), Some("s1")), [0]);
    assert_eq!(reaches_when(product("shop-api:1", &["pkg:deb/debian/libssl3"]), Some("s1")), [0_usize; 0]);
    let nameless = product("", &["pkg:deb/debian/libssl3"]);
    assert_eq!(reaches(nameless), [0]);
}

#[test]
fn a_distribution_s_release_is_a_product_for_its_packages_only() {
    for (cpe, is) in [
        ("cpe:/o:debian:debian_linux:12", true),
        ("cpe:/o:debian:debian_linux", true),
        ("cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*", true),
        ("cpe:/o:debian:debian_linux:11", false),
        ("cpe:/o:redhat:enterprise_linux:12", false),
    ] {
        assert_eq!(reaches(product(cpe, &["pkg:deb/debian/libssl3"])).len(), usize::from(is), "{cpe}");
        assert_eq!(reaches(product(cpe, &[])), [0_usize; 0], "{cpe}");
    }
}

#[test]
fn a_part_that_is_not_installed_or_has_no_purl_never_widens_to_the_whole() {
    assert_eq!(reaches(product("nginx", &["component: x 1"])), [0_usize; 0]);
    assert_eq!(reaches(product("nginx", &["pkg:deb/debian/none"])), [0_usize; 0]);
}

#[test]
fn listed_versions_take_the_place_of_the_purl_s() {
    let with = |versions: &[&str]| {
        let versions = versions.iter().map(|&version| version.to_owned()).collect();
        reaches(Product { versions, ..product("pkg:deb/debian/libssl3", &[]) })
    };
    assert_eq!(with(&["3.0.11-1"]), [0]);
    assert_eq!(with(&["1", "0:3.0.11-1"]), [0]);
    assert_eq!(with(&["3.0.11-2"]), [0_usize; 0]);
    assert_eq!(with(&["vers:deb/"]), [0_usize; 0], "what cannot be told speaks to nothing");
    let whole = Product { versions: vec!["1.27".into()], ..product("nginx", &[]) };
    assert_eq!(reaches(whole), [0_usize; 0]);
}

#[test]
fn the_latest_statement_counts() {
    let at = |status, at: &str| Statement { at: at.into(), ..statement(status, vec![]) };
    let said = [
        at(Status::Affected, "2025-01-01T00:00:00Z"),
        at(Status::NotAffected, "2025-01-01T12:00:00+13:00"),
        at(Status::Fixed, "2025-01-02"),
        at(Status::UnderInvestigation, ""),
    ];
    let treated = &all(&said, &[])[0];
    assert_eq!(treated.standing, Standing::Fixed);
    assert_eq!(treated.statements, [2, 0, 1, 3]);
}

#[test]
fn of_one_moment_the_more_particular_counts_and_then_the_more_cautious() {
    let order = |said: &[Statement]| all(said, &[])[0].statements.clone();
    let ssl = "pkg:deb/debian/libssl3@3.0.11-1";
    let said = [
        statement(Status::Affected, vec![]),
        statement(Status::Affected, vec![product("nginx", &[])]),
        statement(Status::Affected, vec![product("nginx:1.27", &[])]),
        statement(Status::Affected, vec![product(DIGEST, &[])]),
        statement(Status::Affected, vec![product("pkg:deb/debian/libssl3", &[])]),
        statement(Status::NotAffected, vec![product(ssl, &[])]),
        statement(Status::NotAffected, vec![product(DIGEST, &[ssl])]),
    ];
    assert_eq!(order(&said), [6, 5, 4, 3, 2, 1, 0]);
    let each = [Status::NotAffected, Status::Fixed, Status::UnderInvestigation, Status::Affected];
    assert_eq!(order(&each.map(|status| statement(status, vec![]))), [3, 2, 1, 0]);
}

#[test]
fn a_statement_that_speaks_in_several_ways_is_named_once() {
    let said = statement(Status::Affected, vec![product("nginx", &[]), product("pkg:deb/debian/libssl3", &[])]);
    let said = Statement { aliases: vec!["GHSA-aaaa".into()], ..said };
    assert_eq!(all(&[said], &[])[0].statements, [0]);
}

#[test]
fn an_acceptance_holds_to_the_end_of_its_last_day() {
    let standing = |expires: &str, at: &str| {
        treat(&subject(), &inventory(), &facts(), &[], &[acceptance(expires)], at)[0].standing
    };
    assert_eq!(standing("2025-06-01", "2025-06-01T23:59:59Z"), Standing::Accepted);
    assert_eq!(standing("2025-06-01", "2025-06-02T00:00:00Z"), Standing::AcceptanceExpired);
    assert_eq!(standing("2025-06-01", "2025-06-02T01:00:00+02:00"), Standing::Accepted);
    assert_eq!(standing("2025-06-01", "2025-06-01"), Standing::Accepted);
    assert_eq!(standing("never", "2025-06-01"), Standing::AcceptanceExpired);
    assert_eq!(standing("2025-06-01", "today"), Standing::AcceptanceExpired);
}

#[test]
fn an_acceptance_is_for_its_flaw_package_and_subject() {
    let reaches = |change: &dyn Fn(&mut Acceptance)| {
        let mut acceptance = acceptance("2030-01-01");
        change(&mut acceptance);
        let treated = all(&[], &[acceptance]);
        (0..4).filter(|&index| treated[index].standing == Standing::Accepted).collect::<Vec<usize>>()
    };
    assert_eq!(reaches(&|_| ()), [0, 1, 2, 3]);
    assert_eq!(reaches(&|a| a.vulnerability = "CVE-1".into()), [0_usize; 0]);
    assert_eq!(reaches(&|a| a.package = Some("libssl3".into())), [0]);
    assert_eq!(reaches(&|a| a.package = Some("openssl".into())), [0_usize; 0]);
    assert_eq!(reaches(&|a| a.package = Some("pkg:deb/debian/libssl3".into())), [0]);
    assert_eq!(reaches(&|a| a.package = Some("pkg:deb/debian/libssl3@9".into())), [0_usize; 0]);
    assert_eq!(reaches(&|a| a.package = Some("golang.org/x/net".into())), [1, 3]);
    assert_eq!(reaches(&|a| a.subject = Some("s1".into())), [0, 1, 2, 3]);
    assert_eq!(reaches(&|a| a.subject = Some("s2".into())), [0_usize; 0]);
}

#[test]
fn a_fresh_acceptance_beside_an_expired_one_counts() {
    let particular = Acceptance { package: Some("libssl3".into()), ..acceptance("2025-01-01") };
    let treated = &all(&[], &[particular, acceptance("2025-05-01"), acceptance("2030-01-01")])[0];
    assert_eq!(treated.standing, Standing::Accepted);
    assert_eq!(treated.acceptances, [2, 0, 1]);
}

#[test]
fn vex_and_acceptances_show_together() {
    let standing = |status: Status, expires: &str| {
        let treated = all(&[statement(status, vec![])], &[acceptance(expires)]).swap_remove(0);
        assert_eq!((treated.statements.len(), treated.acceptances.len()), (1, 1));
        treated.standing
    };
    assert_eq!(standing(Status::Affected, "2030-01-01"), Standing::Accepted);
    assert_eq!(standing(Status::UnderInvestigation, "2030-01-01"), Standing::Accepted);
    assert_eq!(standing(Status::NotAffected, "2030-01-01"), Standing::NotAffected);
    assert_eq!(standing(Status::Fixed, "2030-01-01"), Standing::Fixed);
    assert_eq!(standing(Status::Affected, "2025-01-01"), Standing::AcceptanceExpired);
    assert_eq!(standing(Status::Fixed, "2025-01-01"), Standing::Fixed);
    assert!(Standing::Accepted.counts() && Standing::AcceptanceExpired.counts() && !Standing::Fixed.counts());
}

#[test]
fn what_points_nowhere_stands_open() {
    let mut facts = facts();
    facts.matches.push(Match { package: 99, ..Match::default() });
    facts.matches.push(Match { vulnerability: 99, ..Match::default() });
    let said = [statement(Status::NotAffected, vec![product("pkg:deb/debian/libssl3", &[])])];
    let treated = treat(&subject(), &inventory(), &facts, &said, &[], "2025-01-01");
    assert_eq!(treated.iter().map(|t| t.standing).collect::<Vec<_>>()[4..], [Standing::Open, Standing::Open]);
}

#[test]
fn no_more_than_the_first_are_named() {
    let mut said = vec![statement(Status::NotAffected, vec![]); 300];
    said.push(statement(Status::Affected, vec![]));
    let treated = &all(&said, &[])[0];
    assert_eq!((treated.standing, treated.statements.len()), (Standing::Affected, MOST));
    assert_eq!(treated.statements[0], 300);
}

fn arbitrary_statement() -> impl Strategy<Value = Statement> {
    let ids = prop::sample::select(vec![
        "",
        "nginx",
        "nginx:1.26",
        DIGEST,
        OTHER,
        "pkg:deb/debian/libssl3",
        "pkg:golang/k8s.io/app",
        "pkg:oci/x",
        "é",
    ]);
    let parts = prop::sample::select(vec!["pkg:deb/debian/libssl3@1", "pkg:golang/golang.org/x/net", "x", "pkg:"]);
    let versions = prop::sample::select(vec!["1", "vers:deb/>=1|<2", "vers:", "vers:x/*"]);
    let product = (ids, prop::collection::vec(parts, 0..3), prop::collection::vec(versions, 0..2), any::<bool>())
        .prop_map(|(id, parts, versions, root)| Product {
            versions: versions.into_iter().map(str::to_owned).collect(),
            root,
            ..product(id, &parts)
        });
    let status =
        prop::sample::select(vec![Status::NotAffected, Status::Affected, Status::Fixed, Status::UnderInvestigation]);
    let at = prop::sample::select(vec!["", "2025-01-01", "2025-01-01T00:00:00Z", "x"]);
    let about = prop::sample::select(vec![None, Some("s1"), Some("s2")]);
    (status, prop::collection::vec(product, 0..4), at, about).prop_map(|(status, products, at, about)| Statement {
        at: at.into(),
        subject: about.map(str::to_owned),
        ..statement(status, products)
    })
}

proptest! {
    #[test]
    fn treating_answers_each_match_once_in_order_and_does_not_depend_on_the_other_matches(
        said in prop::collection::vec(arbitrary_statement(), 0..8),
        expires in prop::collection::vec("20(24|30)-01-0[0-9]", 0..3),
        order in Just((0..4_u32).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let acceptances: Vec<Acceptance> = expires.iter().map(|expires| acceptance(expires)).collect();
        let whole = all(&said, &acceptances);
        prop_assert_eq!(whole.len(), 4);
        let mut shuffled = facts();
        shuffled.matches = order.iter().map(|&package| Match { package, ..Match::default() }).collect();
        let again = treat(&subject(), &inventory(), &shuffled, &said, &acceptances, "2025-06-01T12:00:00Z");
        for (place, package) in order.iter().enumerate() {
            prop_assert_eq!(&again[place], &whole[*package as usize]);
        }
        for treated in &whole {
            prop_assert!(treated.statements.iter().all(|&index| index < said.len()));
            prop_assert!(treated.acceptances.iter().all(|&index| index < acceptances.len()));
        }
    }
}
