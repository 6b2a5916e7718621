//! The functions of {{name}}.

use bluecrab::{Json, Problem, http};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Statistics {
    count: usize,
    mean: f64,
    deviation: f64,
}

/// `POST /api/statistics` with a list of numbers.
// Anyone may call it. With `auth = "function"`, Azure requires a key, and so does `bluecrab dev --auth`.
#[http(methods = ["POST"])]
fn statistics(Json(numbers): Json<Vec<f64>>) -> Result<Json<Statistics>, Problem> {
    if numbers.is_empty() {
        return Err(Problem::bad_request("at least one number is needed"));
    }
    let count = numbers.len();
    let mean = numbers.iter().sum::<f64>() / count as f64;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count as f64;
    Ok(Json(Statistics { count, mean, deviation: variance.sqrt() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn statistics_of_three_numbers() {
        let response = call(statistics, Request::post("/api/statistics").with_json(&[1, 2, 3]));
        let expected = Statistics { count: 3, mean: 2.0, deviation: (2.0_f64 / 3.0).sqrt() };
        assert_eq!(response.read_json::<Statistics>().unwrap(), expected);
    }

    #[test]
    fn no_numbers_have_no_statistics() {
        let response = call(statistics, Request::post("/api/statistics").with_json(&[0.0; 0]));
        assert_eq!(response.status(), 400);
    }
}
