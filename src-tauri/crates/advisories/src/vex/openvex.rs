//! OpenVEX 0.2.0, <https://github.com/openvex/spec>, and 0.0.x, in which products and flaws are plain texts.
//!
//! Statements inherit the document's timestamp, author and products.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::bounded::{nil, parse, unknown};
use crate::error::AdvisoryError;
use crate::vex::gather::{Gather, brief, digest, weight};
use crate::vex::{BOUNDS, Product, Statement, Status};

const CONTEXT: &str = "openvex.dev/ns";

/// Whether a `@context` is OpenVEX's.
pub(super) fn is_context(context: &str) -> bool {
    version(context).is_some()
}

/// The version that a `@context` names; empty where it names none.
fn version(context: &str) -> Option<&str> {
    let bare = context.trim().trim_start_matches("https://").trim_start_matches("http://");
    let rest = bare.strip_prefix(CONTEXT)?.trim_end_matches('/');
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix("/v") }
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "@context")]
    context: String,
    #[serde(rename = "@id", default, deserialize_with = "nil")]
    id: String,
    #[serde(default, deserialize_with = "nil")]
    author: String,
    timestamp: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    products: Vec<Component>,
    statements: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    vulnerability: Flaw,
    timestamp: Option<String>,
    last_updated: Option<String>,
    author: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    products: Vec<Component>,
    /// 0.0.x.
    #[serde(default, deserialize_with = "nil")]
    subcomponents: Vec<Component>,
    #[serde(default, deserialize_with = "nil")]
    status: String,
    justification: Option<String>,
    impact_statement: Option<String>,
    action_statement: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Flaw {
    Name(String),
    Full {
        name: Option<String>,
        #[serde(rename = "@id")]
        id: Option<String>,
        #[serde(default, deserialize_with = "nil")]
        aliases: Vec<String>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Component {
    Name(String),
    Full {
        #[serde(rename = "@id")]
        id: Option<String>,
        #[serde(default, deserialize_with = "nil")]
        identifiers: BTreeMap<String, String>,
        #[serde(default, deserialize_with = "nil")]
        hashes: BTreeMap<String, String>,
        #[serde(default, deserialize_with = "nil")]
        subcomponents: Vec<Component>,
    },
}

pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Vec<Statement>, AdvisoryError> {
    let document: Document = parse(origin, bytes, &BOUNDS)?;
    let mut gather = Gather::new(origin);
    let version = version(&document.context).unwrap_or_default();
    if !version.is_empty() && !version.starts_with("0.") {
        return Err(unknown(origin, format!("it is OpenVEX {}, and 0.2 is the latest that is read", brief(version))));
    }
    let format = format!("OpenVEX {version}").trim_end().to_owned();
    let id = gather.id("the document's id", &document.id)?;
    let author = gather.id("the document's author", &document.author)?;
    let inherited = products(&gather, "the document's products", &document.products)?;
    let all: usize = inherited.iter().map(weight).sum();
    for (index, said) in document.statements.iter().enumerate() {
        let mut place = format!("statement {}", index + 1);
        let (name, aliases) = match &said.vulnerability {
            Flaw::Name(name) => (name.as_str(), &[][..]),
            // The name is what counts; without it, the end of the IRI is.
            Flaw::Full { name: Some(name), aliases, .. } if !name.trim().is_empty() => (name.as_str(), &aliases[..]),
            Flaw::Full { id, aliases, .. } => {
                (id.as_deref().and_then(|id| id.rsplit(['/', '#']).next()).unwrap_or_default(), &aliases[..])
            }
        };
        let vulnerability = gather.id(&place, name)?;
        place.push_str(&format!(" ({})", brief(&vulnerability)));
        let status = match said.status.trim() {
            "not_affected" => Status::NotAffected,
            "affected" => Status::Affected,
            "fixed" => Status::Fixed,
            "under_investigation" => Status::UnderInvestigation,
            "" => return Err(gather.wrong(&place, "it has no status")),
            other => return Err(gather.wrong(&place, format!("its status “{}” is none that is known", brief(other)))),
        };
        let mut named = if said.products.is_empty() {
            gather.spend(&place, all)?;
            inherited.clone()
        } else {
            products(&gather, &place, &said.products)?
        };
        let parts = parts(&gather, &place, &said.subcomponents)?;
        if !parts.is_empty() {
            let bytes: usize = parts.iter().map(String::len).sum();
            gather.spend(&place, bytes.saturating_mul(named.len()))?;
            if named.is_empty() {
                named.push(Product::default());
            }
            named.iter_mut().for_each(|product| product.subcomponents.extend(parts.iter().cloned()));
        }
        let statement = Statement {
            document: id.clone(),
            format: format.clone(),
            author: match &said.author {
                Some(author) if !author.trim().is_empty() => gather.id(&place, author)?,
                _ => author.clone(),
            },
            at: gather.at(
                &place,
                &[said.last_updated.as_deref(), said.timestamp.as_deref(), document.timestamp.as_deref()],
            )?,
            aliases: aliases.iter().map(|alias| gather.id(&place, alias)).collect::<Result<_, _>>()?,
            vulnerability,
            products: named,
            status,
            justification: gather.label(&place, said.justification.as_deref())?,
            impact: gather.text(&place, said.impact_statement.as_deref())?,
            action: gather.text(&place, said.action_statement.as_deref())?,
            evidence: String::new(),
            subject: None,
        };
        gather.add(&place, statement)?;
    }
    gather.done()
}

fn products(gather: &Gather, place: &str, components: &[Component]) -> Result<Vec<Product>, AdvisoryError> {
    components.iter().map(|component| product(gather, place, component)).collect()
}

fn product(gather: &Gather, place: &str, component: &Component) -> Result<Product, AdvisoryError> {
    let product = match component {
        Component::Name(name) => Product { id: gather.id(place, name)?, ..Product::default() },
        Component::Full { id, identifiers, hashes, subcomponents } => {
            let mut named = Vec::new();
            for identifier in identifiers.values() {
                named.push(gather.id(place, identifier)?);
            }
            for (algorithm, value) in hashes {
                named.push(gather.id(place, &digest(algorithm, value))?);
            }
            named.retain(|name| !name.is_empty());
            let id = match id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
                Some(id) => gather.id(place, id)?,
                None if named.is_empty() => String::new(),
                None => named.remove(0),
            };
            Product {
                id,
                identifiers: named,
                subcomponents: parts(gather, place, subcomponents)?,
                ..Product::default()
            }
        }
    };
    if product.id.is_empty() {
        return Err(gather.wrong(place, "a product in it has no identifier"));
    }
    Ok(product)
}

/// Subcomponents: by purl where they have one, else by what they have, so that they never widen to the whole product.
fn parts(gather: &Gather, place: &str, components: &[Component]) -> Result<Vec<String>, AdvisoryError> {
    let part = |component: &Component| match component {
        Component::Name(name) => gather.id(place, name),
        Component::Full { id, identifiers, .. } => {
            let any = identifiers.get("purl").or(id.as_ref()).or_else(|| identifiers.values().next());
            match any.filter(|any| !any.trim().is_empty()) {
                Some(any) => gather.id(place, any),
                None => Err(gather.wrong(place, "a subcomponent in it has no identifier")),
            }
        }
    };
    components.iter().map(part).collect()
}
