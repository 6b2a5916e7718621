use bluecrab::{Bytes, Inputs};

#[derive(Inputs)]
struct Found {
    #[blob("pictures/{name}")]
    #[table("people")]
    picture: Bytes,
}

fn main() {}
