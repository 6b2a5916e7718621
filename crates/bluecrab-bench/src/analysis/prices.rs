//! What Azure Functions charges: a list that users can replace.

use anyhow::{Context, ensure};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::path::Path;

/// A price list, as in `prices.toml`.
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

/// The Consumption plan, which bills each call's time and the memory in use.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consumption {
    #[serde(deserialize_with = "price")]
    pub million_executions: f64,
    #[serde(deserialize_with = "price")]
    pub gb_second: f64,
    #[serde(deserialize_with = "price")]
    pub minimum_ms: f64,
    #[serde(deserialize_with = "amount")]
    pub step_ms: f64,
    #[serde(deserialize_with = "amount")]
    pub memory_step_mb: f64,
    #[serde(deserialize_with = "amount")]
    pub memory_most_mb: f64,
    pub free_executions: u64,
    pub free_gb_seconds: u64,
}

/// The Flex Consumption plan on demand, which bills an instance's whole memory while it has a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flex {
    #[serde(deserialize_with = "price")]
    pub million_executions: f64,
    #[serde(deserialize_with = "price")]
    pub gb_second: f64,
    #[serde(deserialize_with = "price")]
    pub minimum_ms: f64,
    #[serde(deserialize_with = "amount")]
    pub step_ms: f64,
    #[serde(deserialize_with = "amount")]
    pub instance_mb: f64,
    pub free_executions: u64,
    pub free_gb_seconds: u64,
    pub sizes: Vec<Size>,
}

/// A size of Flex Consumption's instances.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    #[serde(deserialize_with = "amount")]
    pub mb: f64,
    #[serde(deserialize_with = "amount")]
    pub cores: f64,
}

/// A number of at least 0.
fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let price = f64::deserialize(deserializer)?;
    let valid = price >= 0.0 && price.is_finite();
    if valid { Ok(price) } else { Err(D::Error::custom("a price must be a number of at least 0")) }
}

/// A number greater than 0.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let amount = price(deserializer)?;
    if amount > 0.0 { Ok(amount) } else { Err(D::Error::custom("the number must be greater than 0")) }
}

const LIST: &str = include_str!("../../prices.toml");

impl Default for Prices {
    fn default() -> Self {
        Self::parse(LIST).expect("a test parses the list")
    }
}

impl Prices {
    /// Reads a list.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, lacks a price, or has an impossible one.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text)
            .with_context(|| format!("{} is not a price list; docs/benchmarking.md shows one", file.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let prices: Self = toml::from_str(text)?;
        let Flex { sizes, instance_mb, .. } = &prices.flex;
        let has_instance = sizes.iter().any(|size| size.mb >= *instance_mb);
        ensure!(has_instance, "`flex.sizes` needs a size of at least `flex.instance_mb`");
        Ok(prices)
    }
}

impl Flex {
    /// The smallest size of at least `instance_mb` that holds this many bytes.
    pub fn instance(&self, bytes: u64) -> Option<Size> {
        let fits = |size: &&Size| size.mb >= self.instance_mb && size.mb * 1024.0 * 1024.0 >= bytes as f64;
        self.sizes.iter().filter(fits).copied().min_by(|one, two| one.mb.total_cmp(&two.mb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_list_is_refused_by_name() {
        let error = |from: &str, to: &str| format!("{:#}", Prices::parse(&LIST.replacen(from, to, 1)).unwrap_err());
        assert!(error("0.000016", "-1").contains("gb_second = -1"));
        assert!(error("memory_step_mb = 128", "memory_step_mb = 0").contains("must be greater than 0"));
        assert!(error("step_ms = 100 ", "step_ms = 0 ").contains("step_ms = 0"));
        assert!(error("instance_mb = 2048", "instance_mb = 9999").contains("`flex.sizes`"));
        assert!(error("region", "regoin").contains("regoin"));
        assert!(error("minimum_ms = 100 ", "#").contains("minimum_ms"));
    }

    #[test]
    fn a_list_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prices.toml");
        std::fs::write(&file, LIST.replacen("USD", "EUR", 1).replacen("0.20", "0.18", 1)).unwrap();
        let prices = Prices::read(&file).unwrap();
        assert_eq!((prices.currency.as_str(), prices.consumption.million_executions), ("EUR", 0.18));
        std::fs::write(&file, "[consumption]").unwrap();
        let error = format!("{:#}", Prices::read(&file).unwrap_err());
        assert!(error.contains("prices.toml is not a price list; docs/benchmarking.md shows"), "{error}");
    }
}
