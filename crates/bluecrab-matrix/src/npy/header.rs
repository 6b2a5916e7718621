//! Reads the header of an array: the type of its numbers and its shape.

use super::fault::Fault;
use super::literal::{self, Dictionary};
use crate::error::EMPTY_OPERAND;
use crate::operand::Shape;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest dictionary that is read. `numpy.load` has the same limit, `max_header_size`.
const MAX_DICTIONARY_BYTES: usize = 10_000;

/// The longest header, including magic, version and length.
pub(super) const MAX_BYTES: usize = MAGIC.len() + 2 + 4 + MAX_DICTIONARY_BYTES;

/// How each number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dtype {
    Float64Little,
    Float64Big,
    Float32Little,
    Float32Big,
}

impl Dtype {
    pub(super) fn size(self) -> usize {
        match self {
            Self::Float64Little | Self::Float64Big => 8,
            Self::Float32Little | Self::Float32Big => 4,
        }
    }

    fn read((descr, at): (&str, usize)) -> Result<Self, Fault> {
        Ok(match descr {
            "<f8" => Self::Float64Little,
            ">f8" => Self::Float64Big,
            "<f4" => Self::Float32Little,
            ">f4" => Self::Float32Big,
            _ => {
                let remedy = match descr.trim_start_matches(['<', '>', '|', '=']).chars().next() {
                    Some('c') => "send real numbers, as array.real",
                    _ => "convert with array.astype(float)",
                };
                let descr: String = descr.chars().take(32).collect();
                return Err(Fault::new(
                    at,
                    format!("expected float64 or float32 ({remedy}), found the dtype `{descr}`"),
                ));
            }
        })
    }
}

#[derive(Debug)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    pub(super) shape: Shape,
    /// Rows and columns, if the matrix is stored column by column.
    pub(super) column_order: Option<(usize, usize)>,
    /// The length of the header in bytes.
    pub(super) length: usize,
    /// The length of the numbers in bytes.
    pub(super) number_bytes: u64,
}

