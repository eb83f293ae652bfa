//! Fuzz targets for everything that reads hostile bytes. They are in `main.rs` and beside it; `README.md` says how to run
//! them for longer.
