//! Throughput and processor time.

use super::figure::{Figure, share_of_longest};
use crate::analysis::summary::Group;
use crate::results::units::digits;
use crate::scenario::Load;

/// Calls a second of every closed load. The throughput of an open loop is the rate that was asked for.
pub fn throughput(groups: &[Group]) -> Vec<Figure> {
    let closed: Vec<&Group> = groups.iter().filter(|group| matches!(group.load, Load::Closed(_))).collect();
    share_of_longest("Calls a second", &closed, |function| Some(function.rate), |rate| format!("{} /s", digits(rate)))
}

/// Draws the worker's processor time.
pub fn processor(groups: &[Group]) -> Vec<Figure> {
    let all = groups.iter().collect::<Vec<_>>();
    share_of_longest(
        "Processor seconds for 1000 calls",
        &all,
        |function| function.cpu,
        |cpu| format!("{} s", digits(cpu)),
    )
}
