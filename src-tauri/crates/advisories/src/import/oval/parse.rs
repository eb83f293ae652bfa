//! From XML to the parts of an OVAL document: first all that criteria point at, then the definitions one by one.
//!
//! Follows the OVAL definitions schema 5.10/5.11 (<https://oval-community-guidelines.readthedocs.io>). Definitions stand
//! before the tests to which they point, so the document is read twice; only what they point at is kept.

use quick_xml::events::BytesStart;

use super::document::{
    Cve, Definition, Graph, Kind, Name, Node, Object, Operation, Reference, Resolution, State, Test,
};
use crate::error::AdvisoryError;
use crate::import::xml::{Item, Xml, take};

/// Tests, objects, states, variables and definitions of a document, together.
const PARTS: usize = 4_000_000;
/// Criteria of one definition.
const NODES: usize = 100_000;
/// References, CVEs, components, and so on of one definition, each.
const LIST: usize = 20_000;

fn opens(xml: &mut Xml<'_>) -> Result<(), AdvisoryError> {
    match xml.item()? {
        Item::Open(element) if element.local_name().as_ref() == "oval_definitions" => Ok(()),
        _ => Err(xml.error("it does not begin with oval_definitions")),
    }
}

fn operation(attributes: &mut [(String, String)]) -> Operation {
    match take(attributes, "operation").as_deref() {
        None | Some("equals") => Operation::Equal,
        Some("less than") => Operation::Less,
        Some("less than or equal") => Operation::LessOrEqual,
        Some("greater than or equal") => Operation::GreaterOrEqual,
        Some(_) => Operation::Other,
    }
}

fn trimmed(text: &str) -> Box<str> {
    text.trim().into()
}

/// Reads what criteria point at.
pub(super) fn graph(origin: &str, bytes: &[u8]) -> Result<Graph, AdvisoryError> {
    let mut xml = Xml::new(origin, bytes)?;
    let xml = &mut xml;
    opens(xml)?;
    let mut graph = Graph::default();
    let mut parts = 0_usize;
    while let Some(section) = xml.child()? {
        let section = section.local_name().as_ref().to_owned();
        if !matches!(section.as_str(), "generator" | "definitions" | "tests" | "objects" | "states" | "variables") {
            xml.skip()?;
            continue;
        }
        while let Some(element) = xml.child()? {
            parts = parts.saturating_add(1);
            if parts > PARTS {
                return Err(xml.error(format!("it has more than {PARTS} parts")));
            }
            if section == "generator" {
                match element.local_name().as_ref() {
                    "product_name" => graph.product = xml.text()?,
                    "timestamp" => graph.timestamp = Some(xml.text()?.trim().to_owned()),
                    _ => xml.skip()?,
                }
                continue;
            }
            let mut attributes = xml.attributes(&element)?;
            let Some(id) = take(&mut attributes, "id").map(String::into_boxed_str) else {
                return Err(xml.error(format!("an entry of its {section} has no id")));
            };
            match section.as_str() {
                "definitions" => {
                    let title = if take(&mut attributes, "class").as_deref() == Some("inventory") {
                        Some(title(xml)?.into_boxed_str())
                    } else {
                        xml.skip()?;
                        None
                    };
                    graph.definitions.insert(id, title);
                }
                "tests" => {
                    let test = test(xml, &element, &mut attributes)?;
                    graph.tests.insert(id, test);
                }
                "objects" => {
                    let object = object(xml)?;
                    graph.objects.insert(id, object);
                }
                "states" => {
                    let state = state(xml)?;
                    graph.states.insert(id, state);
                }
                _ => {
                    let mut values = Vec::new();
                    let constant = element.local_name().as_ref() == "constant_variable";
                    while let Some(value) = xml.child()? {
                        if constant && value.local_name().as_ref() == "value" {
                            values.push(trimmed(&xml.text()?));
                        } else {
                            xml.skip()?;
                        }
                    }
                    graph.variables.insert(id, values);
                }
            }
        }
    }
    match xml.item()? {
        Item::End => Ok(graph),
        _ => Err(xml.error("there is something after its end")),
    }
}

fn title(xml: &mut Xml<'_>) -> Result<String, AdvisoryError> {
    let mut title = String::new();
    while let Some(part) = xml.child()? {
        if part.local_name().as_ref() == "metadata" {
            while let Some(field) = xml.child()? {
                if field.local_name().as_ref() == "title" { title = xml.text()? } else { xml.skip()? }
            }
        } else {
            xml.skip()?;
        }
    }
    Ok(title)
}

