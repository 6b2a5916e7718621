//! The functions of {{name}}.

use bluecrab::{Timer, timer};

/// Runs every five minutes.
#[timer("0 */5 * * * *")]
fn report(timer: Timer) {
    println!("{}", sentence(&timer));
}

fn sentence(timer: &Timer) -> &'static str {
    if timer.is_past_due { "a run that is late" } else { "a run in time" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn a_late_run_says_so() {
        let late = Timer { is_past_due: true, ..Timer::default() };
        assert_eq!(sentence(&late), "a run that is late");
        assert_eq!(call(report, Request::message("").with_json(&late)).status(), 204);
    }
}
