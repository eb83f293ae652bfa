//! A Dockerfile of 5,000 lines: parsed, and its RUN bodies read as shell.
#![allow(missing_docs)] // what criterion's macros make

use criterion::{Criterion, criterion_group, criterion_main};
use std::fmt::Write;

fn dockerfile() -> String {
    let mut text = String::from("# syntax=docker/dockerfile:1\nARG TAG=12\nFROM debian:${TAG} AS base\n");
    let mut lines = 3;
    let mut number = 0;
    while lines < 5_000 {
        let block = match number % 4 {
            0 => format!(
                "RUN --mount=type=cache,target=/var/cache/apt \\\n    apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n        curl=7.88.1-10 \\\n        libpq{number} \\\n    && rm -rf /var/lib/apt/lists/*\n"
            ),
            1 => format!(
                "ENV VERSION_{number}=\"1.{number}\" \\\n    HOME=/srv\nCOPY --chown=1:1 src/{number} /srv/{number}/\n"
            ),
            2 => format!(
                "RUN <<EOF\nset -eux\nif [ -f /srv/{number} ]; then\n  for file in /srv/*.sh; do\n    bash -c \"chmod +x $file\"\n  done\nfi\nEOF\n"
            ),
            _ => format!(
                "RUN curl -fsSL https://example.com/{number}.tgz -o a.tgz && echo \"$SUM  a.tgz\" | sha256sum -c -\n"
            ),
        };
        lines += block.matches('\n').count();
        let _ = write!(text, "{block}");
        number += 1;
    }
    text
}

fn parsing(criterion: &mut Criterion) {
    let text = dockerfile();
    criterion.bench_function("parse 5000 lines", |bencher| bencher.iter(|| plimsoll_dockerfile::parse(&text)));
    let parsed = plimsoll_dockerfile::parse(&text);
    criterion.bench_function("scripts of 5000 lines", |bencher| bencher.iter(|| parsed.run_scripts()));
}

criterion_group!(benches, parsing);
criterion_main!(benches);
