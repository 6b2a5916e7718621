use bluecrab::queue;

#[queue(queue = "jobs")]
fn work(_job: String) {}

fn main() {}
