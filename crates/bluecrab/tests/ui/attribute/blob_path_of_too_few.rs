use bluecrab::{Bytes, Path, blob};

#[blob("pictures/{name}.{extension}")]
fn index(_name: Path<(String,)>, _picture: Bytes) {}

fn main() {}
