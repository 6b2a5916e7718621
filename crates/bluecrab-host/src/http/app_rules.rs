//! What the app's settings put around each of its functions: CORS, throttles, header fields.

use super::problem::problem;
use super::{Answer, cors};
use crate::app::App;
use http::header::ORIGIN;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Answers a request by a function, under the app's rules.
pub async fn apply<B>(app: &App, request: Request<B>, function: impl AsyncFnOnce(Request<B>) -> Answer) -> Answer {
    if let Some(answer) = app.cors.as_ref().and_then(|cors| cors::preflight(cors, &request)) {
        return answer;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let mut answer = match take_places(app).await {
        Some(places) => {
            let answer = function(request).await;
            // A request is under way until its response is sent to the end.
            answer.map(|body| {
                // Unlike `map_frame`, this keeps the body's length, which becomes its Content-Length.
                body.map_err(move |error| {
                    let _ = &places;
                    error
                })
                .boxed_unsync()
            })
        }
        None => problem(
            StatusCode::TOO_MANY_REQUESTS,
            "as many requests are under way as maxOutstandingRequests in host.json allows; try again later",
        ),
    };
    for (name, value) in &app.http.custom_headers {
        answer.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    if let Some((cors, origin)) = app.cors.as_ref().zip(origin) {
        cors::allow(cors, &origin, answer.headers_mut());
    }
    answer
}

/// Takes a place among the outstanding requests, if there is one, and waits for one among the concurrent ones.
async fn take_places(app: &App) -> Option<[Option<OwnedSemaphorePermit>; 2]> {
    let outstanding = match app.http.outstanding.as_ref().map(Arc::clone).map(Semaphore::try_acquire_owned) {
        None => None,
        Some(place) => Some(place.ok()?),
    };
    let concurrent = match app.http.concurrent.as_ref().map(Arc::clone) {
        None => None,
        Some(places) => Some(places.acquire_owned().await.ok()?),
    };
    Some([outstanding, concurrent])
}
