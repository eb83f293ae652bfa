//! Tests of lean installations.

use super::*;
use crate::facts::tests::{compose, dockerfile, history_image, image};
use crate::installs::wanted_in_final_stage;

fn run(text: &str) -> Judgement {
    LeanInstalls.judge(&dockerfile(text), &Settings::default())
}

#[test]
fn folders_are_covered_by_what_removes_them() {
    for word in [
        "/var/lib/apt/lists",
        "/var/lib/apt/lists/",
        "/var/lib/apt/lists/*",
        "/var/lib/apt/*",
        "/var/lib/{apt,dpkg,cache,log}/",
        "/var/lib/apt/lists/{,.}*",
    ] {
        assert!(covers(word, "/var/lib/apt/lists"), "{word}");
    }
    for word in ["/var/lib/apt/lists/partial", "/var/lib/apt/lists/*debian*", "/var/cache/apt/*", "/tmp/*", "lists", ""]
    {
        assert!(!covers(word, "/var/lib/apt/lists"), "{word}");
    }
    assert!(covers("~/.cache", "/root/.cache/pip"));
    assert!(covers("$HOME/.cache/*", "/root/.cache") && !covers("${HOME}/.cache/go", "/root/.cache/pip"));
}

#[test]
fn apts_setting_is_read() {
    for text in [
        "APT::Install-Recommends=false",
        "APT::Install-Recommends \"0\";",
        "echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/x",
    ] {
        assert!(recommends_off(text), "{text}");
    }
    assert!(!recommends_off("APT::Install-Recommends \"1\";") && !recommends_off("APT::Install-Suggests 0"));
}

#[test]
fn what_is_cleaned_up_in_the_same_run_passes() {
    for text in [
        "FROM a\nRUN apt-get update && apt-get install -y --no-install-recommends x && rm -rf /var/lib/apt/lists/*\n",
        "FROM a\nRUN apt-get update; apt-get -y install x --no-install-recommends; rm -r /var/lib/apt/lists /tmp/*\n",
        "FROM a\nRUN apt-get update && apt-get install -y --no-install-recommends x && apt-get dist-clean\n",
        "FROM a\nRUN apt update && apt install -yo APT::Install-Recommends=0 x && find /var/lib/apt/lists -type f -delete\n",
        "FROM a\nRUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y --no-install-recommends x\n",
        "FROM a\nRUN --mount=type=tmpfs,dst=/var/lib/apt/lists apt-get update && apt-get install -y --no-install-recommends x\n",
        "FROM a\nRUN bash -c 'apt-get update && apt-get install -y --no-install-recommends x && rm -rf /var/lib/apt/lists/*'\n",
        "FROM a\nRUN <<EOF\napt-get update\napt-get install -y --no-install-recommends x\nrm -rf /var/lib/apt/lists/*\nEOF\n",
        "FROM a\nRUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/10x\nRUN apt-get install -y x\n",
        "FROM a\nRUN apk add --no-cache x\n",
        "FROM a\nRUN apk --no-cache add x\n",
        "FROM a\nRUN apk add -U x && rm -rf /var/cache/apk/*\n",
        "FROM a\nRUN --mount=type=cache,target=/var/cache/apk apk add x\n",
        "FROM a\nRUN dnf install -y x && dnf clean all\n",
        "FROM a\nRUN microdnf install x && rm -rf /var/cache/yum\n",
        "FROM a\nRUN zypper -n in x && zypper cc -a\n",
        "FROM a\nRUN pip install --no-cache-dir x\n",
        "FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN python3 -m pip install x\n",
        "FROM a\nRUN --mount=type=cache,target=/root/.cache/pip pip3 install x\n",
        "FROM a\nRUN npm ci && npm cache clean --force\n",
        "FROM a AS b\nRUN apt-get update && apt-get install -y gcc\nFROM c\nRUN apk add --no-cache x\n",
    ] {
        let judgement = run(text);
        assert_eq!(judgement.outcome, OutcomeKind::Pass, "{text}: {:?}", judgement.observations);
    }
}

