//! The functions of {{name}}.

use bluecrab::{Json, Outputs, cosmos_db};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    id: String,
    prices: Vec<f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Total {
    id: String,
    total: f64,
}

#[derive(Outputs)]
struct Totals {
    #[cosmos_db(database = "shop", container = "totals", connection = "Cosmos")]
    totals: Vec<Json<Total>>,
}

/// Called for changed documents of the container `orders`. Writes documents to `totals`.
#[cosmos_db(database = "shop", container = "orders", connection = "Cosmos", create_lease_container = true)]
fn total(Json(orders): Json<Vec<Order>>) -> Totals {
    let total = |order: Order| Json(Total { id: order.id, total: order.prices.iter().sum() });
    Totals { totals: orders.into_iter().map(total).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn each_order_has_a_total() {
        let changed = r#"[{"id": "1", "prices": [1.5, 2.5]}, {"id": "2", "prices": []}]"#;
        let response = call(total, Request::message(changed));
        assert_eq!(response.outputs_named("totals").count(), 2);
        let first: Total = response.output("totals").unwrap().read_json().unwrap();
        assert_eq!(first, Total { id: "1".to_owned(), total: 4.0 });
    }
}
