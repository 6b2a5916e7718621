//! The `bluecrab` command: one module per verb.

fn main() {}
