//! The loads of a scenario.

use super::fault::Fault;
use serde::{Deserialize, Serialize};
use std::fmt;
use toml::Spanned;

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "LoadFields")]
pub enum Load {
    /// This many callers, each of which waits for its answer before it calls again.
    Closed(usize),
    /// This many calls a second, whether answers come or not.
    Open(f64),
}

impl Load {
    /// Orders loads by how much their calls wait for each other: one caller, open loops by rate, then several callers.
    pub fn busyness(self) -> f64 {
        match self {
            Self::Closed(1) => 0.0,
            Self::Open(rate) => rate,
            Self::Closed(callers) => 1e12 + callers as f64,
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(1) => formatter.write_str("one at a time"),
            Self::Closed(callers) => write!(formatter, "{callers} at once"),
            Self::Open(rate) => write!(formatter, "{rate} a second"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoadFields {
    closed: Option<usize>,
    open: Option<f64>,
}

impl TryFrom<LoadFields> for Load {
    type Error = &'static str;

    fn try_from(fields: LoadFields) -> Result<Self, Self::Error> {
        match fields {
            LoadFields { closed: Some(callers), open: None } if callers > 0 => Ok(Self::Closed(callers)),
            LoadFields { closed: None, open: Some(rate) } if rate > 0.0 && rate.is_finite() => Ok(Self::Open(rate)),
            _ => Err("a load is either `closed = CALLERS` or `open = CALLS-A-SECOND`, greater than 0"),
        }
    }
}

pub fn read(entries: Vec<Spanned<Load>>) -> Result<Vec<Load>, Fault> {
    let mut loads: Vec<Load> = Vec::new();
    for load in entries {
        if loads.contains(load.get_ref()) {
            return Err(Fault::at(load.span(), "this load is there twice"));
        }
        loads.push(load.into_inner());
    }
    Ok(if loads.is_empty() { vec![Load::Closed(1)] } else { loads })
}
