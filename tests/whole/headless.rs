//! The headless binary starts on a bare server.

use crate::support::{Home, binary, judge, succeed};

#[test]
fn it_links_no_gui_library_and_needs_no_display() {
    let (_, libraries) = judge("ldd", "libc-bin", &[binary("plimsoll").to_str().unwrap()]);
    for library in ["gtk", "webkit", "gdk", "X11", "wayland", "libssl", "dbus"] {
        assert!(!libraries.contains(library), "{library}: {libraries}");
    }
    let home = Home::new();
    let output = home.command(binary("plimsoll")).arg("--version").env_remove("DISPLAY").output().unwrap();
    assert!(succeed(&output).starts_with("plimsoll "));
}
