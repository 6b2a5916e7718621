//! The functions of {{name}}.

use bluecrab::{Batch, Json, event_hub};

/// Called for the events of the hub `readings`, as many in one call as there are.
#[event_hub("readings", connection = "Hub", retry = fixed_delay(3, "5s"))]
fn watch(Batch(readings): Batch<Json<f64>>) {
    let readings: Vec<f64> = readings.into_iter().map(|Json(reading)| reading).collect();
    println!("the mean of {} readings is {}", readings.len(), mean(&readings));
}

fn mean(readings: &[f64]) -> f64 {
    readings.iter().sum::<f64>() / readings.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn a_batch_has_a_mean() {
        assert_eq!(mean(&[1.0, 2.0]), 1.5);
        assert_eq!(call(watch, Request::batch(["1", "2"])).status(), 204);
        assert_eq!(call(watch, Request::batch(["1", "two"])).status(), 400);
    }
}
