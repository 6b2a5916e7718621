//! Single header fields as arguments, and the names of the standard fields.
//!
//! The runtime sends a function only the fields that its [`Header`] arguments name. A function with the argument
//! [`Headers`](crate::Headers) is sent all fields.
//!
//! ```
//! use bluecrab::header::{ContentType, Header, HeaderName, IfNoneMatch};
//! use bluecrab::http;
//!
//! /// Your own header field is a type without values that has a name.
//! enum ApiVersion {}
//!
//! impl HeaderName for ApiVersion {
//!     const NAME: &'static str = "x-api-version";
//! }
//!
//! #[http]
//! fn describe(
//!     kind: Header<ContentType>,          // a request without the field is rejected with 400
//!     version: Header<ApiVersion, u32>,   // a value that is not a number is rejected with 400, too
//!     known: Option<Header<IfNoneMatch>>, // `None` if the request does not have the field
//! ) -> String {
//!     format!("{} of version {}, {}", *kind, *version, known.is_some())
//! }
//!
//! assert_eq!(describe(Header::new("text/csv"), Header::new(2_u32), None), "text/csv of version 2, false");
//! ```

use crate::extract::FromRequestParts;
use crate::fields::RequestFields;
use crate::head::RequestHead;
use crate::problem::Problem;
use std::fmt::{self, Debug, Display, Formatter};
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

/// A type that stands for the name of a header field, such as [`ContentType`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the name of a header field",
    note = "use a name from `bluecrab::header`, as in `Header<ContentType>`, or implement `HeaderName` for your own type",
    note = "the type of the value comes second: `Header<ContentLength, u64>`"
)]
pub trait HeaderName {
    /// The name in lower case. Any other name is a compile error.
    const NAME: &'static str;
}

/// The value of the header field `N`, read as a `V`. The values of repeated fields are joined by commas.
///
/// ```
/// use bluecrab::header::{ContentLength, Header};
/// use bluecrab::testing::call;
/// use bluecrab::{Request, http};
///
/// #[http(methods = ["POST"])]
/// fn size(length: Header<ContentLength, u64>) -> String {
///     format!("{} bytes", *length)
/// }
///
/// let request = |value| Request::post("/api/size").with_header("content-length", value);
/// assert_eq!(call(size, request("12")).text().unwrap(), "12 bytes");
/// assert_eq!(call(size, request("long")).status(), 400);
/// ```
///
/// # Rejections
///
/// | request | status | the problem also has |
/// |---|---|---|
/// | the field is missing | 400 | `header`, the name of the field |
/// | the value cannot be read as a `V` | 400 | `header`, the name of the field |
///
/// As `Option<Header<N, V>>` the argument is `None` if the field is missing.
pub struct Header<N, V = String> {
    value: V,
    name: PhantomData<fn() -> N>,
}

impl<N: HeaderName, V> Header<N, V> {
    /// Makes a value that a test can pass to a function.
    pub fn new(value: impl Into<V>) -> Self {
        Self { value: value.into(), name: PhantomData }
    }

    /// Returns the value itself.
    pub fn into_inner(self) -> V {
        self.value
    }
}

impl<N, V> Deref for Header<N, V> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

impl<N, V: Display> Display for Header<N, V> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<N: HeaderName, V: Debug> Debug for Header<N, V> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "Header({}: {:?})", N::NAME, self.value)
    }
}

impl<N, V: Clone> Clone for Header<N, V> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), name: PhantomData }
    }
}

impl<N, V: PartialEq> PartialEq for Header<N, V> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<N: HeaderName, V: FromStr<Err: Display>> FromRequestParts for Header<N, V> {
    const FIELDS: RequestFields = RequestFields::header(N::NAME);

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        let name = N::NAME;
        let problem = |detail: String| Problem::bad_request(detail).with("header", name);
        let value = head.headers.get(name).ok_or_else(|| problem(format!("the header {name} is missing")))?;
        let value = value
            .parse::<V>()
            .map_err(|error| problem(format!("cannot read the header {name}, which is `{value}`: {error}")))?;
        Ok(Self { value, name: PhantomData })
    }

    fn is_present(head: &RequestHead) -> bool {
        head.headers.get(N::NAME).is_some()
    }
}

macro_rules! names {
    ($($name:ident $text:literal)*) => {$(
        #[doc = concat!("The header field `", $text, "`.")]
        #[derive(Debug)]
        pub enum $name {}

        impl HeaderName for $name {
            const NAME: &'static str = $text;
        }
    )*};
}

names! {
    Accept "accept"
    AcceptEncoding "accept-encoding"
    AcceptLanguage "accept-language"
    Authorization "authorization"
    CacheControl "cache-control"
    ContentEncoding "content-encoding"
    ContentLanguage "content-language"
    ContentLength "content-length"
    ContentType "content-type"
    Cookie "cookie"
    Forwarded "forwarded"
    Host "host"
    IfMatch "if-match"
    IfModifiedSince "if-modified-since"
    IfNoneMatch "if-none-match"
    IfRange "if-range"
    IfUnmodifiedSince "if-unmodified-since"
    Origin "origin"
    Prefer "prefer"
    Range "range"
    Referer "referer"
    Traceparent "traceparent"
    UserAgent "user-agent"
    XForwardedFor "x-forwarded-for"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(fields: &[(&str, &str)]) -> RequestHead {
        RequestHead { headers: fields.iter().copied().collect(), ..RequestHead::default() }
    }

    #[test]
    fn two_arguments_may_read_the_same_field() {
        let mut head = head(&[("Content-Length", "12")]);
        let number = Header::<ContentLength, u64>::from_request_parts(&mut head).unwrap();
        let text = Header::<ContentLength>::from_request_parts(&mut head).unwrap();
        assert_eq!((*number, text.into_inner()), (12, "12".to_owned()));
        assert_eq!(Header::<ContentLength>::FIELDS.named(), ["content-length"]);
    }

    #[test]
    fn rejections_name_the_field() {
        let missing = Header::<ContentLength, u64>::from_request_parts(&mut head(&[])).unwrap_err();
        assert_eq!((missing.status(), missing.detail()), (400, "the header content-length is missing"));
        let wrong = Header::<ContentLength, u64>::from_request_parts(&mut head(&[("content-length", "long")]));
        let wrong = wrong.unwrap_err();
        assert!(wrong.detail().contains("content-length") && wrong.detail().contains("`long`"), "{wrong:?}");
    }

    #[test]
    fn an_optional_field_must_still_be_right() {
        let optional = |fields| Option::<Header<ContentLength, u64>>::from_request_parts(&mut head(fields));
        assert_eq!(optional(&[]).unwrap(), None);
        assert_eq!(optional(&[("content-length", "long")]).unwrap_err().status(), 400);
    }
}
