use bluecrab::{Header, http};

#[http]
fn rows(_kind: Header<String>) {}

fn main() {}
