//! Progress for a person at a terminal, on standard error.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use plimsoll_workbench::Job;

/// A job whose steps are drawn when somebody is there to see them.
pub fn job(quiet: bool) -> (Job, ProgressBar) {
    if quiet || !std::io::stderr().is_terminal() {
        return (Job::silent(), ProgressBar::hidden());
    }
    let bar = ProgressBar::new(0);
    let known = style("{prefix} {msg} [{bar:30}] {bytes}/{total_bytes}");
    let unknown = style("{prefix} {msg} {spinner}");
    bar.set_style(unknown.clone());
    let drawn = bar.clone();
    let job = Job::new(move |step| {
        drawn.set_prefix(format!("[{}/{}] {}:", step.subject, step.subjects, step.name));
        drawn.set_message(step.step);
        if step.total > 0 {
            drawn.set_style(known.clone());
            drawn.set_length(step.total);
            drawn.set_position(step.done);
        } else {
            drawn.set_style(unknown.clone());
            drawn.tick();
        }
    });
    (job, bar)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}
