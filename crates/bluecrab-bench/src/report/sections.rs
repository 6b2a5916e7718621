//! The contents of a report, before they are rendered.

use super::table::{Cell, Column, NONE, Table};
use crate::analysis::answer;
use crate::analysis::cost::{self, Amount, Cost, Costs};
use crate::analysis::prices::Prices;
use crate::analysis::stages::{self, Breakdown, OUTSIDE};
use crate::analysis::statistics::{CONFIDENCE, SMALLEST};
use crate::analysis::summary::{ColdStarts, Group, Summary, groups, payloads};
use crate::analysis::warnings::warnings;
use crate::results::Results;
use crate::results::units::{bytes, digits, megabytes, milliseconds};
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
    /// Draws the conclusions.
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

    /// The medians of every function with every payload, where calls wait least for each other, and the cold starts.
    pub fn overview(&self) -> Table {
        let payloads = payloads(&self.groups);
        let load = payloads.first().map_or(String::new(), |first| format!(", {}", first.single.load));
        let mut columns = vec![Column::words("function")];
        columns.extend(payloads.iter().map(|payload| Column::number(&payload.single.payload)));
        columns.push(Column::number("cold start"));
        let row = |(index, function): (usize, &crate::results::FunctionResult)| {
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
        let mut loads: Vec<Load> = Vec::new();
        for group in &self.groups {
            if !loads.contains(&group.load) {
                loads.push(group.load);
            }
        }
        let table = |load: Load| {
            let same = self.groups.iter().filter(|group| group.load == load);
            let rows = same.flat_map(|group| group.functions.iter().map(|function| figures_row(group, function)));
            Table { caption: format!("Calls {load}"), columns: figures_columns(), rows: rows.collect() }
        };
        loads.into_iter().map(table).collect()
    }

    /// Shows what each load adds to the latency of the probe. Returns `None` if the scenario has no probe.
    pub(super) fn probe(&self) -> Option<Table> {
        if self.groups.iter().flat_map(|group| &group.functions).all(|function| function.probe.calls == 0) {
            return None;
        }
        let columns = ["payload", "load", "function"].map(Column::words).into_iter();
        let columns = columns.chain(["probe alone", "beside the load"].map(Column::number)).collect();
        let rows = self.groups.iter().flat_map(|group| {
            group.functions.iter().map(|function| {
                let load = group.load.to_string();
                let tails = [function.probe_alone, function.probe].map(|tail| tail.text());
                [&[group.payload.clone(), load, function.function.clone()][..], &tails].concat()
            })
        });
        let rows = rows.map(|row| row.into_iter().map(Cell::from).collect()).collect();
        Some(Table { caption: "The probe's p99 in milliseconds, alone and beside the load".to_owned(), columns, rows })
    }

    pub(super) fn cold_start_table(&self) -> Option<Table> {
        let columns = vec![
            Column::words("function"),
            Column::number("starts"),
            Column::number("median"),
            Column::number("min"),
            Column::number("max"),
            Column::number("MB before a call").detail(),
            Column::words("against baseline"),
        ];
        let row = |starts: &ColdStarts| {
            let memory = self.results.functions[starts.function].memory_at_start;
            vec![
                Cell::from(&starts.name),
                starts.seconds.len().to_string().into(),
                digits(starts.median).into(),
                digits(starts.fastest).into(),
                digits(starts.slowest).into(),
                Cell::measured(memory, megabytes),
                match starts.verdict {
                    None if starts.function > 0 => NONE.into(),
                    verdict => Cell::verdict(verdict, "faster", "slower"),
                },
            ]
        };
        let caption = "Cold starts: seconds from the start of the host to the first answer".to_owned();
        let rows: Vec<Vec<Cell>> = self.cold_starts.iter().map(row).collect();
        (!rows.is_empty()).then_some(Table { caption, columns, rows })
    }

    /// Makes a table for each plan, and says what the figures assume.
    pub(super) fn cost_tables(&self) -> Option<([Table; 2], Vec<String>)> {
        let all = self.costs.iter().flat_map(|costs| {
            costs.functions.iter().enumerate().map(|(index, cost)| (costs.payload.clone(), index, cost))
        });
        let price = |amount: &Option<Amount>| Cell::measured(amount.as_ref(), |amount| digits(amount.price));
        let verdict = |amount: &Option<Amount>, index: usize| match amount.as_ref().and_then(|amount| amount.verdict) {
            None if index > 0 => super::table::UNKNOWN.into(),
            verdict => Cell::verdict(verdict, "cheaper", "dearer"),
        };
        let on_consumption = |(payload, index, cost): (String, usize, &Cost)| {
            vec![
                payload.into(),
                Cell::from(&cost.function),
                milliseconds(cost.seconds).into(),
                Cell::measured(cost.memory, |memory| format!("{memory:.0}")),
                price(&cost.consumption),
                verdict(&cost.consumption, index),
            ]
        };
        let on_flex = |(payload, index, cost): (String, usize, &Cost)| {
            vec![
                payload.into(),
                Cell::from(&cost.function),
                Cell::measured(cost.instance, |size| size.mb.to_string()),
                price(&cost.flex_busy),
                verdict(&cost.flex_busy, index),
                price(&cost.flex_single),
            ]
        };
        let columns = |numbers: [&str; 2], price: &str| {
            let names = ["payload", "function"].map(Column::words).into_iter();
            let numbers = numbers.into_iter().chain([price]).map(Column::number);
            names.chain(numbers).chain([Column::words("against baseline")]).collect::<Vec<_>>()
        };
        let currency = &self.prices.currency;
        let consumption = Table {
            caption: format!("A million calls on Azure's Consumption plan, {currency}"),
            columns: columns(["billed ms", "billed MB"], "a million"),
            rows: all.clone().map(on_consumption).collect(),
        };
        let mut flex_columns = columns(["instance MB", "busy"], "single");
        flex_columns.swap(4, 5);
        let flex = Table {
            caption: format!("A million calls on Flex Consumption, {currency}"),
            columns: flex_columns,
            rows: all.map(on_flex).collect(),
        };
        let notes =
            cost::hidden(&self.costs, self.prices).into_iter().chain(cost::assumptions(&self.costs, self.prices));
        (!self.costs.is_empty()).then(|| ([consumption, flex], notes.collect()))
    }

    /// Shows where the server's time goes.
    pub(super) fn stages(&self) -> Option<Table> {
        let all = Breakdown::all(self.results);
        let names = stages::names(&all);
        let all_names = || names.iter().map(String::as_str).chain([OUTSIDE]);
        let row = |one: &Breakdown| {
            let of = |name: &str| one.stages.iter().find(|(other, _)| other == name).map(|(_, seconds)| *seconds);
            let times = all_names().map(|name| of(name).map_or(NONE.to_owned(), milliseconds));
            let place = [one.payload.clone(), one.function.clone(), milliseconds(one.whole)];
            place.into_iter().chain(times).map(Cell::from).collect()
        };
        let columns = ["payload", "function"].map(Column::words).into_iter();
        let columns = columns.chain([Column::number("p50")]).chain(all_names().map(Column::number)).collect();
        let rows: Vec<Vec<Cell>> = all.iter().map(row).collect();
        let caption = "Medians of the parts of a call in milliseconds".to_owned();
        (!rows.is_empty()).then_some(Table { caption, columns, rows })
    }
}

