//! Parses the bytes of a body into two operands, in one pass.

use crate::error::{EMPTY_OPERAND, NAMES, ParseError};
use crate::operand::{Form, Operand, Shape};
use crate::scan::Scanner;
use bluecrab_decimal::{WINDOW, unusual_number, usual_number};

/// Reads two operands from `{"matrixOne": M, "matrixTwo": M}` or `[M, M]`.
///
/// `M` is a number, a list of numbers, a list of rows, or ndarray's form of one or two dimensions. Members may come in
/// any order and other members are ignored. If a name is repeated, the last member counts, as in JavaScript.
///
/// Uses the memory of the numbers and a quarter more, however deep the nesting or large a declared dimension. A
/// matrix is reserved as if it were square, but never for more numbers than the rest of the body can hold.
///
/// # Errors
/// Fails if the body is anything else. The error names the byte, the row and the column.
pub fn parse_pair(body: &[u8]) -> Result<(Operand<'static>, Operand<'static>), ParseError> {
    let mut scanner = Scanner::new(body);
    let pair = match scanner.peek_token() {
        Some(b'[') => list(&mut scanner)?,
        Some(b'{') => object(&mut scanner)?,
        None => return Err(scanner.error("the body is empty: expected a JSON object or list of two matrices")),
        Some(_) => return Err(scanner.expected("an object with matrixOne and matrixTwo, or a list of two matrices")),
    };
    if scanner.peek_token().is_some() {
        return Err(scanner.error("more text after the end of the JSON value"));
    }
    Ok(pair)
}

fn list(scanner: &mut Scanner<'_>) -> Result<(Operand<'static>, Operand<'static>), ParseError> {
    scanner.take(b'[');
    let one = operand(scanner, NAMES[0])?;
    if scanner.take(b']') {
        return Err(scanner.error("expected a list of two matrices, found one"));
    }
    if !scanner.take(b',') {
        return Err(scanner.expected("`,` and a second matrix"));
    }
    let two = operand(scanner, NAMES[1])?;
    if scanner.take(b',') {
        return Err(scanner.error("expected a list of two matrices, found more"));
    }
    if !scanner.take(b']') {
        return Err(scanner.expected("`]`"));
    }
    Ok((one, two))
}

fn object(scanner: &mut Scanner<'_>) -> Result<(Operand<'static>, Operand<'static>), ParseError> {
    let mut operands = [None, None];
    members(scanner, |scanner, name| {
        match NAMES.iter().position(|known| *known == name) {
            Some(index) => operands[index] = Some(operand(scanner, NAMES[index])?),
            None => drop(scanner.value()?),
        }
        Ok(())
    })?;
    match operands {
        [Some(one), Some(two)] => Ok((one, two)),
        [None, _] => Err(scanner.error("the member matrixOne is missing")),
        [_, None] => Err(scanner.error("the member matrixTwo is missing")),
    }
}

/// Reads an object and calls `member` for each value. If `member` refuses a value, the value is skipped, and its error
/// counts only if no later member has the same name.
fn members<'a>(
    scanner: &mut Scanner<'a>,
    mut member: impl FnMut(&mut Scanner<'a>, &str) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    scanner.take(b'{');
    if scanner.take(b'}') {
        return Ok(());
    }
    let mut refused: Vec<(String, ParseError)> = Vec::new();
    loop {
        let name = scanner.member_name()?;
        let start = scanner.at;
        refused.retain(|(earlier, _)| *earlier != name);
        if let Err(error) = member(scanner, &name) {
            scanner.at = start;
            if scanner.value().is_err() {
                return Err(error);
            }
            refused.push((name.into_owned(), error));
        }
        if scanner.take(b'}') {
            return refused.into_iter().next().map_or(Ok(()), |(_, error)| Err(error));
        }
        if !scanner.take(b',') {
            return Err(scanner.expected("`,` or `}`"));
        }
    }
}

fn operand(scanner: &mut Scanner<'_>, name: &'static str) -> Result<Operand<'static>, ParseError> {
    let start = scanner.at;
    let read = match scanner.peek_token() {
        Some(b'[') => nested(scanner),
        Some(b'{') => ndarray(scanner),
        Some(b'-' | b'0'..=b'9') => scanner.number().map(|number| Operand {
            shape: Shape::Scalar,
            form: Form::Nested,
            data: vec![number].into(),
        }),
        _ => Err(scanner.expected("a matrix")),
    };
    let inside = |error| ParseError { operand: Some(name), ..error };
    let operand = read.map_err(inside)?;
    if operand.shape.is_empty() {
        return Err(inside(ParseError { offset: start, ..scanner.error(EMPTY_OPERAND) }));
    }
    Ok(operand)
}

