use bluecrab::Outputs;

#[derive(Outputs)]
struct Made {
    small: String,
}

fn main() {}
