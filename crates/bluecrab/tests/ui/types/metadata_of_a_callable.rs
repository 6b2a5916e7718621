use bluecrab::callable;
use bluecrab::metadata::DequeueCount;

#[callable]
fn work(_count: DequeueCount, _job: String) {}

fn main() {}
