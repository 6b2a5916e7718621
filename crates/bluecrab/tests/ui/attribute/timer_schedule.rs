use bluecrab::timer;

#[timer("every hour")]
fn report() {}

fn main() {}
