//! The queues and blobs on the page at `/`.

use crate::app::{App, put, queue, until, until_length};
use crate::azurite::Azurite;
use crate::common::events::Events;
use crate::common::{Answer, send_with};
use bluecrab_host::storage::Container;
use hyper::Method;
use serde_json::{Value, json};

const FUNCTIONS: &str = "app.storageQueue('again', { queueName: 'page-again', connection: 'AzureWebJobsStorage',
    handler: (message, context) => {
        if (!existsSync('mended')) throw new Error('not yet');
        note(message, context);
    } });";

async fn send_again(app: &App, body: Value) -> Answer {
    send_again_to(app, "again", body).await
}

async fn send_again_to(app: &App, function: &str, body: Value) -> Answer {
    let path = format!("/admin/page/queues/{function}/send-again");
    send_with(&app.host, Method::POST, &path, &[("content-type", "application/json")], body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn shows_poison_messages_and_sends_them_again() {
    let azurite = Azurite::shared();
    let app = App::start(azurite, json!({ "queues": { "maxDequeueCount": 1 } }), FUNCTIONS).await;
    let (jobs, poison) = (queue(azurite, "page-again"), queue(azurite, "page-again-poison"));
    for text in ["one", "two", "three"] {
        put(&jobs, text).await;
    }
    until_length(&poison, 3).await;
    let mut events = Events::open(&app.host).await;
    let shown = events.wait("sources", |data| Some(data["queues"][0].clone()).filter(has_poison(3))).await;
    assert_eq!((&shown["function"], &shown["name"]), (&json!("again"), &json!("page-again")));
    assert_eq!(shown["poison"]["name"], "page-again-poison");
    let messages = shown["poison"]["messages"].as_array().unwrap();
    let mut texts: Vec<&str> = messages.iter().map(|message| message["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["one", "three", "two"]);

    app.write("mended");
    let two = messages.iter().find(|message| message["text"] == "two").unwrap();
    assert_eq!(send_again(&app, json!({ "id": two["id"] })).await.json(), json!({ "sent": 1 }));
    until("the message is processed", async || app.values_of("again") == [json!("two")]).await;
    assert_eq!(send_again(&app, json!({ "id": two["id"] })).await.json(), json!({ "sent": 0 }), "it is gone");
    assert_eq!(send_again(&app, json!({})).await.json(), json!({ "sent": 2 }));
    until("the others are processed", async || app.values_of("again").len() == 3).await;
    events.wait("sources", |data| Some(data["queues"][0].clone()).filter(has_poison(0))).await;
    assert_eq!(send_again(&app, json!([])).await.status, 400);
    app.stop().await;
}

fn has_poison(count: usize) -> impl Fn(&Value) -> bool {
    move |queue| queue["poison"]["length"] == count
}

const BLOB_FUNCTIONS: &str = "
    for (const name of ['one', 'two']) {
      const path = `page-blobs-${name}/{name}`;
      app.storageBlob(name, { path, connection: 'AzureWebJobsStorage', handler: (blob, context) => {
        if (!existsSync('mended')) throw new Error('not yet');
        note(context.triggerMetadata.name, context);
      } });
    }";

#[tokio::test(flavor = "multi_thread")]
async fn shows_the_poison_blobs_of_each_function_and_sends_them_again() {
    // All apps in one storage share the poison queue.
    let azurite = Azurite::start();
    for (function, blob) in [("one", "a.png"), ("one", "b.png"), ("two", "a.png")] {
        let container = Container::new(&azurite.storage(), &format!("page-blobs-{function}")).unwrap();
        container.put(blob, "x".into()).await.unwrap();
    }
    let app = App::start(&azurite, json!({ "blobs": { "poisonBlobThreshold": 1 } }), BLOB_FUNCTIONS).await;
    let mut events = Events::open(&app.host).await;
    let has_all = |data: &Value| has_poison(2)(&data["queues"][0]) && has_poison(1)(&data["queues"][1]);
    let shown = events.wait("sources", |data| Some(data["queues"].clone()).filter(|_| has_all(data))).await;
    let (one, two) = (&shown[0], &shown[1]);
    assert_eq!(
        (&one["function"], &one["name"], &one["length"]),
        (&json!("one"), &json!("page-blobs-one/{name}"), &Value::Null)
    );
    assert_eq!(
        (&one["poison"]["name"], &one["poison"]["hasMore"]),
        (&json!("webjobs-blobtrigger-poison"), &json!(false))
    );
    assert_eq!(two["poison"]["messages"][0]["text"], "page-blobs-two/a.png");

    app.write("mended");
    let id = &two["poison"]["messages"][0]["id"];
    assert_eq!(send_again_to(&app, "one", json!({ "id": id })).await.json(), json!({ "sent": 0 }), "it is the other's");
    assert_eq!(send_again_to(&app, "two", json!({ "id": id })).await.json(), json!({ "sent": 1 }));
    until("the blob is processed", async || app.values_of("two") == [json!("a.png")]).await;
    assert_eq!(app.values_of("one"), Vec::<Value>::new());
    assert_eq!(send_again_to(&app, "one", json!({})).await.json(), json!({ "sent": 2 }));
    until("the others are processed", async || app.values_of("one").len() == 2).await;
    app.stop().await;
}
