//! Applies the app's settings for HTTP to each function: CORS, throttles and custom header fields.

use super::cors;
use super::problem::problem;
use crate::app::App;
use crate::body::Answer;
use http::header::ORIGIN;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lets a function handle a request, and applies the app's settings.
pub async fn apply<B>(app: &App, request: Request<B>, function: impl AsyncFnOnce(Request<B>) -> Answer) -> Answer {
    if let Some(answer) = app.cors.as_ref().and_then(|cors| cors::preflight(cors, &request)) {
        return answer;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let mut answer = match take_places(app).await {
        Some(places) => {
            let answer = function(request).await;
            // A request is in progress until its response has been sent completely.
            answer.map(|body| {
                // Unlike `map_frame`, `map_err` keeps the body's size, from which the header field Content-Length is
                // made.
                body.map_err(move |error| {
                    let _ = &places;
                    error
                })
                .boxed_unsync()
            })
        }
        None => problem(
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests are in progress (maxOutstandingRequests in host.json); try again later",
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

/// Takes a permit for an outstanding request, then waits for a permit for a concurrent request. Returns `None` if too
/// many requests are outstanding.
async fn take_places(app: &App) -> Option<[Option<OwnedSemaphorePermit>; 2]> {
    let outstanding = app.http.outstanding.clone().map(Semaphore::try_acquire_owned).transpose().ok()?;
    let concurrent = match app.http.concurrent.clone() {
        None => None,
        Some(places) => Some(places.acquire_owned().await.ok()?),
    };
    Some([outstanding, concurrent])
}
