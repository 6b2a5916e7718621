//! Processes that die while messages are under way. No message is lost.

use crate::app::{App, folder, put, queue, until, until_length};
use crate::azurite::Azurite;
use bluecrab_host::storage::Queue;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn put_numbers(queue: &Queue, count: usize) {
    for number in 0..count {
        put(queue, number.to_string()).await;
    }
}

fn distinct(values: &[Value]) -> BTreeSet<u64> {
    values.iter().map(|value| value.as_u64().unwrap()).collect()
}

fn kill_process(process: u32) {
    kill(Pid::from_raw(process.cast_signed()), Signal::SIGKILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_lost_when_workers_are_killed() {
    const MESSAGES: usize = 200;
    let azurite = Azurite::shared();
    let queue = queue(azurite, "kills-workers");
    put_numbers(&queue, MESSAGES).await;
    let app = App::start(
        azurite,
        // A kill counts as a try of each message that is being processed.
        json!({ "queues": { "maxDequeueCount": 3 } }),
        "app.storageQueue('work', { queueName: 'kills-workers', connection: 'AzureWebJobsStorage', handler: async (message, context) => {
          await sleep(1);
          note(message, context);
        } });",
    )
    .await;
    let mut worker = app.worker;
    for round in 1..=2 {
        until("some messages are processed", async || app.noted().len() >= round * MESSAGES / 3).await;
        kill_process(worker);
        let next = async || app.host.ready().await.unwrap();
        until("another worker is ready", async || next().await != worker).await;
        worker = next().await;
    }
    until_length(&queue, 0).await;
    assert_eq!(distinct(&app.values_of("work")).len(), MESSAGES);
    assert!(queue.poison().unwrap().length().await.is_err(), "no message is poison");
    app.stop().await;
}

/// A message that ends the worker is poison after its last try, and its neighbours are processed.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_ends_the_worker_becomes_poison() {
    let azurite = Azurite::shared();
    let queue = queue(azurite, "ends-the-worker");
    for text in ["good 1", "bad", "good 2"] {
        put(&queue, text).await;
    }
    let app = App::start(
        azurite,
        json!({ "queues": { "batchSize": 1, "newBatchThreshold": 0, "maxDequeueCount": 2 } }),
        "
        app.storageQueue('work', { queueName: 'ends-the-worker', connection: 'AzureWebJobsStorage', handler: (message, context) => {
          note(message, context);
          if (message === 'bad') process.kill(process.pid, 'SIGKILL');
        } });
        app.storageQueue('poison', { queueName: 'ends-the-worker-poison', connection: 'AzureWebJobsStorage', handler: note });
        ",
    )
    .await;
    until("the poison arrives", async || !app.values_of("poison").is_empty()).await;
    until_length(&queue, 0).await;
    let mut values: Vec<String> =
        app.values_of("work").iter().map(|value| value.as_str().unwrap().to_owned()).collect();
    values.sort();
    assert_eq!(values, ["bad", "bad", "good 1", "good 2"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_share_a_queue() {
    const FUNCTIONS: &str = "
        app.storageQueue('work', { queueName: 'shared-by-hosts', connection: 'AzureWebJobsStorage', handler: async (message, context) => {
          note(message, context);
          while (!existsSync('go')) await sleep(10);
        } });";
    let azurite = Azurite::shared();
    let queue = queue(azurite, "shared-by-hosts");
    put_numbers(&queue, 20).await;
    let settings = json!({ "queues": { "batchSize": 1, "newBatchThreshold": 0 } });
    let apps = [App::start(azurite, settings.clone(), FUNCTIONS).await, App::start(azurite, settings, FUNCTIONS).await];
    until("both hosts work", async || apps.iter().all(|app| !app.noted().is_empty())).await;
    apps.iter().for_each(|app| app.write("go"));
    until_length(&queue, 0).await;
    let values: Vec<Value> = apps.iter().flat_map(|app| app.values_of("work")).collect();
    assert_eq!((values.len(), distinct(&values).len()), (20, 20));
    for app in apps {
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_outlives_its_storage() {
    let mut azurite = Azurite::start();
    let functions = "
        app.storageQueue('work', { queueName: 'outlives', connection: 'AzureWebJobsStorage', handler: async (message, context) => {
          note(message, context);
          while (message === 'during' && !existsSync('go')) await sleep(10);
        } });";
    let app = App::start_in(folder(&azurite, &json!({}), functions)).await;
    put(&queue(&azurite, "outlives"), "during").await;
    until("the first message arrives", async || app.noted().len() == 1).await;
    azurite.restart();
    app.write("go");
    put(&queue(&azurite, "outlives"), "after").await;
    until("a message arrives after the restart", async || app.values_of("work").iter().any(|value| value == "after"))
        .await;
    // Azurite writes its data from time to time, so it may have forgotten that it had handed out the first message.
    until_length(&queue(&azurite, "outlives"), 0).await;
    app.stop().await;
}
