//! What the page shows, as a stream of events (`text/event-stream`).
//!
//! Only an open stream collects this data, so without an open page it costs nothing.

use super::state::Page;
use super::{memory, sources};
use crate::body::Answer;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// How often changed invocations are sent. Many that change in between are one event.
const CALLS_EVERY: Duration = Duration::from_millis(200);
/// How often queues and timers are looked at.
const SOURCES_EVERY: Duration = Duration::from_secs(2);

type Events = mpsc::Sender<Bytes>;

/// Answers with a stream that ends when the client disconnects or the host stops.
pub fn answer(page: Page) -> Answer {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let _open = page.triggers.calls.open();
        tokio::select! {
            () = page.stopping.cancelled() => {}
            () = sender.closed() => {}
            _ = app(&page, &sender) => {}
            _ = calls(&page, &sender) => {}
            _ = queues_and_timers(&page, &sender) => {}
        }
    });
    let frames = ReceiverStream::new(receiver).map(|event| Ok::<_, Infallible>(Frame::data(event)));
    let body = StreamBody::new(frames).map_err(|never| match never {}).boxed_unsync();
    let mut answer = Answer::new(body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Sends the functions, and again when the app or its worker has changed, or a change could not be served.
async fn app(page: &Page, events: &Events) -> Option<Infallible> {
    let (mut state, mut stale) = (page.worker.clone(), page.stale.clone());
    loop {
        let app = sources::app(&state.borrow_and_update(), stale.borrow_and_update().as_deref(), page.keys.is_some());
        send(events, "app", &app).await?;
        tokio::select! {
            changed = state.changed() => changed.ok()?,
            changed = stale.changed() => changed.ok()?,
        }
    }
}

/// Sends all invocations that are kept, and then those that change.
async fn calls(page: &Page, events: &Events) -> Option<Infallible> {
    let calls = &page.triggers.calls;
    let (mut ticks, mut seen, mut is_first) = (every(CALLS_EVERY), 0, true);
    loop {
        ticks.tick().await;
        if calls.changes() == seen && !is_first {
            continue;
        }
        let memory = match page.worker() {
            Some(worker) => memory::of_process(worker.process_id).await,
            None => None,
        };
        let (changed, last) = calls.since(seen, memory);
        let changed: Vec<Value> = changed.iter().map(|head| head.to_json()).collect();
        send(events, "calls", &json!({ "isAll": is_first, "calls": changed, "memory": memory })).await?;
        (seen, is_first) = (last, false);
    }
}

/// Sends the queues and timers when they have changed.
async fn queues_and_timers(page: &Page, events: &Events) -> Option<Infallible> {
    let (mut ticks, mut sent) = (every(SOURCES_EVERY), Value::Null);
    loop {
        ticks.tick().await;
        let sources = match page.worker() {
            Some(worker) => sources::queues_and_timers(&worker, &page.triggers).await,
            None => continue,
        };
        if sources != sent {
            send(events, "sources", &sources).await?;
            sent = sources;
        }
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Sends an event. Waits while the client has not read the events before. Returns `None` if the client has gone.
async fn send(events: &Events, name: &str, data: &Value) -> Option<()> {
    // JSON has no line ends, which would end the event.
    events.send(format!("event: {name}\ndata: {data}\n\n").into()).await.ok()
}
