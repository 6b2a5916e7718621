use bluecrab::{Path, http};

#[http]
fn big_rows(Path(_id): Path<u32>) {}

fn main() {}
