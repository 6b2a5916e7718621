use bluecrab::{Inputs, Outputs, http};

#[derive(Inputs)]
struct Before {
    #[blob("a")]
    state: String,
}

#[derive(Outputs)]
struct After {
    #[blob("b")]
    state: String,
}

#[http]
fn next(before: Before) -> After {
    After { state: before.state }
}

#[derive(Outputs)]
struct Both {
    #[blob("a")]
    next_state: String,
    #[blob("b")]
    nextState: String,
}

#[http]
fn both() -> Both {
    Both { next_state: String::new(), nextState: String::new() }
}

fn main() {}
