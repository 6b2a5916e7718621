//! Fires timers (azure-webjobs-sdk-extensions, `TimerListener`).

mod clock;
mod ncrontab;
mod schedule;
mod status;
mod zone;

use super::expression;
use super::invoker::{Fired, RunError};
use super::listener::{ListenerContext, not_fired};
use crate::app::App;
use crate::console;
use crate::sync::lock;
use crate::worker::Function;
use bluecrab_rpc::TypedData;
use clock::Clock;
use jiff::{Timestamp, Zoned};
use schedule::Schedule;
use serde_json::{Value, json};
use status::{Status, StatusFile};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the clock is read while a timer waits. A clock that was set, or a machine that slept, is noticed after
/// this.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The clock that the timers of a host follow, and when they are due.
#[derive(Clone, Default)]
pub struct Timers {
    clock: Clock,
    due: Arc<Mutex<HashMap<Arc<str>, Due>>>,
}

/// When a timer is due next. `None` while it runs, and if it never runs again.
type Due = Arc<Mutex<Option<Timestamp>>>;

impl Timers {
    /// Fires a timer until the listener is stopped.
    pub async fn listen(&self, context: ListenerContext) {
        let ListenerContext { invoker, function, app, stop } = context;
        match Timer::of(&function, &app, self.clock.clone()) {
            Ok(timer) => {
                lock(&self.due).insert(function.name.clone(), timer.due.clone());
                let run = |fired| {
                    let (invoker, function) = (invoker.clone(), function.clone());
                    async move { invoker.run(&function, fired).await }
                };
                timer.listen(&stop, run).await
            }
            Err(reason) => not_fired(&function, &reason),
        }
    }

    /// Returns the next times at which a timer is due, `count` at most. While it runs, the list is empty.
    ///
    /// # Errors
    /// Returns a sentence if the schedule cannot be read.
    pub fn next_times(&self, function: &Function, app: &App, count: usize) -> Result<Vec<Zoned>, String> {
        let timer = Timer::of(function, app, self.clock.clone())?;
        let due = lock(&self.due).get(&function.name).and_then(|due| *lock(due));
        let first = due.map(|due| due.to_zoned(timer.zone.clone()));
        Ok(std::iter::successors(first, |time| timer.schedule.next(time)).take(count).collect())
    }

    /// Returns the value of a timer's trigger for a call by hand: the recorded status, and a run that is not past due.
    pub fn by_hand(&self, function: &Function, app: &App) -> Result<Value, String> {
        let timer = Timer::of(function, app, self.clock.clone())?;
        let now = timer.clock.now(&timer.zone);
        let status = timer.file.as_ref().map(|file| file.read().or_else(|| timer.first_status(&now)));
        Ok(timer.value(status.flatten().as_ref(), &now, false))
    }
}

/// A timer's schedule and status.
struct Timer {
    schedule: Schedule,
    /// `None` if the status is not kept.
    file: Option<StatusFile>,
    runs_on_startup: bool,
    zone: jiff::tz::TimeZone,
    clock: Clock,
    due: Due,
}

impl Timer {
    fn of(function: &Function, app: &App, clock: Clock) -> Result<Self, String> {
        let trigger = function.trigger();
        let schedule = expression::settings_in(trigger["schedule"].as_str().unwrap_or_default(), app)?;
        let schedule = Schedule::parse(&schedule)?;
        let is_monitored = trigger["useMonitor"] != false && schedule.is_monitored();
        Ok(Self {
            schedule,
            file: is_monitored.then(|| StatusFile::of(&app.root, &function.name)),
            runs_on_startup: trigger["runOnStartup"] == true,
            zone: zone::of(app),
            clock,
            due: Due::default(),
        })
    }

