//! From an empty folder to a package: `bluecrab new`, `build`, `dev` and `package`.

use crate::archive::unpack;
use crate::command::command;
use crate::dev_server::Dev;
use crate::files::{write, write_app};
use crate::new_app::{STATISTICS, new_app, printed};
#[cfg(unix)]
use crate::programs::with_programs;
#[cfg(unix)]
use crate::refusal::reason;
use crate::refusal::refused;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn creates_builds_serves_and_packs_an_app() {
    let (folder, app) = new_app("hello-app");
    let built = printed(&app, &["build"]);
    assert!(
        built.contains("hello_app.wasm, ") && built.contains("    statistics  [POST] /api/statistics\n"),
        "{built}"
    );
    let dev = Dev::start(command(&app), &[]);
    assert_eq!(dev.post("/api/statistics", "[1, 2, 3]"), (200, STATISTICS.to_owned()));
    assert_eq!(dev.post("/api/statistics", "[]").0, 400);
    drop(dev);

    fs::write(app.join("notes.txt"), "deployed").unwrap();
    let said = printed(folder.path(), &["package", "hello-app"]);
    assert!(
        said.contains("az functionapp deployment source config-zip") && said.contains("--src hello-app.zip"),
        "{said}"
    );
    let archive = folder.path().join("hello-app.zip");
    let (unpacked, files) = unpack(&archive);
    let own: Vec<&str> = files.keys().map(String::as_str).filter(|file| !file.starts_with("node_modules/")).collect();
    let modules = ["hello_app.metered.wasm", "hello_app.wasm"];
    assert_eq!(own, [&modules[..], &["host.json", "index.js", "notes.txt", "package.json"]].concat());
    assert!(files.contains_key("node_modules/bluecrab/dist/index.js"), "{:?}", files.keys());
    assert!(!files.keys().any(|file| file.ends_with(".node") || file.contains("/.")), "{:?}", files.keys());
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_str().unwrap().as_bytes();
    for (file, content) in &files {
        assert!(!content.windows(checkout.len()).any(|part| part == checkout), "{file} names the checkout");
    }
    let dev = Dev::start(command(unpacked.path()), &[]);
    assert_eq!(dev.post("/api/statistics", "[1, 2, 3]"), (200, STATISTICS.to_owned()));

    printed(&app, &["package", "--no-build", "-o", "again.zip"]);
    assert_eq!(fs::read(app.join("again.zip")).unwrap(), fs::read(&archive).unwrap());
}

#[test]
fn a_new_app_is_formatted_and_passes_clippy_and_its_tests() {
    let (_folder, app) = new_app("tidy");
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(&app).env("CARGO_NET_OFFLINE", "true");
        cargo.env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/new")).env("RUSTFLAGS", "-D warnings");
        let output = cargo.output().unwrap();
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "{printed}");
        printed
    };
    cargo(&["fmt", "--check", "--", "--config", "max_width=110,use_small_heuristics=Max"]);
    assert!(cargo(&["test"]).contains("2 passed"));
}

#[test]
fn an_editor_can_run_and_debug_a_new_app() {
    let (_folder, app) = new_app("edited");
    let text = |file: &str| fs::read_to_string(app.join(".vscode").join(file)).unwrap();
    let read = |file: &str| serde_json::from_str::<Value>(&text(file)).unwrap();
    let (launch, tasks) = (read("launch.json"), read("tasks.json"));
    let configuration = &launch["configurations"][0];
    let task = |name: &Value| tasks["tasks"].as_array().unwrap().iter().find(|task| task["label"] == *name);
    let before = task(&configuration["preLaunchTask"]).expect("the task that starts the app");
    assert_eq!(before["command"], "bluecrab dev --debug");
    assert!(task(&configuration["postDebugTask"]).is_some());
    let watching = task(&json!("bluecrab dev --watch")).expect("the task that builds at each change");
    assert_eq!(watching["problemMatcher"], before["problemMatcher"]);
    // Where `dev --debug` lets a debugger attach. Without the address, VS Code also tries `::1`, and gives up.
    assert_eq!((&configuration["address"], &configuration["port"]), (&json!("127.0.0.1"), &json!(9229)));
    // The first process of Node.js has to outlive the workers.
    let watched = &launch["configurations"][1];
    assert_eq!((&watched["type"], &watched["request"]), (&json!("node-terminal"), &json!("launch")));
    assert_eq!(watched["command"], "npx --call \"bluecrab dev --debug --watch\"");
    assert!(read("extensions.json")["recommendations"].to_string().contains("ms-vscode.wasm-dwarf-debugging"));
}