#[test]
fn what_stays_behind_fails() {
    for (text, alias) in [
        ("FROM a\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n", "DL3015"),
        ("FROM a\nRUN apt-get update && apt-get install -y --no-install-recommends x\n", "DL3009"),
        ("FROM a\nRUN apt-get update && apt-get install -y --no-install-recommends x && apt-get clean\n", "DL3009"),
        ("FROM a\nRUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n", "DL3009"),
        ("FROM a\nRUN rm -rf /var/lib/apt/lists/* && apt-get update\n", "DL3009"),
        ("FROM a\nRUN sh -c 'apt-get update'\n", "DL3009"),
        ("FROM a\nRUN --mount=type=cache,target=/var/cache/apt apt-get update\n", "DL3009"),
        ("FROM a\nRUN apk add x\n", "DL3019"),
        ("FROM a\nRUN apk update && apk add --no-cache x\n", "DL3019"),
        ("FROM a\nRUN yum -y install x\n", "DL3032"),
        ("FROM a\nRUN zypper install x\n", "DL3036"),
        ("FROM a\nRUN pip install -r requirements.txt\n", "DL3042"),
        ("FROM a\nRUN yarn install\n", "DL3060"),
        ("FROM a AS b\nRUN apk add x\nFROM b\n", "DL3019"),
    ] {
        let judgement = run(text);
        assert_eq!(judgement.outcome, OutcomeKind::Fail, "{text}");
        assert!(judgement.observations.iter().any(|o| o.aliases.iter().any(|a| a == alias)), "{text}");
    }
}

#[test]
fn the_rest_is_not_applicable_or_undecided() {
    assert_eq!(run("FROM a\nRUN make\n").outcome, OutcomeKind::NotApplicable);
    assert_eq!(run("FROM a AS b\nRUN apk add x\nFROM c\nCOPY --from=b /x /x\n").outcome, OutcomeKind::NotApplicable);
    assert_eq!(
        run("FROM a\nCOPY apt.conf /etc/apt/apt.conf.d/\nRUN apt-get install -y x\n").outcome,
        OutcomeKind::Undecided
    );
    assert_eq!(run("RUN x\n").outcome, OutcomeKind::Error);
    let file = compose("services:\n  a:\n    image: x\n");
    assert_eq!(LeanInstalls.judge(&file, &Settings::default()).outcome, OutcomeKind::NotApplicable);
}

#[test]
fn the_history_is_read_where_there_is_no_dockerfile() {
    let run = |lines: &[&str]| LeanInstalls.judge(&history_image(lines), &Settings::default()).outcome;
    assert_eq!(run(&["RUN /bin/sh -c apk add x # buildkit"]), OutcomeKind::Fail);
    assert_eq!(run(&["|1 A=b /bin/sh -c apt-get update"]), OutcomeKind::Fail);
    assert_eq!(run(&["/bin/sh -c apk add --no-cache x"]), OutcomeKind::Pass);
    assert_eq!(run(&["/bin/sh -c #(nop)  CMD [\"apk add x\"]", "COPY a /a # buildkit"]), OutcomeKind::NotApplicable);
    assert_eq!(LeanInstalls.judge(&image(), &Settings::default()).outcome, OutcomeKind::Undecided);
}

#[test]
fn what_the_final_stage_wants_is_listed() {
    let facts = dockerfile(
        "FROM a\nRUN apt-get install -y -t sid curl=7.* g++ ./x.deb $MORE && apt-get purge -y g++\nRUN apk add --virtual .d gcc make@edge && apk del .d\n",
    );
    let wanted = wanted_in_final_stage(facts.dockerfile.as_ref().unwrap());
    assert_eq!(wanted.iter().map(|wanted| wanted.name.as_str()).collect::<Vec<_>>(), ["curl"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// No Dockerfile makes a check panic, and each says why it ends as it does.
    #[test]
    fn any_dockerfile_is_judged(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "FROM a\n", "FROM a AS b\n", "RUN ", "apt-get install -y ", "-o", " x=1 ", "apk add ", "-t .d ", "&& ", "\\\n", "\n",
        "rm -rf /var/lib/{apt,", "lists}/* ", "useradd -u ", "adduser -", "USER app\n", "COPY --from=b /etc/passwd ", ". /x\n",
        "$(", ")", "'", "<<EOF\n", "EOF\n", "é", "--mount=type=cache,target=", "ENTRYPOINT [\"gosu\"]\n", "echo a:b:c > /etc/passwd\n",
    ]), 0..24)) {
        let facts = dockerfile(&pieces.concat());
        for check in crate::all() {
            let judgement = check.judge(&facts, &Settings::default());
            proptest::prop_assert!(!judgement.summary.is_empty());
        }
    }
}
