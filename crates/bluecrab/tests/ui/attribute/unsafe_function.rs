use bluecrab::http;

#[http]
unsafe fn read() -> String {
    String::new()
}

fn main() {}
