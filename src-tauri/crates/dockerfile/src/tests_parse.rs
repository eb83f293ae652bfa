//! Whole Dockerfiles: one test for each trap that tools fall into.

use crate::{Arguments, Base, Dockerfile, Keyword, Place, parse};

fn run_text(dockerfile: &Dockerfile, index: usize) -> &str {
    dockerfile.instructions[index].arguments.shell().unwrap()
}

fn image(dockerfile: &Dockerfile, stage: usize) -> (String, Vec<String>, bool) {
    match &dockerfile.stages[stage].base {
        Base::Image(image) => (image.resolved.clone(), image.unresolved.clone(), image.defaulted),
        other => panic!("{other:?}"),
    }
}

fn messages(text: &str) -> Vec<(u32, String)> {
    parse(text).problems.into_iter().map(|problem| (problem.line, problem.message)).collect()
}

#[test]
fn byte_order_mark_and_windows_line_ends() {
    let text = "\u{feff}# syntax=docker/dockerfile:1\r\n\r\nFROM debian:12\r\nRUN a && \\\r\n  b\r\n";
    let dockerfile = parse(text);
    assert!(dockerfile.problems.is_empty(), "{:?}", dockerfile.problems);
    assert_eq!(dockerfile.directives[0].value, "docker/dockerfile:1");
    assert_eq!(run_text(&dockerfile, 1), "a &&   b");
    assert_eq!((dockerfile.instructions[1].line, dockerfile.instructions[1].end_line), (4, 5));
    assert_eq!(dockerfile.lines, 5);
    assert_eq!(image(&dockerfile, 0).0, "debian:12");
}

#[test]
fn directives_at_the_top_only() {
    let dockerfile =
        parse("# Escape = `\n#check=skip=all\n# a comment\n# syntax=x/y\nFROM a\nCOPY c:\\a`\n  d:\\\nRUN x\n");
    let names: Vec<_> = dockerfile.directives.iter().map(|directive| directive.name.as_str()).collect();
    assert_eq!(names, ["escape", "check"]);
    assert_eq!(dockerfile.escape, '`');
    assert_eq!(dockerfile.instructions.len(), 3);
    assert_eq!(run_text(&dockerfile, 1), "c:\\a  d:\\");
    assert!(parse("\n# syntax=x\nFROM a").directives.is_empty());
    assert_eq!(
        messages("# syntax=x\n# syntax=y\nFROM a"),
        [(2, "only one syntax parser directive can be used".into())]
    );
    assert_eq!(parse("#!/usr/bin/env x\n# syntax=x\nFROM a").directives[0].line, 2);
    assert_eq!(messages("# escape=x\nFROM a").len(), 1);
}

#[test]
fn comments_and_blank_lines_inside_a_continuation() {
    let dockerfile = parse("FROM a\nRUN one \\\n# comment \\\n\n   # another\n two \\\n three\nUSER x\n");
    assert_eq!(run_text(&dockerfile, 1), "one  two  three");
    assert_eq!((dockerfile.instructions[1].line, dockerfile.instructions[1].end_line), (2, 7));
    assert_eq!(dockerfile.instructions[2].line, 8);
    assert_eq!(dockerfile.problems.len(), 1);
    assert_eq!(dockerfile.problems[0].line, 4);
}

#[test]
fn what_is_no_continuation() {
    let dockerfile = parse("FROM a\nRUN one \\\\\nRUN two \\ \nthree\nRUN four \\");
    assert_eq!(dockerfile.instructions.len(), 4);
    assert_eq!(run_text(&dockerfile, 1), "one \\\\");
    assert_eq!(run_text(&dockerfile, 2), "two three");
    assert_eq!(run_text(&dockerfile, 3), "four");
}

#[test]
fn here_documents() {
    let text = "FROM a
RUN <<EOF
apt-get update
# kept
EOF
COPY <<-'one' <<two /dest/
\t\tx $V
\tone
y
two
RUN --mount=type=cache,target=/c python3 <<PY && echo done
print(1)
PY
CMD <<NO
";
    let dockerfile = parse(text);
    assert_eq!(dockerfile.instructions[1].heredocs[0].content, "apt-get update\n# kept\n");
    assert_eq!((dockerfile.instructions[1].heredocs[0].line, dockerfile.instructions[1].end_line), (3, 5));
    let copy = &dockerfile.instructions[2];
    assert_eq!(copy.heredocs.len(), 2);
    assert_eq!(copy.heredocs[0].content, "x $V\n");
    assert!(!copy.heredocs[0].expand && copy.heredocs[0].strip_tabs);
    assert_eq!((copy.heredocs[1].content.as_str(), copy.heredocs[1].expand, copy.heredocs[1].line), ("y\n", true, 9));
    assert_eq!(dockerfile.instructions[3].heredocs[0].content, "print(1)\n");
    assert!(dockerfile.instructions[4].heredocs.is_empty());
    assert!(dockerfile.problems.is_empty(), "{:?}", dockerfile.problems);
}

