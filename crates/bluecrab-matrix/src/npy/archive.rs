//! An `.npz`: a zip archive of `.npy` files.

use super::header::{self, Header};
use super::inflate::{Damaged, Inflate, MAX_RATIO, WINDOW_BYTES};
use super::numbers::Pieces;
use super::{Fault, NAMES, array, error, operand};
use crate::error::ParseError;
use crate::operand::Operand;
use rawzip::{CompressionMethod, Crc32, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive, crc32};

/// The names of the members: two by keyword, or by place as `np.savez(file, one, two)` has them. The last is one too
/// many.
const MEMBERS: [&[u8]; 5] = [b"matrixOne.npy", b"matrixTwo.npy", b"arr_0.npy", b"arr_1.npy", b"arr_2.npy"];

/// The first window holds the whole header.
const _: () = assert!(WINDOW_BYTES >= header::MAX_BYTES);

/// Whether the bytes start as a zip archive does, be it an empty one.
pub(super) fn is_archive(body: &[u8]) -> bool {
    body.starts_with(b"PK\x03\x04") || body.starts_with(b"PK\x05\x06")
}

/// Reads both operands, inflating at most so many bytes.
pub(super) fn read(body: &[u8], max_inflated_bytes: u64) -> Result<(Operand, Operand), ParseError> {
    let unreadable = |cause: rawzip::Error| {
        let offset = cause.eocd_offset().map_or(body.len(), |offset| offset as usize);
        error(offset, None, format!("the .npz is damaged or cut short ({cause})"))
    };
    let archive = ZipArchive::from_slice(body).map_err(unreadable)?;
    let end = archive.end_offset() as usize;
    if end != body.len() {
        return Err(error(end, None, "found more bytes after the end of the .npz"));
    }
    let mut found = [const { None }; MEMBERS.len()];
    for record in archive.entries() {
        let record = record.map_err(unreadable)?;
        let name = record.file_path();
        let Some(index) = MEMBERS.iter().position(|member| *member == name.as_ref()) else { continue };
        if found[index].replace(record).is_some() {
            let offset = archive.directory_offset() as usize;
            let name = String::from_utf8_lossy(MEMBERS[index]);
            return Err(error(offset, None, format!("the .npz has two members {name}")));
        }
    }
    let missing = |name| error(archive.directory_offset() as usize, None, format!("the .npz has no array {name}"));
    let (one, two) = match found {
        [None, None, Some(_), Some(_), Some(_)] => {
            let offset = archive.directory_offset() as usize;
            return Err(error(offset, None, "expected two arrays in the .npz, found more"));
        }
        [None, None, Some(one), Some(two), None] | [Some(one), Some(two), ..] => (one, two),
        [None, None, Some(_), None, _] => return Err(missing("arr_1")),
        [Some(_), None, ..] => return Err(missing("matrixTwo")),
        [None, Some(_), ..] => return Err(missing("matrixOne")),
        [None, None, None, ..] => return Err(missing("matrixOne (nor arr_0)")),
    };
    let mut left = max_inflated_bytes;
    Ok((member(&archive, &one, NAMES[0], &mut left)?, member(&archive, &two, NAMES[1], &mut left)?))
}

/// Reads one array; `left` is how many bytes may still be inflated.
fn member(
    archive: &ZipSliceArchive<&[u8]>,
    record: &ZipFileHeaderRecord<'_>,
    name: &'static str,
    left: &mut u64,
) -> Result<Operand, ParseError> {
    let refused = |offset: u64, reason: String| error(offset as usize, Some(name), reason);
    let start = record.local_header_offset();
    let entry = archive.get_entry(record.wayfinder());
    let entry = entry.map_err(|cause| refused(start, format!("found a damaged member ({cause}) in place")))?;
    let (start, _) = entry.compressed_data_range();
    let inside = |fault: Fault| refused(start, fault.reason);
    if record.flags().is_encrypted() {
        return Err(refused(start, "expected a member without a password, found an encrypted one".to_owned()));
    }
    let claim = entry.claim_verifier();
    match record.compression_method() {
        CompressionMethod::STORE => {
            let data = entry.data();
            if claim.uncompressed_size != data.len() as u64 || claim.crc != crc32(data) {
                return Err(inside(damaged()));
            }
            let (operand, end) = array(archive.get_ref(), start as usize, name)?;
            let end = end - start as usize;
            match end.cmp(&data.len()) {
                std::cmp::Ordering::Equal => Ok(operand),
                _ => Err(refused(start, format!("expected {end} bytes, found {} in the member", data.len()))),
            }
        }
        CompressionMethod::DEFLATE => {
            let (size, most) = (claim.uncompressed_size, (entry.data().len() as u64).saturating_mul(MAX_RATIO));
            if size > most {
                return Err(inside(damaged()));
            }
            *left = left.checked_sub(size).ok_or_else(|| {
                refused(start, format!("expected at most {left} bytes to inflate, found {size} in the member"))
            })?;
            let (operand, crc) = inflated(entry.data(), size).map_err(inside)?;
            if crc == claim.crc { Ok(operand) } else { Err(inside(damaged())) }
        }
        method => {
            let method = method.name().map_or_else(|| method.as_u16().to_string(), str::to_owned);
            let reason = "expected a stored or deflated member (np.savez, np.savez_compressed), found the method";
            Err(refused(start, format!("{reason} {method}")))
        }
    }
}

/// Reads an array of `size` bytes from its deflated data, with its checksum.
fn inflated(data: &[u8], size: u64) -> Result<(Operand, u32), Fault> {
    let mut inflate = Inflate::new(data);
    let mut crc = Crc32::new();
    let first = inflate.next()?.unwrap_or_default();
    crc.update(first);
    let header = Header::read(first)?;
    let numbers = size.saturating_sub(header.length as u64);
    if numbers != header.number_bytes {
        return Err(header.too_few(numbers));
    }
    let mut left = header.number_bytes;
    let mut pieces = Pieces::new(&header);
    let mut push = |piece: &[u8]| -> Result<(), Damaged> {
        left = left.checked_sub(piece.len() as u64).ok_or(Damaged)?;
        pieces.push(piece);
        Ok(())
    };
    push(&first[header.length..])?;
    while let Some(piece) = inflate.next()? {
        crc.update(piece);
        push(piece)?;
    }
    let data = pieces.finish().ok_or(Damaged)?;
    Ok((operand(&header, data), crc.checksum()))
}

impl From<Damaged> for Fault {
    fn from(_: Damaged) -> Self {
        damaged()
    }
}

fn damaged() -> Fault {
    Fault::new(0, "expected the bytes that the .npz promises, found other or fewer in the member")
}
