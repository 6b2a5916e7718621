use bluecrab::mcp_tool;

#[mcp_tool]
fn add() -> String {
    "2".to_owned()
}

fn main() {}