#[test]
fn a_new_app_has_a_function_of_its_trigger() {
    let folder = tempfile::tempdir().unwrap();
    for trigger in
        ["timer", "queue", "blob", "service-bus", "event-hub", "event-grid", "cosmos-db", "mcp-tool", "callable"]
    {
        let said = printed(folder.path(), &["new", trigger, "--trigger", trigger]);
        assert!(!said.contains("/api/statistics"), "{said}");
        let source = folder.path().join(trigger).join("src/lib.rs");
        let attribute = format!("\n#[{}", trigger.replace('-', "_"));
        assert!(fs::read_to_string(&source).unwrap().contains(&attribute), "{trigger}");
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--check", "--edition=2024", "--config=max_width=110,use_small_heuristics=Max"]).arg(source);
        let output = rustfmt.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_javascript_of_a_new_app_calls_its_callable_function() {
    let folder = tempfile::tempdir().unwrap();
    let said = printed(folder.path(), &["new", "checks", "--trigger", "callable"]);
    assert!(said.contains("curl localhost:7071/api/checksum --data crab"), "{said}");
    let dev = Dev::start(command(&folder.path().join("checks")), &[]);
    assert_eq!(dev.post("/api/checksum", "crab"), (200, "00304442".to_owned()));
}

#[test]
fn adds_a_function_to_a_node_app() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path();
    let write = |file: &str, text: &str| fs::write(app.join(file), text).unwrap();
    write("host.json", r#"{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }"#);
    write(
        "package.json",
        r#"{ "name": "shop", "main": "index.js", "dependencies": { "@azure/functions": "^4.16.0" } }"#,
    );
    write("index.js", "require('@azure/functions').app.http('old', { handler: () => ({ body: 'old' }) });\n");
    write(".funcignore", "*.md");
    write(".gitignore", "node_modules\n*.zip");
    let said = printed(app, &["add", "sums"]);
    let line = "require('bluecrab').registerModule('sums.wasm');";
    assert!(said.contains(line), "{said}");
    assert!(refused(app, &["add", "sums"]).contains("sums already exists"));
    let ignored = fs::read_to_string(app.join(".funcignore")).unwrap();
    assert_eq!(ignored, "*.md\n/sums\n/node_modules/@napi-rs/nice*\n");
    let not_committed = || fs::read_to_string(app.join(".gitignore")).unwrap();
    assert_eq!(not_committed(), "node_modules\n*.zip\n/*.wasm\n/.bluecrab\n");
    fs::write(app.join("index.js"), fs::read_to_string(app.join("index.js")).unwrap() + line).unwrap();
    let dev = Dev::start(command(app), &["--build"]);
    assert_eq!(dev.post("/statistics", "[1, 2, 3]"), (200, STATISTICS.to_owned()));
    let (status, body) = dev.post("/old", "");
    assert!(status == 200 && body.contains("old"), "{status} {body}");
    printed(app, &["package", "-o", "shop.zip"]);
    let (_unpacked, files) = unpack(&app.join("shop.zip"));
    let own: Vec<&str> = files.keys().map(String::as_str).filter(|file| !file.starts_with("node_modules/")).collect();
    assert_eq!(own, ["host.json", "index.js", "package.json", "sums.metered.wasm", "sums.wasm"]);
    assert!(!files.keys().any(|file| file.ends_with(".node")), "{:?}", files.keys());
    let said = printed(app, &["add", "words", "--trigger", "queue"]);
    assert!(said.contains("needs settings in host.json and local.settings.json") && said.contains("doctor`"), "{said}");
    let said = printed(app, &["add", "hash-it", "--trigger", "callable"]);
    let call = "const hash_it = require('bluecrab').callable('hash_it.wasm', 'hash-it');";
    assert!(said.contains(call) && said.contains(" invoke hash-it --data crab"), "{said}");
    assert!(!said.contains("registerModule"), "{said}");
    write("tsconfig.json", "{}");
    let said = printed(app, &["add", "more", "--trigger", "callable"]);
    let lines = "import { callable } from 'bluecrab';\n    const more = callable('more.wasm', 'more');\n";
    assert!(said.contains(lines), "{said}");
    assert_eq!(not_committed(), "node_modules\n*.zip\n/*.wasm\n/.bluecrab\n");
}

#[test]
fn serves_the_functions_of_two_added_crates() {
    let (_folder, app) = new_app("first-crate");
    let said = printed(&app, &["add", "other-crate"]);
    assert!(said.contains("curl localhost:7071/api/other-crate") && !said.contains("statistics"), "{said}");
    let index = fs::read_to_string(app.join("index.js")).unwrap() + "registerModule('other_crate.wasm');";
    fs::write(app.join("index.js"), index).unwrap();
    let dev = Dev::start(command(&app), &["--build"]);
    for route in ["/api/statistics", "/api/other-crate"] {
        assert_eq!(dev.post(route, "[1, 2, 3]"), (200, STATISTICS.to_owned()));
    }
}

#[test]
fn refuses_invalid_names_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, reason) in [
        ("Hello", "is not a valid name for an app"),
        ("2nd", "is not a valid name for an app"),
        ("a b", "is not a valid name for an app"),
        ("fn", "keyword of Rust"),
        ("serde", "something else"),
        ("..", "does not end with a name"),
    ] {
        let said = refused(folder.path(), &["new", name]);
        assert!(said.contains(reason), "{name}: {said}");
    }
    fs::create_dir(folder.path().join("taken")).unwrap();
    assert!(refused(folder.path(), &["new", "taken"]).contains("taken already exists and is not overwritten"));
    assert_eq!(fs::read_dir(folder.path().join("taken")).unwrap().count(), 0);
    write_app(folder.path(), "{}");
    write(folder.path(), "my_sums.wasm", "of another language");
    let said = refused(folder.path(), &["add", "my-sums"]);
    assert!(said.contains("my_sums.wasm: choose another name"), "{said}");
    assert!(!folder.path().join("my-sums").exists());
    let said = refused(folder.path(), &["new", "app", "--checkout", "taken"]);
    assert!(said.contains("taken is not a checkout of Bluecrab"), "{said}");
    assert!(!folder.path().join("app").exists());
}

