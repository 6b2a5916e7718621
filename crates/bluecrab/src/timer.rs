//! What a timer tells its function.

use crate::extract::FromRequest;
use crate::fields::RequestFields;
use crate::json_text::read;
use crate::problem::Problem;
use crate::request::Request;
use serde::{Deserialize, Serialize};

/// What a timer tells its function: whether it is late, and its last and next run.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Request, Timer, timer};
///
/// /// Runs every five minutes.
/// #[timer("0 */5 * * * *")]
/// fn report(timer: Timer) {
///     if timer.is_past_due {
///         log::warn!("this run is late");
///     }
/// }
///
/// let late = Timer { is_past_due: true, ..Timer::default() };
/// assert_eq!(call(report, Request::message("").with_json(&late)).status(), 204);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Timer {
    /// Whether the run is late, because the app was not running at its time.
    pub is_past_due: bool,
    /// The schedule.
    pub schedule: Schedule,
    /// The last and the next run. `None` if the host does not keep them, as for a schedule of less than a minute.
    pub schedule_status: Option<ScheduleStatus>,
}

/// The schedule of a timer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// Whether it follows daylight saving time.
    #[serde(rename = "adjustForDST")]
    pub adjust_for_dst: bool,
}

/// The last and the next run of a timer, as times of ISO 8601.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScheduleStatus {
    /// When the function was last due.
    pub last: String,
    /// When this run was due.
    pub next: String,
    /// When these times were last written.
    pub last_updated: String,
}

impl FromRequest for Timer {
    const FIELDS: RequestFields = RequestFields::NONE;

    fn from_request(request: Request) -> Result<Self, Problem> {
        read(&request.body).map_err(|(error, _)| Problem::bad_request(format!("cannot read the timer: {error}")))
    }
}
