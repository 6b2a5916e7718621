use bluecrab::Outputs;

#[derive(Outputs)]
struct Made {
    #[response]
    one: String,
    #[response]
    two: String,
}

fn main() {}