#[test]
fn shows_compiler_errors_as_cargo_prints_them() {
    let (_folder, app) = new_app("broken");
    let source = fs::read_to_string(app.join("src/lib.rs")).unwrap();
    fs::write(app.join("src/lib.rs"), source.replace("numbers.len()", "numbers.length()")).unwrap();
    let said = refused(&app, &["build"]);
    assert!(said.contains("error[E0599]: no method named `length`") && said.contains("src/lib.rs:20"), "{said}");
    assert!(said.contains("error: cargo could not build "), "{said}");
    assert!(!app.join("broken.wasm").exists());
    // Whether the output can be written is known before a build.
    for verb in ["openapi", "package", "types"] {
        let said = refused(&app, &[verb, "--output", "src"]);
        assert!(said.contains("cannot write src: it is a folder"), "{verb}: {said}");
    }
}

#[test]
fn reports_apps_that_cannot_be_built() {
    let (folder, app) = new_app("odd");
    // Someone forgot `cd odd`, or went on into a folder of the app.
    let said = refused(folder.path(), &["build"]);
    assert!(said.contains("it has no host.json; ") && said.contains("odd is one, so run the command there"), "{said}");
    assert!(refused(&app.join("src"), &["dev"]).contains("odd is one, so run the command there"));
    assert!(
        refused(folder.path(), &["build", "nowhere"])
            .contains("nowhere does not exist: give the folder of a function app")
    );
    let said = refused(folder.path(), &["package", "--no-build", "odd"]);
    assert!(
        said.contains("has no module yet: remove --no-build") && !said.contains("npm"),
        "nothing is installed: {said}"
    );
    let manifest = fs::read_to_string(app.join("Cargo.toml")).unwrap();
    fs::write(app.join("Cargo.toml"), manifest.replace("\"cdylib\", ", "")).unwrap();
    assert!(refused(&app, &["build"]).contains("Cargo.toml makes no module: it needs `[lib]`"));
    fs::write(app.join("Cargo.toml"), &manifest).unwrap();
    fs::write(app.join("src/lib.rs"), "//! Nothing.\n").unwrap();
    assert!(refused(&app, &["build"]).contains("odd.wasm declares no function: mark a function with `#[http]`"));
    fs::write(app.join("Cargo.toml"), "[package]").unwrap();
    let said = refused(&app, &["build"]);
    assert!(said.contains("failed to parse manifest at") && said.contains("odd/Cargo.toml"), "{said}");
    fs::remove_file(app.join("Cargo.toml")).unwrap();
    let said = refused(&app, &["build"]);
    assert!(
        said.contains("has nothing to build: neither it nor a folder") && said.contains("`bluecrab add NAME`"),
        "{said}"
    );
}

