//! Reads connection strings of storage accounts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Uri;
use ring::hmac;
use std::fmt;

/// The account of the emulator Azurite, whose key is public (Azure/Azurite, `README.md`).
const EMULATOR: &str = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;\
    AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
    BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;\
    QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;\
    TableEndpoint=http://127.0.0.1:10002/devstoreaccount1";

/// The name of the emulator's account.
const EMULATOR_NAME: &str = "devstoreaccount1";

/// A service of a storage account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Blobs in containers.
    Blob,
    /// Messages in queues.
    Queue,
    /// Entities in tables.
    Table,
}

impl Service {
    fn host_name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Queue => "queue",
            Self::Table => "table",
        }
    }

    /// Returns the member of a connection string that contains the service's address.
    fn member(self) -> &'static str {
        match self {
            Self::Blob => "blobendpoint",
            Self::Queue => "queueendpoint",
            Self::Table => "tableendpoint",
        }
    }
}

/// The address of a service: `http://127.0.0.1:10001/devstoreaccount1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, and the port if the address has one.
    pub authority: String,
    /// The path without a slash at its end. The emulator's path names the account, any other account's path is empty.
    pub path: String,
}

/// The ports on which an emulator of Azure Storage serves an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmulatorPorts {
    /// The port for blobs.
    pub blob: u16,
    /// The port for queues.
    pub queue: u16,
    /// The port for tables.
    pub table: u16,
}

impl Endpoint {
    /// Returns the port if the address is one of this machine and names a port.
    fn local_port(&self) -> Option<u16> {
        let (host, port) = self.authority.rsplit_once(':')?;
        (matches!(host, "127.0.0.1" | "localhost") && !self.is_secure()).then(|| port.parse().ok())?
    }

    /// Returns whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.scheme == "https"
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

/// What proves to the service that the caller may use the account.
#[derive(Clone)]
pub enum Credential {
    /// The account's key, with which each request is signed.
    Key(hmac::Key),
    /// A shared access signature, which is added to the query of each request.
    Sas(Vec<(String, String)>),
}

/// A storage account, as a connection string describes it.
#[derive(Clone)]
pub struct Account {
    /// The name. Empty if the connection string contains addresses and a shared access signature only.
    pub name: String,
    /// What proves that the caller may use the account.
    pub credential: Credential,
    endpoints: [Option<Endpoint>; 3],
}

impl Account {
    /// Parses a connection string. The error says what is wrong with it, and never repeats a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let members = members(text)?;
        let get = |name: &str| {
            let found = members.iter().find(|(member, _)| member == name);
            found.map(|(_, value)| *value).filter(|value| !value.is_empty())
        };
        if get("usedevelopmentstorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Self::parse(EMULATOR);
        }
        let name = get("accountname").unwrap_or_default().to_owned();
        let credential = match (get("accountkey"), get("sharedaccesssignature")) {
            (Some(_), _) if name.is_empty() => return Err("it has an AccountKey but no AccountName".to_owned()),
            (Some(key), _) => {
                let key =
                    BASE64.decode(key).map_err(|_| "its AccountKey is not base64: copy the key again".to_owned())?;
                Credential::Key(hmac::Key::new(hmac::HMAC_SHA256, &key))
            }
            (None, Some(signature)) => {
                let pairs = form_urlencoded::parse(signature.trim_start_matches('?').as_bytes());
                Credential::Sas(pairs.into_owned().collect())
            }
            (None, None) => {
                return Err(
                    "it has neither an AccountKey nor a SharedAccessSignature; write UseDevelopmentStorage=true \
                            for the emulator Azurite, or copy the connection string of a storage account"
                        .to_owned(),
                );
            }
        };
        let protocol = get("defaultendpointsprotocol").unwrap_or("https");
        let suffix = get("endpointsuffix").unwrap_or("core.windows.net");
        let endpoint = |service: Service| match get(service.member()) {
            Some(address) => parse_endpoint(address).map(Some),
            None if name.is_empty() => Ok(None),
            None => parse_endpoint(&format!("{protocol}://{name}.{}.{suffix}", service.host_name())).map(Some),
        };
        let endpoints = [endpoint(Service::Blob)?, endpoint(Service::Queue)?, endpoint(Service::Table)?];
        if endpoints.iter().all(Option::is_none) {
            return Err("it has neither an AccountName nor an address such as QueueEndpoint".to_owned());
        }
        Ok(Self { name, credential, endpoints })
    }

    /// Returns the address of a service, if the connection string contains it.
    pub fn endpoint(&self, service: Service) -> Option<&Endpoint> {
        self.endpoints[service as usize].as_ref()
    }

