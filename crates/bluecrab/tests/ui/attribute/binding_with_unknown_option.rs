use bluecrab::Outputs;

#[derive(Outputs)]
struct Made {
    #[queue("done", conection = "Storage")]
    done: String,
}

fn main() {}
