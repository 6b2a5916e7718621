//! Numbers alone, many at a time: bits to JSON, and JSON to bits.

use bluecrab_matrix::{Form, Operand, Shape, parse_pair, print_result};

/// The JSON `{"result":[…]}` of doubles that lie in `bytes` one after another, little-endian.
pub fn print(bytes: &[u8]) -> Vec<u8> {
    let data: Vec<f64> = bytes.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    match Operand::new(Shape::Vector(data.len()), Form::Nested, data) {
        Some(operand) => print_result(&operand),
        None => Vec::new(),
    }
}

/// The doubles of the first list of `[[…],1]`, little-endian; nothing where the text is refused.
pub fn parse(text: &[u8]) -> Option<Vec<u8>> {
    let (one, _) = parse_pair(text).ok()?;
    Some(one.data().iter().flat_map(|number| number.to_le_bytes()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_texts() {
        let bytes: Vec<u8> = [0.1_f64, -0.0, 1e21].iter().flat_map(|number| number.to_le_bytes()).collect();
        assert_eq!(print(&bytes), br#"{"result":[0.1,0,1e+21]}"#);
        assert_eq!(parse(b"[[0.1,-0,1E21],1]"), Some(bytes));
        assert_eq!(parse(b"[[0.1,],1]"), None);
    }
}
