use bluecrab::Inputs;

#[derive(Inputs)]
struct Found {
    #[blob("pictures/{name}")]
    picture: u32,
}

fn main() {}
