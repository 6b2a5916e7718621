//! Functions that only move bytes, which shows what a call costs besides its work, and a function that only computes.

use bluecrab::{Bytes, Problem, Query, Response, http};

/// Returns the body. Short calls run on the event loop, others on a worker thread.
#[http(methods = ["GET", "POST"])]
pub fn echo_rust(body: Bytes) -> Response {
    Response::new(body)
}

/// Returns the body. All calls run on a worker thread.
#[http(methods = ["POST"], run = "pool")]
pub fn echo_thread(body: Bytes) -> Response {
    Response::new(body)
}

/// The query string `?below=N`.
#[derive(serde::Deserialize)]
pub struct Primes {
    below: usize,
}

/// Counts the primes below a number by the sieve of Eratosthenes.
#[http(methods = ["POST"])]
pub fn primes_rust(Query(Primes { below }): Query<Primes>) -> Result<String, Problem> {
    if below > MOST_NUMBERS {
        return Err(Problem::bad_request(format!("at most {MOST_NUMBERS} numbers are tested")));
    }
    Ok(count_primes(below).to_string())
}

const MOST_NUMBERS: usize = 100_000_000;

/// This many numbers are tested at once, so that their marks stay in the processor's first cache.
const BLOCK: usize = 32 << 10;

fn count_primes(below: usize) -> usize {
    let root = below.isqrt() + 1;
    let mut is_composite = vec![false; root + 1];
    let mut primes = Vec::new();
    for number in 2..=root {
        if !is_composite[number] {
            primes.push(number);
            (number * number..=root).step_by(number).for_each(|multiple| is_composite[multiple] = true);
        }
    }
    let mut next: Vec<usize> = primes.iter().map(|prime| prime * prime).collect();
    let mut marks = vec![false; BLOCK];
    let mut count = 0;
    for start in (0..below).step_by(BLOCK) {
        let end = (start + BLOCK).min(below);
        marks.fill(false);
        for (prime, multiple) in primes.iter().zip(&mut next) {
            while *multiple < end {
                marks[*multiple - start] = true;
                *multiple += prime;
            }
        }
        let first = 2_usize.saturating_sub(start);
        count += marks[..end - start].iter().skip(first).filter(|is_composite| !**is_composite).count();
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::Request;
    use bluecrab::testing::call;

    #[test]
    fn counts_primes() {
        for (below, primes) in
            [(0, 0), (2, 0), (3, 1), (10, 4), (32_768, 3512), (65_537, 6542), (65_538, 6543), (1_000_000, 78_498)]
        {
            assert_eq!(count_primes(below), primes, "below {below}");
        }
    }

    #[test]
    fn answers_and_refuses() {
        let ask = |below: &str| call(primes_rust, Request::post(&format!("/api/primes-rust?below={below}")));
        assert_eq!(ask("100").text().unwrap(), "25");
        assert_eq!((ask("100000001").status(), ask("x").status()), (400, 400));
    }
}
