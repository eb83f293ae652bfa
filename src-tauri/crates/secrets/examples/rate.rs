//! How fast files are searched: `cargo run --release --example rate -- FILE…`.

use plimsoll_secrets::FileScanner;

fn main() {
    let (mut bytes, mut seconds) = (0_u64, 0.0);
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else { continue };
        let start = std::time::Instant::now();
        let mut scanner = FileScanner::new(&path, data.len() as u64);
        scanner.push(&data);
        let found = scanner.finish();
        seconds += start.elapsed().as_secs_f64();
        bytes += data.len() as u64;
        for finding in found {
            println!(
                "{path}:{} {} {:?} {:?} {:?} {}",
                finding.line, finding.kind, finding.name, finding.certainty, finding.harmless, finding.shown
            );
        }
    }
    #[allow(clippy::cast_precision_loss)] // for people
    let rate = bytes as f64 / 1e6 / seconds;
    println!("{bytes} bytes, {rate:.0} MB/s");
}
