//! CSAF 2.0 (and 2.1), profile VEX, <https://docs.oasis-open.org/csaf/csaf/v2.0/>, section 4.5.
//!
//! Products are named in the product tree and given a status by their ids. Where one stands for a component within
//! another (a relationship), the other is the product and the component the part that is meant.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::bounded::{nil, parse, unknown};
use crate::error::AdvisoryError;
use crate::purl::{Purl, without_version};
use crate::vex::gather::{Gather, brief, digest, weight};
use crate::vex::{BOUNDS, Product, Statement, Status};

#[derive(Deserialize)]
struct Document {
    document: About,
    #[serde(default, deserialize_with = "nil")]
    product_tree: Tree,
    #[serde(default, deserialize_with = "nil")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct About {
    #[serde(default, deserialize_with = "nil")]
    csaf_version: String,
    #[serde(default, deserialize_with = "nil")]
    title: String,
    #[serde(default, deserialize_with = "nil")]
    publisher: Publisher,
    #[serde(default, deserialize_with = "nil")]
    tracking: Tracking,
}

#[derive(Default, Deserialize)]
struct Publisher {
    #[serde(default, deserialize_with = "nil")]
    name: String,
}

#[derive(Default, Deserialize)]
struct Tracking {
    #[serde(default, deserialize_with = "nil")]
    id: String,
    current_release_date: Option<String>,
    initial_release_date: Option<String>,
}

#[derive(Default, Deserialize)]
struct Tree {
    #[serde(default, deserialize_with = "nil")]
    branches: Vec<Branch>,
    #[serde(default, deserialize_with = "nil")]
    full_product_names: Vec<Full>,
    #[serde(default, deserialize_with = "nil")]
    relationships: Vec<Relationship>,
    #[serde(default, deserialize_with = "nil")]
    product_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default, deserialize_with = "nil")]
    category: String,
    #[serde(default, deserialize_with = "nil")]
    name: String,
    #[serde(default, deserialize_with = "nil")]
    branches: Vec<Branch>,
    product: Option<Full>,
}

#[derive(Deserialize)]
struct Full {
    #[serde(default, deserialize_with = "nil")]
    name: String,
    product_id: String,
    #[serde(rename = "product_identification_helper", default, deserialize_with = "nil")]
    helper: Helper,
}

#[derive(Default, Deserialize)]
struct Helper {
    cpe: Option<String>,
    purl: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    purls: Vec<String>,
    #[serde(default, deserialize_with = "nil")]
    hashes: Vec<Hashes>,
}

#[derive(Deserialize)]
struct Hashes {
    #[serde(default, deserialize_with = "nil")]
    file_hashes: Vec<FileHash>,
}

#[derive(Deserialize)]
struct FileHash {
    algorithm: String,
    value: String,
}

#[derive(Deserialize)]
struct Relationship {
    full_product_name: Full,
    product_reference: String,
    relates_to_product_reference: String,
}

#[derive(Deserialize)]
struct Group {
    group_id: String,
    #[serde(default, deserialize_with = "nil")]
    product_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    cve: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    ids: Vec<Other>,
    #[serde(default, deserialize_with = "nil")]
    product_status: BTreeMap<String, Vec<String>>,
    #[serde(default, deserialize_with = "nil")]
    flags: Vec<Remark>,
    #[serde(default, deserialize_with = "nil")]
    threats: Vec<Remark>,
    #[serde(default, deserialize_with = "nil")]
    remediations: Vec<Remark>,
}

#[derive(Deserialize)]
struct Other {
    #[serde(default, deserialize_with = "nil")]
    text: String,
}

/// A flag, a threat or a remediation: something that is said about products.
#[derive(Deserialize)]
struct Remark {
    label: Option<String>,
    category: Option<String>,
    details: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    product_ids: Vec<String>,
    #[serde(default, deserialize_with = "nil")]
    group_ids: Vec<String>,
}

/// What is said, by product; and of all products.
#[derive(Default)]
struct Words<'d> {
    of: HashMap<&'d str, &'d str>,
    all: Option<&'d str>,
}

impl<'d> Words<'d> {
    fn get(&self, product: &str) -> Option<&'d str> {
        self.of.get(product).copied().or(self.all)
    }
}

pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Vec<Statement>, AdvisoryError> {
    let document: Document = parse(origin, bytes, &BOUNDS)?;
    let about = &document.document;
    if !matches!(about.csaf_version.as_str(), "2.0" | "2.1") {
        return Err(unknown(origin, format!("it is CSAF {}, and VEX is read from 2.0 on", brief(&about.csaf_version))));
    }
    let mut gather = Gather::new(origin);
    let products = products(&mut gather, &document.product_tree)?;
    let mut groups: HashMap<&str, &[String]> = HashMap::new();
    for group in &document.product_tree.product_groups {
        groups.insert(&group.group_id, &group.product_ids);
    }
    let title = if about.tracking.id.trim().is_empty() { &about.title } else { &about.tracking.id };
    let title = gather.id("document.tracking.id", title)?;
    let author = gather.id("document.publisher.name", &about.publisher.name)?;
    let tracking = &about.tracking;
    let dates = [tracking.current_release_date.as_deref(), tracking.initial_release_date.as_deref()];
    let at = gather.at("document.tracking", &dates)?;

    for (index, vulnerability) in document.vulnerabilities.iter().enumerate() {
        let mut ids: Vec<&str> = vulnerability.cve.as_deref().into_iter().collect();
        ids.extend(vulnerability.ids.iter().map(|other| other.text.as_str()));
        ids.retain(|id| !id.trim().is_empty());
        let Some((first, others)) = ids.split_first() else {
            return Err(gather.wrong(&format!("vulnerabilities[{index}]"), "it has no id"));
        };
        let place = format!("vulnerabilities[{index}] ({})", brief(first));
        let flags = words(&mut gather, &place, &vulnerability.flags, &groups, |flag| flag.label.as_deref())?;
        let impacts = words(&mut gather, &place, &vulnerability.threats, &groups, |threat| {
            threat.details.as_deref().filter(|text| threat.category.as_deref() == Some("impact") && !is_grade(text))
        })?;
        let actions =
            words(&mut gather, &place, &vulnerability.remediations, &groups, |remedy| remedy.details.as_deref())?;
        for (status, ids) in &vulnerability.product_status {
            let status = match status.as_str() {
                "known_not_affected" => Status::NotAffected,
                "known_affected" | "first_affected" | "last_affected" => Status::Affected,
                "fixed" | "first_fixed" => Status::Fixed,
                "under_investigation" => Status::UnderInvestigation,
                // `recommended` says nothing about a flaw.
                "recommended" => continue,
                other => {
                    let reason = format!("the product status “{}” is none that is known", brief(other));
                    return Err(gather.wrong(&place, reason));
                }
            };
            // Products of which the same is said make one statement.
            let mut together: BTreeMap<[Option<&str>; 3], Vec<Product>> = BTreeMap::new();
            for id in ids {
                let Some(product) = products.get(id.as_str()) else {
                    return Err(gather.wrong(&place, format!("the product “{}” is not in its tree", brief(id))));
                };
                let said = [flags.get(id), impacts.get(id), actions.get(id)];
                if status == Status::NotAffected && said[0].is_none() && said[1].is_none() {
                    let reason = format!("it says that {} does “{}” no harm, but not why", brief(first), brief(id));
                    return Err(gather.wrong(&place, reason));
                }
                gather.spend(&place, weight(product))?;
                together.entry(said).or_default().push(product.clone());
            }
            for ([flag, impact, action], products) in together {
                let statement = Statement {
                    document: title.clone(),
                    format: format!("CSAF {}", about.csaf_version),
                    author: author.clone(),
                    at: at.clone(),
                    vulnerability: gather.id(&place, first)?,
                    aliases: others.iter().map(|id| gather.id(&place, id)).collect::<Result<_, _>>()?,
                    products,
                    status,
                    justification: gather.label(&place, flag)?,
                    impact: gather.text(&place, impact)?,
                    action: gather.text(&place, action)?,
                    evidence: String::new(),
                    subject: None,
                };
                gather.add(&place, statement)?;
            }
        }
    }
    gather.done()
}

/// Whether an impact is a severity, which Red Hat writes there: that is no reason why a flaw does no harm.
fn is_grade(text: &str) -> bool {
    let grades = ["none", "low", "moderate", "medium", "important", "high", "critical"];
    grades.iter().any(|grade| text.trim().eq_ignore_ascii_case(grade))
}

/// What is said by product. Where several speak of one product the first counts.
fn words<'d>(
    gather: &mut Gather,
    place: &str,
    said: &'d [Remark],
    groups: &HashMap<&'d str, &'d [String]>,
    word: impl Fn(&'d Remark) -> Option<&'d str>,
) -> Result<Words<'d>, AdvisoryError> {
    let mut words = Words::default();
    for about in said {
        let Some(word) = word(about).filter(|word| !word.trim().is_empty()) else { continue };
        if about.product_ids.is_empty() && about.group_ids.is_empty() {
            words.all.get_or_insert(word);
        }
        for id in &about.product_ids {
            words.of.entry(id).or_insert(word);
        }
        for group in &about.group_ids {
            let Some(ids) = groups.get(group.as_str()) else {
                return Err(gather.wrong(place, format!("the group “{}” is not in its tree", brief(group))));
            };
            // Groups can be named again and again.
            gather.spend(place, ids.len().saturating_mul(8))?;
            for id in *ids {
                words.of.entry(id).or_insert(word);
            }
        }
    }
    Ok(words)
}

