//! Several messages or events in one call.

use crate::extract::FromRequest;
use crate::fields::RequestFields;
use crate::head::RequestHead;
use crate::invocation::Invocation;
use crate::problem::Problem;
use crate::request::Request;

/// The messages or events of a batch, each read as a `T`: [`Json`](crate::Json), `String` or [`Bytes`](crate::Bytes).
///
/// A function with this argument is called once with all items that the platform has, not once for each item:
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Batch, Json, Request, event_hub};
///
/// #[event_hub("readings", connection = "Hub")]
/// fn log_mean(Batch(readings): Batch<Json<f64>>) {
///     let sum: f64 = readings.iter().map(|Json(reading)| reading).sum();
///     log::info!("the mean is {}", sum / readings.len() as f64);
/// }
///
/// assert_eq!(call(log_mean, Request::batch(["1.5", "2.5"])).status(), 204);
/// ```
///
/// If an item does not fit `T`, the function does not run and the whole batch has failed. `Batch<Result<T, Problem>>`
/// leaves this decision to the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T>(pub Vec<T>);

impl<T: FromRequest> FromRequest for Batch<T> {
    const FIELDS: RequestFields = T::FIELDS.union(RequestFields::BATCH);

    fn from_request(mut request: Request) -> Result<Self, Problem> {
        let items = request.head.invocation.as_mut().map(|invocation| std::mem::take(&mut invocation.items));
        let items = (0..).zip(items.unwrap_or_default()).map(|(index, body)| {
            let head = RequestHead { invocation: Some(Box::new(Invocation::default())), ..RequestHead::default() };
            let at = |problem: Problem| {
                let detail = format!("item {index} of the batch: {}", problem.detail());
                problem.with("detail", detail).with("item", index)
            };
            T::from_request(Request { head, body }).map_err(at)
        });
        items.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, Json};

    #[test]
    fn each_item_is_read() {
        let request = || Request::batch(["1", "two"]);
        let bytes = Batch::<Bytes>::from_request(request()).unwrap();
        assert_eq!(bytes.0, [Bytes::from("1"), Bytes::from("two")]);
        let wrong = Batch::<Json<u8>>::from_request(request()).unwrap_err();
        assert!(wrong.detail().starts_with("item 1 of the batch: cannot read the body as JSON"), "{wrong:?}");
        let Batch(results) = Batch::<Result<Json<u8>, Problem>>::from_request(request()).unwrap();
        assert!(results[0].is_ok() && results[1].is_err());
    }
}
