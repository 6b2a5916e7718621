//! The functions of {{name}}.

use bluecrab::{Json, Problem, ToolArguments, mcp_tool};
use serde::Deserialize;

#[derive(Deserialize, ToolArguments)]
struct Numbers {
    /// The numbers, at least one.
    numbers: Vec<f64>,
    /// How many decimal places the mean has. Two if it is left out.
    places: Option<usize>,
}

/// Returns the mean of a list of numbers.
// Agents read this comment and the comments of the fields.
#[mcp_tool]
fn mean(Json(arguments): Json<Numbers>) -> Result<String, Problem> {
    let Numbers { numbers, places } = arguments;
    if numbers.is_empty() {
        return Err(Problem::bad_request("at least one number is needed"));
    }
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    Ok(format!("{mean:.*}", places.unwrap_or(2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn the_mean_of_two_numbers() {
        let mean = |arguments: &str| call(mean, Request::message(arguments)).text().unwrap().to_owned();
        assert_eq!(mean(r#"{"numbers": [1, 2]}"#), "1.50");
        assert_eq!(mean(r#"{"numbers": []}"#), "at least one number is needed");
    }
}