#[test]
fn a_here_document_without_end_swallows_nothing() {
    let dockerfile = parse("FROM a\nRUN echo $((1 << 2))\nUSER app\n");
    assert_eq!(dockerfile.instructions.len(), 3);
    assert_eq!(dockerfile.effective_user(0).unwrap().value, "app");
    assert_eq!(dockerfile.problems[0].message, "unterminated here-document");
}

#[test]
fn onbuild_holds_an_instruction() {
    let dockerfile = parse("FROM a\nONBUILD RUN --mount=type=ssh <<E\nx\nE\nOnBuild user app\n");
    let trigger = dockerfile.instructions[1].trigger.as_ref().unwrap();
    assert_eq!((trigger.keyword.clone(), trigger.heredocs.len(), trigger.stage), (Keyword::Run, 1, Some(0)));
    assert!(dockerfile.instructions[1].heredocs.is_empty());
    assert_eq!(dockerfile.instructions[2].trigger.as_ref().unwrap().keyword, Keyword::User);
    assert_eq!(messages("FROM a\nONBUILD FROM b\n").len(), 1);
}

#[test]
fn arguments_before_from() {
    let text = "ARG TAG=1\nARG TAG=2\nARG NAME=debian\nARG FULL=${NAME}:${TAG}\nFROM ${FULL} AS a\n\
                FROM --platform=$BUILDPLATFORM \"$NAME:${V:-latest}\"\n";
    let dockerfile = parse(text);
    assert_eq!(image(&dockerfile, 0), ("debian:2".into(), vec![], true));
    assert_eq!(image(&dockerfile, 1), ("debian:latest".into(), vec![], true));
    assert_eq!(dockerfile.stages[1].platform.as_deref(), Some("$BUILDPLATFORM"));
}

#[test]
fn values_that_nobody_knows() {
    let dockerfile = parse("ARG TAG\nFROM debian:$TAG\nFROM debian:${OTHER}\nFROM x-$TARGETARCH\nFROM a:${TAG:-1}\n");
    assert_eq!(image(&dockerfile, 0), ("debian:$TAG".into(), vec!["TAG".into()], true));
    assert_eq!(image(&dockerfile, 1), ("debian:${OTHER}".into(), vec!["OTHER".into()], false));
    assert_eq!(image(&dockerfile, 2).1, ["TARGETARCH"]);
    assert_eq!(image(&dockerfile, 3), ("a:1".into(), vec![], true));
    // An ARG inside a stage is none of FROM's.
    let dockerfile = parse("FROM a\nARG T=1\nFROM b:$T\n");
    assert_eq!(image(&dockerfile, 1).1, ["T"]);
}

#[test]
fn stages_and_their_bases() {
    let text = "FROM debian:12 as Build\nFROM scratch\nFROM build AS final\nFROM $X\nFROM FINAL\n";
    let dockerfile = parse(text);
    let bases: Vec<_> = dockerfile.stages.iter().map(|stage| &stage.base).collect();
    assert!(matches!(bases[0], Base::Image(_)));
    assert_eq!(bases[1], &Base::Scratch);
    assert_eq!(bases[2], &Base::Stage(0));
    assert_eq!(bases[4], &Base::Stage(2));
    assert_eq!(dockerfile.lineage(4), [4, 2, 0]);
    assert_eq!(dockerfile.lineage(9), Vec::<usize>::new());
    assert_eq!(dockerfile.final_stage().unwrap().index, 4);
    assert_eq!(dockerfile.stages[0].name.as_deref(), Some("Build"));
    // A stage cannot start from itself: the name means an image.
    assert!(matches!(parse("FROM a AS a\n").stages[0].base, Base::Image(_)));
}

#[test]
fn lineage_survives_a_circle() {
    let mut dockerfile = parse("FROM a AS x\nFROM x AS y\n");
    dockerfile.stages[0].base = Base::Stage(1);
    assert_eq!(dockerfile.lineage(1), [1, 0]);
}

