use bluecrab::ToolArguments;

#[derive(ToolArguments)]
struct Arguments<T> {
    text: T,
}

fn main() {}
