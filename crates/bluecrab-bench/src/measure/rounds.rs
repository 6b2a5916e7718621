//! The rounds: each measures every function with every payload under every load, in another order.

use super::load;
use super::sampler::Sampler;
use super::servers::{Servers, explain};
use super::{Run, SEED};
use crate::results::{Measurement, Results, Round};
use crate::scenario::{Load, Random, Workers};
use anyhow::{Context, Result};

/// Several callers warm a worker up faster than a single caller.
const MANY_CALLERS: Load = Load::Closed(8);

impl Run<'_> {
    pub async fn rounds(&self, servers: &mut Servers, results: &mut Results) -> Result<()> {
        results.measurements = self.empty_measurements(servers);
        let functions = self.scenario.functions.len();
        let mut random = Random(SEED);
        for number in 0..self.scenario.rounds {
            let fresh = self.scenario.workers == Workers::Fresh;
            if fresh && number > 0 {
                self.progress.set_message(format!("round {}: starting new servers", number + 1));
                servers.renew(self.scenario, self.bluecrab).await?;
            }
            if fresh || number == 0 {
                self.warm_up_workers(servers).await?;
                self.warm_up(servers, &mut results.measurements).await?;
            }
            for (place, group) in results.measurements.chunks_mut(functions).enumerate() {
                for index in random.order(functions) {
                    let round = self.piece(servers, place, index, number).await?;
                    group[index].rounds.push(round);
                    self.progress.inc(1);
                }
            }
            if let Some(probe) = &self.scenario.probe {
                for index in random.order(functions) {
                    self.progress.set_message(format!("{}: the probe alone", self.place(number)));
                    let round = self.sampler(servers).probe_alone(servers.own(index), probe).await;
                    let round = round.with_context(|| format!("in the worker of {}", results.functions[index].name))?;
                    results.functions[index].probe_alone.push(round);
                    self.progress.inc(1);
                }
            }
        }
        Ok(())
    }

    /// The payloads, each under every load.
    fn places(&self) -> impl Iterator<Item = (usize, Load)> {
        let payloads = 0..self.scenario.payloads.len();
        payloads.flat_map(|payload| self.scenario.loads.iter().map(move |load| (payload, *load)))
    }

    fn empty_measurements(&self, servers: &Servers) -> Vec<Measurement> {
        let of_place = |(payload, load): (usize, Load)| {
            let (payload, calls) = (&self.scenario.payloads[payload], &servers.calls[payload]);
            self.scenario.functions.iter().zip(calls).map(move |(function, call)| Measurement {
                function: function.name.clone(),
                payload: payload.name.clone(),
                size: payload.size,
                load,
                bytes_in: payload.body(&function.name).map_or(0, |body| body.bytes.len()),
                bytes_out: call.first.len(),
                rounds: Vec::new(),
                stages: Vec::new(),
                unsettled: 0,
            })
        };
        self.places().flat_map(of_place).collect()
    }

    /// Calls every function with the first payload. All calls pass through the same code of the worker, which V8 compiles
    /// function by function over some 10,000 calls. Meanwhile the median of short calls can stay the same for thousands
    /// of calls, so it does not show when this ends.
    async fn warm_up_workers(&self, servers: &Servers) -> Result<()> {
        let time = self.scenario.worker_warm_up;
        if time.is_zero() {
            return Ok(());
        }
        let payload = &self.scenario.payloads[0];
        for (index, (function, call)) in self.scenario.functions.iter().zip(&servers.calls[0]).enumerate() {
            self.progress.set_message(format!("warming up the worker: {}", function.name));
            let load = load::run(call, MANY_CALLERS, time, 1).await;
            let server = servers.with(index, payload);
            explain(load, function, payload, server).await?;
            explain(call.verify_pending().await, function, payload, server).await?;
        }
        Ok(())
    }

    /// Calls every function with every payload under the first load until its median settles. After that, its code is
    /// compiled; one batch under every other load starts what only several callers need, such as a second thread's
    /// instance.
    async fn warm_up(&self, servers: &Servers, measurements: &mut [Measurement]) -> Result<()> {
        let functions = self.scenario.functions.len();
        for (place, (payload, load)) in self.places().enumerate() {
            for (index, call) in servers.calls[payload].iter().enumerate() {
                let (function, payload) = (&self.scenario.functions[index], &self.scenario.payloads[payload]);
                let server = servers.with(index, payload);
                self.progress.set_message(format!("warming up: {}, {load}, {}", payload.name, function.name));
                let time = self.scenario.warm_up;
                if load == self.scenario.loads[0] {
                    let settled = load::warm_up(call, load, time).await;
                    let settled = explain(settled, function, payload, server).await?;
                    measurements[place * functions + index].unsettled += usize::from(!settled);
                    self.progress.inc(1);
                } else {
                    explain(load::run(call, load, time, 1).await, function, payload, server).await?;
                }
                explain(call.verify_pending().await, function, payload, server).await?;
            }
        }
        Ok(())
    }

    async fn piece(&self, servers: &Servers, place: usize, index: usize, number: usize) -> Result<Round> {
        let loads = &self.scenario.loads;
        let (payload, load) = (place / loads.len(), loads[place % loads.len()]);
        let call = &servers.calls[payload][index];
        let (function, payload) = (&self.scenario.functions[index], &self.scenario.payloads[payload]);
        let server = servers.with(index, payload);
        let place = self.place(number);
        self.progress.set_message(format!("{place}: {}, {load}, {}", payload.name, function.name));
        explain(self.sampler(servers).under_load(server, call, load).await, function, payload, server).await
    }

    fn sampler(&self, servers: &Servers) -> Sampler<'_> {
        Sampler { scenario: self.scenario, is_ours: servers.is_ours() }
    }

    fn place(&self, number: usize) -> String {
        format!("round {} of {}", number + 1, self.scenario.rounds)
    }
}
