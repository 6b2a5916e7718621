use bluecrab::{Path, queue};

#[queue("jobs")]
fn work(_id: Path<u32>, _job: String) {}

fn main() {}
