use bluecrab::{Batch, queue};

#[queue("jobs")]
fn work(_jobs: Batch<String>) {}

fn main() {}
