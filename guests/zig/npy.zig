//! Reads and writes float64 matrices in NumPy's format 1.0, stored row by row, as `numpy.save` writes them.

const std = @import("std");
const Allocator = std.mem.Allocator;

const magic = "\x93NUMPY\x01\x00";
const prefix_length = magic.len + 2;
const header_length = 128;
const dictionary_start = "{'descr': '<f8', 'fortran_order': False, 'shape': (";

pub const Matrix = struct { rows: usize, columns: usize, numbers: []f64 };

/// Reads the array at the start of the bytes and moves the slice past it.
pub fn read(allocator: Allocator, bytes: *[]const u8) !Matrix {
    try take(bytes, magic);
    const length = std.mem.readInt(u16, (try takeBytes(bytes, 2))[0..2], .little);
    var header = try takeBytes(bytes, length);
    try take(&header, dictionary_start);
    const rows = try takeNumber(&header);
    try take(&header, ", ");
    const columns = try takeNumber(&header);
    try take(&header, "), }");
    if (!std.mem.eql(u8, std.mem.trimStart(u8, header, " "), "\n")) return error.NoArray;

    const numbers = try takeBytes(bytes, try std.math.mul(usize, try std.math.mul(usize, rows, columns), @sizeOf(f64)));
    const matrix: Matrix = .{ .rows = rows, .columns = columns, .numbers = try allocator.alloc(f64, rows * columns) };
    @memcpy(std.mem.sliceAsBytes(matrix.numbers), numbers);
    return matrix;
}

fn take(bytes: *[]const u8, text: []const u8) !void {
    if (!std.mem.eql(u8, try takeBytes(bytes, text.len), text)) return error.NoArray;
}

fn takeBytes(bytes: *[]const u8, length: usize) ![]const u8 {
    if (bytes.len < length) return error.NoArray;
    defer bytes.* = bytes.*[length..];
    return bytes.*[0..length];
}

fn takeNumber(bytes: *[]const u8) !usize {
    var digits: usize = 0;
    while (digits < bytes.len and std.ascii.isDigit(bytes.*[digits])) digits += 1;
    const number = try std.fmt.parseInt(usize, try takeBytes(bytes, digits), 10);
    return if (number > 0) number else error.NoArray;
}

/// An array under construction: its bytes, and its numbers in them, not yet set.
pub const Started = struct { bytes: []u8, numbers: []f64 };

pub fn start(allocator: Allocator, rows: usize, columns: usize) !Started {
    const count = try std.math.mul(usize, rows, columns);
    const bytes = try allocator.alignedAlloc(u8, .of(f64), header_length + try std.math.mul(usize, count, @sizeOf(f64)));
    @memset(bytes[0..header_length], ' ');
    @memcpy(bytes[0..magic.len], magic);
    std.mem.writeInt(u16, bytes[magic.len..][0..2], header_length - prefix_length, .little);
    _ = try std.fmt.bufPrint(bytes[prefix_length..header_length], "{s}{d}, {d}), }}", .{ dictionary_start, rows, columns });
    bytes[header_length - 1] = '\n';
    return .{ .bytes = bytes, .numbers = @alignCast(std.mem.bytesAsSlice(f64, bytes[header_length..])) };
}
