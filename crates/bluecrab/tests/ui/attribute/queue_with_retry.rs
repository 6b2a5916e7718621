use bluecrab::queue;

#[queue("jobs", retry = fixed_delay(5, "1s"))]
fn work(_job: String) {}

fn main() {}
