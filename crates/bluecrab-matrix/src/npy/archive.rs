//! Reads an `.npz`, a zip archive of `.npy` files.

use super::array::{array, operand};
use super::fault::{Fault, error};
use super::header::{self, Header};
use super::inflate::{Damaged, Inflate, MAX_RATIO, WINDOW_BYTES};
use super::numbers::Pieces;
use crate::error::{NAMES, ParseError};
use crate::operand::Operand;
use rawzip::{CompressionMethod, Crc32, crc32};
use rawzip::{ZipArchive, ZipFileHeaderRecord, ZipSliceArchive, ZipSliceEntry, ZipVerification};

/// The members that are read: two by name, or two by position as `np.savez(file, one, two)` names them. A third
/// position is one too many.
const MEMBERS: [&str; 5] = ["matrixOne.npy", "matrixTwo.npy", "arr_0.npy", "arr_1.npy", "arr_2.npy"];

// Inflating reads the header from the first window.
const _: () = assert!(WINDOW_BYTES >= header::MAX_BYTES);

/// Whether the bytes start like a zip archive, which may be empty.
pub(super) fn is_archive(body: &[u8]) -> bool {
    body.starts_with(b"PK\x03\x04") || body.starts_with(b"PK\x05\x06")
}

/// Reads both operands and inflates at most `max_inflated_bytes`.
pub(super) fn read(body: &[u8], max_inflated_bytes: u64) -> Result<(Operand<'_>, Operand<'_>), ParseError> {
    let unreadable = |cause: rawzip::Error| {
        let offset = cause.eocd_offset().map_or(body.len(), |offset| offset as usize);
        error(offset, None, format!("the .npz is damaged or cut short, send it again ({cause})"))
    };
    let archive = ZipArchive::from_slice(body).map_err(unreadable)?;
    let end = archive.end_offset() as usize;
    if end != body.len() {
        return Err(error(end, None, "found more bytes after the end of the .npz"));
    }
    let refused = |reason: String| error(archive.directory_offset() as usize, None, reason);
    let mut members = [const { None }; MEMBERS.len()];
    for record in archive.entries() {
        let record = record.map_err(unreadable)?;
        let name = record.file_path();
        let Some(index) = MEMBERS.iter().position(|member| member.as_bytes() == name.as_ref()) else { continue };
        if members[index].replace(record).is_some() {
            return Err(refused(format!("the .npz has two members {}", MEMBERS[index])));
        }
    }
    let missing = |name: &str| Err(refused(format!("the .npz has no array {name}")));
    let (one, two) = match members {
        [Some(one), Some(two), ..] | [None, None, Some(one), Some(two), None] => (one, two),
        [None, None, Some(_), Some(_), Some(_)] => {
            return Err(refused("expected two arrays in the .npz, found more".to_owned()));
        }
        [Some(_), None, ..] => return missing("matrixTwo"),
        [None, Some(_), ..] => return missing("matrixOne"),
        [None, None, Some(_), None, _] => return missing("arr_1"),
        [None, None, None, ..] => return missing("matrixOne (nor arr_0)"),
    };
    let mut left = max_inflated_bytes;
    Ok((member(&archive, &one, NAMES[0], &mut left)?, member(&archive, &two, NAMES[1], &mut left)?))
}

/// Reads one array. `left` counts down the bytes that may still be inflated.
fn member<'body>(
    archive: &ZipSliceArchive<&'body [u8]>,
    record: &ZipFileHeaderRecord<'_>,
    name: &'static str,
    left: &mut u64,
) -> Result<Operand<'body>, ParseError> {
    let refused = |offset: u64, reason: String| error(offset as usize, Some(name), reason);
    let entry = archive.get_entry(record.wayfinder()).map_err(|cause| {
        let offset = record.local_header_offset().min(archive.get_ref().len() as u64);
        refused(offset, format!("expected the member that the .npz promises, found none ({cause}) in place"))
    })?;
    let (start, end) = entry.compressed_data_range();
    if record.flags().is_encrypted() {
        return Err(refused(start, "expected a member without a password, found an encrypted one".to_owned()));
    }
    match record.compression_method() {
        CompressionMethod::STORE => {
            is_as_promised(&entry, entry.data().len() as u64, crc32(entry.data()))
                .map_err(|damaged| refused(start, Fault::from(damaged).reason))?;
            let (operand, array_end) = array(&(*archive.get_ref())[..end as usize], start as usize, name)?;
            if array_end as u64 != end {
                return Err(refused(array_end as u64, "expected the end of the array, found more bytes".to_owned()));
            }
            Ok(operand)
        }
        CompressionMethod::DEFLATE => inflated(&entry, left).map_err(|fault| refused(start, fault.reason)),
        method => {
            let method = method.name().map_or_else(|| method.as_u16().to_string(), str::to_owned);
            let reason = "expected a stored or deflated member (np.savez, np.savez_compressed), found the method";
            Err(refused(start, format!("{reason} {method}")))
        }
    }
}

/// Reads a deflated array. Three bounds limit what it allocates: the size that the archive declares, the most that its
/// deflated bytes can become, and `left`.
fn inflated(entry: &ZipSliceEntry<'_>, left: &mut u64) -> Result<Operand<'static>, Fault> {
    let size = entry.claim_verifier().uncompressed_size;
    if size > (entry.data().len() as u64).saturating_mul(MAX_RATIO) {
        return Err(Damaged.into());
    }
    *left = left.checked_sub(size).ok_or_else(|| {
        Fault::new(
            0,
            format!(
                "expected at most {left} bytes to inflate (use np.savez, or send less), found {size} in the member"
            ),
        )
    })?;
    let mut inflate = Inflate::new(entry.data());
    let mut crc = Crc32::new();
    let first = inflate.next()?.unwrap_or_default();
    crc.update(first);
    let header = Header::read(first)?;
    let number_bytes = size.saturating_sub(header.length as u64);
    if number_bytes != header.number_bytes {
        return Err(header.too_few(number_bytes));
    }
    let mut pieces = Pieces::new(&header);
    pieces.push(&first[header.length..])?;
    while let Some(piece) = inflate.next()? {
        crc.update(piece);
        pieces.push(piece)?;
    }
    is_as_promised(entry, size, crc.checksum())?;
    Ok(operand(&header, pieces.finish()?.into()))
}

fn is_as_promised(entry: &ZipSliceEntry<'_>, uncompressed_size: u64, crc: u32) -> Result<(), Damaged> {
    let found = ZipVerification { crc, uncompressed_size };
    entry.claim_verifier().valid(found).map_err(|_| Damaged)
}

impl From<Damaged> for Fault {
    fn from(_: Damaged) -> Self {
        Self::new(
            0,
            "expected the bytes that the .npz promises, found others (is it cut short or changed?) in the member",
        )
    }
}
