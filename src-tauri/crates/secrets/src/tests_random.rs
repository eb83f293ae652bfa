//! The corpus: texts and files that hold a secret, and those that do not.