impl Header {
    /// Reads the header at the start of the bytes.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        if !bytes.starts_with(MAGIC) {
            return Err(Fault::new(0, "expected \\x93NUMPY, the start of an .npy array, found other bytes in place"));
        }
        let cut_short = || Fault::new(bytes.len(), "expected more bytes, found the end in the header");
        let version = bytes.get(6..8).ok_or_else(cut_short)?;
        let (start, length) = match version {
            [1, 0] => (10, bytes.get(8..10).map(|length| usize::from(u16::from_le_bytes([length[0], length[1]])))),
            [2 | 3, 0] => {
                let length = bytes.get(8..12).map(|length| [length[0], length[1], length[2], length[3]]);
                (12, length.map(|length| u32::from_le_bytes(length) as usize))
            }
            _ => {
                let found = format!("expected the format 1.0, 2.0 or 3.0, found {}.{}", version[0], version[1]);
                return Err(Fault::new(6, found));
            }
        };
        let length = length.ok_or_else(cut_short)?;
        if length > MAX_DICTIONARY_BYTES {
            let reason = format!("expected at most {MAX_DICTIONARY_BYTES} bytes, found {length} in the header");
            return Err(Fault::new(8, reason));
        }
        let header = bytes.get(..start + length).ok_or_else(cut_short)?;
        Self::from_dictionary(&literal::dictionary(header, start)?, header.len())
    }

    fn from_dictionary(dictionary: &Dictionary<'_>, length: usize) -> Result<Self, Fault> {
        let dtype = Dtype::read(dictionary.descr)?;
        let lengths = &dictionary.shape;
        let [rows, columns] = match (lengths.count, lengths.first) {
            (0, _) => [1, 1],
            (1, [count, _]) => [1, count],
            (2, both) => both,
            (count, _) => {
                return Err(Fault::new(
                    lengths.at,
                    format!("expected at most two dimensions (reshape it), found {count}"),
                ));
            }
        };
        if rows == 0 || columns == 0 {
            return Err(Fault::new(0, EMPTY_OPERAND));
        }
        let too_large = || Fault::new(lengths.at, "expected numbers that fit the memory, found more in the shape");
        let number_bytes = rows.checked_mul(columns).and_then(|count| count.checked_mul(dtype.size() as u64));
        let number_bytes = number_bytes.ok_or_else(too_large)?;
        let rows = usize::try_from(rows).map_err(|_| too_large())?;
        let columns = usize::try_from(columns).map_err(|_| too_large())?;
        let shape = match lengths.count {
            0 => Shape::Scalar,
            1 => Shape::Vector(columns),
            _ => Shape::Matrix(rows, columns),
        };
        let column_order = (dictionary.fortran_order && rows > 1 && columns > 1).then_some((rows, columns));
        Ok(Self { dtype, shape, column_order, length, number_bytes })
    }

    /// The error for an array with fewer bytes than its shape needs.
    pub(super) fn too_few(&self, found: u64) -> Fault {
        let Self { shape, number_bytes, length, .. } = self;
        Fault::new(*length, format!("expected {number_bytes} bytes of numbers for {shape}, found {found}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: [u8; 2], dictionary: &str) -> Vec<u8> {
        let length = u32::try_from(dictionary.len()).unwrap().to_le_bytes();
        let length = if version[0] == 1 { &length[..2] } else { &length[..] };
        [MAGIC, &version, length, dictionary.as_bytes()].concat()
    }

    fn dictionary(descr: &str, fortran_order: &str, shape: &str) -> String {
        format!("{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}\n")
    }

    #[test]
    fn reads_every_version_and_shape() {
        for (version, shape, expected) in
            [([1, 0], "()", Shape::Scalar), ([2, 0], "(7,)", Shape::Vector(7)), ([3, 0], "(2, 3)", Shape::Matrix(2, 3))]
        {
            let bytes = header(version, &dictionary("'>f4'", "True", shape));
            let read = Header::read(&[&bytes[..], b"rest"].concat()).map_err(|fault| fault.reason).unwrap();
            assert_eq!((read.dtype, read.shape, read.length), (Dtype::Float32Big, expected, bytes.len()));
            assert_eq!(read.number_bytes, expected.len() as u64 * 4);
            assert_eq!(read.column_order, (shape == "(2, 3)").then_some((2, 3)));
        }
    }

    #[test]
    fn refuses_what_it_does_not_read() {
        let with = |descr, shape| header([1, 0], &dictionary(descr, "False", shape));
        for (bytes, at, part) in [
            (b"\x93NUMPI\x01\x00".to_vec(), 0, "expected \\x93NUMPY"),
            (b"\x93NUMPY\x01".to_vec(), 7, "found the end in the header"),
            (b"\x93NUMPY\x01\x00\x76\x00{".to_vec(), 11, "found the end in the header"),
            (header([4, 0], ""), 6, "found 4.0"),
            (header([1, 1], ""), 6, "found 1.1"),
            (header([2, 0], &" ".repeat(10_001)), 8, "found 10001 in the header"),
            (with("'<i8'", "(2, 3)"), 21, "astype(float)), found the dtype `<i8`"),
            (with("'<f2'", "(2, 3)"), 21, "`<f2`"),
            (with("'f8'", "(2, 3)"), 21, "`f8`"),
            (with("'|O'", "(2, 3)"), 21, "`|O`"),
            (with("'<c16'", "(2, 3)"), 21, "array.real), found the dtype `<c16`"),
            (with("'<f8'", "(1, 2, 3)"), 60, "found 3"),
            (with("'<f8'", "(0, 3)"), 0, EMPTY_OPERAND),
            (with("'<f8'", "(18446744073709551615, 0)"), 0, EMPTY_OPERAND),
            (with("'<f8'", "(4294967296, 4294967296)"), 60, "fit the memory"),
            (with("'<f8'", "(2305843009213693952,)"), 60, "fit the memory"),
        ] {
            let fault = Header::read(&bytes).unwrap_err();
            assert!(fault.reason.contains(part), "{}", fault.reason);
            assert_eq!(fault.at, at, "{}", fault.reason);
        }
    }
}
