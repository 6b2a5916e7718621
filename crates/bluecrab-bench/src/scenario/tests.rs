//! What a scenario file may say, and how mistakes are reported.

use super::*;

const GOOD: &str = r#"
apps = { one = "app", two = "http://two.example/" }
[[functions]]
name = "a"
app = "one"
[[functions]]
name = "b"
app = "two"
path = "/b?x=1"
baseline = true
[[payloads]]
generate = "matrix {size}x{size} seed 1"
sizes = [2, 3]
[[loads]]
open = 12.5
[answers]
compare = "numbers"
tolerance = 1e-9
"#;

fn parse(text: &str) -> Result<Scenario> {
    Scenario::parse(text, "x.toml", Path::new("folder"))
}

#[test]
fn a_scenario_has_its_baseline_first() {
    let scenario = parse(GOOD).unwrap();
    assert_eq!(scenario.functions[0].name, "b");
    assert_eq!(scenario.functions[1].path, "/api/a");
    assert_eq!(scenario.apps["one"].place, Place::Folder("folder/app".into()));
    assert_eq!(scenario.apps["two"].place, Place::Url("http://two.example".to_owned()));
    assert_eq!(scenario.payloads.iter().map(|payload| payload.size).collect::<Vec<_>>(), [Some(2.0), Some(3.0)]);
    assert_eq!((scenario.loads[0], &scenario.answers), (Load::Open(12.5), &Answers::Numbers(1e-9)));
    let plan = "Comparison: 2 functions, 2 payloads, 1 load, 10 rounds, 10 cold starts of each function; about 2 min";
    assert_eq!(scenario.plan(), plan);
}

#[test]
fn an_app_may_have_settings() {
    let apps = r#"apps = { one = { folder = "app", settings = { BLUECRAB_THREADS = "1" } }, two = "http://t/" }"#;
    let text = GOOD.replacen(r#"apps = { one = "app", two = "http://two.example/" }"#, apps, 1);
    let mut scenario = parse(&text).unwrap();
    scenario.replace_app("one=elsewhere").unwrap();
    assert_eq!(scenario.apps["one"].place, Place::Folder("elsewhere".into()));
    assert_eq!(scenario.apps["one"].settings["BLUECRAB_THREADS"], "1");
    let error = scenario.replace_app("three=x").unwrap_err().to_string();
    assert_eq!(error, "there is no app \"three\"; there is one, two");
}

#[test]
fn fresh_workers_warm_up_in_each_round() {
    let scenario = parse(&format!("rounds = 8\nworkers = \"fresh\"\nprobe = {{ path = \"/n\" }}{GOOD}")).unwrap();
    assert_eq!(scenario.workers, Workers::Fresh);
    // A warm-up takes eight times its first batch; the servers start 8 times for rounds, 10 times cold, and once for
    // the stages.
    let seconds = 2 * (2 * (8 + 1) * 8 + 8 + 2 * (8 + 1) + 4 + 10 + 1);
    assert_eq!(scenario.estimate(), Duration::from_secs(seconds));
    let calls_workers = parse(&format!("worker_warm_up = 3\nrounds = 8\nworkers = \"fresh\"{GOOD}")).unwrap();
    let without = parse(&format!("rounds = 8\nworkers = \"fresh\"{GOOD}")).unwrap();
    assert_eq!(calls_workers.estimate() - without.estimate(), Duration::from_secs(2 * 8 * 3));
    assert_eq!((scenario.fewest_calls(), parse(&format!("rounds = 7{GOOD}")).unwrap().fewest_calls()), (4, 1));
}

#[test]
fn a_mistake_is_reported_with_its_line() {
    for (from, to, line, says) in [
        ("open = 12.5", "open = ", 15, "expected"),
        ("http://two", "htp://two", 2, "an address starts with http:// or https://"),
        ("open = 12.5", "openn = 12.5", 15, "openn"),
        ("apps", "workers = \"new\"\napps", 2, "expected `kept` or `fresh`"),
        ("apps", "rounds = 0\napps", 2, "nonzero"),
        ("apps", "seconds = 0\napps", 2, "greater than 0"),
        ("\"app\"", "{ foldr = \"app\" }", 2, "an app is a folder, an address"),
        ("open = 12.5", "open = -1", 14, "greater than 0"),
        ("app = \"one\"", "app = \"three\"", 3, "no app \"three\"; there is one, two"),
        ("app = \"one\"", "app = \"one\"\nheaders = { key = \"$NO_SUCH_KEY\" }", 3, "variable NO_SUCH_KEY"),
        ("baseline = true", "", 3, "no function is the baseline"),
        ("app = \"one\"", "app = \"one\"\nbaseline = true", 7, "a second function"),
        ("matrix {size}x{size} seed 1", "sudoku {size}", 12, "matrix NxN"),
        ("sizes", "functions.c = { file = \"x\" }\nsizes", 13, "no function \"c\"; there is b, a"),
        ("sizes", "functions.b = { generate = \"npy 2x2 seed 1\" }\nsizes", 13, "{size}"),
        ("generate =", "file =", 11, "needs {size} in its `generate`"),
        ("tolerance = 1e-9", "", 16, "tolerance = 1e-12"),
        ("compare = \"numbers\"", "compare = \"command\"", 16, "command = [\"node\", \"same.mjs\"]"),
        ("name = \"b\"", "name = \"a\"", 6, "two functions \"a\""),
        ("sizes", "settings = { A = \"1\" }\nsizes", 11, "is running already"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD);
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("x.toml:{line}: ")) && error.contains(says), "{to}: {error}");
    }
}

