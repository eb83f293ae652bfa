//! Shell texts: every hiding place of a command, real lines, and input that wants to do harm.

use crate::shell::{Command, Connector, Language, Nesting};
use crate::{Script, parse, parse_shell, script_of};
use proptest::prelude::*;

/// Program and line of each command.
fn programs(script: &Script) -> Vec<(String, u32)> {
    script.commands.iter().map(|command| (command.program().unwrap_or("?").to_owned(), command.line)).collect()
}

fn names(text: &str) -> Vec<String> {
    let script = parse_shell(text, 1);
    assert!(script.problems.is_empty(), "{text}: {:?}", script.problems);
    script.commands.iter().map(line).collect()
}

fn line(command: &Command) -> String {
    command.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn of_dockerfile(text: &str) -> Script {
    let dockerfile = parse(text).redacted();
    dockerfile.run_scripts().pop().expect("a RUN").script
}

#[test]
fn commands_are_found_in_every_hiding_place() {
    for (text, expected) in [
        ("a && b || c; d & e | f", vec!["a", "b", "c", "d", "e", "f"]),
        ("(a; b) && { c; }", vec!["a", "b", "c"]),
        ("( (a) )", vec!["a"]),
        ("( ( a && b ) )", vec!["a", "b"]),
        ("if a; then b; elif c; then d; else e; fi", vec!["a", "b", "c", "d", "e"]),
        ("case $x in a|b) c;; *) d; esac", vec!["c", "d"]),
        ("for i in 1 2; do a $i; done; while b; do c; done; until d; do e; done", vec!["a $i", "b", "c", "d", "e"]),
        ("f() { a; }; function g { b; }; f", vec!["a", "b", "f"]),
        ("x=$(a b) c \"$(d)\" `e`", vec!["c $(d) `e`", "d", "e", "a b"]),
        ("a <(b) > >(c)", vec!["a <(…)", "b", "c"]),
        ("sh -c 'a && b'", vec!["sh -c a && b", "a", "b"]),
        ("bash -exc \"a; $(b)\"", vec!["bash -exc a; $(b)", "a", "$(b)", "b"]),
        ("bash -eo pipefail -c 'a'", vec!["bash -eo pipefail -c a", "a"]),
        ("bash -l -c a x", vec!["bash -l -c a x", "a"]),
        ("su - app -c 'a b'", vec!["su - app -c a b", "a b"]),
        ("su -c 'a b' app", vec!["su -c a b app", "a b"]),
        ("eval a 'b; c'", vec!["eval a b; c", "a b", "c"]),
        ("sudo -E bash -c 'a'", vec!["sudo -E bash -c a", "a"]),
        ("sh -c \"sh -c 'sh -c a'\"", vec!["sh -c sh -c 'sh -c a'", "sh -c sh -c a", "sh -c a", "a"]),
        ("bash <<'E'\na\nb\nE\nc", vec!["bash", "a", "b", "c"]),
        ("bash <<< 'a'", vec!["bash", "a"]),
        ("cat <<E > f\na $(b)\nE\n", vec!["cat", "b"]),
        ("bash script.sh", vec!["bash script.sh"]),
        ("[[ -n $(a) ]] && b", vec!["a", "b"]),
        ("! a", vec!["a"]),
        ("a # b && c\nd", vec!["a", "d"]),
        ("a \\\n b", vec!["a b"]),
        ("", vec![]),
        ("   \n# only a comment\n", vec![]),
    ] {
        assert_eq!(names(text), expected, "{text}");
    }
}

#[test]
fn how_commands_follow_and_what_they_are_nested_in() {
    let script = parse_shell("a && b || c; (d | e) & f", 1);
    let connectors: Vec<_> = script.commands.iter().map(|command| command.connector).collect();
    use Connector::{And, Background, First, Or, Pipe, Then};
    assert_eq!(connectors, [First, And, Or, Then, Pipe, Background]);
    let pipelines: Vec<_> = script.commands.iter().map(|command| command.pipeline).collect();
    assert_eq!(pipelines[3], pipelines[4]);
    assert_ne!(pipelines[0], pipelines[1]);
    let sure = |text: &str| {
        let script = parse_shell(text, 1);
        script.commands.iter().filter(|command| command.unconditional()).map(line).collect::<Vec<_>>()
    };
    assert_eq!(sure("a && b; (c; d) && { e; }"), ["a", "b", "c", "d", "e"]);
    assert_eq!(sure("a || b; c || { d; e; }"), ["a", "c"]);
    assert_eq!(sure("test -f x && a; command -v y && b; c"), ["test -f x", "command -v y", "c"]);
    assert_eq!(sure("if a; then b; fi; f() { c; }; for i in 1; do d; done; sh -c e"), ["sh -c e", "e"]);
    let script = parse_shell("f() { sh -c 'a'; }", 1);
    assert_eq!(script.commands[1].nesting, [Nesting::Function("f".into()), Nesting::Group, Nesting::Inline]);
}

#[test]
fn words_assignments_and_redirects() {
    let script = parse_shell("A=b C='d e' 2>/dev/null x \"y $z\" 'w' >> out", 1);
    let command = &script.commands[0];
    let assignments: Vec<_> = command.assignments.iter().map(|(name, word)| (name.as_str(), &*word.text)).collect();
    assert_eq!(assignments, [("A", "b"), ("C", "d e")]);
    let redirects: Vec<_> = command.redirects.iter().map(|to| (to.operator.as_str(), &*to.target.text)).collect();
    assert_eq!(redirects, [("2>", "/dev/null"), (">>", "out")]);
    assert_eq!(command.words.iter().map(|word| word.literal).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(command.arguments().len(), 2);
    let script = parse_shell("cat <<-'E' | sh\n\ta\n\tE\n", 1);
    assert_eq!(script.commands[0].redirects[0].target.text, "a\n");
}

#[test]
fn masks_do_not_break_the_parser() {
    let script = parse_shell("curl -u ‹value, 7 chars› x && b 'y ‹url password, 20 chars, a(…') sha256:0›'", 1);
    assert!(script.problems.is_empty(), "{:?}", script.problems);
    assert_eq!(script.commands[0].words[2].text, "‹value, 7 chars›");
    assert_eq!(script.commands.len(), 2);
    assert!(script.commands[1].words[1].text.ends_with("sha256:0›"));
    let dockerfile =
        "FROM a\nRUN curl -u me:hunter2hunter2 https://x/y \\\n  && PASSWORD='a b c d e f' apt-get update\n";
    let script = of_dockerfile(dockerfile);
    assert_eq!(programs(&script), [("curl".into(), 2), ("apt-get".into(), 3)]);
    assert!(!format!("{script:?}").contains("hunter2"));
}

#[test]
fn lines_are_those_of_the_file() {
    let script = of_dockerfile(
        "FROM a\nRUN --mount=type=cache,target=/x \\\n  # a comment\n  apt-get update \\\n\n  && apt-get install \\\n    curl ; \\\n  bash -c \"a && \\\n    b\" \\\n  $(c \\\n  d $(e))\n",
    );
    assert_eq!(
        programs(&script),
        [
            ("apt-get".into(), 4),
            ("apt-get".into(), 6),
            ("bash".into(), 8),
            ("c".into(), 10),
            ("e".into(), 11),
            ("a".into(), 8),
            ("b".into(), 9)
        ]
    );
    let script = of_dockerfile("FROM a\nRUN <<EOF\napt-get update\n\napt-get install \\\n  curl\nsh -c '\n  a'\nEOF\n");
    let expected: Vec<(String, u32)> =
        [("apt-get", 3), ("apt-get", 5), ("sh", 7), ("a", 8)].map(|(name, line)| (name.to_owned(), line)).into();
    assert_eq!(programs(&script), expected);
    let script = of_dockerfile("FROM a\nRUN bash -e <<EOF && x\na\nb\nEOF\nRUN y");
    assert_eq!(programs(&script), [("y".into(), 6)]);
    let script = of_dockerfile("FROM a\nRUN bash -e <<EOF && x\na\nb\nEOF\n");
    assert!(script.problems.is_empty(), "{:?}", script.problems);
    let expected: Vec<(String, u32)> =
        [("bash", 2), ("a", 3), ("b", 4), ("x", 2)].map(|(name, line)| (name.to_owned(), line)).into();
    assert_eq!(programs(&script), expected);
    let script = of_dockerfile("FROM a\nONBUILD RUN a \\\n && b\n");
    assert_eq!(programs(&script), [("a".into(), 2), ("b".into(), 3)]);
}

#[test]
fn forms_and_shells() {
    let of = |text: &str| {
        let script = of_dockerfile(&format!("FROM a\n{text}\n"));
        (script.language, script.commands.iter().map(line).collect::<Vec<_>>())
    };
    assert_eq!(of("RUN [\"apt-get\", \"update\"]"), (Language::Posix, vec!["apt-get update".into()]));
    assert_eq!(of("RUN [\"/bin/bash\", \"-c\", \"a && b\"]").1, ["/bin/bash -c a && b", "a", "b"]);
    assert_eq!(of("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b").1, ["a", "b"]);
    assert_eq!(
        of("SHELL [\"powershell\", \"-Command\"]\nRUN a; b 'c;d'"),
        (Language::PowerShell, vec!["a".into(), "b c;d".into()])
    );
    assert_eq!(of("RUN [\"powershell\", \"-Command\", \"a; b\"]").1, ["a", "b"]);
    assert_eq!(of("SHELL [\"cmd\", \"/S\", \"/C\"]\nRUN a && b").1, ["a", "b"]);
    assert_eq!(of("SHELL [\"python3\", \"-c\"]\nRUN import os"), (Language::Other, vec![]));
    assert_eq!(of("RUN <<EOF\n#!/usr/bin/env bash\na\nEOF").1, ["a"]);
    let script = of_dockerfile("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n");
    assert_eq!((script.language, script.problems.len()), (Language::Other, 1));
    assert_eq!(of("RUN python3 <<EOF\nimport os\nEOF").1, ["python3"]);
    // SHELL is inherited by a stage that starts from another one.
    let script = of_dockerfile("FROM a AS b\nSHELL [\"pwsh\", \"-c\"]\nFROM b\nRUN x\n");
    assert_eq!(script.language, Language::PowerShell);
    let dockerfile = parse("FROM a\nHEALTHCHECK --interval=5s \\\n  CMD curl -f x \\\n  || exit 1\n");
    let script = script_of(&dockerfile.instructions[1], &[]);
    assert_eq!(programs(&script), [("curl".into(), 3), ("exit".into(), 4)]);
}

#[test]
fn one_bad_part_does_not_hide_the_rest() {
    for (text, expected) in [
        ("a && b; if c; d", vec!["a", "b"]),
        ("a && b 'open", vec!["a"]),
        ("a; ) b; c && d", vec!["a", "d"]),
        ("a\n((((((((((((((((((((((((((((((\nb", vec!["a"]),
    ] {
        let script = parse_shell(text, 1);
        assert!(!script.problems.is_empty(), "{text}");
        let found: Vec<String> = script.commands.iter().map(line).collect();
        assert!(expected.iter().all(|name| found.iter().any(|line| line == name)), "{text}: {found:?} {script:?}");
    }
    assert_eq!(parse_shell("x\n\na 'b", 1).problems[0].line, 3);
}

#[test]
fn hostile_texts_end_soon() {
    for unit in [
        "(",
        "((",
        "$(",
        "${a:-",
        "`",
        "if ",
        "case a in a) ",
        "{ ",
        "while ",
        "[[ ! ",
        "! ",
        "coproc ",
        "f() ",
        "<(",
        "a=( ",
        "\"$(",
        "$((",
        "$[",
        "<<a ",
        "a <<b\n",
        "'",
        "\"",
        "\\",
        "elif ",
        "else ",
        "for i in ",
        "function f ",
        "x | ",
        "x && ",
        "; ",
        "& ",
        "99999999999<a ",
        "sh -c '",
        "eval ",
        ")",
        "}",
        "fi ",
        "esac ",
        "[[ a && ",
        "@(",
        "a[",
        "{a,",
        "time ",
        "[[ ( ",
    ] {
        for count in [1, 9, 40, 600, 2000] {
            let text = unit.repeat(count);
            let _ = parse_shell(&text, 1);
            let _ = parse_shell(&format!("{text}\nb"), 1);
        }
    }
    let closed =
        [("(", "a", ")"), ("$(", "a", ")"), ("{ ", "a", "; }"), ("if a; then ", "b", "; fi"), ("((", "1", "))")];
    for (open, inner, close) in closed {
        for count in [1, 9, 40, 600, 3000] {
            let _ = parse_shell(&format!("{}{inner}{}", open.repeat(count), close.repeat(count)), 1);
        }
    }
    let cases = format!("{}x{}", "case a in b) ".repeat(30), " esac".repeat(30));
    assert!(!parse_shell(&cases, 1).problems.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "[ -~\n\t‹›é]{0,120}") {
        let script = parse_shell(&text, 5);
        let last = 5 + u32::try_from(text.matches('\n').count()).unwrap();
        for command in &script.commands {
            prop_assert!((5..=last).contains(&command.line), "{command:?}");
            let _ = (command.program(), command.arguments(), command.unconditional());
        }
    }

    #[test]
    fn shell_like_text_is_read_without_panic(parts in prop::collection::vec(prop::sample::select(vec![
        "if ", "then ", "fi\n", "for i in ", "do ", "done;", "case x in ", "a) ", ";; ", "esac ", "( ", ") ", "{ ", "} ",
        "$(", "`", "\"", "'", "\\", "\n", "<<E\n", "E\n", "<(", "&& ", "|| ", "; ", "& ", "| ", "sh -c ", "eval ", "x ",
        "A=b ", "A=(", "[[ ", "]] ", "! ", "2>&1 ", "12345678901>", "$((", "))", "f() ", "coproc ", "# ", "${", "‹v, 1›",
    ]), 0..40)) {
        let text = parts.concat();
        let _ = parse_shell(&text, 1);
        let _ = parse(&format!("FROM a\nRUN {text}\n")).run_scripts();
    }
}
