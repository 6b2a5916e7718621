//! The time zone in which schedules are read.

use crate::app::App;
use crate::console;
use jiff::tz::TimeZone;

/// Returns the zone that the app's settings name: `WEBSITE_TIME_ZONE`, else `TZ`, else UTC, as on the platform.
///
/// A zone that does not exist is reported, and UTC is used.
pub fn of(app: &App) -> TimeZone {
    let setting = |name| Some((name, app.setting(name)?));
    let Some((setting, name)) = setting("WEBSITE_TIME_ZONE").or_else(|| setting("TZ")) else { return TimeZone::UTC };
    // POSIX allows a colon before a name, and rules such as `CET-1CEST` instead of a name.
    let zone = TimeZone::get(name.strip_prefix(':').unwrap_or(name)).or_else(|_| TimeZone::posix(name));
    zone.unwrap_or_else(|_| {
        console::error(&format!(
            "{setting} is \"{name}\", which is not a time zone: expected a name such as Europe/Berlin; timers use UTC"
        ));
        TimeZone::UTC
    })
}
