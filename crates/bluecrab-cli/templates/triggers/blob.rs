//! The functions of {{name}}.

use bluecrab::{Bytes, Json, Outputs, Path, blob};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    lines: usize,
    bytes: usize,
}

#[derive(Outputs)]
struct Counted {
    #[blob("counts/{name}.json")]
    count: Json<Count>,
}

/// Called for each new or changed blob in the container `texts`. Writes a blob to `counts`.
#[blob("texts/{name}")]
fn count(Path(name): Path<String>, text: Bytes) -> Counted {
    println!("{name} has {} bytes", text.len());
    let lines = text.split(|byte| *byte == b'\n').count();
    Counted { count: Json(Count { lines, bytes: text.len() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn lines_and_bytes_are_counted() {
        let response = call(count, Request::message("one\ntwo").with_param("name", "a.txt"));
        let expected = Count { lines: 2, bytes: 7 };
        assert_eq!(response.output("count").unwrap().read_json::<Count>().unwrap(), expected);
    }
}
