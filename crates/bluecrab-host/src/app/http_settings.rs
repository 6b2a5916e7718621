//! `extensions.http` in host.json.

use super::config::Config;
use crate::error::HostError;
use hyper::header::{HeaderName, HeaderValue};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// `extensions.http` in host.json, except the route prefix.
#[derive(Debug, Clone)]
pub(crate) struct HttpSettings {
    /// Limits the requests in progress. Further requests are answered with 429.
    pub outstanding: Option<Arc<Semaphore>>,
    /// Limits the requests that functions handle at the same time. Further requests wait.
    pub concurrent: Option<Arc<Semaphore>>,
    /// Header fields that are added to each response of a function that does not set them.
    pub custom_headers: Vec<(HeaderName, HeaderValue)>,
}

impl HttpSettings {
    pub fn read(config: &Config) -> Result<Self, HostError> {
        let places = |path| -> Result<_, HostError> {
            let limit = config.limit(path)?;
            Ok(limit.map(|limit| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))))
        };
        let custom_headers = config.below("extensions:http:customheaders").map(|(name, value)| {
            let field = name.parse().ok().zip(HeaderValue::from_str(value).ok());
            field.ok_or_else(|| {
                config.wrong(&format!("extensions:http:customheaders:{name}"), "a header field that HTTP allows")
            })
        });
        Ok(Self {
            outstanding: places("extensions:http:maxoutstandingrequests")?,
            concurrent: places("extensions:http:maxconcurrentrequests")?,
            custom_headers: custom_headers.collect::<Result<_, _>>()?,
        })
    }
}
