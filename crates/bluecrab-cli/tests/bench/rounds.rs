//! How background load is measured, and which workers serve a round.

use crate::{MEASURING, bluecrab, measure, measure_now, scenario};
use std::collections::HashSet;
use std::fs;
use std::process::{Child, Command};
use std::sync::PoisonError;

/// Processes that compute until they are dropped, one for each processor.
struct Busy(Vec<Child>);

impl Busy {
    fn start() -> Self {
        let processors = std::thread::available_parallelism().unwrap().get();
        let start = || Command::new("node").args(["-e", "for (;;);"]).spawn().unwrap();
        Self((0..processors).map(|_| start()).collect())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for child in &mut self.0 {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

#[cfg_attr(not(target_os = "linux"), ignore = "only Linux says how busy the processors are")]
#[test]
fn background_load_is_measured_and_reported() {
    let folder = scenario("same", 3, "[probe]\npath = \"/api/same\"");
    let one = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let busy = Busy::start();
    let (printed, json) = measure_now(&folder);
    drop((busy, one));
    let rounds = json["measurements"].as_array().unwrap().iter().flat_map(|one| one["rounds"].as_array().unwrap());
    let alone = json["functions"].as_array().unwrap().iter().flat_map(|one| one["probe_alone"].as_array().unwrap());
    for round in rounds.chain(alone) {
        assert!((0.1..=1.0).contains(&round["background_load"].as_f64().unwrap()), "{json}");
    }
    let said = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "in 12 of 12 measurements: the figures may be off.";
    assert!(said.contains(words) && said.contains("Other programs took more than 10 %"), "{printed}");
    let output = bluecrab(folder.path(), &["--results", "results.json", "--html", "report.html"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains(words));
}

#[test]
fn fresh_workers_serve_one_round_each() {
    let workers = |more: &str| {
        let folder = scenario("same", 3, "");
        let file = folder.path().join("scenario.toml");
        let text = fs::read_to_string(&file).unwrap().replace("0.25", "0.1");
        fs::write(&file, format!("{more}{text}")).unwrap();
        let (_, json) = measure(&folder);
        let started = fs::read_to_string(folder.path().join("workers")).unwrap();
        let started: HashSet<String> = started.lines().map(str::to_owned).collect();
        (started.len(), json)
    };
    // There are two functions, and two servers that measure the stages.
    let (started, json) = workers("");
    assert!(started == 4 && json["fresh_workers"] == false, "{started}");
    let (started, json) = workers("workers = \"fresh\"");
    assert!(started == 2 * 3 + 2 && json["fresh_workers"] == true, "{started}");
}

#[cfg_attr(not(target_os = "linux"), ignore = "only Linux can limit the cores of a process")]
#[test]
fn host_and_worker_share_the_cores_that_the_command_names() {
    let folder = scenario("same", 1, "");
    let _one = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let measure = |cores: &str| bluecrab(folder.path(), &["scenario.toml", "--quick", "--cores", cores]);
    let [one, many] = ["1", "100000"].map(measure);
    let printed = String::from_utf8_lossy(&one.stdout);
    assert!(one.status.success() && printed.contains("Host and worker share one core of "), "{printed}");
    let refused = String::from_utf8_lossy(&many.stderr);
    assert!(refused.contains("host and worker cannot share 100000 cores, because this machine has "), "{refused}");
}
