//! `logging.logLevel` in host.json.

use super::config::Config;
use crate::console::{LogLevels, level_of};
use crate::error::HostError;

/// Reads which log entries of functions are printed.
pub fn read(config: &Config) -> Result<LogLevels, HostError> {
    let rules = config.below("logging:loglevel").map(|(category, name)| {
        let wrong = || {
            config.wrong(
                &format!("logging:loglevel:{category}"),
                "Trace, Debug, Information, Warning, Error, Critical or None",
            )
        };
        Ok((category.to_owned(), level_of(name).ok_or_else(wrong)?))
    });
    Ok(LogLevels::new(rules.collect::<Result<_, _>>()?))
}
