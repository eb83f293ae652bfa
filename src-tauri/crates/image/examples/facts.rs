//! Prints the facts about an image as JSON: `facts docker-archive|oci-archive|oci PATH [REFERENCE]`.

use std::process::ExitCode;

use plimsoll_image::{NoHooks, OpenOptions, Transport, read_image};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let transport = match words.next().as_deref() {
        Some("docker-archive") => Transport::DockerArchive,
        Some("oci-archive") => Transport::OciArchive,
        Some("oci") => Transport::OciLayout,
        _ => {
            eprintln!("Usage: facts docker-archive|oci-archive|oci PATH [REFERENCE]");
            return ExitCode::from(2);
        }
    };
    let path = words.next().unwrap_or_default();
    let options = OpenOptions { reference: words.next(), ..OpenOptions::default() };
    let facts = read_image(transport, path.as_ref(), &options, &NoHooks).map_err(|error| error.to_string());
    match facts.and_then(|facts| serde_json::to_string_pretty(&facts).map_err(|error| error.to_string())) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
