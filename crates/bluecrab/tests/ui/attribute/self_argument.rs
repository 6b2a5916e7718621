use bluecrab::http;

struct Table;

impl Table {
    #[http]
    fn rows(&self) {}
}

fn main() {}
