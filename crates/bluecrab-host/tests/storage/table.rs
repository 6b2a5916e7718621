//! Table inputs and outputs.

use crate::app::App;
use crate::azurite::Azurite;
use crate::common::{get, send};
use hyper::Method;
use serde_json::json;

const FUNCTIONS: &str = "
const [tableName, connection] = ['people', 'AzureWebJobsStorage'];
const people = output.table({ tableName, connection, partitionKey: 'p' });
app.http('insert', { methods: ['POST'], authLevel: 'anonymous', extraOutputs: [people], handler: async (request, context) => {
  context.extraOutputs.set(people, await request.json());
  return { status: 201 };
} });
const one = input.table({ tableName, connection, partitionKey: 'p', rowKey: '{row}' });
app.http('one', { route: 'one/{row}', authLevel: 'anonymous', extraInputs: [one], handler: (request, context) => {
  const found = context.extraInputs.get(one);
  return found ? { jsonBody: found } : { status: 404 };
} });
const named = input.table({ tableName, connection, partitionKey: 'p', filter: \"Name eq '{name}' and Size gt 1\", take: 2 });
app.http('named', { route: 'named/{name}', authLevel: 'anonymous', extraInputs: [named], handler: (request, context) => (
  { jsonBody: context.extraInputs.get(named) }
) });
";

#[tokio::test(flavor = "multi_thread")]
async fn entities_are_written_and_found() {
    let app = App::start(Azurite::shared(), json!({}), FUNCTIONS).await;
    let insert = async |entities: serde_json::Value| {
        send(&app.host, Method::POST, "/api/insert", entities.to_string()).await.status
    };
    assert_eq!(get(&app.host, "/api/one/1").await.status, 404);
    assert_eq!(get(&app.host, "/api/named/it's").await.json(), json!([]));
    let one = json!({ "PartitionKey": "p", "RowKey": "1", "Name": "it's", "Size": 2, "Long": 9_007_199_254_740_991_i64, "Real": 1.5 });
    assert_eq!(insert(json!([one])).await, 201);
    assert_eq!(get(&app.host, "/api/one/1").await.json(), one);
    assert_eq!(insert(one).await, 500);
    let more: Vec<_> =
        (2..6).map(|row| json!({ "rowKey": row.to_string(), "Name": "it's", "Size": row - 2 })).collect();
    assert_eq!(insert(json!(more)).await, 201);
    let found = get(&app.host, "/api/named/it's").await.json();
    let rows: Vec<_> = found.as_array().unwrap().iter().map(|entity| entity["RowKey"].as_str().unwrap()).collect();
    assert_eq!(rows, ["1", "4"]);
    assert_eq!(insert(json!({ "rowKey": "2", "etag": "*", "Name": "new" })).await, 201);
    assert_eq!(get(&app.host, "/api/one/2").await.json(), json!({ "PartitionKey": "p", "RowKey": "2", "Name": "new" }));
    app.stop().await;
}