    /// Returns whether the account belongs to an emulator: its addresses contain the account's name as their path.
    pub fn is_emulated(&self) -> bool {
        self.endpoints.iter().flatten().any(|endpoint| !endpoint.path.is_empty())
    }

    /// Returns the ports of an emulator on this machine. `None` if the account is another one.
    pub fn emulator(&self) -> Option<EmulatorPorts> {
        let port = |service| self.endpoint(service).and_then(Endpoint::local_port);
        let ports =
            EmulatorPorts { blob: port(Service::Blob)?, queue: port(Service::Queue)?, table: port(Service::Table)? };
        (self.name == EMULATOR_NAME).then_some(ports)
    }
}

/// Splits a connection string into members. Their names are returned in lower case.
fn members(text: &str) -> Result<Vec<(String, &str)>, String> {
    let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
    let pair = |part: &'_ str| part.split_once('=').is_some();
    if !parts.clone().all(pair) {
        return Err("it is not a list of NAME=VALUE with semicolons between".to_owned());
    }
    let pairs = parts.filter_map(|part| part.split_once('='));
    Ok(pairs.map(|(name, value)| (name.trim().to_lowercase(), value.trim())).collect())
}

fn parse_endpoint(address: &str) -> Result<Endpoint, String> {
    let wrong = || format!("{address} in it is not an address such as https://NAME.queue.core.windows.net");
    let uri: Uri = address.parse().map_err(|_| wrong())?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or_else(wrong)?;
    let authority = uri.authority().ok_or_else(wrong)?;
    Ok(Endpoint {
        scheme: scheme.to_owned(),
        authority: authority.to_string(),
        path: uri.path().trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str, service: Service) -> Option<String> {
        let account = Account::parse(text).unwrap();
        account.endpoint(service).map(Endpoint::to_string)
    }

    #[test]
    fn finds_the_addresses_of_an_account() {
        let account = "AccountName=one;AccountKey=a2V5";
        for (text, service, expected) in [
            ("UseDevelopmentStorage=true", Service::Queue, Some("http://127.0.0.1:10001/devstoreaccount1")),
            (" usedevelopmentstorage = TRUE ;", Service::Table, Some("http://127.0.0.1:10002/devstoreaccount1")),
            (account, Service::Blob, Some("https://one.blob.core.windows.net")),
            (
                "DefaultEndpointsProtocol=http;AccountName=one;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn",
                Service::Table,
                Some("http://one.table.core.chinacloudapi.cn"),
            ),
            (
                "AccountName=one;AccountKey=a2V5;QueueEndpoint=http://localhost:5/one/",
                Service::Queue,
                Some("http://localhost:5/one"),
            ),
            (
                "QueueEndpoint=https://q.example/;SharedAccessSignature=sv=1&sig=a%2Bb%3D",
                Service::Queue,
                Some("https://q.example"),
            ),
            ("QueueEndpoint=https://q.example/;SharedAccessSignature=?sv=1&sig=x", Service::Blob, None),
        ] {
            assert_eq!(address(text, service).as_deref(), expected, "{text}");
        }
        assert!(Account::parse("UseDevelopmentStorage=true").unwrap().is_emulated());
        assert!(!Account::parse(account).unwrap().is_emulated());
        let ports = EmulatorPorts { blob: 10000, queue: 10001, table: 10002 };
        assert_eq!(Account::parse("UseDevelopmentStorage=true").unwrap().emulator(), Some(ports));
        assert_eq!(Account::parse(account).unwrap().emulator(), None);
        let Credential::Sas(pairs) =
            Account::parse("AccountName=a;SharedAccessSignature=sv=1&sig=a%2Bb%3D").unwrap().credential
        else {
            panic!("a shared access signature is expected");
        };
        assert_eq!(pairs, [("sv".to_owned(), "1".to_owned()), ("sig".to_owned(), "a+b=".to_owned())]);
    }

    #[test]
    fn reports_what_is_wrong_without_the_secret() {
        for (text, part) in [
            ("", "neither an AccountKey"),
            ("hello", "NAME=VALUE"),
            ("AccountName=one", "neither an AccountKey"),
            ("AccountKey=c2VjcmV0", "no AccountName"),
            ("AccountName=one;AccountKey=%secret%", "not base64"),
            ("SharedAccessSignature=sig=secret", "neither an AccountName nor"),
            ("AccountName=one;AccountKey=c2VjcmV0;BlobEndpoint=ftp://x", "ftp://x"),
            ("AccountName=o ne;AccountKey=c2VjcmV0", "o ne"),
        ] {
            let said = Account::parse(text).map(|_| ()).unwrap_err();
            assert!(said.contains(part) && !said.contains("secret") && !said.contains("c2VjcmV0"), "{text}: {said}");
        }
    }
}
