use bluecrab::{Bytes, http};

#[http]
fn read(#[cfg(unix)] body: Bytes) -> String {
    String::new()
}

fn main() {}
