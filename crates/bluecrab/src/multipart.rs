//! Forms with files (`multipart/form-data`, RFC 7578) as an argument.

use crate::body::Bytes;
use crate::extract::FromRequest;
use crate::fields::RequestFields;
use crate::problem::Problem;
use crate::request::Request;
use std::rc::Rc;

/// A form with files, as a browser, `FormData` or `curl --form` sends it.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Multipart, Problem, Request, http};
///
/// #[http(methods = ["POST"], max_body = "20MiB")]
/// fn count_lines(form: Multipart) -> Result<String, Problem> {
///     let file = form.part("file")?; // without this part: status 400
///     let lines = file.bytes().iter().filter(|byte| **byte == b'\n').count();
///     Ok(format!("{} has {lines} lines", file.file_name().unwrap_or("the text")))
/// }
///
/// let request = Request::post("/api/count-lines").with_header("content-type", "multipart/form-data; boundary=b").with_body(
///     "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\none\ntwo\n\r\n--b--\r\n",
/// );
/// assert_eq!(call(count_lines, request).text().unwrap(), "a.txt has 2 lines");
/// ```
///
/// The parts are not copied.
///
/// # Rejections
///
/// | request | status |
/// |---|---|
/// | `Content-Type` is not `multipart/form-data` | 415 |
/// | the body breaks the format, a part has no name, or there are more than 1,000 parts | 400 |
///
/// As `Option<Multipart>` the argument is `None` if the body is empty.
#[derive(Debug, Clone)]
pub struct Multipart(Vec<Part>);

/// A part of a form: a file, or the value of a field.
#[derive(Debug, Clone)]
pub struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    bytes: Bytes,
}

/// More parts than a form has, so that a hostile body of tiny parts takes little memory.
const MOST_PARTS: usize = 1000;

impl Multipart {
    /// All parts, in their order.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// The first part with this name.
    ///
    /// # Errors
    /// Returns a problem with status 400 if the form has no such part.
    pub fn part(&self, name: &str) -> Result<&Part, Problem> {
        let missing = || Problem::bad_request(format!("the form has no part `{name}`"));
        self.0.iter().find(|part| part.name == name).ok_or_else(missing)
    }
}

impl Part {
    /// The name of the field.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name that the file has on the client's machine. It is only a text: it may be anything.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// What the client says the part is, such as `text/csv`.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The file, or the value.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The value as text.
    ///
    /// # Errors
    /// Returns a problem with status 400 if it is not UTF-8.
    pub fn text(&self) -> Result<&str, Problem> {
        std::str::from_utf8(&self.bytes)
            .map_err(|_| Problem::bad_request(format!("the part `{}` is not UTF-8", self.name)))
    }
}

impl FromRequest for Multipart {
    const FIELDS: RequestFields = RequestFields::header("content-type");

    fn from_request(request: Request) -> Result<Self, Problem> {
        let boundary = boundary(request.header("content-type").unwrap_or_default())?;
        let body = Rc::new(request.body);
        parts(&body, &boundary)
            .map(Self)
            .map_err(|reason| Problem::bad_request(format!("cannot read the body as multipart/form-data: {reason}")))
    }
}

/// The text between the parts.
fn boundary(content_type: &str) -> Result<String, Problem> {
    let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !media_type.trim().eq_ignore_ascii_case("multipart/form-data") {
        let detail = format!(
            "the request has the Content-Type `{content_type}`; this function reads a form with files, so send `multipart/form-data`"
        );
        return Err(Problem::new(415, detail).with("header", "content-type"));
    }
    let missing = || Problem::bad_request("the Content-Type names no boundary").with("header", "content-type");
    parameter(parameters, "boundary").filter(|boundary| (1..=70).contains(&boundary.len())).ok_or_else(missing)
}

fn parts(body: &Rc<Bytes>, boundary: &str) -> Result<Vec<Part>, String> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter may stand at the start of the body, without a line break before it.
    let mut at = if body.starts_with(&delimiter.as_bytes()[2..]) {
        delimiter.len() - 2
    } else {
        find(body, delimiter.as_bytes(), 0).ok_or("it does not contain the boundary")? + delimiter.len()
    };
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        if parts.len() == MOST_PARTS {
            return Err(format!("it has more than {MOST_PARTS} parts"));
        }
        // A sender may put white space after the boundary.
        at += body[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !body[at..].starts_with(b"\r\n") {
            return Err(format!("no line ends after the boundary, at byte {at}"));
        }
        // A part ends before the next boundary, even if it has no empty line. The line break belongs to both searches: a
        // part without header fields has nothing before its empty line, and one without content nothing before the
        // boundary.
        let end = find(body, delimiter.as_bytes(), at)
            .ok_or_else(|| format!("the part at byte {at} has no boundary after it"))?;
        let head_end = find(&body[..end + 2], b"\r\n\r\n", at)
            .ok_or_else(|| format!("the head of the part at byte {at} has no end"))?;
        let start = head_end + 4;
        let bytes = body.part(start, end.saturating_sub(start)).unwrap_or_else(|| Vec::new().into());
        let head =
            std::str::from_utf8(&body[at..head_end]).map_err(|_| format!("a head that is not UTF-8 at byte {at}"))?;
        parts.push(part(head, bytes).ok_or_else(|| format!("the part at byte {start} has no name"))?);
        at = end + delimiter.len();
    }
}

