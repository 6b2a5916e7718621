//! The functions of {{name}}.

use bluecrab::{Json, Problem, queue};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    id: u64,
    prices: Vec<f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Total {
    id: u64,
    total: f64,
}

/// Called for each message of the queue `orders`. The return value is a message for the queue `totals`.
// After five failures, the platform moves the message to `orders-poison`.
#[queue("orders", output = queue("totals"))]
fn total(Json(order): Json<Order>) -> Result<Json<Total>, Problem> {
    if order.prices.is_empty() {
        return Err(Problem::new(422, format!("the order {} has no prices", order.id)));
    }
    Ok(Json(Total { id: order.id, total: order.prices.iter().sum() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn the_prices_are_added() {
        let response = call(total, Request::message(r#"{"id": 7, "prices": [1.5, 2.5]}"#));
        assert_eq!(response.read_json::<Total>().unwrap(), Total { id: 7, total: 4.0 });
    }

    #[test]
    fn an_order_without_prices_fails() {
        let response = call(total, Request::message(r#"{"id": 7, "prices": []}"#));
        assert_eq!(response.text().unwrap(), "the order 7 has no prices");
    }
}
