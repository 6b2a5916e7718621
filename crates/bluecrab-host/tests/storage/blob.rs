//! Blob triggers, inputs and outputs.

use crate::app::{App, noted_in, until};
use crate::azurite::Azurite;
use crate::common::{get, send};
use bluecrab_host::storage::Container;
use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

fn container(azurite: &Azurite, name: &str) -> Container {
    Container::new(&azurite.storage(), name).unwrap()
}

async fn put(container: &Container, name: &str, contents: &'static str) {
    container.put(name, Bytes::from_static(contents.as_bytes())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_fires_its_function_and_an_output_fires_the_next() {
    let azurite = Azurite::shared();
    let app = App::start(
        azurite,
        json!({}),
        "
        const connection = 'AzureWebJobsStorage';
        const copy = output.storageBlob({ path: 'blobs-out/{name}-copy.{ext}', connection });
        app.storageBlob('copies', { path: 'blobs-in/in/{name}.{ext}', connection, return: copy, handler: (blob, context) => {
          note(blob, context);
          return blob;
        } });
        app.storageBlob('copied', { path: 'blobs-out/{name}', connection, handler: note });
        ",
    )
    .await;
    // Neither container exists when the host starts.
    let blobs = container(azurite, "blobs-in");
    put(&blobs, "other/a.txt", "is not for the function").await;
    put(&blobs, "in/a/b.c.txt", "hello").await;
    until("the copy arrives", async || !app.values_of("copied").is_empty()).await;
    let noted = app.noted();
    assert_eq!(noted.len(), 2, "{noted:?}");
    assert_eq!(noted[0]["value"], json!({ "base64": "aGVsbG8=" }));
    let metadata = &noted[0]["metadata"];
    assert_eq!((&metadata["name"], &metadata["ext"]), (&json!("a/b.c"), &json!("txt")));
    assert_eq!(metadata["blobTrigger"], "blobs-in/in/a/b.c.txt");
    assert!(metadata["uri"].as_str().unwrap().ends_with("/devstoreaccount1/blobs-in/in/a/b.c.txt"), "{metadata}");
    assert_eq!(metadata["properties"]["contentLength"], 5);
    assert_eq!(noted[1]["metadata"]["name"], "a/b.c-copy.txt");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_blob_fires_a_function_by_hand() {
    let azurite = Azurite::shared();
    put(&container(azurite, "blobs-by-hand"), "in/cat.png", "picture").await;
    let functions = "app.storageBlob('hand', { path: 'blobs-by-hand/in/{name}', connection: 'AzureWebJobsStorage',
        source: 'EventGrid', handler: note });";
    let app = App::start(azurite, json!({}), functions).await;
    let fire = async |path: &str| {
        let body = json!({ "input": path }).to_string();
        send(&app.host, Method::POST, "/admin/functions/hand", body).await
    };
    for (path, part) in [("blobs-by-hand/none", "there is no blob"), ("blobs-by-hand", "the path of an existing blob")]
    {
        let answer = fire(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert!(answer.text().contains(part), "{path}: {}", answer.text());
    }
    let with_contents = async |metadata: Value| {
        let body = json!({ "base64": "Y2F0", "metadata": metadata }).to_string();
        send(&app.host, Method::POST, "/admin/functions/hand", body).await
    };
    let unnamed = with_contents(json!({ "name": "none.png" })).await;
    assert!(unnamed.status == 400 && unnamed.text().contains("blobTrigger"), "{}", unnamed.text());
    assert_eq!(with_contents(json!({ "blobTrigger": "blobs-by-hand/in/none.png", "more": 7 })).await.status, 202);
    until("the function runs", async || !app.noted().is_empty()).await;
    let noted = app.noted().remove(0);
    assert_eq!(noted["value"], json!({ "base64": "Y2F0" }));
    let expected = json!({ "blobTrigger": "blobs-by-hand/in/none.png", "name": "none.png", "more": 7 });
    assert_eq!(noted["metadata"], expected);
    assert_eq!(fire("blobs-by-hand/in/cat.png").await.status, 202);
    until("the function runs again", async || app.noted().len() == 2).await;
    let noted = &app.noted()[1];
    assert_eq!(noted["value"], json!({ "base64": "cGljdHVyZQ==" }));
    assert_eq!(
        (&noted["metadata"]["name"], &noted["metadata"]["properties"]["contentLength"]),
        (&json!("cat.png"), &json!(7))
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_version_of_a_blob_is_processed_once() {
    let azurite = Azurite::shared();
    let blobs = container(azurite, "blobs-once");
    put(&blobs, "a", "one").await;
    let functions = "app.storageBlob('once', { path: 'blobs-once', connection: 'AzureWebJobsStorage', handler: (blob, context) => note(String(blob), context) });";
    let app = App::start(azurite, json!({}), functions).await;
    until("the blob arrives", async || app.noted().len() == 1).await;
    let folder = app.stop().await;
    let app = App::start_in(folder).await;
    put(&blobs, "a", "two").await;
    until("the new version arrives", async || app.noted().len() == 2).await;
    put(&blobs, "b", "three").await;
    until("the next blob arrives", async || app.noted().len() == 3).await;
    let folder = app.stop().await;
    let values: Vec<Value> = noted_in(&folder).into_iter().map(|mut noted| noted["value"].take()).collect();
    assert_eq!(values, ["one", "two", "three"]);
}

/// Names are neither paths, URLs nor expressions.
#[tokio::test(flavor = "multi_thread")]
async fn a_blob_may_have_any_name() {
    const NAMES: [&str; 8] =
        ["a b", "100%", "%20%2F%41", "ü/🦀", "{name}", "{{x}} }{", "a+b&c=d?e#f;g", "it's \"quoted\" <here>"];
    let azurite = Azurite::shared();
    let (blobs, copies) = (container(azurite, "blobs-names"), container(azurite, "blobs-names-out"));
    for name in NAMES {
        put(&blobs, &format!("{name}.txt"), name).await;
    }
    let app = App::start(
        azurite,
        json!({}),
        "
        const connection = 'AzureWebJobsStorage';
        const same = input.storageBlob({ path: '{blobTrigger}', connection });
        const copy = output.storageBlob({ path: 'blobs-names-out/{name}', connection });
        app.storageBlob('names', { path: 'blobs-names/{name}.txt', connection, extraInputs: [same], return: copy,
          handler: (blob, context) => `${blob}|${context.extraInputs.get(same)}|${context.triggerMetadata.name}` });
        ",
    )
    .await;
    for name in NAMES {
        let copy = async || copies.get(name, None).await.unwrap();
        until(&format!("the copy of {name} is written"), async || copy().await.is_some()).await;
        assert_eq!(copy().await.unwrap().bytes, format!("{name}|{name}|{name}"));
    }
    app.stop().await;
}

/// Two versions are written while the function works on another blob.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_overwritten_before_its_call_is_skipped() {
    let azurite = Azurite::shared();
    let blobs = container(azurite, "blobs-stale");
    put(&blobs, "first", "first").await;
    let app = App::start(
        azurite,
        json!({ "blobs": { "maxDegreeOfParallelism": 1 } }),
        "
        app.storageBlob('stale', { path: 'blobs-stale/{name}', connection: 'AzureWebJobsStorage', handler: async (blob, context) => {
          note(String(blob), context);
          while (!existsSync('go')) await sleep(10);
        } });
        ",
    )
    .await;
    until("the first call runs", async || app.noted().len() == 1).await;
    let receipts = container(azurite, "azure-webjobs-hosts");
    for (number, contents) in ["old", "new"].into_iter().enumerate() {
        put(&blobs, "second", contents).await;
        let is_seen = async || {
            let listed = receipts.list(None).await.unwrap().blobs;
            listed.iter().filter(|receipt| receipt.name.ends_with("/blobs-stale/second")).count() > number
        };
        until("the version is seen", is_seen).await;
    }
    app.write("go");
    until("the new version arrives", async || app.values_of("stale").iter().any(|value| value == "new")).await;
    assert_eq!(app.values_of("stale"), ["first", "new"]);
    app.stop().await;
}

/// Another version is written while a function works on the first one.
#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_overwritten_during_a_call_is_processed_again() {
    let azurite = Azurite::shared();
    let blobs = container(azurite, "blobs-changing");
    put(&blobs, "a", "old").await;
    let app = App::start(
        azurite,
        json!({}),
        "
        app.storageBlob('slow', { path: 'blobs-changing/{name}', connection: 'AzureWebJobsStorage', handler: async (blob, context) => {
          note(`begin ${blob}`, context);
          while (!existsSync('go')) await sleep(10);
          note(`end ${blob}`, context);
        } });
        ",
    )
    .await;
    until("the call runs", async || app.noted().len() == 1).await;
    put(&blobs, "a", "new").await;
    until("the new version runs too", async || app.noted().len() == 2).await;
    app.write("go");
    until("both calls end", async || app.noted().len() == 4).await;
    let mut values: Vec<String> =
        app.values_of("slow").iter().map(|value| value.as_str().unwrap().to_owned()).collect();
    values.sort();
    assert_eq!(values, ["begin new", "begin old", "end new", "end old"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_fails_is_poison_after_its_last_try() {
    let azurite = Azurite::shared();
    let blobs = container(azurite, "blobs-failing");
    for name in ["good", "bad"] {
        put(&blobs, name, name.to_owned().leak()).await;
    }
    let app = App::start(
        azurite,
        json!({ "blobs": { "poisonBlobThreshold": 2 } }),
        "
        app.storageBlob('fails', { path: 'blobs-failing/{name}', connection: 'AzureWebJobsStorage', handler: (blob, context) => {
          note(String(blob), context);
          if (context.triggerMetadata.name === 'bad') throw new Error('fails on purpose');
        } });
        app.storageQueue('poison', { queueName: 'webjobs-blobtrigger-poison', connection: 'AzureWebJobsStorage', handler: note });
        ",
    )
    .await;
    until("the poison arrives", async || !app.values_of("poison").is_empty()).await;
    until("the good blob is processed", async || app.values_of("fails").len() == 3).await;
    let poison = app.values_of("poison").remove(0);
    let named =
        ["Type", "FunctionId", "BlobType", "ContainerName", "BlobName"].map(|name| poison[name].as_str().unwrap());
    assert_eq!(named, ["BlobTrigger", "Host.Functions.fails", "BlockBlob", "blobs-failing", "bad"]);
    let mut values: Vec<String> =
        app.values_of("fails").iter().map(|value| value.as_str().unwrap().to_owned()).collect();
    values.sort();
    assert_eq!(values, ["bad", "bad", "good"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inputs_are_read_before_a_call() {
    let azurite = Azurite::shared();
    let blobs = container(azurite, "blobs-inputs");
    put(&blobs, "a.txt", "ü").await;
    // Larger than a gRPC message may be by default.
    blobs.put("large", Bytes::from(vec![b'x'; 20 << 20])).await.unwrap();
    let app = App::start(
        azurite,
        json!({}),
        "
        for (const dataType of ['string', 'binary']) {
          const blob = input.storageBlob({ path: 'blobs-inputs/{name}', connection: 'AzureWebJobsStorage', dataType });
          app.http(dataType, { route: `${dataType}/{name}`, authLevel: 'anonymous', extraInputs: [blob], handler: (request, context) => {
            const value = context.extraInputs.get(blob);
            return { jsonBody: { kind: Buffer.isBuffer(value) ? 'Buffer' : typeof value, length: value?.length } };
          } });
        }
        const client = input.storageBlob({ path: 'blobs-inputs/a.txt', connection: 'AzureWebJobsStorage', sdkBinding: true });
        app.http('client', { authLevel: 'anonymous', extraInputs: [client], handler: () => ({}) });
        ",
    )
    .await;
    assert_eq!(get(&app.host, "/api/client").await.status, 500);
    for (path, expected) in [
        ("string/a.txt", json!({ "kind": "string", "length": 1 })),
        ("binary/a.txt", json!({ "kind": "Buffer", "length": 2 })),
        ("binary/large", json!({ "kind": "Buffer", "length": 20 << 20 })),
        ("string/missing", json!({ "kind": "undefined" })),
    ] {
        let answer = get(&app.host, &format!("/api/{path}")).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, expected), "{path}");
    }
    app.stop().await;
}
