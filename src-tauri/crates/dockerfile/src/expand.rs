//! Variables and their expansion: `$V`, `${V}`, `${V:-w}`, `${V:+w}`, `${V:?w}`, `${V#p}`, `${V%p}`, `${V/p/r}`.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#environment-replacement>. A variable with no known value stays
//! in the result as written and is named, instead of silently becoming nothing as it does in a build.

use crate::lex::{Style, Variables, lex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The variables that the builder sets by itself, in every `FROM` and, once declared, in a stage.
///
/// Source: <https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope>.
pub(crate) const PLATFORM_ARGS: [&str; 11] = [
    "BUILDARCH",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];

/// What is known of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// This value.
    Known(String),
    /// Declared without a default: a build argument may set it.
    Unset,
    /// Set by the builder, to something that the file does not tell.
    Unknown,
}

/// A variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Variable {
    /// Its value.
    pub value: Value,
    /// A build argument can change it, directly or through another variable.
    pub from_arg: bool,
    /// Variables with no known value that it is made of.
    pub unresolved: Vec<String>,
}

/// The variables at one place of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Env {
    escape: char,
    open: bool,
    variables: BTreeMap<String, Variable>,
}

impl Env {
    /// An empty environment. In an `open` one, a base image may have set variables that the file does not show.
    #[must_use]
    pub fn new(escape: char, open: bool) -> Self {
        Self { escape, open, variables: BTreeMap::new() }
    }

    /// The environment before the first `FROM`: the platform arguments, with values that only the builder knows.
    pub(crate) fn global(escape: char) -> Self {
        let mut env = Self::new(escape, false);
        for name in PLATFORM_ARGS {
            env.set(name, Variable { value: Value::Unknown, from_arg: false, unresolved: Vec::new() });
        }
        env
    }

    /// A variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Sets or replaces a variable.
    pub fn set(&mut self, name: &str, variable: Variable) {
        self.variables.insert(name.to_owned(), variable);
    }

    /// True when a base image may have set more.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The escape character of the file.
    #[must_use]
    pub fn escape(&self) -> char {
        self.escape
    }

    /// All variables by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }
}

/// A word after expansion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Expanded {
    /// The word with quotes taken away and known variables replaced; unknown ones stay as written.
    pub value: String,
    /// Variables with no known value that the word depends on.
    pub unresolved: Vec<String>,
    /// A build argument can change the value.
    pub from_arg: bool,
    /// Why the builder would refuse the word; [`Expanded::value`] is then the word as written.
    pub problem: Option<String>,
}

/// Expands a word.
#[must_use]
pub fn expand(word: &str, env: &Env) -> Expanded {
    let lexed = lex(word, env.escape, Style::default(), Variables::From(env));
    Expanded { value: lexed.value, unresolved: lexed.unresolved, from_arg: lexed.from_arg, problem: lexed.problem }
}

/// Takes quotes and escapes away and leaves variables as written.
pub(crate) fn unquote(word: &str, escape: char) -> String {
    lex(word, escape, Style::default(), Variables::Keep).value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env() -> Env {
        let mut env = Env::new('\\', false);
        let known = |value: &str, from_arg| Variable {
            value: Value::Known(value.to_owned()),
            from_arg,
            unresolved: Vec::new(),
        };
        env.set("V", known("value", false));
        env.set("E", known("", false));
        env.set("A", known("arg", true));
        env.set("N", Variable { value: Value::Unset, from_arg: true, unresolved: Vec::new() });
        env.set("P", Variable { value: Value::Unknown, from_arg: false, unresolved: Vec::new() });
        env
    }

    fn value(word: &str) -> String {
        expand(word, &env()).value
    }

    #[test]
    fn every_operator() {
        for (word, expected) in [
            ("$V", "value"),
            ("${V}x", "valuex"),
            ("$Vx", "$Vx"),
            ("${V:-w}", "value"),
            ("${E:-w}", "w"),
            ("${E-w}", ""),
            ("${M:-w}", "w"),
            ("${M-w}", "w"),
            ("${M:-}", ""),
            ("${V:+w}", "w"),
            ("${E:+w}", ""),
            ("${E+w}", "w"),
            ("${M+w}", ""),
            ("${V:?w}", "value"),
            ("${M:-${V}}", "value"),
            ("${M:-a${M:-b}c}", "abc"),
            ("${V#v}", "alue"),
            ("${V%e}", "valu"),
            ("${V/a/o}", "volue"),
            ("${A//a/-}", "-rg"),
            ("\\$V", "$V"),
            ("'$V'", "$V"),
            ("\"$V\"", "value"),
            ("\"\\$V\"", "$V"),
            ("a\\ b", "a b"),
            ("\"a\\b\"", "a\\b"),
            ("$", "$"),
            ("a$", "a$"),
            ("$(x)", "$(x)"),
            ("\"it's\"", "it's"),
        ] {
            assert_eq!(value(word), expected, "{word}");
        }
    }

    #[test]
    fn unknown_values_stay_and_are_named() {
        let expanded = expand("x-${P}-$N-$M", &env());
        assert_eq!(expanded.value, "x-${P}-$N-$M");
        assert_eq!(expanded.unresolved, ["P", "N", "M"]);
        assert!(expanded.from_arg);
        // What the builder sets is always set: the default is a guess, and said to be one.
        let expanded = expand("${P:-w}", &env());
        assert_eq!((expanded.value.as_str(), expanded.unresolved.len()), ("w", 1));
        // An unused default has no say.
        let expanded = expand("${V:-$N}", &env());
        assert_eq!((expanded.value.as_str(), expanded.unresolved.len(), expanded.from_arg), ("value", 0, false));
        // A default for a build argument can be changed by it.
        let expanded = expand("${N:-w}", &env());
        assert_eq!((expanded.value.as_str(), expanded.unresolved.len(), expanded.from_arg), ("w", 0, true));
    }

    #[test]
    fn an_open_environment_may_hold_more() {
        let env = Env::new('\\', true);
        assert_eq!(expand("${X:-w}", &env).unresolved, ["X"]);
    }

    #[test]
    fn what_the_builder_refuses() {
        for word in ["${", "${V", "${}", "${:x}", "'x", "\"x", "${V^x}", "${V:x}", "${M:?said}", "${N?}"] {
            assert!(expand(word, &env()).problem.is_some(), "{word}");
        }
        assert_eq!(expand("${M:?said}", &env()).problem.as_deref(), Some("M: said"));
    }

    #[test]
    fn bounds_hold() {
        let deep = "${M:-".repeat(100_000) + &"}".repeat(100_000);
        assert!(expand(&deep, &env()).problem.is_some());
        let mut env = Env::new('\\', false);
        let mut value = "x".repeat(1000);
        for index in 0..40 {
            env.set(
                &format!("V{index}"),
                Variable { value: Value::Known(value.clone()), from_arg: false, unresolved: vec![] },
            );
            value = expand(&format!("$V{index}$V{index}"), &env).value;
        }
        assert!(value.len() <= 64 * 1024);
    }

    #[test]
    fn the_backtick_escapes_when_told_so() {
        let env = Env::new('`', false);
        assert_eq!(expand("c:\\dir`$V", &env).value, "c:\\dir$V");
    }
}
