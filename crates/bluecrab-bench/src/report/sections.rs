//! The contents of a report, before they are rendered.

use super::table::{Cell, Column, NONE, Table, UNKNOWN, time};
use crate::analysis::answer;
use crate::analysis::cost::{self, Amount, Cost, Costs};
use crate::analysis::prices::Prices;
use crate::analysis::stages::{self, Breakdown, OUTSIDE};
use crate::analysis::statistics::{CONFIDENCE, SMALLEST, Verdict};
use crate::analysis::summary::{ColdStarts, Group, Summary, groups, payloads};
use crate::analysis::warnings::warnings;
use crate::results::units::{bytes, digits, distinct, megabytes, milliseconds};
use crate::results::{FunctionResult, Results};
use crate::scenario::{FEWEST_CALLS, Load};

/// Results with everything that is concluded from them.
pub struct Report<'a> {
    pub(super) results: &'a Results,
    pub(super) prices: &'a Prices,
    pub(super) groups: Vec<Group>,
    pub(super) cold_starts: Vec<ColdStarts>,
    pub(super) costs: Vec<Costs>,
}

impl<'a> Report<'a> {
    /// Concludes from the results everything that a report shows.
    pub fn new(results: &'a Results, prices: &'a Prices) -> Self {
        let groups = groups(results);
        let costs = if results.in_process { Vec::new() } else { cost::costs(results, prices) };
        Self { results, prices, groups, cold_starts: ColdStarts::all(results), costs }
    }

    /// Returns the answer in one sentence.
    pub fn answer(&self) -> String {
        answer::fastest(&self.groups)
    }

    /// Returns a few sentences about each function except the baseline.
    pub(super) fn sentences(&self) -> Vec<String> {
        let all = answer::sentences(&self.groups, &self.costs, &self.prices.currency);
        all.into_iter().map(|sentences| sentences.join(" ")).collect()
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        warnings(self.results)
    }

    /// Explains how verdicts are reached.
    pub(super) fn rule(&self) -> String {
        let over =
            if self.results.fresh_workers { "rounds, each with new workers" } else { "rounds of the same workers" };
        format!(
            "A difference is reported only if the whole {:.0} % interval over {over}, which stands in brackets, is \
             beyond {:.0} %, and both functions have at least {FEWEST_CALLS} calls. A p99 needs 100 calls, a p99.9 \
             1000; else it is `{NONE}`. `?` was not measured. Callers that wait for an answer send nothing meanwhile, \
             so a stall counts once for each of them, not for every call that it would have delayed.",
            CONFIDENCE * 100.0,
            SMALLEST * 100.0
        )
    }

    /// The medians of every function with every payload, under the load in which calls wait least for each other, and
    /// the cold starts.
    pub fn overview(&self) -> Table {
        let payloads = payloads(&self.groups);
        let load = payloads.first().map_or(String::new(), |first| format!(", {}", first.single.load));
        let mut columns = vec![Column::words("function")];
        columns.extend(payloads.iter().map(|payload| Column::number(&payload.single.payload)));
        columns.push(Column::number("cold start"));
        let row = |(index, function): (usize, &FunctionResult)| {
            let mut row = vec![Cell::from(&function.name)];
            row.extend(payloads.iter().map(|payload| {
                let summary = payload.single.functions.get(index);
                time_with(summary.and_then(|summary| summary.p50), summary.and_then(|summary| summary.median))
            }));
            let starts = self.cold_starts.iter().find(|starts| starts.function == index);
            row.push(starts.map_or(Cell::default(), |starts| time_with(Some(starts.median), starts.verdict)));
            row
        };
        let rows = self.results.functions.iter().enumerate().map(row).collect();
        Table { caption: format!("Median milliseconds{load}"), columns, rows }
    }

    /// A table of figures for each load.
    pub(super) fn figures(&self) -> Vec<Table> {
        let table = |load: Load| {
            let same = self.groups.iter().filter(|group| group.load == load);
            let rows = same.flat_map(|group| group.functions.iter().map(|function| figures_row(group, function)));
            Table::new(format!("Calls {load}"), rows)
        };
        distinct(self.groups.iter().map(|group| group.load)).into_iter().filter_map(table).collect()
    }

    /// Shows what each load adds to the latency of the probe. Returns `None` if the scenario has no probe.
    pub(super) fn probe(&self) -> Option<Table> {
        if self.groups.iter().flat_map(|group| &group.functions).all(|function| function.probe.calls == 0) {
            return None;
        }
        let row = |group: &Group, function: &Summary| {
            vec![
                Column::words("payload").with(&group.payload),
                Column::words("load").with(group.load.to_string()),
                Column::words("function").with(&function.function),
                Column::number("without load").with(function.probe_alone.text()),
                Column::number("during the load").with(function.probe.text()),
            ]
        };
        let rows = self.groups.iter().flat_map(|group| group.functions.iter().map(|function| row(group, function)));
        Table::new("The p99 of the probe, a function that does nothing in the same worker, in milliseconds", rows)
    }

    pub(super) fn cold_start_table(&self) -> Option<Table> {
        let row = |starts: &ColdStarts| {
            let memory = self.results.functions[starts.function].memory_at_start;
            let verdict = match starts.verdict {
                None if starts.function > 0 => NONE.into(),
                verdict => Cell::verdict(verdict, "faster", "slower"),
            };
            vec![
                Column::words("function").with(&starts.name),
                Column::number("starts").with(starts.seconds.len().to_string()),
                Column::number("median").with(digits(starts.median)),
                Column::number("min").with(digits(starts.fastest)),
                Column::number("max").with(digits(starts.slowest)),
                Column::number("MB before a call").detail().with(Cell::measured(memory, megabytes)),
                Column::words("against baseline").with(verdict),
            ]
        };
        let caption = "Cold starts: seconds from the start of the host to the first answer";
        Table::new(caption, self.cold_starts.iter().map(row))
    }

