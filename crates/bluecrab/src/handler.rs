//! A function of arguments becomes one of a request.

use crate::extract::{FromRequest, FromRequestHead};
use crate::head::HeadFields;
use crate::request::Request;
use crate::response::{IntoResponse, Response};

/// A function whose arguments are extractors and whose return type is a response; at most twelve arguments.
///
/// Every such function is one already: this trait is not for implementing by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be called with a request",
    note = "it takes at most twelve arguments, each an extractor, only the last one of the body, and returns a response"
)]
pub trait Handler<Arguments> {
    /// What the head must carry for the arguments.
    const HEAD: HeadFields;

    /// Takes the arguments of the request, in their order, and calls the function.
    fn call(&self, request: Request) -> Response;
}

impl<F: Fn() -> R, R: IntoResponse> Handler<()> for F {
    const HEAD: HeadFields = HeadFields::NONE;

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
            $($argument: FromRequestHead,)*
            Last: FromRequest<Via>,
        {
            const HEAD: HeadFields = HeadFields::NONE $(.union($argument::HEAD))* .union(Last::HEAD);

            #[allow(non_snake_case, unused_mut)]
            fn call(&self, mut request: Request) -> Response {
                $(
                    let $argument = match $argument::from_request_head(&mut request.head) {
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
