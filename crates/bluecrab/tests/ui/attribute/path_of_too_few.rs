use bluecrab::http;

#[http(route = "rows/{table}/{id:int}/{*rest}")]
fn rows(_place: bluecrab::Path<(String, u32)>) {}

fn main() {}