/// The product tree, flat.
fn products<'d>(gather: &mut Gather, tree: &'d Tree) -> Result<HashMap<&'d str, Product>, AdvisoryError> {
    let place = "product_tree";
    let mut products: HashMap<&str, Product> = HashMap::new();
    let mut add = |id: &'d str, product: Product| match products.insert(id, product) {
        Some(_) => Err(gather.wrong(place, format!("two products have the id “{}”", brief(id)))),
        None => Ok(()),
    };
    for full in &tree.full_product_names {
        add(&full.product_id, product(gather, full, None)?)?;
    }
    // What lies below a range of versions is of that range.
    let mut open: Vec<(&Branch, Option<&str>)> = tree.branches.iter().map(|branch| (branch, None)).collect();
    while let Some((branch, above)) = open.pop() {
        let range = if branch.category == "product_version_range" { Some(branch.name.as_str()) } else { above };
        if let Some(full) = &branch.product {
            add(&full.product_id, product(gather, full, range)?)?;
        }
        open.extend(branch.branches.iter().map(|below| (below, range)));
    }
    // Relationships can refer to one another, in any order; each pass resolves one more step.
    let mut open: Vec<&Relationship> = tree.relationships.iter().collect();
    for _ in 0..8 {
        let mut later = Vec::new();
        for relationship in open {
            let of = |id: &str| products.get(id);
            match (of(&relationship.product_reference), of(&relationship.relates_to_product_reference)) {
                (Some(part), Some(whole)) => {
                    let product = related(gather, part, whole, &relationship.full_product_name)?;
                    gather.spend(place, weight(&product))?;
                    let id = relationship.full_product_name.product_id.as_str();
                    if products.insert(id, product).is_some() {
                        return Err(gather.wrong(place, format!("two products have the id “{}”", brief(id))));
                    }
                }
                _ => later.push(relationship),
            }
        }
        open = later;
        if open.is_empty() {
            break;
        }
    }
    match open.first() {
        Some(relationship) => {
            let id = brief(&relationship.full_product_name.product_id);
            Err(gather.wrong(place, format!("the relationship “{id}” relates products that are not in it")))
        }
        None => Ok(products),
    }
}

/// A component within a product.
fn related(gather: &Gather, part: &Product, whole: &Product, full: &Full) -> Result<Product, AdvisoryError> {
    // Where the component is itself a component of something, that one's component is meant.
    let mut names = if part.subcomponents.is_empty() {
        let mut names = vec![part.id.clone()];
        names.extend(part.identifiers.iter().cloned());
        names
    } else {
        part.subcomponents.clone()
    };
    if let Some(purl) = &full.helper.purl {
        names.push(gather.id("product_tree", purl)?);
    }
    // By purl where there is one.
    if names.iter().any(|name| name.starts_with("pkg:")) {
        names.retain(|name| name.starts_with("pkg:"));
    }
    names.sort();
    names.dedup();
    let mut product = Product { subcomponents: names, versions: part.versions.clone(), ..whole.clone() };
    if !whole.versions.is_empty() {
        // Whether the product at hand is of that range cannot be told: it keeps nothing by which it could match.
        product.id = format!("{} ({})", full.name.trim(), whole.versions.join(", "));
        product.identifiers.clear();
    }
    Ok(product)
}

/// A product. Where it is a range of versions, the branch's name is the range and its purl has no version; of an image
/// such a range cannot be told, so then it keeps nothing but its name.
fn product(gather: &Gather, full: &Full, range: Option<&str>) -> Result<Product, AdvisoryError> {
    let place = "product_tree";
    let helper = &full.helper;
    let is_image = |purl: &&String| Purl::parse(purl).is_some_and(|purl| purl.is_image());
    let purls = helper.purl.iter().chain(&helper.purls).filter(|purl| range.is_none() || !is_image(purl));
    let mut named = Vec::new();
    for text in purls.chain(helper.cpe.iter().filter(|_| range.is_none())) {
        let text = if range.is_some() { without_version(text) } else { text.clone() };
        named.push(gather.id(place, &text)?);
    }
    for hash in helper.hashes.iter().flat_map(|hashes| &hashes.file_hashes) {
        named.push(gather.id(place, &digest(&hash.algorithm, &hash.value))?);
    }
    named.push(gather.id(place, &full.name)?);
    named.retain(|name| !name.is_empty());
    let id = if named.is_empty() { full.product_id.clone() } else { named.remove(0) };
    let versions = range.map(|range| gather.id(place, range)).transpose()?.into_iter().collect();
    Ok(Product { id, identifiers: named, versions, ..Product::default() })
}
