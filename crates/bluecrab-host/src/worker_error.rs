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
    Some(place.map_or_else(|| reason.clone(), |place| format!("{reason} ({place})")))
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
