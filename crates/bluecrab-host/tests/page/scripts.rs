//! Runs the tests of the page's scripts: their logic in Node.js, and the whole page in Chromium if it is installed.

use crate::common::{PATIENCE, app_of, options_of, start};
use std::path::Path;
use tokio::process::Command;

const FUNCTIONS: &str = r"
    app.http('echo', { authLevel: 'anonymous', methods: ['POST'], handler: async (request, context) => {
        context.log('logged');
        return { body: await request.text() };
    } });
    app.timer('yearly', { schedule: '0 0 0 1 1 *', handler: () => {} });
";

/// Runs files of tests, and returns what they print.
async fn node(files: &[&str], page: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page");
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).args(files).env("PAGE", page).current_dir(folder).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, node.output()).await.expect("the tests end in time");
    let output = output.expect("Node.js is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[tokio::test]
async fn the_logic_of_the_page() {
    let text = node(&["format.test.mjs", "repeat.test.mjs", "host.test.mjs"], "").await;
    assert!(text.contains("a test of Rust repeats a request"), "{text}");
}

/// Needs Chromium. Without Chromium, only the tests above check the page's logic, and those in `recorded` its data.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_in_a_browser() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    let text = node(&["browser.test.mjs"], &format!("http://{}/", host.address())).await;
    if text.contains("no Chromium is installed") {
        println!(
            "no Chromium is installed: the page was not opened, its logic and its data are tested without a browser"
        );
    }
    host.stop().await;
}
