//! Calls a function that has arguments with a request.

use crate::extract::{FromRequest, FromRequestParts};
use crate::fields::RequestFields;
use crate::request::Request;
use crate::response::{IntoResponse, Response};

/// A function that can be called with a request: its arguments, at most twelve, are extractors, and its return type
/// implements [`IntoResponse`].
///
/// Every such function and closure implements this trait. You cannot implement it for other types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be called with a request",
    note = "a function has at most twelve arguments, and each of them is an extractor",
    note = "only the last argument may read the body",
    note = "the return type implements `IntoResponse`"
)]
pub trait Handler<Arguments> {
    /// Which parts of the request the arguments read.
    const FIELDS: RequestFields;

    /// The output bindings of the return type.
    #[doc(hidden)]
    const OUTPUTS: &'static str;

    /// Reads the arguments from the request, in their order, and calls the function. The first rejection becomes the
    /// response.
    fn call(&self, request: Request) -> Response;
}

impl<F: Fn() -> R, R: IntoResponse> Handler<()> for F {
    const FIELDS: RequestFields = RequestFields::NONE;
    const OUTPUTS: &'static str = R::OUTPUTS;

    fn call(&self, _: Request) -> Response {
        self().into_response()
    }
}

macro_rules! handler {
    ($($argument:ident)*) => {
        impl<F, R, Via, Last, $($argument,)*> Handler<(Via, $($argument,)* Last)> for F
        where
            F: Fn($($argument,)* Last) -> R,
            R: IntoResponse,
            $($argument: FromRequestParts,)*
            Last: FromRequest<Via>,
        {
            const FIELDS: RequestFields = RequestFields::NONE $(.union($argument::FIELDS))* .union(Last::FIELDS);
            const OUTPUTS: &'static str = R::OUTPUTS;

            #[allow(non_snake_case, unused_mut)]
            fn call(&self, mut request: Request) -> Response {
                $(
                    let $argument = match $argument::from_request_parts(&mut request.head) {
                        Ok(value) => value,
                        Err(problem) => return problem.into_response(),
                    };
                )*
                match Last::from_request(request) {
                    Ok(last) => self($($argument,)* last).into_response(),
                    Err(problem) => problem.into_response(),
                }
            }
        }
    };
}

handler! {}
handler! { A }
handler! { A B }
handler! { A B C }
handler! { A B C D }
handler! { A B C D E }
handler! { A B C D E G }
handler! { A B C D E G H }
handler! { A B C D E G H I }
handler! { A B C D E G H I J }
handler! { A B C D E G H I J K }
handler! { A B C D E G H I J K L }
