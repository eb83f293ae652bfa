//! From a definition's criteria to the packages that they mean: the tree is brought into a list of alternatives, each
//! "this package, older than that, perhaps in that module stream, in that release". What cannot be put so is told.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Vendor;
use super::document::{Graph, Kind, Name, Node, Operation, Test};

/// Alternatives of one definition, and steps to find them.
const ALTERNATIVES: usize = 100_000;
const STEPS: usize = 1_000_000;

/// A package in certain versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    pub(super) name: Rc<str>,
    pub(super) introduced: Option<Rc<str>>,
    pub(super) fixed: Option<Rc<str>>,
    pub(super) last: Option<Rc<str>>,
    pub(super) equal: Option<Rc<str>>,
    /// Sorted; empty: all.
    pub(super) architectures: Vec<String>,
    /// What the document says beside it.
    pub(super) comment: Rc<str>,
}

/// One alternative.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// All of these hold.
    Of {
        /// The ecosystem, where the criteria name it.
        ecosystem: Option<Rc<str>>,
        package: Option<Rc<Condition>>,
        module: Option<Rc<str>>,
        /// Something about the machine (running kernel, its architecture), which an image does not decide.
        machine: bool,
    },
    /// It cannot be reduced to that.
    Beyond,
}

const TRUE: Part = Part::Of { ecosystem: None, package: None, module: None, machine: false };

/// Why criteria cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// They point at something that is not there.
    Missing(String),
    /// There are too many alternatives.
    TooMany,
}

impl Broken {
    pub(super) fn reason(&self) -> String {
        match self {
            Broken::Missing(id) => format!("its criteria point at {id}, which the document does not have"),
            Broken::TooMany => format!("its criteria have more than {ALTERNATIVES} alternatives"),
        }
    }
}

/// The alternatives under which a definition holds.
pub(super) fn reduce(graph: &Graph, vendor: &dyn Vendor, node: &Node) -> Result<BTreeSet<Part>, Broken> {
    Reduction { graph, vendor, steps: 0 }.parts(node, false)
}

struct Reduction<'a> {
    graph: &'a Graph,
    vendor: &'a dyn Vendor,
    steps: usize,
}

type Parts = BTreeSet<Part>;

