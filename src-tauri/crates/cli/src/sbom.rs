//! `plimsoll sbom`: the bill of materials of one subject.

use std::path::PathBuf;

use clap::Args;
use plimsoll_workbench::bill::{self, Format};
use plimsoll_workbench::collect::Request;
use plimsoll_workbench::reach::Reach;
use plimsoll_workbench::scanning::Advisories;
use plimsoll_workbench::settings::write_whole;
use plimsoll_workbench::{Source, WorkbenchError};

use crate::connections::Connections;
use crate::progress;

fn format(text: &str) -> Result<Format, String> {
    text.parse()
}

/// `plimsoll sbom`
#[derive(Debug, Args)]
#[command(after_help = "\
SOURCE is an image or another bill of materials, in the syntax of plimsoll audit: docker-daemon:REF,
docker://REF, docker-archive:FILE[:REF], oci-archive:FILE[:REF], oci:DIR[:REF], sbom:FILE.

Exit status: 0 it was written; 2 it could not be.")]
pub struct Sbom {
    /// What it is the bill of
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// CycloneDX 1.6 or SPDX 2.3, in JSON
    #[arg(long, value_name = "cyclonedx|spdx", default_value = "cyclonedx", value_parser = format)]
    pub format: Format,
    /// Where to write it; - for standard output
    #[arg(short, long, value_name = "FILE|-", default_value = "-")]
    pub output: PathBuf,
    /// The advisory database whose known vulnerabilities are written into it (CycloneDX); without it, none are
    #[arg(long, value_name = "FILE")]
    pub advisories: Option<PathBuf>,
    /// The platform to take of a multi-platform image, such as linux/arm64
    #[arg(long, value_name = "OS/ARCH")]
    pub platform: Option<String>,
    /// How registries are reached
    #[command(flatten)]
    pub connections: Connections,
    /// No progress on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

/// Writes it.
pub fn run(args: &Sbom) -> Result<(), WorkbenchError> {
    let source: Source = args.source.parse()?;
    if !bill::has_inventory(&source) {
        return Err(WorkbenchError::Input(format!(
            "{source} has no bill of materials: only an image or another bill of materials has one."
        )));
    }
    let (connections, typed) = args.connections.read(None)?;
    let mut reach = Reach::default().with(&connections, &typed);
    reach.advisories = args.advisories.clone().map_or(Advisories::None, Advisories::File);
    let request =
        Request { source, dockerfile: None, context: None, platform: args.platform.clone(), files: Vec::new() };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| WorkbenchError::Stopped(error.to_string()))?;
    let (job, bar) = progress::job(args.quiet);
    let written = runtime.block_on(async {
        let stopper = job.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stopper.cancel();
            }
        });
        bill::of_source(&request, &reach, args.format, args.advisories.is_some(), &job).await
    });
    bar.finish_and_clear();
    let text = written?;
    if args.output.as_os_str() == "-" {
        crate::print(&text);
        return Ok(());
    }
    write_whole(&args.output, text.as_bytes(), false)
}
