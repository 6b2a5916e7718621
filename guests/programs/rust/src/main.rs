//! Reads a list of numbers from standard input and prints their statistics, as a CGI program does.

use serde::Serialize;
use std::error::Error;
use std::io::{Read, stdin};

#[derive(Serialize)]
struct Statistics {
    count: usize,
    mean: f64,
    deviation: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut body = Vec::new();
    stdin().read_to_end(&mut body)?;
    match serde_json::from_slice::<Vec<f64>>(&body) {
        Ok(numbers) if numbers.is_empty() => refuse("at least one number is needed"),
        Ok(numbers) => {
            println!("Content-Type: application/json\n\n{}", serde_json::to_string(&statistics(&numbers))?);
        }
        Err(error) => refuse(&error.to_string()),
    }
    Ok(())
}

fn statistics(numbers: &[f64]) -> Statistics {
    let count = numbers.len();
    let mean = numbers.iter().sum::<f64>() / count as f64;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count as f64;
    Statistics { count, mean, deviation: variance.sqrt() }
}

fn refuse(reason: &str) {
    println!("Status: 400 Bad Request\nContent-Type: text/plain\n\n{reason}");
}
