//! Writes bodies for the tests, independently of the code under test.

use std::io::Write;

/// Writes an array of these numbers, given row by row. The dtype may be one that the reader refuses.
pub fn npy(version: u8, descr: &str, column_order: bool, shape: &[usize], numbers: &[f64]) -> Vec<u8> {
    let order = if column_order { "True" } else { "False" };
    let lengths: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let lengths = if shape.len() > 1 { lengths.trim_end_matches(", ") } else { lengths.trim_end() };
    let text = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({lengths}), }}");
    let prefix = if version == 1 { 10 } else { 12 };
    let text = format!("{text:<width$}\n", width = 127 - prefix);
    let mut bytes = [b"\x93NUMPY", &[version, 0][..]].concat();
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes()[..prefix - 8]);
    bytes.extend_from_slice(text.as_bytes());
    let (rows, columns) = match shape {
        [rows, columns] if column_order => (*rows, *columns),
        _ => (1, numbers.len()),
    };
    for index in 0..numbers.len() {
        let number = numbers[index % rows * columns + index / rows];
        match descr {
            ">f8" => bytes.extend(number.to_be_bytes()),
            "<f4" => bytes.extend((number as f32).to_le_bytes()),
            ">f4" => bytes.extend((number as f32).to_be_bytes()),
            _ => bytes.extend(number.to_le_bytes()),
        }
    }
    bytes
}

/// A file in an archive.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub deflated: bool,
}

/// An archive, with data descriptors after the members.
pub fn npz(members: &[Member<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for member in members {
        let (method, data) = if member.deflated {
            (rawzip::CompressionMethod::DEFLATE, miniz_oxide::deflate::compress_to_vec(member.bytes, 6))
        } else {
            (rawzip::CompressionMethod::STORE, member.bytes.to_vec())
        };
        let (mut entry, config) = archive.new_file(member.name).compression_method(method).start().unwrap();
        let mut plain = config.wrap(std::io::sink());
        plain.write_all(member.bytes).unwrap();
        let (_, descriptor) = plain.finish().unwrap();
        entry.write_all(&data).unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}
