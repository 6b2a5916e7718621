use bluecrab::{Query, queue};

#[queue("jobs")]
fn work(_query: Query<Vec<(String, String)>>, _job: String) {}

fn main() {}