#[test]
fn the_user_of_the_final_stage() {
    let user = |text: &str| {
        let dockerfile = parse(text);
        dockerfile.effective_user(dockerfile.stages.len() - 1).map(|user| (user.value, user.line))
    };
    assert_eq!(user("FROM a AS b\nUSER app\nFROM c\n"), None);
    assert_eq!(user("FROM a AS b\nUSER app\nFROM b\n"), Some(("app".into(), 2)));
    assert_eq!(user("FROM a AS b\nUSER app\nFROM b\nUSER root\nUSER 0000\n"), Some(("0000".into(), 5)));
    assert_eq!(user("FROM a\nARG UID=0\nARG GID=5\nUSER ${UID}:$GID\n"), Some(("0:5".into(), 4)));
    assert_eq!(user("FROM a\nENV U=x\nUSER \"$U\"\n"), Some(("x".into(), 3)));
    // A trigger waits for the next build; a child stage is one.
    assert_eq!(user("FROM a\nONBUILD USER app\n"), None);
    assert_eq!(user("FROM a AS b\nUSER x\nONBUILD USER app\nFROM b\n"), Some(("app".into(), 3)));
    assert_eq!(user("FROM a AS b\nONBUILD USER app\nFROM b AS c\nUSER y\nFROM c\n"), Some(("y".into(), 4)));
}

#[test]
fn arguments_inside_a_stage() {
    let user = |text: &str| {
        let dockerfile = parse(text);
        let user = dockerfile.effective_user(dockerfile.stages.len() - 1).unwrap();
        (user.value, user.unresolved, user.defaulted)
    };
    // Declared again, the global default comes in; not declared, it does not.
    assert_eq!(user("ARG U=0\nFROM a\nARG U\nUSER $U\n"), ("0".into(), vec![], true));
    assert_eq!(user("ARG U=0\nFROM a\nUSER $U\n"), ("$U".into(), vec!["U".into()], false));
    assert_eq!(user("FROM a\nARG U\nUSER $U\n"), ("$U".into(), vec!["U".into()], true));
    // A child stage inherits what its parent declared.
    assert_eq!(user("FROM a AS b\nARG U=1\nFROM b\nUSER $U\n"), ("1".into(), vec![], true));
    assert_eq!(user("FROM a\nARG U=1\nENV V=$U\nUSER $V\n"), ("1".into(), vec![], true));
    // ENV wins over an ARG before it; all pairs of one ENV see the state before it.
    assert_eq!(user("FROM a\nARG U=1\nENV U=2\nUSER $U\n"), ("2".into(), vec![], false));
    assert_eq!(user("FROM a\nENV A=x\nENV A=y B=$A\nUSER $B\n").0, "x");
    assert_eq!(user("FROM a\nENV A one two\nUSER $A\n").0, "one two");
    assert_eq!(user("FROM scratch\nUSER ${X:-app}\n"), ("app".into(), vec![], false));
    assert_eq!(user("FROM a\nUSER ${X:-app}\n"), ("app".into(), vec!["X".into()], false));
}

#[test]
fn every_image_from_outside() {
    let text = "# syntax=docker/dockerfile:1.7 # note
ARG V=3
FROM golang:1.22 AS Build
COPY --from=alpine:$V /x /y
COPY --from=build /x /y
COPY --from=0 /x /y
COPY --from=9 /x /y
FROM build
RUN --mount=type=bind,from=busybox:1,target=/b --mount=type=cache,from=BUILD,target=/c x
ONBUILD COPY --from=nginx:1 /a /b
FROM scratch
COPY --from=scratch / /
FROM alpine:$V
";
    let dockerfile = parse(text);
    let found: Vec<_> = dockerfile
        .external_images()
        .into_iter()
        .map(|image| (image.reference.resolved, image.place, image.line, image.stage))
        .collect();
    assert_eq!(
        found,
        [
            ("docker/dockerfile:1.7".into(), Place::SyntaxDirective, 1, None),
            ("golang:1.22".into(), Place::From, 3, Some(0)),
            ("alpine:$V".into(), Place::CopyFrom, 4, Some(0)),
            ("9".into(), Place::CopyFrom, 7, Some(0)),
            ("busybox:1".into(), Place::MountFrom, 9, Some(1)),
            ("nginx:1".into(), Place::CopyFrom, 10, Some(1)),
            ("alpine:3".into(), Place::From, 13, Some(3)),
        ]
    );
}

#[test]
fn pairs_of_env_arg_and_label() {
    let dockerfile = parse("FROM a\nENV A=\"x y\" B='$C' D=e\\ f\nENV OLD the old form\nARG N\nLABEL \"a b\"=c\n");
    let pairs = |index: usize| {
        dockerfile
            .assignments(&dockerfile.instructions[index])
            .into_iter()
            .map(|pair| (pair.name, pair.value))
            .collect::<Vec<_>>()
    };
    let some = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    assert_eq!(pairs(1), [some("A", "x y"), some("B", "$C"), some("D", "e f")]);
    assert_eq!(pairs(2), [some("OLD", "the old form")]);
    assert_eq!(pairs(3), [("N".to_owned(), None)]);
    assert_eq!(pairs(4), [some("a b", "c")]);
}

