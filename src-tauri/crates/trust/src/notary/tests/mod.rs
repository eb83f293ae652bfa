//! What the verdicts are, on metadata that are made here and, by hand, on a folder of cases.

mod cases;
