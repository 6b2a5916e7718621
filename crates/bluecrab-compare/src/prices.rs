//! What Azure Functions charges: a list that can be replaced.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::path::Path;

/// A price list, as it is in `prices.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    pub(crate) as_of: String,
    pub(crate) region: String,
    pub(crate) currency: String,
    pub(crate) source: String,
    pub(crate) consumption: Consumption,
    pub(crate) flex: Flex,
}

/// The Consumption plan: each call's time and the memory that is really used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consumption {
    pub million_executions: f64,
    pub gb_second: f64,
    pub minimum_ms: f64,
    pub step_ms: f64,
    pub memory_step_mb: f64,
    pub memory_most_mb: f64,
    pub free_executions: u64,
    pub free_gb_seconds: u64,
}

/// The Flex Consumption plan on demand: the time in which an instance has a call, and its whole memory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flex {
    pub million_executions: f64,
    pub gb_second: f64,
    pub minimum_ms: f64,
    pub step_ms: f64,
    pub instance_mb: f64,
    pub free_executions: u64,
    pub free_gb_seconds: u64,
    pub sizes: Vec<Size>,
}

/// A size of its instances.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    pub mb: f64,
    pub cores: f64,
}

const LIST: &str = include_str!("../prices.toml");

impl Default for Prices {
    fn default() -> Self {
        Self::parse(LIST).expect("a test parses the list")
    }
}

impl Prices {
    /// Reads a list of one's own.
    ///
    /// # Errors
    /// Where it cannot be read, lacks a price, or has one that makes no sense.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no price list; docs/bench.md shows one", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let prices: Self = toml::from_str(text)?;
        let (consumption, flex) = (&prices.consumption, &prices.flex);
        for (name, value) in [
            ("consumption.million_executions", consumption.million_executions),
            ("consumption.gb_second", consumption.gb_second),
            ("consumption.minimum_ms", consumption.minimum_ms),
            ("flex.million_executions", flex.million_executions),
            ("flex.gb_second", flex.gb_second),
            ("flex.minimum_ms", flex.minimum_ms),
        ] {
            ensure!(value >= 0.0 && value.is_finite(), "`{name}` must be a number of at least 0");
        }
        let sizes = flex.sizes.iter().flat_map(|size| [("flex.sizes.mb", size.mb), ("flex.sizes.cores", size.cores)]);
        for (name, value) in [
            ("consumption.step_ms", consumption.step_ms),
            ("flex.step_ms", flex.step_ms),
            ("consumption.memory_step_mb", consumption.memory_step_mb),
            ("consumption.memory_most_mb", consumption.memory_most_mb),
            ("flex.instance_mb", flex.instance_mb),
        ]
        .into_iter()
        .chain(sizes)
        {
            ensure!(value > 0.0 && value.is_finite(), "`{name}` must be a number greater than 0");
        }
        ensure!(
            flex.sizes.iter().any(|size| size.mb >= flex.instance_mb),
            "`flex.sizes` has none of `flex.instance_mb` or more"
        );
        Ok(prices)
    }
}

impl Flex {
    /// The smallest size, but not below the one that is taken, that holds so many bytes.
    pub fn instance(&self, bytes: u64) -> Option<Size> {
        let fits = |size: &&Size| size.mb >= self.instance_mb && size.mb * 1024.0 * 1024.0 >= bytes as f64;
        self.sizes.iter().filter(fits).copied().min_by(|one, two| one.mb.total_cmp(&two.mb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete() {
        let prices = Prices::default();
        assert_eq!(prices.flex.instance(100 << 20).unwrap(), Size { mb: 2048.0, cores: 1.0 });
        assert_eq!(prices.flex.instance((2048 << 20) + 1).unwrap().mb, 4096.0);
        assert_eq!(prices.flex.instance(5000 << 20), None);
    }

    #[test]
    fn a_wrong_list_is_refused_by_name() {
        let error = |from: &str, to: &str| format!("{:#}", Prices::parse(&LIST.replacen(from, to, 1)).unwrap_err());
        assert!(error("0.000016", "-1").contains("`consumption.gb_second` must be"));
        assert!(error("memory_step_mb = 128", "memory_step_mb = 0").contains("`consumption.memory_step_mb`"));
        assert!(error("step_ms = 100 ", "step_ms = 0 ").contains("`flex.step_ms`"));
        assert!(error("instance_mb = 2048", "instance_mb = 9999").contains("`flex.sizes`"));
        assert!(error("region", "regoin").contains("regoin"));
        assert!(error("minimum_ms = 100 ", "#").contains("minimum_ms"));
    }

    #[test]
    fn a_list_of_ones_own_takes_the_place_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prices.toml");
        std::fs::write(&file, LIST.replacen("USD", "EUR", 1).replacen("0.20", "0.18", 1)).unwrap();
        let prices = Prices::read(&file).unwrap();
        assert_eq!((prices.currency.as_str(), prices.consumption.million_executions), ("EUR", 0.18));
        std::fs::write(&file, "[consumption]").unwrap();
        let error = format!("{:#}", Prices::read(&file).unwrap_err());
        assert!(error.contains("prices.toml is no price list; docs/bench.md shows"), "{error}");
        let error = format!("{:#}", Prices::read(&folder.path().join("none.toml")).unwrap_err());
        assert!(error.contains("cannot read"), "{error}");
    }
}