    /// Makes a table for each plan, and says what the figures assume.
    pub(super) fn cost_tables(&self) -> Option<([Table; 2], Vec<String>)> {
        let all = self.costs.iter().flat_map(|costs| {
            costs.functions.iter().enumerate().map(|(index, cost)| (costs.payload.clone(), index, cost))
        });
        let price = |amount: &Option<Amount>| Cell::measured(amount.as_ref(), |amount| digits(amount.price));
        let verdict = |amount: &Option<Amount>, index: usize| match amount.as_ref().and_then(|amount| amount.verdict) {
            None if index > 0 => UNKNOWN.into(),
            verdict => Cell::verdict(verdict, "cheaper", "dearer"),
        };
        let on_consumption = |(payload, index, cost): (String, usize, &Cost)| {
            vec![
                Column::words("payload").with(payload),
                Column::words("function").with(&cost.function),
                Column::number("billed ms").with(milliseconds(cost.seconds)),
                Column::number("billed MB").with(Cell::measured(cost.memory, |memory| format!("{memory:.0}"))),
                Column::number("a million").with(price(&cost.consumption)),
                Column::words("against baseline").with(verdict(&cost.consumption, index)),
            ]
        };
        let on_flex = |(payload, index, cost): (String, usize, &Cost)| {
            vec![
                Column::words("payload").with(payload),
                Column::words("function").with(&cost.function),
                Column::number("instance MB").with(Cell::measured(cost.instance, |size| size.mb.to_string())),
                Column::number("busy").with(price(&cost.flex_busy)),
                Column::words("against baseline").with(verdict(&cost.flex_busy, index)),
                Column::number("single").with(price(&cost.flex_single)),
            ]
        };
        let currency = &self.prices.currency;
        let plan = |name: &str| format!("A million calls on {name}, {currency}");
        let consumption = Table::new(plan("Azure's Consumption plan"), all.clone().map(on_consumption))?;
        let flex = Table::new(plan("Flex Consumption"), all.map(on_flex))?;
        let notes =
            cost::hidden(&self.costs, self.prices).into_iter().chain(cost::assumptions(&self.costs, self.prices));
        Some(([consumption, flex], notes.collect()))
    }

    /// Shows where the server's time goes.
    pub(super) fn stages(&self) -> Option<Table> {
        let all = Breakdown::all(self.results);
        let names = stages::names(&all);
        let row = |one: &Breakdown| {
            let of = |name: &str| one.stages.iter().find(|(other, _)| other == name).map(|(_, seconds)| *seconds);
            let place = [
                Column::words("payload").with(&one.payload),
                Column::words("function").with(&one.function),
                Column::number("p50").with(milliseconds(one.whole)),
            ];
            let names = names.iter().map(String::as_str).chain([OUTSIDE]);
            place.into_iter().chain(names.map(|name| Column::number(name).with(time(of(name))))).collect()
        };
        Table::new("Medians of the parts of a call in milliseconds", all.iter().map(row))
    }
}

/// Formats a time, followed by the verdict.
fn time_with(seconds: Option<f64>, verdict: Option<Verdict>) -> Cell {
    let time = time(seconds);
    let text = match verdict {
        Some(verdict) if verdict.factor().is_some() => format!("{time} ({})", verdict.short("faster", "slower")),
        Some(verdict) if !verdict.is_unknown() => format!("{time} (=)"),
        Some(_) => format!("{time} (?)"),
        None => time,
    };
    Cell { text, tone: Cell::tone(verdict) }
}

fn figures_row(group: &Group, function: &Summary) -> Vec<(Column, Cell)> {
    let interval = function.spread.map(|spread| [spread.low, spread.high].map(milliseconds).join(" to "));
    let tail = match function.tail {
        None if function.median.is_some() => NONE.into(),
        tail => Cell::verdict(tail, "faster", "slower"),
    };
    vec![
        Column::words("payload").with(&group.payload),
        Column::words("function").with(&function.function),
        Column::number("bytes in, out")
            .detail()
            .with([group.bytes_in, group.bytes_out].map(|all| bytes(all as u64)).join(", ")),
        Column::number("p50").with(time(function.p50)),
        Column::number("interval").detail().with(interval.unwrap_or_else(|| NONE.to_owned())),
        Column::number("p90").detail().with(time(function.p90)),
        Column::number("p99").with(time(function.p99)),
        Column::number("p99.9").detail().with(time(function.p999)),
        Column::number("slowest").detail().with(time(function.slowest)),
        Column::number("calls").detail().with(function.calls.to_string()),
        Column::number("calls/s").with(digits(function.rate)),
        Column::number("CPU s").with(Cell::measured(function.cpu, digits)),
        Column::number("peak MB").with(Cell::measured(function.memory_peak, megabytes)),
        Column::words("p50 against baseline").with(Cell::verdict(function.median, "faster", "slower")),
        Column::words("p99 against baseline").detail().with(tail),
        Column::words("calls/s against baseline").detail().with(Cell::verdict(function.throughput, "more", "fewer")),
    ]
}