fn test(
    xml: &mut Xml<'_>,
    element: &BytesStart<'_>,
    attributes: &mut [(String, String)],
) -> Result<Test, AdvisoryError> {
    let kind = match element.local_name().as_ref() {
        "dpkginfo_test" | "rpminfo_test" => Kind::Package,
        "rpmverifyfile_test" => Kind::Release,
        "textfilecontent54_test" => Kind::File,
        "uname_test" => Kind::Machine,
        _ => Kind::Other,
    };
    let mut test = Test {
        kind,
        comment: take(attributes, "comment").unwrap_or_default().into_boxed_str(),
        object: None,
        states: Vec::new(),
        none: take(attributes, "check").is_some_and(|check| check.starts_with("none"))
            || take(attributes, "check_existence").is_some_and(|check| check == "none_exist"),
        odd: take(attributes, "state_operator").is_some_and(|operator| operator != "AND"),
    };
    while let Some(part) = xml.child()? {
        let mut attributes = xml.attributes(&part)?;
        match part.local_name().as_ref() {
            "object" => test.object = take(&mut attributes, "object_ref").map(String::into_boxed_str),
            "state" => test.states.extend(take(&mut attributes, "state_ref").map(String::into_boxed_str)),
            _ => {}
        }
        if test.states.len() > 64 {
            return Err(xml.error("a test has more than 64 states"));
        }
        xml.skip()?;
    }
    Ok(test)
}

fn object(xml: &mut Xml<'_>) -> Result<Object, AdvisoryError> {
    let mut object = Object::default();
    while let Some(field) = xml.child()? {
        match field.local_name().as_ref() {
            "name" => {
                let mut attributes = xml.attributes(&field)?;
                let variable = take(&mut attributes, "var_ref");
                let plain = operation(&mut attributes) == Operation::Equal;
                let text = xml.text()?;
                object.name = Some(match variable {
                    _ if !plain => Name::Pattern,
                    Some(variable) => Name::Variable(variable.into_boxed_str()),
                    None => Name::Text(trimmed(&text)),
                });
            }
            "filepath" => object.file = Some(trimmed(&xml.text()?)),
            _ => xml.skip()?,
        }
    }
    Ok(object)
}

fn state(xml: &mut Xml<'_>) -> Result<State, AdvisoryError> {
    let mut state = State::default();
    while let Some(field) = xml.child()? {
        match field.local_name().as_ref() {
            "evr" => {
                let operation = operation(&mut xml.attributes(&field)?);
                let text = trimmed(&xml.text()?);
                if state.evr.replace((operation, text)).is_some() {
                    state.other = true;
                }
            }
            "arch" => state.arch = Some(trimmed(&xml.text()?)),
            "version" => state.version = Some(trimmed(&xml.text()?)),
            "text" => state.text = Some(xml.text()?.into_boxed_str()),
            "signature_keyid" => {
                state.signature = true;
                xml.skip()?;
            }
            _ => {
                state.other = true;
                xml.skip()?;
            }
        }
    }
    Ok(state)
}

/// Reads the definitions and gives each on. What stands in `inventory` definitions, [`graph`] has read.
pub(super) fn definitions(
    origin: &str,
    bytes: &[u8],
    take_one: &mut dyn FnMut(Definition) -> Result<(), AdvisoryError>,
) -> Result<(), AdvisoryError> {
    let mut xml = Xml::new(origin, bytes)?;
    let xml = &mut xml;
    opens(xml)?;
    while let Some(section) = xml.child()? {
        if section.local_name().as_ref() != "definitions" {
            xml.skip()?;
            continue;
        }
        while let Some(element) = xml.child()? {
            let mut attributes = xml.attributes(&element)?;
            let mut definition = Definition {
                id: take(&mut attributes, "id").unwrap_or_default(),
                class: take(&mut attributes, "class").unwrap_or_default(),
                ..Definition::default()
            };
            if definition.class == "inventory" {
                xml.skip()?;
                continue;
            }
            let mut nodes = 0;
            while let Some(part) = xml.child()? {
                match part.local_name().as_ref() {
                    "metadata" => metadata(xml, &mut definition)?,
                    "criteria" => definition.criteria = Some(criteria(xml, &part, &mut nodes)?),
                    _ => xml.skip()?,
                }
            }
            take_one(definition)?;
        }
        // What follows is known already.
        return Ok(());
    }
    Ok(())
}