    /// Runs the function whenever it is due. Runs do not overlap: a run that takes longer than the schedule's pause is
    /// followed by the next one at once.
    async fn listen<F: Future<Output = Result<(), RunError>>>(
        &self,
        stop: &CancellationToken,
        mut run: impl FnMut(Fired) -> F,
    ) {
        let now = self.clock.now(&self.zone);
        let recorded = self.file.as_ref().and_then(|file| self.recorded_status(file, &now));
        let Some(mut status) = recorded.or_else(|| self.first_status(&now)) else { return };
        let is_past_due = self.file.is_some() && status.next < now.timestamp();
        let mut is_startup = is_past_due || self.runs_on_startup;
        loop {
            if !is_startup && !self.wait(&status, stop).await {
                return;
            }
            if stop.is_cancelled() {
                return;
            }
            *lock(&self.due) = None;
            let start = self.clock.now(&self.zone);
            let monitored = self.file.as_ref().map(|_| &status);
            let value = self.value(monitored, &start, is_startup && is_past_due);
            is_startup = false;
            let fired = Fired {
                value: TypedData::json(value.to_string()),
                metadata: vec![("TimerTrigger".to_owned(), TypedData::string(start.timestamp().to_string()))],
                reason: format!("Timer fired at {}", start.strftime("%Y-%m-%dT%H:%M:%S%.7f%:z")),
            };
            // The invoker has printed why a run failed. The schedule goes on.
            if run(fired).await == Err(RunError::Stopped) && stop.is_cancelled() {
                // The stop has prevented the run or broken it off. Without a record, the next start makes up for it.
                return;
            }
            let Some(next) = self.schedule.next(&start) else { return };
            let start = start.timestamp();
            status = Status { last: Some(start), next: next.timestamp(), last_updated: start };
            self.record(&status);
        }
    }

    /// Waits until a run is due. Returns false if the listener was stopped first.
    async fn wait(&self, status: &Status, stop: &CancellationToken) -> bool {
        let mut due = status.next;
        loop {
            let now = self.clock.now(&self.zone);
            // If the clock was set back, an earlier run is due again.
            due = self.schedule.next(&now).map_or(due, |next| due.min(next.timestamp()));
            *lock(&self.due) = Some(due);
            let Ok(pause) = Duration::try_from(due.duration_since(now.timestamp())) else { return true };
            if pause.is_zero() {
                return true;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(pause.min(LOOK_EVERY)) => {}
            }
        }
    }

    /// Returns the recorded status (azure-webjobs-sdk-extensions, `ScheduleMonitor.CheckPastDueAsync`).
    ///
    /// Without a record, or with one of another schedule, the next run is computed and recorded: a run that the other
    /// schedule missed is not made up for.
    fn recorded_status(&self, file: &StatusFile, now: &Zoned) -> Option<Status> {
        let mut status = match file.read() {
            Some(status) => status,
            None => {
                let first = self.first_status(now)?;
                self.record(&first);
                return Some(first);
            }
        };
        let expected = self.schedule.next(&status.last_updated.to_zoned(self.zone.clone()))?;
        if expected.timestamp() != status.next {
            status = match expected < *now {
                true => self.first_status(now)?,
                false => Status { last: None, next: expected.timestamp(), ..status },
            };
            self.record(&status);
        }
        Some(status)
    }

    /// Returns the status of a timer that has never run, or `None` if its schedule has no next time.
    fn first_status(&self, now: &Zoned) -> Option<Status> {
        let next = self.schedule.next(now)?.timestamp();
        Some(Status { last: None, next, last_updated: now.timestamp() })
    }

    fn record(&self, status: &Status) {
        if let Some(Err(reason)) = self.file.as_ref().map(|file| file.write(status)) {
            console::error(&format!("the status of a timer is not kept: {reason}"));
        }
    }

    fn value(&self, status: Option<&Status>, now: &Zoned, is_past_due: bool) -> Value {
        json!({
            "Schedule": { "AdjustForDST": self.schedule.follows_the_clock() },
            "ScheduleStatus": status.map(|status| status.to_json(now)),
            "IsPastDue": is_past_due,
        })
    }
}

#[cfg(test)]
mod tests;
