use bluecrab::{Json, mcp_tool};

#[derive(serde::Deserialize)]
struct Sum {
    a: f64,
}

/// Adds.
#[mcp_tool]
fn add(Json(sum): Json<Sum>) -> String {
    sum.a.to_string()
}

fn main() {}