impl Reduction<'_> {
    fn step(&mut self, parts: &Parts) -> Result<(), Broken> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > STEPS || parts.len() > ALTERNATIVES { Err(Broken::TooMany) } else { Ok(()) }
    }

    fn parts(&mut self, node: &Node, negated: bool) -> Result<Parts, Broken> {
        match node {
            Node::Criteria { all, negate, children } => {
                let negated = negated != *negate;
                let Some(all) = all else { return Ok(one(Part::Beyond)) };
                // Not (a and b) is (not a) or (not b).
                if *all != negated { self.all(children, negated) } else { self.any(children, negated) }
            }
            Node::Criterion { test, comment, negate } => {
                let Some(found) = self.graph.tests.get(test.as_str()) else {
                    // Rocky Linux' generator writes this where it knows no test.
                    return if test.ends_with(":tst:unk") {
                        Ok(one(Part::Beyond))
                    } else {
                        Err(Broken::Missing(test.clone()))
                    };
                };
                let comment = if comment.is_empty() { &found.comment } else { comment.as_str() };
                self.test(found, comment, negated != *negate)
            }
            Node::Extend { definition, comment, negate } => {
                let title = self
                    .graph
                    .definitions
                    .get(definition.as_str())
                    .ok_or_else(|| Broken::Missing(definition.clone()))?;
                let Some(title) = title else { return Ok(one(Part::Beyond)) };
                let ecosystem = self.vendor.ecosystem(comment).or_else(|| self.vendor.ecosystem(title));
                Ok(match ecosystem {
                    // We ask about the release of which the document speaks: that it is another one is not so.
                    Some(_) if negated != *negate => Parts::new(),
                    Some(ecosystem) => one(release(ecosystem)),
                    None => one(Part::Beyond),
                })
            }
        }
    }

    fn all(&mut self, children: &[Node], negated: bool) -> Result<Parts, Broken> {
        let mut held = one(TRUE);
        for child in children {
            let more = self.parts(child, negated)?;
            let mut both = Parts::new();
            for a in &held {
                for b in &more {
                    self.step(&both)?;
                    both.extend(join(a, b));
                }
            }
            held = both;
        }
        Ok(held)
    }

    fn any(&mut self, children: &[Node], negated: bool) -> Result<Parts, Broken> {
        let mut held = Parts::new();
        for child in children {
            for part in self.parts(child, negated)? {
                self.step(&held)?;
                held.insert(part);
            }
        }
        Ok(held)
    }

    fn test(&mut self, test: &Test, comment: &str, negated: bool) -> Result<Parts, Broken> {
        let mut states = Vec::new();
        for id in &test.states {
            states.push(self.graph.states.get(id).ok_or_else(|| Broken::Missing(id.to_string()))?);
        }
        let object = match &test.object {
            Some(id) => Some(self.graph.objects.get(id).ok_or_else(|| Broken::Missing(id.to_string()))?),
            None => None,
        };
        let positive = test.none == negated;
        match test.kind {
            Kind::Release => {
                let number = states.iter().find_map(|state| state.version.as_deref()).and_then(number);
                let ecosystem = self
                    .vendor
                    .ecosystem(comment)
                    .or_else(|| comment.is_empty().then(|| number.and_then(|number| self.vendor.release(number)))?);
                Ok(match ecosystem {
                    _ if !positive => Parts::new(),
                    Some(ecosystem) => one(release(ecosystem)),
                    None if comment.is_empty() => one(TRUE),
                    // Another product than the distribution.
                    None => Parts::new(),
                })
            }
            Kind::Machine => Ok(one(Part::Of { ecosystem: None, package: None, module: None, machine: true })),
            Kind::File | Kind::Other if machine(comment) => {
                Ok(one(Part::Of { ecosystem: None, package: None, module: None, machine: true }))
            }
            Kind::File | Kind::Other => {
                if let Some(ecosystem) =
                    comment.ends_with("is installed").then(|| self.vendor.ecosystem(comment)).flatten()
                {
                    return Ok(if positive { one(release(ecosystem)) } else { Parts::new() });
                }
                let module = module(comment).or_else(|| {
                    let file = object.and_then(|object| object.file.as_deref())?;
                    module_of(file, states.iter().find_map(|state| state.text.as_deref())?)
                });
                Ok(one(match module {
                    Some(module) if positive => {
                        Part::Of { ecosystem: None, package: None, module: Some(module.into()), machine: false }
                    }
                    _ => Part::Beyond,
                }))
            }
            Kind::Package => {
                // That a package is signed says nothing of its version.
                if !states.is_empty() && states.iter().all(|state| state.signature && state.evr.is_none()) {
                    return Ok(if positive { one(TRUE) } else { Parts::new() });
                }
                let name = object.and_then(|object| object.name.as_ref());
                if !positive || test.odd || states.iter().any(|state| state.other || state.version.is_some()) {
                    return Ok(one(Part::Beyond));
                }
                let names: Vec<&str> = match name {
                    Some(Name::Text(name)) => vec![name],
                    Some(Name::Variable(id)) => {
                        let values = self.graph.variables.get(id).ok_or_else(|| Broken::Missing(id.to_string()))?;
                        values.iter().map(|value| &**value).collect()
                    }
                    Some(Name::Pattern) | None => return Ok(one(Part::Beyond)),
                };
                let mut condition = Condition { comment: comment.into(), ..Condition::default() };
                for state in states {
                    if let Some(arch) = &state.arch {
                        let Some(architectures) = architectures(arch) else { return Ok(one(Part::Beyond)) };
                        condition.architectures = architectures;
                    }
                    let Some((operation, version)) = &state.evr else { continue };
                    let version: Rc<str> = crate::import::words::plain_version(version).into();
                    let slot = match operation {
                        Operation::Less => &mut condition.fixed,
                        Operation::LessOrEqual => &mut condition.last,
                        Operation::GreaterOrEqual => &mut condition.introduced,
                        Operation::Equal => &mut condition.equal,
                        Operation::Other => return Ok(one(Part::Beyond)),
                    };
                    if slot.replace(version).is_some() {
                        return Ok(one(Part::Beyond));
                    }
                }
                let mut parts = Parts::new();
                for name in names {
                    self.step(&parts)?;
                    if name.is_empty() || name.len() > 200 {
                        parts.insert(Part::Beyond);
                        continue;
                    }
                    let package = Rc::new(Condition { name: name.into(), ..condition.clone() });
                    parts.insert(Part::Of { ecosystem: None, package: Some(package), module: None, machine: false });
                }
                Ok(parts)
            }
        }
    }
}

