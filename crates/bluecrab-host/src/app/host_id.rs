//! The id of a host: the same for all hosts of an app on a machine, which therefore share receipts and internal queues.

use std::path::Path;

/// The longest id (azure-functions-host, `ScriptConstants.MaximumHostIdLength`).
const MAX_LENGTH: usize = 32;

/// Returns the id of a host for the app in a folder: the machine's name and a hash of the path (azure-functions-host,
/// `ScriptHostIdProvider.cs`).
pub fn host_id(root: &Path) -> String {
    let machine: String = machine_name().chars().filter(char::is_ascii_alphanumeric).collect();
    let hash = root
        .to_string_lossy()
        .encode_utf16()
        .fold(23_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    shorten(&format!("{machine}-{}", hash.unsigned_abs()))
}

/// Returns an id that a queue's name can contain.
pub fn shorten(id: &str) -> String {
    let id: String = id.to_lowercase().chars().take(MAX_LENGTH).collect();
    id.trim_matches('-').to_owned()
}

#[cfg(unix)]
fn machine_name() -> String {
    nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(not(unix))]
fn machine_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_fits_into_the_name_of_a_queue() {
        let [one, two] = ["/apps/one", "/apps/two"].map(|root| host_id(Path::new(root)));
        assert_ne!(one, two);
        assert_eq!(one, host_id(Path::new("/apps/one")));
        assert!(one.len() <= MAX_LENGTH && !one.starts_with('-') && !one.ends_with('-'), "{one}");
        assert_eq!(shorten(&format!("A{}", "-".repeat(40))), "a");
    }
}