#[test]
fn refuses_two_crates_that_make_the_same_module() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        fs::create_dir_all(folder.path().join(file).parent().unwrap()).unwrap();
        fs::write(folder.path().join(file), text).unwrap();
    };
    write("host.json", "{}");
    write("package.json", "{}");
    for (name, library) in [("one", "same"), ("two", "same")] {
        let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        let library = format!("[lib]\nname = \"{library}\"\ncrate-type = [\"cdylib\"]\n[workspace]\n");
        let library = library + "[package.metadata.bluecrab]\n";
        write(&format!("{name}/Cargo.toml"), &(package + &library));
        // The build would fail if it began.
        write(&format!("{name}/src/lib.rs"), "not Rust");
    }
    let said = refused(folder.path(), &["build"]);
    assert!(!said.contains("Compiling"), "{said}");
    assert!(
        said.contains("one and ") && said.contains("two both make same.wasm: change the `name` of one of them"),
        "{said}"
    );
    assert!(!folder.path().join("same.wasm").exists());
    let added = refused(folder.path(), &["add", "same"]);
    assert!(added.contains("one already makes same.wasm: choose another name"), "{added}");
    assert!(!folder.path().join("same").exists());
    let doctor = command(folder.path()).arg("doctor").output().unwrap();
    let found = String::from_utf8(doctor.stdout).unwrap();
    assert!(found.contains("problem  ") && found.contains("two both make same.wasm: "), "{found}");
}

#[cfg(unix)]
#[test]
fn adds_a_missing_target_or_names_the_command_for_it() {
    let (_folder, app) = new_app("no-target");
    let (programs, path) =
        with_programs(&[("rustc", "echo /nowhere"), ("rustup", "echo $@ >&2; echo no network >&2; exit 3")]);
    let build =
        |path: &std::ffi::OsStr| command(&app).arg("build").env("PATH", path).env_remove("RUSTC").output().unwrap();
    let said = reason(build(&path), &["build"]);
    assert!(said.contains("target add wasm32-wasip1\nno network"), "{said}");
    assert!(said.contains("run `rustup target add wasm32-wasip1`"), "{said}");
    let said = reason(build(programs.path().as_os_str()), &["build"]);
    assert!(said.contains("wasm32-wasip1"), "{said}");
    fs::remove_file(programs.path().join("rustc")).unwrap();
    let said = reason(build(programs.path().as_os_str()), &["build"]);
    assert!(said.contains("cannot find `rustc`: install Rust from https://rustup.rs"), "{said}");
}