fn part(head: &str, bytes: Bytes) -> Option<Part> {
    let field = |name: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(found, _)| found.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let (kind, parameters) = field("content-disposition")?.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    Some(Part {
        name: parameter(parameters, "name")?,
        file_name: parameter(parameters, "filename"),
        content_type: field("content-type").map(str::to_owned),
        bytes,
    })
}

/// Finds `name=value` or `name="value"` among parameters with semicolons between them.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (found, after) = rest.split_once('=')?;
        let found = found.trim_start_matches([';', ' ', '\t']).trim_end();
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted_value(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim_end().to_owned(), &after[end..])
            }
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next;
    }
}

/// Reads a text up to its quotation mark. Browsers write a quotation mark in it as `%22`, curl as `\"`. Other
/// backslashes stay: they are in the paths of old browsers.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let is_escaped = |at: &usize| text[..*at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    // A path of an old browser may end with a backslash.
    let end = text.match_indices('"').map(|(at, _)| at).find(|at| !is_escaped(at)).or_else(|| text.rfind('"'))?;
    Some((text[..end].replace("\\\"", "\"").replace("%22", "\""), &text[end + 1..]))
}

fn find(bytes: &[u8], text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == text[0])?;
        if bytes[at..].starts_with(text) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: impl Into<Bytes>) -> Result<Multipart, Problem> {
        Multipart::from_request(Request::post("/").with_header("content-type", content_type).with_body(body))
    }

    const FORM: &str = "multipart/form-data; boundary=b-1";

    #[test]
    fn reads_files_and_values() {
        let body = b"preamble\r\n--b-1\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n\r\n--b-1 \r\n\
            content-type: text/csv\r\ncontent-disposition: form-data; filename=\"C:\\a;%22b\\\".csv\"; name=file\r\n\r\n\
            \xff\r\n--b-\r\n\r\n--b-1--\r\nepilogue";
        let form = read("Multipart/Form-Data; charset=utf-8; boundary=\"b-1\"", body).unwrap();
        let [note, file] = form.parts() else { panic!("{form:?}") };
        assert_eq!((note.name(), note.text().unwrap(), note.file_name()), ("note", "", None));
        assert_eq!((file.name(), file.file_name()), ("file", Some("C:\\a;\"b\".csv")));
        assert_eq!((file.content_type(), &file.bytes()[..]), (Some("text/csv"), &b"\xff\r\n--b-\r\n"[..]));
        assert_eq!(file.text().unwrap_err().detail(), "the part `file` is not UTF-8");
        assert_eq!(form.part("file").unwrap().bytes().len(), 9);
        assert_eq!(form.part("other").unwrap_err().detail(), "the form has no part `other`");
        assert!(read(FORM, "--b-1--").unwrap().parts().is_empty());
        let empty = read(FORM, "--b-1\r\nContent-Disposition: form-data; name=a\r\n\r\n--b-1--").unwrap();
        assert_eq!(empty.part("a").unwrap().text().unwrap(), "");
    }

    #[test]
    fn a_file_name_may_have_backslashes() {
        for (written, expected) in
            [(r#"C:\dir\"#, r"C:\dir\"), (r"C:\dir", r"C:\dir"), (r#"a\\"#, r"a\\"), (r#"a\"b"#, r#"a"b"#)]
        {
            let parameters = format!(" name=a; filename=\"{written}\"");
            assert_eq!(parameter(&parameters, "filename").as_deref(), Some(expected), "{parameters}");
            assert_eq!(parameter(&parameters, "name").as_deref(), Some("a"));
        }
    }

    #[test]
    fn refuses_what_is_no_form() {
        for (content_type, status) in [("", 415), ("application/json", 415), ("multipart/form-data", 400)] {
            assert_eq!(read(content_type, "x").unwrap_err().status(), status, "{content_type}");
        }
        let named = "--b-1\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
        for (body, reason) in [
            (String::new(), "does not contain the boundary"),
            ("--b-1".to_owned(), "no line ends after the boundary"),
            ("--b-12".to_owned(), "no line ends after the boundary"),
            ("--b-1\r\nContent-Disposition: form-data".to_owned(), "the part at byte 5 has no boundary after it"),
            ("--b-1\r\n--b-1--".to_owned(), "the head of the part at byte 5 has no end"),
            (
                // The next part is not the content of this part.
                "--b-1\r\nContent-Disposition: form-data; name=a\r\n".to_owned() + named + "--b-1--",
                "the head of the part at byte 5 has no end",
            ),
            ("--b-1\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--b-1--".to_owned(), "has no name"),
            ("--b-1\r\n\r\n\r\n--b-1--".to_owned(), "has no name"),
            (named.to_owned(), "has no boundary after it"),
            (named.repeat(1001) + "--b-1--", "more than 1000 parts"),
        ] {
            let problem = read(FORM, body.as_str()).unwrap_err();
            assert_eq!(problem.status(), 400);
            assert!(problem.detail().contains(reason), "{body}: {}", problem.detail());
        }
    }

    #[test]
    fn no_cut_and_no_changed_byte_panics() {
        let body = "--b-1\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n1\r\n--b-1--";
        for at in 0..body.len() {
            let _ = read(FORM, &body[..at]);
            for byte in [b'\r', b'\n', b'-', b'"', b'\\', b'=', b';', 0xff] {
                let mut changed = body.as_bytes().to_vec();
                changed[at] = byte;
                let _ = read(FORM, changed);
            }
        }
    }
}
