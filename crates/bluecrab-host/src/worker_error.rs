//! Errors that the worker reports, with the place in the app that they come from.

use bluecrab_rpc::StatusResult;
use std::path::Path;

/// Returns the worker's error message, followed by the place in the app if the stack names one. Returns `None` if the
/// result is a success.
pub fn message(result: &StatusResult, app: &Path) -> Option<String> {
    let reason = result.failure()?;
    let stack = result.exception.as_ref().map(|exception| exception.stack_trace.as_str()).unwrap_or_default();
    let real = dunce::canonicalize(app).unwrap_or_default();
    let place = [app, &real].into_iter().find_map(|app| place(stack, app));
    let place = place.map_or_else(String::new, |place| format!(" ({place})"));
    let advice =
        if misses_package(&reason) { "; install the app's packages, for example with `npm install`" } else { "" };
    Some(format!("{reason}{place}{advice}"))
}

/// Whether Node.js did not find a package, and not a file of the app.
fn misses_package(reason: &str) -> bool {
    ["Cannot find module '", "Cannot find package '"].into_iter().any(|start| {
        let rest = reason.split_once(start).map(|(_, rest)| rest);
        let name = rest.and_then(|rest| rest.split('\'').next());
        name.is_some_and(|name| !name.starts_with(['.', '/']) && !name.contains(['\\', ':']))
    })
}

/// Finds the first place in a stack that is in the app's own files, as `FILE:LINE` or `FILE:LINE:COLUMN` relative to
/// the app's folder.
fn place<'a>(stack: &'a str, app: &Path) -> Option<&'a str> {
    let app = app.to_str().filter(|app| app.len() > 1)?;
    stack.lines().find_map(|line| {
        let (_, file) = line.split_once(app)?;
        let place = file.strip_prefix(['/', '\\'])?.trim_end_matches(')');
        let is_own = place.ends_with(|last: char| last.is_ascii_digit()) && place.contains(':');
        (is_own && !place.contains("node_modules")).then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab_rpc::{RpcException, status_result};

    #[test]
    fn knows_a_package_that_is_not_installed() {
        for (reason, expected) in [
            ("entry file \"a.js\": Cannot find module '@azure/functions'\nRequire stack:\n- /srv/a.js", true),
            ("Cannot find package 'lodash' imported from /srv/shop/a.mjs", true),
            ("Cannot find module './b'\nRequire stack:\n- /srv/a.js", false),
            ("Cannot find module '/srv/b' imported from /srv/a.mjs", false),
            ("Cannot find module 'C:\\shop\\b'", false),
            ("no", false),
        ] {
            assert_eq!(misses_package(reason), expected, "{reason}");
        }
    }

    #[test]
    fn finds_the_first_place_in_the_apps_own_files() {
        let app = Path::new("/srv/shop");
        for (stack, expected) in [
            ("/srv/shop/index.js:3\nconst x = ;\n          ^\n\nSyntaxError: Unexpected token ';'", Some("index.js:3")),
            (
                "Error: no\n    at f (/srv/shop/node_modules/a/b.js:1:2)\n    at /srv/shop/src/c d.js:12:7",
                Some("src/c d.js:12:7"),
            ),
            ("Error: no\n    at file:///srv/shop/index.mjs:1:7", Some("index.mjs:1:7")),
            ("Error: no\n    at f (/srv/shopping/index.js:1:2)\n    at node:internal/x:1:1", None),
            ("Cannot find module\n- /srv/shop/index.js", None),
        ] {
            assert_eq!(place(stack, app), expected, "{stack}");
        }
        let exception = RpcException {
            message: "no".to_owned(),
            stack_trace: "Error: no\n    at Object.<anonymous> (/srv/shop/a.js:1:7)".to_owned(),
            ..RpcException::default()
        };
        let status = status_result::Status::Failure.into();
        let failed = StatusResult { status, exception: Some(exception), ..StatusResult::default() };
        assert_eq!(message(&failed, app).unwrap(), "no (a.js:1:7)");
        assert_eq!(message(&StatusResult { status: status_result::Status::Success.into(), ..failed }, app), None);
    }
}
