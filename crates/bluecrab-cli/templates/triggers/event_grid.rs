//! The functions of {{name}}.

use bluecrab::{Json, event_grid};
use serde::Deserialize;

#[derive(Deserialize)]
struct Event {
    subject: String,
    data: Created,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    content_length: u64,
}

/// Called for each event. The return value is a message for the queue `large`, unless it is `None`.
#[event_grid(output = queue("large"))]
fn created(Json(event): Json<Event>) -> Option<String> {
    (event.data.content_length > 1_000_000).then_some(event.subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn large_blobs_are_reported() {
        let event = |length: u64| {
            Request::message(format!(r#"{{"subject": "/blobs/a", "data": {{"contentLength": {length}}}}}"#))
        };
        assert_eq!(call(created, event(2_000_000)).text().unwrap(), "/blobs/a");
        assert_eq!(call(created, event(1)).status(), 204);
    }
}
