//! Finds the storage account that a binding names.

use super::account::{Account, EmulatorPorts};
use super::client::Storage;
use super::error::StorageError;
use crate::sync::lock;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The setting that a binding without `connection` uses.
const DEFAULT: &str = "AzureWebJobsStorage";
/// Members of a connection without a secret, which needs a token of Entra ID.
const IDENTITY_MEMBERS: [&str; 6] =
    ["blobServiceUri", "queueServiceUri", "tableServiceUri", "serviceUri", "accountName", "endpoint"];

/// The storage accounts that a host uses, by connection string. Clones share them.
#[derive(Clone, Default)]
pub struct Connections {
    storages: Arc<Mutex<HashMap<String, Storage>>>,
    /// Becomes `true` when the emulator can be used. Without it, nobody starts an emulator for this host.
    emulator_ready: Option<watch::Receiver<bool>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connections").finish_non_exhaustive()
    }
}

impl Connections {
    /// Makes the connections of a host. A caller that needs the emulator waits until `emulator_ready` is `true`.
    pub fn new(emulator_ready: Option<watch::Receiver<bool>>) -> Self {
        Self { emulator_ready, ..Self::default() }
    }

    /// Returns the account that a binding's `connection` names. `setting` looks up an app setting.
    ///
    /// # Errors
    /// Returns an error that names the setting if it is missing, invalid, or of a kind that this host does not support.
    pub async fn of<'a>(
        &self,
        connection: Option<&str>,
        setting: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Storage, StorageError> {
        let storage = self.find(connection, setting)?;
        if let Some(ready) = self.emulator_ready.as_ref().filter(|_| storage.account().emulator().is_some()) {
            drop(ready.clone().wait_for(|is_ready| *is_ready).await);
        }
        Ok(storage)
    }

    /// Checks the setting of a binding's `connection`, and returns the emulator's ports if it means an emulator on this
    /// machine.
    ///
    /// # Errors
    /// Returns the same errors as [`of`](Self::of).
    pub fn check<'a>(
        &self,
        connection: Option<&str>,
        setting: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<EmulatorPorts>, StorageError> {
        Ok(self.find(connection, setting)?.account().emulator())
    }

    fn find<'a>(
        &self,
        connection: Option<&str>,
        setting: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Storage, StorageError> {
        let (name, text) = connection_string(connection, setting)?;
        let mut storages = lock(&self.storages);
        if let Some(storage) = storages.get(text) {
            return Ok(storage.clone());
        }
        let account = Account::parse(text).map_err(|reason| {
            let what = "is not a connection string of a storage account";
            StorageError::Settings(format!("the app setting {name} {what}: {reason}"))
        })?;
        let storage = Storage::new(account)?;
        storages.insert(text.to_owned(), storage.clone());
        Ok(storage)
    }
}

/// Returns the name of the setting that contains the connection string, and the string. The order is the platform's
/// (azure-webjobs-sdk, `IConfigurationExtensions.GetWebJobsConnectionStringSection`).
fn connection_string<'a>(
    connection: Option<&str>,
    setting: impl Fn(&str) -> Option<&'a str>,
) -> Result<(String, &'a str), StorageError> {
    let connection = connection.filter(|name| !name.is_empty()).unwrap_or(DEFAULT);
    let prefixed = if connection.starts_with("AzureWebJobs") {
        connection.to_owned()
    } else {
        format!("AzureWebJobs{connection}")
    };
    let names = [
        format!("ConnectionStrings:{prefixed}"),
        prefixed,
        format!("ConnectionStrings:{connection}"),
        connection.to_owned(),
    ];
    if let Some(found) = names.iter().find_map(|name| Some((name.clone(), setting(name)?))) {
        return Ok(found);
    }
    let member_of = |name: &String| {
        IDENTITY_MEMBERS.iter().map(|member| format!("{name}__{member}")).find(|name| setting(name).is_some())
    };
    Err(StorageError::Settings(match names.iter().find_map(member_of) {
        Some(member) => format!(
            "the app setting {member} means a connection with an identity of Entra ID, which this host does not support: \
             set {connection} to a connection string"
        ),
        None => format!(
            "the app setting {connection} is missing or empty: set \"{connection}\" to \
             \"UseDevelopmentStorage=true\" in Values of local.settings.json for the emulator Azurite, or to the \
             connection string of a storage account"
        ),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(connection: Option<&str>, settings: &[(&str, &'static str)]) -> Result<String, String> {
        let setting = |name: &str| settings.iter().find(|(found, _)| *found == name).map(|(_, value)| *value);
        let storage = Connections::default().find(connection, setting).map_err(|error| error.to_string())?;
        Ok(storage.account().name.clone())
    }

    #[test]
    fn finds_the_setting_of_a_connection() {
        let (one, two) = ("AccountName=one;AccountKey=a2V5", "AccountName=two;AccountKey=a2V5");
        assert_eq!(of(None, &[("AzureWebJobsStorage", one)]).unwrap(), "one");
        assert_eq!(of(Some(""), &[("ConnectionStrings:AzureWebJobsStorage", one)]).unwrap(), "one");
        assert_eq!(of(Some("Own"), &[("Own", one), ("AzureWebJobsStorage", two)]).unwrap(), "one");
        assert_eq!(of(Some("Own"), &[("Own", one), ("AzureWebJobsOwn", two)]).unwrap(), "two");
    }

    #[test]
    fn errors_name_the_setting() {
        for (connection, settings, parts) in [
            (None, &[][..], ["AzureWebJobsStorage is missing", "UseDevelopmentStorage=true"]),
            (Some("Own"), &[][..], ["Own is missing", "local.settings.json"]),
            (Some("Own"), &[("Own__queueServiceUri", "https://x")][..], ["Own__queueServiceUri", "Entra ID"]),
            (Some("Own"), &[("Own", "x")][..], ["app setting Own", "NAME=VALUE"]),
        ] {
            let said = of(connection, settings).unwrap_err();
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        }
    }

    #[test]
    fn a_connection_is_opened_once() {
        let (connections, setting) = (Connections::default(), |_: &str| Some("UseDevelopmentStorage=true"));
        let [first, second] = [None, Some("Other")].map(|name| connections.find(name, setting).unwrap());
        let woken = first.wake_ups().of("queue/jobs");
        assert!(Arc::ptr_eq(&woken, &second.wake_ups().of("queue/jobs")));
        assert_eq!(connections.check(None, setting).unwrap().map(|ports| ports.queue), Some(10001));
        assert!(connections.check(None, |_| None).is_err());
    }

    #[tokio::test]
    async fn whoever_needs_the_emulator_waits_for_it() {
        let (ready, is_ready) = watch::channel(false);
        let connections = Connections::new(Some(is_ready));
        let real = connections
            .of(None, |_| Some("AccountName=one;AccountKey=a2V5;EndpointSuffix=x;DefaultEndpointsProtocol=http"));
        assert_eq!(real.await.unwrap().account().name, "one");
        let mut emulated = std::pin::pin!(connections.of(None, |_| Some("UseDevelopmentStorage=true")));
        let poll = std::future::poll_fn(|context| std::task::Poll::Ready(emulated.as_mut().poll(context).is_pending()));
        assert!(poll.await);
        ready.send_replace(true);
        assert!(emulated.await.is_ok());
    }
}