#[test]
fn what_docker_refuses_is_named() {
    for (text, line) in [
        ("", 1),
        ("# only\n", 1),
        ("RUN x\nFROM a\n", 1),
        ("FROM a\nFRUN x\n", 2),
        ("FROM a\n\nUSER\n", 3),
        ("FROM a\nCOPY x\n", 2),
        ("FROM\n", 1),
        ("FROM a b\n", 1),
        ("FROM a AS 1x\n", 1),
        ("FROM Debian:12\n", 1),
        ("FROM ${\n", 1),
        ("FROM a\nENV A\n", 2),
        ("FROM a\nHEALTHCHECK x\n", 2),
        ("FROM a\nSHELL bash\n", 2),
        ("FROM a AS b\nFROM c AS B\n", 2),
        ("FROM a\n\\\n", 2),
    ] {
        assert_eq!(messages(text).first().map(|problem| problem.0), Some(line), "{text}");
    }
    assert!(messages("from a\nrun b\ncmd\nentrypoint []\n").is_empty());
}

#[test]
fn secrets_are_masked_where_things_are_shown() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let dockerfile = parse(&format!("FROM a\nENV TOKEN={token}\nRUN curl -H \"Authorization: token {token}\" x\n"));
    assert!(!dockerfile.text.contains(&token));
    assert!(dockerfile.instructions.iter().all(|instruction| !instruction.raw.contains(&token)));
    assert_eq!(dockerfile.text.lines().count(), 3);
    let stored = serde_json::to_string(&dockerfile.redacted()).unwrap();
    assert!(!stored.contains(&token), "{stored}");
    assert_eq!(dockerfile.redacted().sha256, dockerfile.sha256);
}

#[test]
fn stored_and_read_back() {
    let dockerfile = parse("# syntax=a\nARG X\nFROM a:$X AS b\nRUN [\"x\"]\nONBUILD RUN <<E\nE\nFOO\n");
    let stored = serde_json::to_string(&dockerfile).unwrap();
    assert_eq!(serde_json::from_str::<Dockerfile>(&stored).unwrap(), dockerfile);
}

/// The stored form: engagements keep it, so a change here needs a migration.
#[test]
fn the_stored_form_stays() {
    let dockerfile = parse(
        "# syntax=docker/dockerfile:1\nARG V=12\nFROM --platform=$TARGETPLATFORM debian:$V AS base\nRUN <<EOF\nmake\nEOF\n\
         COPY --link [\"a b\", \"/\"]\nONBUILD USER app\nFROM base\nNOPE\n",
    );
    insta::assert_snapshot!(serde_json::to_string_pretty(&dockerfile).unwrap());
}

#[test]
fn the_walk_over_a_stage_knows_the_variables() {
    let dockerfile = parse("FROM a AS b\nENV A=1\nFROM b\nENV A=$A$A\nCOPY $A /\nONBUILD ENV A=9\n");
    let mut seen = Vec::new();
    dockerfile.visit_stage(1, |instruction, env| seen.push((instruction.line, crate::expand("$A", env).value)));
    assert_eq!(seen, [(4, "1".into()), (5, "11".into()), (6, "11".into())]);
    assert_eq!(dockerfile.environment_before(4), dockerfile.environment_before(5));
}

#[test]
fn a_build_argument_may_change_the_base() {
    let dockerfile = parse("ARG B=scratch\nFROM a AS x\nFROM $B\nFROM ${N:-x}\n");
    let stages: Vec<_> = dockerfile.stages.iter().map(|stage| (stage.base.clone(), stage.defaulted)).skip(1).collect();
    assert_eq!(stages, [(Base::Scratch, true), (Base::Stage(0), false)]);
}

#[test]
fn five_thousand_lines_take_milliseconds() {
    let mut text = "FROM a\n".to_owned();
    for index in 0..1000 {
        text.push_str(&format!("RUN echo <<E{index} \\\n && x\nARG A{index}=$A\nENV B{index}=\"$B {index}\"\n# c\n"));
    }
    let start = std::time::Instant::now();
    let dockerfile = parse(&text);
    assert_eq!(dockerfile.instructions.len(), 3001);
    // Generous: the tests run unoptimised on a busy machine.
    assert!(start.elapsed().as_millis() < 3000, "{:?}", start.elapsed());
    assert!(matches!(dockerfile.instructions[1].arguments, Arguments::Shell(_)));
}
