//! Mounts of a service: the short syntax, and the long one.

use super::interpolate::interpolate;
use super::parts::Mount;
use super::reader::field;
use crate::yaml::Node;

/// Reads `[SOURCE:]TARGET[:OPTIONS]`. Source and target stay as written; what they are is told with variables resolved.
#[must_use]
pub fn read_mount(text: &str, line: u32) -> Mount {
    let parts = split(text);
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, target, None),
        [source, target] => (Some(source), target, None),
        [source, target, options, ..] => (Some(source), target, Some(options)),
        [] => return Mount { line, ..Mount::default() },
    };
    let mut read_only = Some(false);
    let mut propagation = None;
    if let Some(options) = options {
        let resolved = interpolate(options);
        for option in resolved.value.split(',').map(str::trim) {
            match option {
                "ro" => read_only = Some(true),
                "rw" => read_only = Some(false),
                "shared" | "rshared" | "slave" | "rslave" | "private" | "rprivate" => {
                    propagation = Some(option.to_owned());
                }
                _ => {}
            }
        }
        if !resolved.unresolved.is_empty() || resolved.problem.is_some() {
            read_only = None;
        }
    }
    Mount {
        kind: source.map_or("volume", |source| kind_of(source)).to_owned(),
        source: source.cloned(),
        target: target.clone(),
        read_only,
        propagation,
        line,
    }
}

/// What a source is: a path on the host, or a volume's name.
fn kind_of(source: &str) -> &'static str {
    let resolved = interpolate(source);
    // What begins with a path is one, whatever a variable adds to it.
    let path = resolved.value.starts_with(['/', '.', '~', '\\'])
        || resolved.value.get(1..3).is_some_and(|rest| rest == ":\\" || rest == ":/");
    if path {
        "bind"
    } else if !resolved.unresolved.is_empty() || resolved.problem.is_some() {
        ""
    } else {
        "volume"
    }
}

/// Splits at colons, but not inside `${…}` and not behind a drive's letter (`C:\\data`).
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    let mut before = '\0';
    for (index, c) in text.char_indices() {
        match c {
            '{' if before == '$' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let drive =
            parts.last().is_some_and(|part| part.len() == 1 && part.starts_with(|c: char| c.is_ascii_alphabetic()))
                && text.get(index + 1..).is_some_and(|rest| rest.starts_with('\\'));
        before = c;
        if c == ':' && depth == 0 && !drive {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

pub(super) fn long_mount(node: &Node) -> Option<Mount> {
    let source = field(node, "source").or_else(|| field(node, "src"));
    let target = ["target", "dst", "destination"].iter().find_map(|key| field(node, key))?;
    let read_only = match field(node, "read_only") {
        None => Some(false),
        Some(value) => match interpolate(&value).value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => Some(true),
            "false" | "no" | "off" | "n" | "0" => Some(false),
            _ => None,
        },
    };
    let propagation = node.get("bind").and_then(|bind| field(bind, "propagation"));
    let kind = field(node, "type").unwrap_or_else(|| source.as_deref().map_or("volume", kind_of).to_owned());
    let kind = if interpolate(&kind).unresolved.is_empty() { interpolate(&kind).value } else { String::new() };
    Some(Mount { kind, source, target, read_only, propagation, line: node.line })
}

pub(super) fn long_volume(node: &Node) -> Option<String> {
    let target = field(node, "target")?;
    let mut text = field(node, "source").map(|source| source + ":").unwrap_or_default();
    text.push_str(&target);
    let read_only = field(node, "read_only").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if read_only {
        text.push_str(":ro");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_syntax_is_taken_apart() {
        let read = |text: &str| {
            let mount = read_mount(text, 7);
            (mount.kind, mount.source, mount.target, mount.read_only)
        };
        let source = |text: &str| Some(text.to_owned());
        assert_eq!(read("/data"), ("volume".into(), None, "/data".into(), Some(false)));
        assert_eq!(read("db:/data:ro,z"), ("volume".into(), source("db"), "/data".into(), Some(true)));
        assert_eq!(read("./a:/a"), ("bind".into(), source("./a"), "/a".into(), Some(false)));
        assert_eq!(read("${D:-/etc}:/a"), ("bind".into(), source("${D:-/etc}"), "/a".into(), Some(false)));
        assert_eq!(read("${D}:/a:${M}"), (String::new(), source("${D}"), "/a".into(), None));
        assert_eq!(read("/x/${D:?no: none}:/a").1, source("/x/${D:?no: none}"));
        assert_eq!(read("C:\\x:/a").1, source("C:\\x"));
        assert_eq!(read_mount("/a:/a:ro,rshared", 1).propagation.as_deref(), Some("rshared"));
    }
}
