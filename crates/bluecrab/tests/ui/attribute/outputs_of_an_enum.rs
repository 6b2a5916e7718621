use bluecrab::Outputs;

#[derive(Outputs)]
enum Made {
    Small,
}

fn main() {}
