use bluecrab::timer;

#[timer("0 0 * * * *", retry = linear(5, "1s"))]
fn report() {}

fn main() {}
