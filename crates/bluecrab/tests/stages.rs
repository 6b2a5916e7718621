//! Stages of a function with the app setting. This test has a file of its own because it sets an environment variable.

use bluecrab::testing::call;
use bluecrab::{Request, http, stage};

#[http(methods = ["POST"])]
fn double(text: String) -> Result<String, bluecrab::Problem> {
    let number = stage("parse", || text.parse::<f64>())?;
    Ok(stage("print", || (2.0 * number).to_string()))
}

#[test]
fn the_app_setting_turns_stages_on() {
    let header = || {
        let response = call(double, Request::post("/api/double").with_body("1.5"));
        assert_eq!(response.text().unwrap(), "3");
        response.header("server-timing").map(str::to_owned)
    };
    assert_eq!(header(), None);
    // SAFETY: this is the only test of the process, so no other thread reads or writes the environment.
    unsafe { std::env::set_var("BLUECRAB_SERVER_TIMING", "1") };
    let timing = header().unwrap();
    let names: Vec<&str> = timing.split(", ").map(|metric| metric.split(';').next().unwrap()).collect();
    assert_eq!(names, ["parse", "print"], "{timing}");
}
