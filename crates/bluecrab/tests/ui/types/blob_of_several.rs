use bluecrab::{Bytes, Outputs};

#[derive(Outputs)]
struct Made {
    #[blob("small/{name}")]
    small: Vec<Bytes>,
}

fn main() {}
