use bluecrab::queue;

#[queue("Jobs")]
fn work(_job: String) {}

fn main() {}
