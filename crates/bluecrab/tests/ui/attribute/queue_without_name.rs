use bluecrab::queue;

#[queue(connection = "Storage")]
fn work(_job: String) {}

fn main() {}
