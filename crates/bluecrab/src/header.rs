//! One header field, and the names of the standard ones.
//!
//! A function that takes [`Header`]s is sent these fields only; one that takes [`Headers`](crate::Headers) is sent all.
//!
//! ```
//! use bluecrab::header::{ContentType, Header, HeaderName, IfNoneMatch};
//! use bluecrab::http;
//!
//! /// A field of one's own: a type that is only its name.
//! enum ApiVersion {}
//!
//! impl HeaderName for ApiVersion {
//!     const NAME: &'static str = "x-api-version";
//! }
//!
//! #[http]
//! fn describe(
//!     kind: Header<ContentType>,                 // a request without it is answered 400
//!     version: Header<ApiVersion, u32>,          // …and so is one where it is no number
//!     known: Option<Header<IfNoneMatch>>,
//! ) -> String {
//!     format!("{} of version {}, {}", *kind, *version, known.is_some())
//! }
//!
//! assert_eq!(describe(Header::new("text/csv"), Header::new(2_u32), None), "text/csv of version 2, false");
//! ```

use crate::extract::FromRequestHead;
use crate::head::{HeadFields, RequestHead};
use crate::problem::Problem;
use std::fmt::{self, Debug, Display, Formatter};
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

/// The name of a header field, as a type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the name of a header field",
    note = "take one of `bluecrab::header`, as in `Header<ContentType>`, or implement `HeaderName` for your own type",
    note = "what the value is read as comes second: `Header<ContentLength, u64>`"
)]
pub trait HeaderName {
    /// The name, in lower case; another one does not compile.
    const NAME: &'static str;
}

/// The value of the header field `N`, read as a `V`; several fields of the name come joined by `, `.
///
/// A request without the field, or with a value that is no `V`, is answered 400. As an `Option` it is `None` where the
/// request has no such field.
pub struct Header<N, V = String> {
    value: V,
    name: PhantomData<fn() -> N>,
}

impl<N: HeaderName, V> Header<N, V> {
    /// A value, as tests pass one to a function.
    pub fn new(value: impl Into<V>) -> Self {
        Self { value: value.into(), name: PhantomData }
    }

    /// The value, owned.
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

impl<N: HeaderName, V: FromStr<Err: Display>> FromRequestHead for Header<N, V> {
    const HEAD: HeadFields = HeadFields::header(N::NAME);

    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
        let name = N::NAME;
        let problem = |detail: String| Problem::bad_request(detail).with("header", name);
        let value = head.headers.get(name).ok_or_else(|| problem(format!("the header {name} is missing")))?;
        let value = value.parse::<V>().map_err(|error| {
            problem(format!("the header {name} is not what this function takes: `{value}`: {error}"))
        })?;
        Ok(Self { value, name: PhantomData })
    }

    fn is_present(head: &RequestHead) -> bool {
        head.headers.get(N::NAME).is_some()
    }
}

macro_rules! names {
    ($($name:ident $text:literal)*) => {$(
        #[doc = concat!("`", $text, "`")]
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
    fn two_arguments_may_take_the_same_field() {
        let mut head = head(&[("Content-Length", "12")]);
        let number = Header::<ContentLength, u64>::from_request_head(&mut head).unwrap();
        let text = Header::<ContentLength>::from_request_head(&mut head).unwrap();
        assert_eq!((*number, text.into_inner()), (12, "12".to_owned()));
        assert_eq!(Header::<ContentLength>::HEAD.named(), ["content-length"]);
    }

    #[test]
    fn says_what_is_missing_or_wrong() {
        let missing = Header::<ContentLength, u64>::from_request_head(&mut head(&[])).unwrap_err();
        assert_eq!((missing.status(), missing.detail()), (400, "the header content-length is missing"));
        let wrong = Header::<ContentLength, u64>::from_request_head(&mut head(&[("content-length", "long")]));
        let wrong = wrong.unwrap_err();
        assert!(wrong.detail().contains("content-length") && wrong.detail().contains("`long`"), "{wrong:?}");
    }

    #[test]
    fn optional_is_not_anything() {
        let optional = |fields| Option::<Header<ContentLength, u64>>::from_request_head(&mut head(fields));
        assert_eq!(optional(&[]).unwrap(), None);
        assert_eq!(optional(&[("content-length", "long")]).unwrap_err().status(), 400);
    }
}
