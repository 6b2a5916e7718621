//! Groups a CSV file of sales by region.

use bluecrab::{Bytes, Json, Problem, http};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Deserialize)]
struct Sale<'a> {
    region: &'a str,
    amount: f64,
}

/// The sales of a region.
#[derive(Serialize)]
pub struct Group {
    region: String,
    count: u64,
    sum: f64,
    mean: f64,
    min: f64,
    max: f64,
}

/// Groups a CSV file with the columns `region` and `amount`. The regions are in the order of their first rows.
#[http(methods = ["POST"])]
pub fn csv(body: Bytes) -> Result<Json<Vec<Group>>, Problem> {
    let mut reader = csv::Reader::from_reader(&body[..]);
    let headers = reader.headers().map_err(bad_request)?.clone();
    for column in ["region", "amount"] {
        if !headers.iter().any(|header| header == column) {
            return Err(Problem::bad_request(format!("there is no column {column}")));
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(bad_request)? {
        let Sale { region, amount } = record.deserialize(Some(&headers)).map_err(bad_request)?;
        if !amount.is_finite() {
            return Err(Problem::bad_request(format!("{amount} is not a finite number")));
        }
        match places.get(region) {
            Some(&place) => {
                let group = &mut groups[place];
                group.count += 1;
                group.sum += amount;
                group.min = group.min.min(amount);
                group.max = group.max.max(amount);
            }
            None => {
                places.insert(region.to_owned(), groups.len());
                let region = region.to_owned();
                groups.push(Group { region, count: 1, sum: amount, mean: amount, min: amount, max: amount });
            }
        }
    }
    for group in &mut groups {
        group.mean = group.sum / group.count as f64;
    }
    Ok(Json(groups))
}

fn bad_request(error: csv::Error) -> Problem {
    Problem::bad_request(error.to_string())
}
