use bluecrab::Outputs;

#[derive(Outputs)]
struct Made {
    #[queue("done")]
    done: u32,
}

fn main() {}
