//! Stages of a function under the app setting, alone in its process because it sets an environment variable.

use bluecrab::testing::call;
use bluecrab::{Request, http, stage};

#[http(methods = ["POST"])]
fn double(text: String) -> Result<String, bluecrab::Problem> {
    let number = stage("parse", || text.parse::<f64>())?;
    Ok(stage("print", || (2.0 * number).to_string()))
}

#[test]
fn the_setting_decides_whether_stages_are_sent() {
    let header = || {
        let response = call(double, Request::post("/api/double").with_body("1.5"));
        assert_eq!(response.text().unwrap(), "3");
        response.header("server-timing").map(str::to_owned)
    };
    assert_eq!(header(), None);
    // SAFETY: no other thread of this process reads or writes the environment: this is its only test.
    unsafe { std::env::set_var("BLUECRAB_SERVER_TIMING", "1") };
    let timing = header().unwrap();
    let names: Vec<&str> = timing.split(", ").map(|metric| metric.split(';').next().unwrap()).collect();
    assert_eq!(names, ["parse", "print"], "{timing}");
}
