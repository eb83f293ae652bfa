//! What only the whole program can show: the command line, the signed report before independent judges, a real Docker
//! daemon, the real window. The tests are in `whole/`; they run the binaries beside them in the target folder.
