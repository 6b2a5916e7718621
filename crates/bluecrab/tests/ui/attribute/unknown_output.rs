use bluecrab::queue;

#[queue("jobs", output = file("done"))]
fn work(job: String) -> String {
    job
}

fn main() {}
