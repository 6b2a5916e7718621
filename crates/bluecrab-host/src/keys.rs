//! The keys that callers need with `bluecrab dev --auth`, as on the platform (azure-functions-host, `SecretManager`,
//! `AuthenticationLevelHandler`, `AuthUtility`).
//!
//! They are in `.bluecrab/keys.json` of the app's folder. The platform keeps them in a storage account.

use crate::error::HostError;
use crate::files::replace_private_file;
use crate::proof;
use crate::sync::lock;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The file with the keys, below the app's folder.
pub const FILE: &str = ".bluecrab/keys.json";
/// The system key for MCP clients.
pub const MCP_KEY: &str = "mcp_extension";
/// The system key with which Event Grid posts events.
pub const EVENT_GRID_KEY: &str = "eventgrid_extension";
/// The name of a key that is made.
const DEFAULT: &str = "default";
const KEY_BYTES: usize = 40;

/// Who may call a function or use a path: `authLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthLevel {
    /// Everyone.
    Anonymous,
    /// Whoever has a key of the function or of the host, or the master key.
    Function,
    /// Whoever has the master key.
    Admin,
}

impl AuthLevel {
    /// Reads `authLevel` of an HTTP trigger. The platform takes `function` if it is missing.
    pub fn read(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "anonymous" => Self::Anonymous,
            "admin" => Self::Admin,
            _ => Self::Function,
        }
    }

    /// Returns the name as a trigger has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Function => "function",
            Self::Admin => "admin",
        }
    }
}

/// The keys of an app.
#[derive(Debug)]
pub struct Keys {
    file: PathBuf,
    /// The port that the host listens on.
    port: u16,
    stored: Mutex<Stored>,
}

/// The keys by name, as the file has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Stored {
    /// The key that opens everything.
    master_key: String,
    /// Keys that open every function of the level `function`.
    host_keys: BTreeMap<String, String>,
    /// Keys that open the paths of extensions, by the extension's name.
    system_keys: BTreeMap<String, String>,
    /// For each function, the keys that open it.
    function_keys: BTreeMap<String, BTreeMap<String, String>>,
}

impl Keys {
    /// Reads the keys of an app for a host on this port, and makes those that are missing.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be read or written.
    pub fn open(app: &Path, port: u16) -> Result<Self, HostError> {
        let file = app.join(FILE);
        let stored = complete(&file, &[])?;
        Ok(Self { file, port, stored: Mutex::new(stored) })
    }

    /// Returns the file with the keys.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Makes a key for each of these functions that has no key.
    ///
    /// # Errors
    /// Returns an error that names the file if it cannot be written.
    pub fn make_for<'a>(&self, functions: impl Iterator<Item = &'a str>) -> Result<(), HostError> {
        let stored = complete(&self.file, &functions.collect::<Vec<_>>())?;
        *lock(&self.stored) = stored;
        Ok(())
    }

    /// Returns whether a request may call a function of this level.
    pub fn allow(&self, level: AuthLevel, function: &str, headers: &HeaderMap, query: Option<&str>) -> bool {
        level == AuthLevel::Anonymous
            || self.allow_admin(headers, query)
            || (level == AuthLevel::Function
                && self.has_key(headers, query, |stored, is_given| {
                    let own = stored.function_keys.get(&function.to_lowercase());
                    stored.host_keys.values().chain(own.into_iter().flat_map(BTreeMap::values)).any(is_given)
                }))
    }

    /// Returns whether a request has the master key.
    pub fn allow_admin(&self, headers: &HeaderMap, query: Option<&str>) -> bool {
        self.has_key(headers, query, |stored, is_given| is_given(&stored.master_key))
    }

    /// Returns a header that proves that this host knows the master key, if a request asks for it.
    pub fn prove(&self, headers: &HeaderMap) -> Option<(HeaderName, HeaderValue)> {
        let challenge = headers.get(proof::CHALLENGE)?.to_str().ok()?;
        let proof = proof::prove(challenge, &lock(&self.stored).master_key, self.port);
        Some((HeaderName::from_static(proof::PROOF), proof.try_into().ok()?))
    }

    /// Returns whether a request has the master key or this system key.
    pub fn allow_system(&self, name: &str, headers: &HeaderMap, query: Option<&str>) -> bool {
        self.allow_admin(headers, query)
            || self.has_key(headers, query, |stored, is_given| stored.system_keys.get(name).is_some_and(is_given))
    }

    /// Returns whether a request has one of some keys: `look` passes them to the comparison.
    fn has_key(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
        look: impl FnOnce(&Stored, &dyn Fn(&String) -> bool) -> bool,
    ) -> bool {
        let Some(given) = key_of(headers, query).filter(|key| !key.is_empty()) else { return false };
        let given = digest(&SHA256, given.as_bytes());
        // Similar keys have unlike digests, so the time of the comparison says nothing about the key.
        look(&lock(&self.stored), &|key| digest(&SHA256, key.as_bytes()).as_ref() == given.as_ref())
    }
}