/// Reads a list of numbers, or a list of rows.
fn nested(scanner: &mut Scanner<'_>) -> Result<Operand<'static>, ParseError> {
    let mut data = Vec::new();
    let start = scanner.at;
    scanner.take(b'[');
    if scanner.peek_token() != Some(b'[') {
        scanner.at = start;
        numbers(scanner, &mut data)?;
        return Ok(Operand { shape: Shape::Vector(data.len()), form: Form::Nested, data: data.into() });
    }
    let mut rows = 0;
    let mut columns = 0;
    loop {
        rows += 1;
        let in_row = |error| ParseError { row: Some(rows), ..error };
        let row_start = scanner.at;
        if scanner.peek_token() != Some(b'[') {
            return Err(in_row(scanner.expected("a row, as the first one is a list")));
        }
        let before = data.len();
        numbers(scanner, &mut data).map_err(in_row)?;
        let length = data.len() - before;
        if rows == 1 {
            columns = length;
            data.reserve_exact(expected_numbers(scanner, row_start, columns));
        } else if length != columns {
            let reason = format!("a row has {length} numbers, the rows above have {columns}");
            return Err(in_row(ParseError { offset: row_start, ..scanner.error(reason) }));
        }
        if scanner.take(b']') {
            if data.capacity() > data.len() + data.len() / 4 {
                data.shrink_to_fit();
            }
            return Ok(Operand { shape: Shape::Matrix(rows, columns), form: Form::Nested, data: data.into() });
        }
        if !scanner.take(b',') {
            return Err(scanner.expected("`,` or `]`"));
        }
    }
}

/// How many numbers are still to come if the matrix is square, limited by what the rest of the body can hold.
fn expected_numbers(scanner: &Scanner<'_>, row_start: usize, columns: usize) -> usize {
    let row_bytes = (scanner.at - row_start).max(1);
    let rest = scanner.bytes.len() - scanner.at;
    columns.saturating_mul(columns.saturating_sub(1)).min(rest / row_bytes * columns)
}

/// Reads a list of numbers and appends them.
fn numbers(scanner: &mut Scanner<'_>, data: &mut Vec<f64>) -> Result<(), ParseError> {
    scanner.take(b'[');
    if scanner.take(b']') {
        return Ok(());
    }
    let before = data.len();
    loop {
        scanner.peek_token();
        let start = scanner.at;
        if usual_numbers(scanner, data) {
            return Ok(());
        }
        if scanner.at > start {
            continue;
        }
        let column = data.len() - before + 1;
        let in_column = |error| ParseError { column: Some(column), ..error };
        match scanner.peek_token() {
            Some(b'-' | b'0'..=b'9') => push(data, scanner.number().map_err(in_column)?),
            Some(b'[') => return Err(in_column(scanner.error("a matrix has two dimensions, this one has more"))),
            _ => return Err(in_column(scanner.expected("a number"))),
        }
        if scanner.take(b']') {
            return Ok(());
        }
        if !scanner.take(b',') {
            return Err(in_column(scanner.expected("`,` or `]`")));
        }
    }
}

/// Reads numbers, each followed by a comma or the closing bracket, as long as they have a common form. Returns whether
/// it reached the end of the list.
fn usual_numbers(scanner: &mut Scanner<'_>, data: &mut Vec<f64>) -> bool {
    let (length, ended) = windowed_numbers(&scanner.bytes[scanner.at..], data);
    scanner.at += length;
    let rest = &scanner.bytes[scanner.at..];
    if ended || rest.len() >= WINDOW {
        return ended;
    }
    // Fewer bytes than a window are left: pad them with zeros.
    let mut padded = [0; 2 * WINDOW];
    padded[..rest.len()].copy_from_slice(rest);
    let (length, ended) = windowed_numbers(&padded, data);
    scanner.at += length;
    ended
}

/// Like [`usual_numbers`], as long as a whole window of bytes is left. Returns how many bytes it read, too.
///
/// This loop is a small function of its own so that the WebAssembly engine optimises it early.
#[inline(never)]
fn windowed_numbers(bytes: &[u8], data: &mut Vec<f64>) -> (usize, bool) {
    let mut at = 0;
    while let Some(window) = bytes[at..].first_chunk() {
        let ends = |length: usize| window[length] == b',' || window[length] == b']';
        let found = match usual_number(window) {
            Some((number, length)) if ends(length) => Some((number, length)),
            _ => unusual_number(window).filter(|(_, length)| ends(*length)),
        };
        let Some((number, length)) = found else { break };
        let behind = window[length];
        push(data, number);
        at += length + 1;
        if behind == b']' {
            return (at, true);
        }
        if window[length + 1] == b' ' {
            at += 1;
        }
    }
    (at, false)
}

/// Appends a number. Growing reserves at most a quarter more than the list already has.
#[inline(always)]
fn push(data: &mut Vec<f64>, number: f64) {
    if data.len() == data.capacity() {
        grow(data);
    }
    data.push(number);
}

#[cold]
#[inline(never)]
fn grow(data: &mut Vec<f64>) {
    data.reserve_exact((data.len() / 4).max(4));
}

/// Reads the form of the crate ndarray, version 1.
fn ndarray(scanner: &mut Scanner<'_>) -> Result<Operand<'static>, ParseError> {
    let start = scanner.at;
    let (mut dimensions, mut data) = (None, None);
    members(scanner, |scanner, name| {
        match name {
            "v" => {
                let at = scanner.at;
                if !matches!(scanner.peek_token(), Some(b'-' | b'0'..=b'9')) || scanner.number()? != 1.0 {
                    scanner.at = at;
                    return Err(scanner.expected("the version 1 of ndarray's form"));
                }
            }
            "dim" => dimensions = Some(list_of_numbers(scanner)?),
            "data" => data = Some(list_of_numbers(scanner)?),
            _ => drop(scanner.value()?),
        }
        Ok(())
    })?;
    let wrong = |reason: String| ParseError { offset: start, ..scanner.error(reason) };
    let dimensions = dimensions.ok_or_else(|| wrong("the member dim is missing".to_owned()))?;
    let data: Vec<f64> = data.ok_or_else(|| wrong("the member data is missing".to_owned()))?;
    let length = |number: f64| (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as usize);
    let shape = match dimensions[..] {
        [length_of_vector] => length(length_of_vector).map(Shape::Vector),
        [rows, columns] => length(rows).zip(length(columns)).map(|(rows, columns)| Shape::Matrix(rows, columns)),
        _ => return Err(wrong(format!("dim must list one or two lengths, it lists {}", dimensions.len()))),
    };
    let shape = shape.ok_or_else(|| wrong("dim must list whole numbers".to_owned()))?;
    let numbers = match shape {
        Shape::Matrix(rows, columns) => rows.checked_mul(columns),
        _ => Some(shape.len()),
    };
    if numbers != Some(data.len()) {
        return Err(wrong(format!("dim asks for {shape}, data has {} numbers", data.len())));
    }
    Ok(Operand { shape, form: Form::NdArray, data: data.into() })
}

fn list_of_numbers(scanner: &mut Scanner<'_>) -> Result<Vec<f64>, ParseError> {
    if scanner.peek_token() != Some(b'[') {
        return Err(scanner.expected("a list of numbers"));
    }
    let mut list = Vec::new();
    numbers(scanner, &mut list)?;
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn error(body: &str) -> ParseError {
        parse_pair(body.as_bytes()).expect_err(body)
    }

    #[test]
    fn reads_both_bodies_and_both_forms() {
        let (one, two) = parse_pair(br#" {"other":[{}],"matrix\u0054wo":[[3],[4]],"matrixOne":[[1,2]]} "#).unwrap();
        assert_eq!((one.shape, one.data), (Shape::Matrix(1, 2), vec![1.0, 2.0].into()));
        assert_eq!((two.shape, two.form), (Shape::Matrix(2, 1), Form::Nested));
        let (one, two) = parse_pair(b"\xef\xbb\xbf[{\"data\":[1,2],\"dim\":[2,1],\"v\":1},[1]]").unwrap();
        assert_eq!((one.shape, one.form, two.shape), (Shape::Matrix(2, 1), Form::NdArray, Shape::Vector(1)));
    }

    #[test]
    fn the_last_of_two_members_counts() {
        let (one, _) = parse_pair(br#"{"matrixOne":[[9,9]],"matrixTwo":[[1]],"matrixOne":[[7]]}"#).unwrap();
        assert_eq!(*one.data, [7.0]);
        assert!(parse_pair(br#"{"matrixOne":[[1],2],"matrixTwo":[[1]],"matrixOne":[[7]]}"#).is_ok());
        assert!(parse_pair(br#"{"matrixOne":[[7]],"matrixTwo":[[1]],"matrixOne":[[1],2]}"#).is_err());
    }

    const MEMBERS: [&str; 14] = [
        r#""matrixOne":[[1,2]]"#,
        r#""matrixOne":[[1,2],[3]]"#,
        r#""matrixOne":"x""#,
        r#""matrix\u004fne":{"v":2,"dim":[1],"data":[1],"v":1}"#,
        r#""matrixOne":{"v":1,"dim":[2],"data":[1],"dim":{},"dim":[1]}"#,
        r#""matrixOne":{"v":1,"dim":[1],"data":[1],"data":null}"#,
        r#""matrixOne":[[1],[tru]]"#,
        r#""matrixTwo":[[1],[2]]"#,
        r#""matrixTwo":[]"#,
        r#""matrixTwo":[[[4]]]"#,
        r#""matrixTwo":{"v":1,"dim":[0,3],"data":[]}"#,
        r#""matrixTwo":7"#,
        r#""matrixTwo":[[1,]]"#,
        r#""other":[{}]"#,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn of_members_with_one_name_the_last_counts(members in prop::collection::vec(prop::sample::select(&MEMBERS[..]), 0..7)) {
            let body = format!("{{{}}}", members.join(","));
            let ours = parse_pair(body.as_bytes()).map(|(one, two)| (one.shape, one.data, two.shape, two.data));
            // The same body without its repeated members, if it is JSON at all.
            match serde_json::from_str::<serde_json::Value>(&body) {
                Ok(value) => {
                    let expected = parse_pair(value.to_string().as_bytes());
                    let expected = expected.map(|(one, two)| (one.shape, one.data, two.shape, two.data));
                    prop_assert_eq!(ours.ok(), expected.ok(), "{}", body);
                }
                Err(_) => prop_assert!(ours.is_err(), "{}", body),
            }
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (body, offset, row, column, part) in [
            ("", 0, None, None, "empty"),
            ("[[[1,2],[3,x]],[[1]]]", 11, Some(2), Some(2), "expected a number, found `x`"),
            ("[[[1,2],[3]],[[1]]]", 8, Some(2), None, "1 numbers, the rows above have 2"),
            ("[[[1,2],3],[[1]]]", 8, Some(2), None, "expected a row"),
            ("[[[1]]]", 7, None, None, "found one"),
            ("[[[1]],[[1]],[[1]]]", 13, None, None, "found more"),
            ("[[[1]],[[1]]]x", 13, None, None, "more text"),
            ("{\"matrixOne\":[[1]]}", 19, None, None, "matrixTwo is missing"),
            ("[[[true]],[[1]]]", 3, Some(1), Some(1), "expected a number"),
            ("[[[\"1\"]],[[1]]]", 3, Some(1), Some(1), "expected a number"),
            ("[[[[1]]],[[1]]]", 3, Some(1), Some(1), "two dimensions"),
            ("[[[01]],[[1]]]", 3, Some(1), Some(1), "leading zero"),
            ("[[],[[1]]]", 1, None, None, EMPTY_OPERAND),
            ("[[[]],[[1]]]", 1, None, None, EMPTY_OPERAND),
            ("[{\"v\":1,\"dim\":[0,3],\"data\":[]},[[1]]]", 1, None, None, EMPTY_OPERAND),
            ("[{\"v\":1,\"dim\":[1e9,1e9],\"data\":[1]},[[1]]]", 1, None, None, "dim asks for"),
            ("[{\"v\":2,\"dim\":[1,1],\"data\":[1]},[[1]]]", 6, None, None, "version 1"),
            ("[{\"v\":1,\"data\":[1]},[[1]]]", 1, None, None, "dim is missing"),
        ] {
            let error = error(body);
            assert!(error.reason.contains(part), "{body}: {error}");
            assert_eq!((error.offset, error.row, error.column), (offset, row, column), "{body}: {error}");
        }
        let error = parse_pair(b"{\"a\xff\":1}").unwrap_err();
        assert_eq!((error.offset, error.reason.as_str()), (3, "invalid UTF-8"));
    }
}
