use bluecrab::http;

#[http(output = queue("done"))]
fn work(job: String) -> String {
    job
}

fn main() {}
