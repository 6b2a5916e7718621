//! Reads the stream of events of the page.

#![allow(dead_code, reason = "each test binary uses a part of this")]

use super::PATIENCE;
use bluecrab_host::Host;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An open page.
pub struct Events {
    body: Incoming,
    read: String,
}

impl Events {
    /// Opens the stream.
    pub async fn open(host: &Host) -> Self {
        let request = Request::get(format!("http://{}/admin/page/events", host.address()));
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request.body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), read: String::new() }
    }

    /// Returns the next event, its name and its data. `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
                let event = (name.to_owned(), serde_json::from_str(data).unwrap());
                self.read = rest.to_owned();
                return Some(event);
            }
            let data = self.body.frame().await?.ok()?.into_data().unwrap();
            self.read.push_str(std::str::from_utf8(&data).unwrap());
        }
    }

    /// Waits for an event of this name whose data `find` accepts, and returns what `find` returns.
    pub async fn wait<T>(&mut self, name: &str, mut find: impl FnMut(&Value) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let (found, data) = self.next().await.expect("the stream goes on");
                if found == name
                    && let Some(found) = find(&data)
                {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("an event {name} in time"))
    }

    /// Waits until an invocation of a function has ended, and returns it.
    pub async fn ended(&mut self, function: &str) -> Value {
        let ended = |call: &&Value| call["function"] == function && call["state"] != "running";
        self.wait("calls", |data| data["calls"].as_array().unwrap().iter().rev().find(ended).cloned()).await
    }

    /// Waits for the end of the stream.
    pub async fn end(mut self) {
        let ending = async { while self.next().await.is_some() {} };
        tokio::time::timeout(PATIENCE, ending).await.expect("the stream ends in time");
    }
}