/// Formats a time, followed by the verdict.
fn time_with(seconds: Option<f64>, verdict: Option<crate::analysis::statistics::Verdict>) -> Cell {
    let time = seconds.map_or(NONE.to_owned(), milliseconds);
    let text = match verdict {
        Some(verdict) if verdict.factor().is_some() => format!("{time} ({})", verdict.short("faster", "slower")),
        Some(verdict) if !verdict.is_unknown() => format!("{time} (=)"),
        Some(_) => format!("{time} (?)"),
        None => time,
    };
    Cell { text, tone: Cell::tone(verdict) }
}

fn figures_columns() -> Vec<Column> {
    vec![
        Column::words("payload"),
        Column::words("function"),
        Column::number("bytes in, out").detail(),
        Column::number("p50"),
        Column::number("interval").detail(),
        Column::number("p90").detail(),
        Column::number("p99"),
        Column::number("p99.9").detail(),
        Column::number("slowest").detail(),
        Column::number("calls").detail(),
        Column::number("calls/s"),
        Column::number("CPU s"),
        Column::number("peak MB"),
        Column::words("p50 against baseline"),
        Column::words("p99 against baseline").detail(),
        Column::words("calls/s against baseline").detail(),
    ]
}

fn figures_row(group: &Group, function: &Summary) -> Vec<Cell> {
    let time = |seconds: Option<f64>| Cell::from(seconds.map_or(NONE.to_owned(), milliseconds));
    let interval = function.spread.map(|spread| [spread.low, spread.high].map(milliseconds).join(" to "));
    let is_baseline = function.median.is_none();
    vec![
        Cell::from(&group.payload),
        Cell::from(&function.function),
        format!("{}, {}", bytes(group.bytes_in as u64), bytes(group.bytes_out as u64)).into(),
        time(function.p50),
        interval.unwrap_or_else(|| NONE.to_owned()).into(),
        time(function.p90),
        time(function.p99),
        time(function.p999),
        time(function.slowest),
        function.calls.to_string().into(),
        digits(function.rate).into(),
        Cell::measured(function.cpu, digits),
        Cell::measured(function.memory_peak, megabytes),
        Cell::verdict(function.median, "faster", "slower"),
        if is_baseline || function.tail.is_some() {
            Cell::verdict(function.tail, "faster", "slower")
        } else {
            NONE.into()
        },
        Cell::verdict(function.throughput, "more", "fewer"),
    ]
}