#[test]
fn a_function_may_take_its_payload_in_another_form() {
    let own = "functions.b = { generate = \"npy {size}x{size} seed 1\", content_type = \"x/npy\" }\nsizes";
    let scenario = parse(&GOOD.replacen("sizes", own, 1)).unwrap();
    let payload = &scenario.payloads[1];
    assert_eq!(payload.body("b").unwrap().content_type, "x/npy");
    assert_eq!(payload.body("a").unwrap().content_type, "application/json");
}

#[test]
fn a_payload_may_change_settings() {
    let text = GOOD.replace("http://two.example/", "two").replace("sizes", "settings = { A = \"2\" }\nsizes");
    let text = text.replace("one = \"app\"", "one = { folder = \"app\", settings = { A = \"1\", B = \"1\" } }");
    let scenario = parse(&text).unwrap();
    let (function, payload) = (&scenario.functions[1], &scenario.payloads[0]);
    let settings = |app: App| app.settings.into_iter().map(|(name, value)| name + &value).collect::<Vec<_>>();
    assert_eq!(settings(scenario.app(function, &payload.settings)), ["A2", "B1"]);
    assert_eq!(settings(scenario.app(function, &Settings::new())), ["A1", "B1"]);
}

#[test]
fn an_app_may_be_named_like_its_function() {
    let text = GOOD.replace("app = \"two\"\n", "").replace("name = \"b\"", "name = \"two\"");
    assert_eq!(parse(&text).unwrap().functions[0].app, "two");
}

#[test]
fn a_scenario_takes_from_its_base_what_it_does_not_say() {
    let folder = tempfile::tempdir().unwrap();
    let parse = |base: &str, own: &str| {
        std::fs::write(folder.path().join("base.toml"), base).unwrap();
        Scenario::parse(&format!("base = \"base.toml\"\n{own}{GOOD}"), "x.toml", folder.path())
    };
    let error = |base: &str, own: &str| parse(base, own).unwrap_err().to_string();
    let scenario = parse("title = \"Both\"\nrounds = 9\n[probe]\npath = \"/n\"", "rounds = 8\n").unwrap();
    assert_eq!((scenario.title.as_str(), scenario.rounds, scenario.probe.is_some()), ("Both", 8, true));
    assert!(scenario.text.starts_with("# From the base:\nprobe = "), "{}", scenario.text);
    assert!(error("rounds = 9", "seconds = 0\n").starts_with("x.toml:2: "));
    assert!(error("seconds = 0", "").starts_with("x.toml: in its base: "));
    assert!(error("base = \"base.toml\"", "").ends_with("is it its own base?"));
    assert!(error("base = \"none.toml\"", "").contains("none.toml: cannot read it: "));
    assert!(error("rounds", "").starts_with("x.toml:1: the base "));
    std::fs::write(folder.path().join("first.toml"), "title = \"First\"\nrounds = 9").unwrap();
    let scenario = parse("base = \"first.toml\"\nrounds = 8", "").unwrap();
    assert_eq!((scenario.title.as_str(), scenario.rounds), ("First", 8));
}
