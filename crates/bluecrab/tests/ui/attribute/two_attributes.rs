use bluecrab::{http, timer};

#[http(methods = ["GET"])]
#[timer("0 */5 * * * *")]
fn refresh() {}

fn main() {}
