//! Queue triggers and queue outputs.

use crate::app::{App, put, queue, until, until_length};
use crate::azurite::Azurite;
use crate::common::send;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A long time for a lease, so that a message that is received now was not invisible before.
const LEASE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn a_message_fires_its_function_and_is_deleted() {
    let azurite = Azurite::shared();
    let queue = queue(azurite, "fires-its-function");
    put(&queue, r#"{"id":"seven","text":"ü"}"#).await;
    put(&queue, "plain").await;
    let app = App::start(
        azurite,
        json!({}),
        "app.storageQueue('text', { queueName: 'fires-its-function', connection: 'AzureWebJobsStorage', handler: note });",
    )
    .await;
    until_length(&queue, 0).await;
    let mut noted = app.noted();
    noted.sort_by_key(|noted| noted["value"].is_string());
    assert_eq!(noted[0]["value"], json!({ "id": "seven", "text": "ü" }));
    assert_eq!(noted[1]["value"], "plain");
    let metadata = &noted[1]["metadata"];
    assert_eq!((&metadata["queueTrigger"], &metadata["dequeueCount"]), (&json!("plain"), &json!(1)));
    for name in ["id", "popReceipt"] {
        assert!(metadata[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {metadata}");
    }
    for name in ["expirationTime", "insertionTime", "nextVisibleTime"] {
        assert!(metadata[name].as_str().is_some_and(|text| text.ends_with("+00:00")), "{name}: {metadata}");
    }
    // A member of a message replaces metadata of its name.
    assert_eq!(noted[0]["metadata"]["id"], "seven");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_create_their_queue_and_wake_its_listener() {
    let azurite = Azurite::shared();
    let app = App::start(
        azurite,
        // Without the wake-up, an idle listener would look again after an hour.
        json!({ "queues": { "maxPollingInterval": "01:00:00" } }),
        "
        const queue = (queueName) => output.storageQueue({ queueName, connection: 'AzureWebJobsStorage' });
        const [first, second] = [queue('outputs-first'), queue('outputs-second')];
        app.http('send', { methods: ['POST'], authLevel: 'anonymous', extraOutputs: [first], handler: async (request, context) => {
          context.extraOutputs.set(first, (await request.json()).output);
          return { status: 201 };
        } });
        app.storageQueue('forward', { queueName: 'outputs-first', connection: 'AzureWebJobsStorage', return: second, handler: (message, context) => {
          note(message, context);
          return { forwarded: message };
        } });
        app.storageQueue('last', { queueName: 'outputs-second', connection: 'AzureWebJobsStorage', handler: note });
        ",
    )
    .await;
    for output in [json!("one"), json!(["two", "three", { "four": 4 }])] {
        let answer = send(&app.host, Method::POST, "/api/send", json!({ "output": output }).to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    until("every message is forwarded", async || app.values_of("last").len() == 4).await;
    let mut forwarded: Vec<String> = app.values_of("last").iter().map(|value| value["forwarded"].to_string()).collect();
    forwarded.sort();
    assert_eq!(forwarded, [r#""one""#, r#""three""#, r#""two""#, r#"{"four":4}"#]);
    assert_eq!(app.values_of("forward").len(), 4);
    app.stop().await;
}

/// Base64 makes 64 KiB of 48 KiB.
#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_its_queue_cannot_take_fails_the_call() {
    let azurite = Azurite::shared();
    let app = App::start(
        azurite,
        json!({}),
        "
        const queue = output.storageQueue({ queueName: '{queue}', connection: 'AzureWebJobsStorage' });
        app.http('send', { route: 'send/{queue}', methods: ['POST'], authLevel: 'anonymous', extraOutputs: [queue], handler: async (request, context) => {
          context.extraOutputs.set(queue, Buffer.from(await request.arrayBuffer()));
          return { status: 201 };
        } });
        app.storageQueue('bounds', { queueName: 'outputs-bounds', connection: 'AzureWebJobsStorage', dataType: 'binary',
          handler: (message, context) => note(message.equals(Buffer.alloc(message.length, 0xff)) && message.length, context) });
        ",
    )
    .await;
    for (name, length, status) in [
        ("outputs-bounds", 48 << 10, 201),
        ("outputs-bounds", (48 << 10) + 1, 500),
        ("not_a_name", 1, 500),
        ("no", 1, 500),
    ] {
        let answer = send(&app.host, Method::POST, &format!("/api/send/{name}"), vec![0xff; length]).await;
        assert_eq!(answer.status, status, "{name} {length}: {}", answer.text());
    }
    until("the longest message arrives", async || !app.noted().is_empty()).await;
    until_length(&queue(azurite, "outputs-bounds"), 0).await;
    assert_eq!(app.values_of("bounds"), [48 << 10]);
    app.stop().await;
}

/// There is no poison queue of a poison queue.
#[tokio::test(flavor = "multi_thread")]
async fn poison_that_fails_stays_in_its_queue() {
    let azurite = Azurite::shared();
    let poison = queue(azurite, "sour-poison");
    put(&poison, "bad").await;
    let app = App::start(
        azurite,
        json!({ "queues": { "maxDequeueCount": 1 } }),
        "app.storageQueue('sour', { queueName: 'sour-poison', connection: 'AzureWebJobsStorage', handler: (message, context) => {
          note(message, context);
          throw new Error('fails on purpose');
        } });",
    )
    .await;
    until("the poison arrives", async || !app.noted().is_empty()).await;
    app.stop().await;
    assert_eq!(poison.length().await.unwrap(), 1);
    assert_eq!(poison.receive(1, LEASE).await.unwrap(), [], "the message is invisible until its lease ends");
    assert!(queue(azurite, "sour-poison-poison").length().await.unwrap_err().is_missing());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_fails_is_poison_after_its_last_try_and_holds_up_no_other() {
    let azurite = Azurite::shared();
    let queue = queue(azurite, "poisonous");
    for text in ["good 1", "bad", "good 2", "good 3"] {
        put(&queue, text).await;
    }
    let app = App::start(
        azurite,
        json!({ "queues": { "batchSize": 1, "newBatchThreshold": 0, "maxDequeueCount": 3 } }),
        "
        app.storageQueue('tries', { queueName: 'poisonous', connection: 'AzureWebJobsStorage', handler: (message, context) => {
          note(message, context);
          if (message === 'bad') throw new Error('fails on purpose');
        } });
        app.storageQueue('poison', { queueName: 'poisonous-poison', connection: 'AzureWebJobsStorage', handler: note });
        ",
    )
    .await;
    until("the poison arrives", async || !app.values_of("poison").is_empty()).await;
    until_length(&queue, 0).await;
    assert_eq!(app.values_of("poison"), ["bad"]);
    let tries: Vec<Value> =
        app.noted().into_iter().filter(|noted| noted["name"] == "tries" && noted["value"] == "bad").collect();
    let counts: Vec<&Value> = tries.iter().map(|noted| &noted["metadata"]["dequeueCount"]).collect();
    assert_eq!(counts, [1, 2, 3]);
    assert_eq!(app.values_of("tries").len(), 6);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_arrive_unchanged_or_become_poison() {
    let azurite = Azurite::shared();
    let names = ["bytes-binary", "bytes-text"];
    let [binary, text] = names.map(|name| queue(azurite, name));
    let [binary_poison, text_poison] = names.map(|name| queue(azurite, &format!("{name}-poison")));
    put(&binary, b"12345678901234567890 \xff").await;
    put(&text, b"not UTF-8: \xff").await;
    binary.put("not base64!").await.unwrap();
    let app = App::start(
        azurite,
        json!({ "queues": { "maxDequeueCount": 2 } }),
        "
        for (const [queueName, dataType] of [['bytes-binary', 'binary'], ['bytes-text', undefined]]) {
          app.storageQueue(queueName, { queueName, dataType, connection: 'AzureWebJobsStorage', handler: note });
        }
        ",
    )
    .await;
    until_length(&binary_poison, 1).await;
    until_length(&text_poison, 1).await;
    until_length(&binary, 0).await;
    let noted = app.noted();
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert_eq!(noted[0]["value"]["base64"], STANDARD.encode(b"12345678901234567890 \xff"));
    assert_eq!(noted[0]["metadata"].get("queueTrigger"), None);
    app.stop().await;
    let poison = |mut messages: Vec<bluecrab_host::storage::Message>| messages.remove(0).text;
    assert_eq!(poison(binary_poison.receive(1, LEASE).await.unwrap()), "not base64!");
    assert_eq!(poison(text_poison.receive(1, LEASE).await.unwrap()), STANDARD.encode(b"not UTF-8: \xff"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_need_not_be_base64() {
    let azurite = Azurite::shared();
    let queue = queue(azurite, "plain-text");
    queue.put("a < b & c").await.unwrap();
    let app = App::start(
        azurite,
        json!({ "queues": { "messageEncoding": "none" } }),
        "
        const next = output.storageQueue({ queueName: 'plain-text', connection: 'AzureWebJobsStorage' });
        app.storageQueue('plain', { queueName: 'plain-text', connection: 'AzureWebJobsStorage', extraOutputs: [next], handler: (message, context) => {
          note(message, context);
          if (message !== '<end>') context.extraOutputs.set(next, '<end>');
        } });
        ",
    )
    .await;
    until("both messages arrive", async || app.noted().len() == 2).await;
    assert_eq!(app.values_of("plain"), ["a < b & c", "<end>"]);
    app.stop().await;
}

/// The host stops while one message is being processed and others have been received.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_running_message_and_leaves_the_others_in_the_queue() {
    let azurite = Azurite::shared();
    let queue = queue(azurite, "stopped");
    for number in 0..3 {
        put(&queue, number.to_string()).await;
    }
    let app = App::start(
        azurite,
        json!({ "queues": { "batchSize": 1, "newBatchThreshold": 0 } }),
        "
        app.storageQueue('slow', { queueName: 'stopped', connection: 'AzureWebJobsStorage', handler: async (message, context) => {
          note('begin', context);
          while (!existsSync('go')) await sleep(10);
          note('end', context);
        } });
        ",
    )
    .await;
    until("the first message runs", async || !app.noted().is_empty()).await;
    let (go, address) = (app.path().join("go"), app.host.address());
    let stopping = tokio::spawn(app.stop());
    // The host stops its listeners of queues before it stops listening.
    let connects = async || tokio::net::TcpStream::connect(address).await.is_ok();
    until("the host stops", async || !connects().await).await;
    std::fs::write(go, "").unwrap();
    let folder = stopping.await.unwrap();
    let values: Vec<Value> = crate::app::noted_in(&folder).into_iter().map(|mut noted| noted["value"].take()).collect();
    assert_eq!(values, ["begin", "end"]);
    assert_eq!(queue.length().await.unwrap(), 2);
    assert_eq!(queue.receive(32, LEASE).await.unwrap().len(), 2);
}