fn one(part: Part) -> Parts {
    Parts::from([part])
}

fn release(ecosystem: String) -> Part {
    Part::Of { ecosystem: Some(ecosystem.into()), package: None, module: None, machine: false }
}

/// Whether a criterion asks what runs on a machine, by Red Hat's words for it.
fn machine(comment: &str) -> bool {
    comment.ends_with("is currently running") || comment.ends_with("is set to boot up on next boot")
}

/// The module stream of "Module nodejs:18 is enabled".
fn module(comment: &str) -> Option<String> {
    let stream = comment.strip_prefix("Module ")?.strip_suffix(" is enabled")?;
    let is_stream = stream.contains(':') && stream.len() <= 200 && stream.chars().all(|c| c.is_ascii_graphic());
    is_stream.then(|| stream.to_owned())
}

/// The module stream where no comment names it: the file that is looked into, and the stream asked for in it.
fn module_of(file: &str, text: &str) -> Option<String> {
    let name = file.strip_prefix("/etc/dnf/modules.d/")?.strip_suffix(".module")?;
    let (_, rest) = text.split_once("stream\\s*=\\s*")?;
    let stream: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).collect();
    (!stream.is_empty() && !name.is_empty()).then(|| format!("{name}:{stream}"))
}

/// The number at the beginning of a pattern: `^9[^\d]` is 9.
fn number(pattern: &str) -> Option<&str> {
    let pattern = pattern.trim_start_matches('^');
    let end = pattern.find(|c: char| !c.is_ascii_digit()).unwrap_or(pattern.len());
    pattern.get(..end).filter(|number| !number.is_empty())
}

/// The architectures of `aarch64|ppc64le|x86_64`; none for another pattern. The source is no architecture.
fn architectures(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.trim_start_matches(['^', '(']).trim_end_matches(['$', ')']);
    let mut all = BTreeSet::new();
    for name in pattern.split('|') {
        if name.is_empty() || name.len() > 40 || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        if name != "src" {
            all.insert(name.to_owned());
        }
    }
    Some(all.into_iter().take(40).collect())
}

/// Both together; none when they exclude each other.
fn join(a: &Part, b: &Part) -> Option<Part> {
    let (
        Part::Of { ecosystem, package, module, machine },
        Part::Of { ecosystem: ecosystem_b, package: package_b, module: module_b, machine: machine_b },
    ) = (a, b)
    else {
        return Some(Part::Beyond);
    };
    if ecosystem.is_some() && ecosystem_b.is_some() && ecosystem != ecosystem_b {
        return None;
    }
    if module.is_some() && module_b.is_some() && module != module_b {
        return Some(Part::Beyond);
    }
    let package = match (package, package_b) {
        (Some(a), Some(b)) if a == b => Some(a.clone()),
        (Some(a), Some(b)) => match both(a, b) {
            Some(condition) => Some(Rc::new(condition)),
            None => return Some(Part::Beyond),
        },
        (a, b) => a.clone().or_else(|| b.clone()),
    };
    Some(Part::Of {
        ecosystem: ecosystem.clone().or_else(|| ecosystem_b.clone()),
        package,
        module: module.clone().or_else(|| module_b.clone()),
        machine: *machine || *machine_b,
    })
}

/// Two conditions on one package; none where they are on two, or need versions to be compared.
fn both(a: &Condition, b: &Condition) -> Option<Condition> {
    let either = |a: &Option<Rc<str>>, b: &Option<Rc<str>>| match (a, b) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => Some(a.clone().or_else(|| b.clone())),
    };
    if a.name != b.name {
        return None;
    }
    let architectures = match (a.architectures.as_slice(), b.architectures.as_slice()) {
        ([], other) | (other, []) => other.to_vec(),
        (a, b) if a == b => a.to_vec(),
        _ => return None,
    };
    Some(Condition {
        name: a.name.clone(),
        introduced: either(&a.introduced, &b.introduced)?,
        fixed: either(&a.fixed, &b.fixed)?,
        last: either(&a.last, &b.last)?,
        equal: either(&a.equal, &b.equal)?,
        architectures,
        comment: if a.comment.is_empty() { b.comment.clone() } else { a.comment.clone() },
    })
}