impl Stored {
    fn read(file: &Path) -> Result<Self, HostError> {
        let unreadable = |reason: String| HostError::Unreadable { file: file.to_owned(), reason };
        match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// Makes the keys that are missing.
    fn completed(&self, functions: &[&str]) -> Self {
        let mut stored = self.clone();
        if stored.master_key.is_empty() {
            stored.master_key = new_key();
        }
        stored.host_keys.entry(DEFAULT.to_owned()).or_insert_with(new_key);
        for name in [MCP_KEY, EVENT_GRID_KEY] {
            stored.system_keys.entry(name.to_owned()).or_insert_with(new_key);
        }
        for name in functions {
            let keys = stored.function_keys.entry(name.to_lowercase()).or_default();
            if keys.is_empty() {
                keys.insert(DEFAULT.to_owned(), new_key());
            }
        }
        stored
    }
}

/// Reads the keys, and adds those that are missing to the file.
fn complete(file: &Path, functions: &[&str]) -> Result<Stored, HostError> {
    let stored = Stored::read(file)?;
    if stored.completed(functions) == stored {
        return Ok(stored);
    }
    let unwritable = |reason| HostError::Unwritable { file: file.to_owned(), reason };
    let folder = file.parent().unwrap_or(file);
    let locked = || {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(".gitignore"), "*\n")?;
        let file = File::create(folder.join("keys.lock"))?;
        file.lock().map(|()| file)
    };
    // Another host of the app may add keys at the same time.
    let _locked = locked().map_err(unwritable)?;
    let stored = Stored::read(file)?.completed(functions);
    let text = serde_json::to_vec_pretty(&stored).map_err(|error| unwritable(error.into()))?;
    replace_private_file(file, &text).map_err(unwritable)?;
    Ok(stored)
}

/// Returns the key of a request: the header `x-functions-key`, or without this header the first `code` of the query.
fn key_of(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    if let Some(key) = headers.get("x-functions-key") {
        return key.to_str().ok().map(str::to_owned);
    }
    let mut query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    query.find(|(name, _)| name.eq_ignore_ascii_case("code")).map(|(_, key)| key.into_owned())
}

/// Returns the master key of an app, if `--auth` was used with it.
pub fn master_key(app: &Path) -> Option<String> {
    let stored: Stored = serde_json::from_slice(&fs::read(app.join(FILE)).ok()?).ok()?;
    Some(stored.master_key).filter(|key| !key.is_empty())
}

/// Returns a random text.
pub fn new_key() -> String {
    let mut bytes = [0; KEY_BYTES];
    // A system without random numbers could encrypt nothing, so this does not fail.
    SystemRandom::new().fill(&mut bytes).expect("the system's random numbers");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(key: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-functions-key", key.parse().unwrap());
        headers
    }

    #[test]
    fn a_key_opens_what_its_kind_opens() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(folder.path(), 7071).unwrap();
        keys.make_for(["Sum", "other"].into_iter()).unwrap();
        let stored = lock(&keys.stored).clone();
        let key = |name: &str| stored.function_keys[name][DEFAULT].clone();
        let (none, function, admin) = (AuthLevel::Anonymous, AuthLevel::Function, AuthLevel::Admin);
        for (given, level, is_allowed) in [
            (String::new(), none, true),
            (String::new(), function, false),
            (key("sum"), function, true),
            (key("other"), function, false),
            (stored.host_keys[DEFAULT].clone(), function, true),
            (stored.system_keys[MCP_KEY].clone(), function, false),
            (stored.master_key.clone(), function, true),
            (key("sum"), admin, false),
            (stored.host_keys[DEFAULT].clone(), admin, false),
            (stored.master_key.clone(), admin, true),
        ] {
            assert_eq!(keys.allow(level, "sum", &headers(&given), None), is_allowed, "{level:?} {given}");
            let query = format!("a=1&code={given}&code=x");
            assert_eq!(keys.allow(level, "SUM", &HeaderMap::new(), Some(&query)), is_allowed, "{level:?} {given}");
            // The header wins, even if it is empty.
            assert_eq!(keys.allow(level, "sum", &headers(""), Some(&query)), level == none);
        }
        let mcp = &stored.system_keys[MCP_KEY];
        assert!(keys.allow_system(MCP_KEY, &headers(mcp), None) && !keys.allow_system("other", &headers(mcp), None));
    }

    #[test]
    fn keys_stay_the_same_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = Keys::open(folder.path(), 7071).unwrap();
        first.make_for(["sum"].into_iter()).unwrap();
        let second = Keys::open(folder.path(), 7071).unwrap();
        assert_eq!(*lock(&first.stored), *lock(&second.stored));
        assert_eq!(master_key(folder.path()), Some(lock(&second.stored).master_key.clone()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(Keys::open(folder.path(), 7071).unwrap_err().to_string().contains("keys.json"));
    }

    #[test]
    fn several_hosts_of_an_app_share_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..8).map(|number| format!("function{number}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                scope.spawn(|| {
                    let keys = Keys::open(folder.path(), 7071).unwrap();
                    let key = lock(&keys.stored).master_key.clone();
                    keys.make_for([name.as_str()].into_iter()).unwrap();
                    assert_eq!(master_key(folder.path()), Some(key));
                });
            }
        });
        let stored = Stored::read(&folder.path().join(FILE)).unwrap();
        assert!(stored.function_keys.keys().eq(&names));
    }
}
