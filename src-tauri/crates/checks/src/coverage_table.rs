//! stub
/// stub
#[must_use]
pub fn coverage_markdown() -> String {
    String::new()
}
