use bluecrab::{Bytes, Inputs, callable};

#[derive(Inputs)]
struct Stored {
    #[blob("pictures/a.png")]
    picture: Bytes,
}

#[callable]
fn size(stored: Stored) -> String {
    stored.picture.len().to_string()
}

fn main() {}
