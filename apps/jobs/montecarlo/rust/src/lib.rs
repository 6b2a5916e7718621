//! Prices an Asian call option: the mean of the discounted payoffs of random paths.

use bluecrab::{Json, Problem, http};
use serde::Serialize;
use serde_json::{Map, Value};

/// An option, and the number of random paths and steps for its price.
struct AsianCall {
    spot: f64,
    strike: f64,
    rate: f64,
    volatility: f64,
    years: f64,
    paths: u32,
    steps: u32,
    seed: u32,
}

impl AsianCall {
    /// Reads an option and checks the bounds of each number. Within them, every price is finite.
    fn read(body: &Map<String, Value>) -> Result<Self, Problem> {
        let number = |name: &str, least: f64, most: f64| {
            let number = body.get(name).and_then(Value::as_f64).filter(|number| (least..=most).contains(number));
            let expected = || Problem::bad_request(format!("{name}: expected a number from {least} to {most}"));
            number.ok_or_else(expected)
        };
        let count = |name: &str| {
            // Reads a float, because in JavaScript `4.0` is the same number as `4`.
            let number = body.get(name).and_then(Value::as_f64);
            let count = number.filter(|number| (1.0..=f64::from(u32::MAX)).contains(number) && number.fract() == 0.0);
            let expected = || Problem::bad_request(format!("{name}: expected a whole number from 1 to {}", u32::MAX));
            count.map(|count| count as u32).ok_or_else(expected)
        };
        Ok(Self {
            spot: number("spot", 0.0, 1e9)?,
            strike: number("strike", 0.0, 1e9)?,
            rate: number("rate", -1.0, 1.0)?,
            volatility: number("volatility", 0.0, 10.0)?,
            years: number("years", 0.0, 100.0)?,
            paths: count("paths")?,
            steps: count("steps")?,
            seed: count("seed")?,
        })
    }
}

/// The price and its standard error.
#[derive(Serialize)]
pub struct Estimate {
    price: f64,
    error: f64,
}

/// Prices an option.
#[http(methods = ["POST"])]
pub fn montecarlo(Json(body): Json<Map<String, Value>>) -> Result<Json<Estimate>, Problem> {
    let option = AsianCall::read(&body)?;
    if u64::from(option.paths) * u64::from(option.steps) > 100_000_000 {
        return Err(Problem::bad_request("paths times steps: expected at most 100 million"));
    }
    Ok(Json(price(&option)))
}

/// How many random numbers are drawn at once. Points, random numbers and steps have a loop each, so that the processor
/// can work on many of them at the same time.
const BLOCK: usize = 64;

fn price(option: &AsianCall) -> Estimate {
    let &AsianCall { spot, strike, rate, volatility, years, paths, steps, seed } = option;
    let mut random = Xorshift32 { state: seed };
    let time = years / f64::from(steps);
    let drift = (rate - 0.5 * volatility * volatility) * time;
    let spread = volatility * time.sqrt();
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut normals = [0.0; BLOCK];
    for _ in 0..paths {
        let (mut value, mut total, mut left) = (spot, 0.0, steps as usize);
        while left > 0 {
            let block = &mut normals[..left.min(BLOCK)];
            random.fill_normal(block);
            for normal in &*block {
                value *= (drift + spread * normal).exp();
                total += value;
            }
            left -= block.len();
        }
        let payoff = (total / f64::from(steps) - strike).max(0.0);
        sum += payoff;
        squares += payoff * payoff;
    }
    let discount = (-rate * years).exp();
    let mean = sum / f64::from(paths);
    let variance = (squares / f64::from(paths) - mean * mean).max(0.0);
    Estimate { price: discount * mean, error: discount * (variance / f64::from(paths)).sqrt() }
}

/// The random number generator xorshift32: Marsaglia, *Xorshift RNGs*, 2003.
struct Xorshift32 {
    state: u32,
}

impl Xorshift32 {
    /// A random number from 0 to 1.
    fn uniform(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        f64::from(self.state) / 4_294_967_296.0
    }

    /// Fills a block with random numbers of the standard normal distribution, by Marsaglia's polar method.
    fn fill_normal(&mut self, block: &mut [f64]) {
        let mut squares = [0.0; BLOCK];
        let mut accepted = 0;
        while accepted < block.len() {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            block[accepted] = x;
            squares[accepted] = square;
            // The next point overwrites a rejected point, so that there is no branch to guess.
            accepted += usize::from(square > 0.0 && square < 1.0);
        }
        for (x, square) in block.iter_mut().zip(squares) {
            *x *= (-2.0 * square.ln() / square).sqrt();
        }
    }
}
