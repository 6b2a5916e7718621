//! The attribute of timers, and the options that all triggers have.

/// Declares a function that runs at certain times.
///
/// ```
/// use bluecrab::{Timer, timer};
///
/// /// Runs every five minutes.
/// #[timer("0 */5 * * * *", run_on_startup = true)]
/// fn report(timer: Timer) {
///     log::info!("the report of this run, which is {}", if timer.is_past_due { "late" } else { "in time" });
/// }
/// ```
///
/// | option | meaning | default |
/// |---|---|---|
/// | the first | the schedule: five or six fields (an optional second, minute, hour, day, month, weekday), a time span such as `"00:05:00"`, or a setting such as `"%SCHEDULE%"` | |
/// | `run_on_startup = true` | also runs when the app starts | `false` |
/// | `use_monitor = false` | the host does not keep the times of its runs, so a missed run is not made up for | `true` |
///
/// # Options of all triggers
///
/// Every attribute but [`#[http]`](macro@crate::http) has these options in addition to its own:
///
/// | option | meaning |
/// |---|---|
/// | `name`, `env`, `timeout`, `max_body`, `max_memory`, `run`, `warm_up` | as for [`#[http]`](macro@crate::http); an example for `warm_up` is a [`Request::message`](crate::Request::message) |
/// | `output = queue("done")` | the return value goes to this output: any of [`Outputs`](derive@crate::Outputs). A function that returns `()` or `None` writes nothing |
/// | `retry = fixed_delay(5, "1s")` | a failed invocation is tried again five times, one second after each failure; -1 has no end. Only timers, Event Hubs, Cosmos DB and `#[trigger]` have retry policies |
/// | `retry = exponential_backoff(5, "1s", "1m")` | the same, after a time that grows from one second to one minute |
pub use bluecrab_macros::timer;