fn metadata(xml: &mut Xml<'_>, into: &mut Definition) -> Result<(), AdvisoryError> {
    let mut open = 1_usize;
    while open > 0 {
        let element = match xml.item()? {
            Item::Open(element) => element,
            Item::Close => {
                open = open.saturating_sub(1);
                continue;
            }
            Item::End => return Ok(()),
        };
        let mut attributes = xml.attributes(&element)?;
        match element.local_name().as_ref() {
            // These only hold others.
            "affected" | "debian" | "affected_cpe_list" => open = open.saturating_add(1),
            "advisory" => {
                into.from = take(&mut attributes, "from").unwrap_or_default();
                open = open.saturating_add(1);
            }
            "resolution" => {
                let state = take(&mut attributes, "state").unwrap_or_default();
                into.resolutions.push(Resolution { state, components: Vec::new() });
                open = open.saturating_add(1);
            }
            "component" => {
                let component = xml.text()?.trim().to_owned();
                if let Some(last) = into.resolutions.last_mut() {
                    last.components.push(component);
                }
            }
            "title" => into.title = xml.text()?.trim().to_owned(),
            "description" => into.description = xml.text()?,
            "moreinfo" => into.more = xml.text()?,
            "severity" => into.severity = Some(xml.text()?.trim().to_owned()),
            "platform" => into.platforms.push(xml.text()?.trim().to_owned()),
            "cpe" => into.cpes.push(xml.text()?.trim().to_owned()),
            "date" => into.issued = Some(xml.text()?.trim().to_owned()),
            "issued" => {
                into.issued = take(&mut attributes, "date");
                xml.skip()?;
            }
            "updated" => {
                into.updated = take(&mut attributes, "date");
                xml.skip()?;
            }
            "reference" => {
                into.references.push(Reference {
                    source: take(&mut attributes, "source").unwrap_or_default(),
                    id: take(&mut attributes, "ref_id").unwrap_or_default(),
                    url: take(&mut attributes, "ref_url").unwrap_or_default(),
                });
                xml.skip()?;
            }
            "cve" => {
                let id = xml.text()?.trim().to_owned();
                into.cves.push(Cve { id, attributes });
            }
            _ => xml.skip()?,
        }
        let components = into.resolutions.last().map_or(0, |last| last.components.len());
        let lists =
            [into.platforms.len(), into.references.len(), into.cves.len(), into.cpes.len(), into.resolutions.len()];
        if lists.iter().any(|length| *length > LIST) || components > LIST {
            return Err(xml.error(format!("definition {} lists more than {LIST} things of one kind", into.id)));
        }
    }
    Ok(())
}

fn criteria(xml: &mut Xml<'_>, element: &BytesStart<'_>, nodes: &mut usize) -> Result<Node, AdvisoryError> {
    let mut attributes = xml.attributes(element)?;
    let all = match take(&mut attributes, "operator").as_deref() {
        None | Some("AND") => Some(true),
        Some("OR") => Some(false),
        Some(_) => None,
    };
    let negate = is_true(take(&mut attributes, "negate"));
    let mut children = Vec::new();
    while let Some(part) = xml.child()? {
        *nodes = nodes.saturating_add(1);
        if *nodes > NODES {
            return Err(xml.error(format!("a definition has more than {NODES} criteria")));
        }
        let kind = part.local_name().as_ref().to_owned();
        if kind == "criteria" {
            children.push(criteria(xml, &part, nodes)?);
            continue;
        }
        let mut attributes = xml.attributes(&part)?;
        xml.skip()?;
        let comment = take(&mut attributes, "comment").unwrap_or_default();
        let negate = is_true(take(&mut attributes, "negate"));
        match kind.as_str() {
            "criterion" => {
                let test = take(&mut attributes, "test_ref").unwrap_or_default();
                children.push(Node::Criterion { test, comment, negate });
            }
            "extend_definition" => {
                let definition = take(&mut attributes, "definition_ref").unwrap_or_default();
                children.push(Node::Extend { definition, comment, negate });
            }
            // Not known: what hangs on it cannot be told.
            _ => children.push(Node::Criteria { all: None, negate: false, children: Vec::new() }),
        }
    }
    Ok(Node::Criteria { all, negate, children })
}

fn is_true(value: Option<String>) -> bool {
    matches!(value.as_deref(), Some("true" | "1"))
}
