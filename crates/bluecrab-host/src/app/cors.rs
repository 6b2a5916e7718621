//! `Host.CORS` in local.settings.json: which web pages may read the functions' responses.

use hyper::Uri;

/// The origins that may read responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// The allowed origins; `None` allows every origin.
    origins: Option<Vec<String>>,
    /// Whether pages may send cookies and the header `Authorization`.
    pub credentials: bool,
}

impl Cors {
    /// Parses a list of origins with commas between them. Returns `None` for an empty list, which allows no origin.
    ///
    /// # Errors
    /// Returns an error if an entry is not an origin, or if the list is `*` and credentials are allowed.
    pub fn parse(list: &str, credentials: bool) -> Result<Option<Self>, String> {
        let entries: Vec<&str> = list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
        if entries.contains(&"*") {
            return Self { origins: None, credentials: false }.with_credentials(credentials).map(Some);
        }
        let origins = entries.iter().map(|entry| {
            origin(entry)
                .ok_or_else(|| format!("\"{entry}\" is not an origin such as \"http://localhost:3000\", or \"*\""))
        });
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        Ok(Some(origins)
            .filter(|origins| !origins.is_empty())
            .map(|origins| Self { origins: Some(origins), credentials }))
    }

    /// Sets whether pages may send cookies and the header `Authorization`.
    ///
    /// # Errors
    /// Returns an error if they may, and every origin is allowed.
    pub fn with_credentials(self, credentials: bool) -> Result<Self, String> {
        if credentials && self.allows_all() {
            return Err(
                "\"*\" together with credentials (CORSCredentials) is not accepted by browsers: name the origins"
                    .to_owned(),
            );
        }
        Ok(Self { credentials, ..self })
    }

    /// Returns whether every origin is allowed.
    pub fn allows_all(&self) -> bool {
        self.origins.is_none()
    }

    /// Returns whether a page of this origin may read responses.
    pub fn allows(&self, page: &str) -> bool {
        self.origins.as_ref().is_none_or(|origins| origins.iter().any(|origin| origin.eq_ignore_ascii_case(page)))
    }
}

/// Normalizes an origin to the form that browsers send: scheme, host, and the port if it is not the default.
fn origin(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host()?);
    let is_usual = matches!((scheme, uri.port_u16()), (_, None) | ("http", Some(80)) | ("https", Some(443)));
    let port = uri.port().filter(|_| !is_usual).map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{host}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_origins_as_browsers_write_them() {
        assert_eq!(Cors::parse(" ,", true), Ok(None));
        let all = Cors::parse("http://localhost:3000,*", false).unwrap().unwrap();
        assert!(all.allows_all() && all.allows("null"));
        let named = Cors::parse("http://localhost:3000/, HTTPS://Example.com:443", true).unwrap().unwrap();
        for (page, allowed) in [
            ("http://localhost:3000", true),
            ("https://example.com", true),
            ("http://example.com", false),
            ("http://localhost:3001", false),
            ("null", false),
        ] {
            assert_eq!(named.allows(page), allowed, "{page}");
        }
        assert!(Cors::parse("localhost:3000", false).unwrap_err().contains("localhost:3000"));
    }
}
