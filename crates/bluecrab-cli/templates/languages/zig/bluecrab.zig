//! The module ABI, version 1, for Zig: see docs/abi.md.

const std = @import("std");

/// Bytes in a buffer of `bluecrab_alloc`.
pub const Bytes = []align(16) u8;

pub const Response = struct { status: u32 = 200, head: []const u8 = "", body: []const u8 = "" };

/// What a function writes for one of its outputs: a part of the response's body.
pub const Output = struct { name: []const u8, kind: enum { bytes, text, json } = .bytes, offset: usize = 0, length: usize };

/// Returns a response head that names outputs. Several of one name are several messages, in this order.
pub fn outputs(parts: []const Output) std.mem.Allocator.Error![]const u8 {
    return std.json.Stringify.valueAlloc(allocator, .{ .outputs = parts }, .{});
}

/// Holds the request and what its function allocates. It is freed when the next request comes.
pub const allocator = arena.allocator();

var arena: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);
var is_answered = false;

pub const Level = enum(u32) { trace, debug, information, warning, @"error", critical };

/// Writes one entry into the log of the running invocation.
pub fn log(level: Level, text: []const u8) void {
    imports.log(@backingInt(level), text.ptr, text.len);
}

/// Use it as `pub const panic`: it logs the message and traps.
pub const panic = std.debug.FullPanic(struct {
    fn panic(message: []const u8, _: ?usize) noreturn {
        log(.critical, message);
        @trap();
    }
}.panic);

const imports = struct {
    extern "bluecrab" fn log(level: u32, text: [*]const u8, length: usize) void;
};

/// Exports a function under its name.
pub fn exportFunction(comptime name: []const u8, comptime function: fn (head: Bytes, body: Bytes) Response) void {
    const entry = struct {
        fn run(head: [*]align(16) u8, head_length: usize, body: [*]align(16) u8, body_length: usize) callconv(.c) *const Record {
            freeAnswered();
            record = .of(function(bytes(head, head_length), bytes(body, body_length)));
            is_answered = true;
            return &record;
        }
    };
    @export(&entry.run, .{ .name = name });
}

const Record = extern struct {
    status: u32,
    head: [*]const u8,
    head_length: usize,
    body: [*]const u8,
    body_length: usize,

    fn of(response: Response) Record {
        return .{
            .status = response.status,
            .head = response.head.ptr,
            .head_length = response.head.len,
            .body = response.body.ptr,
            .body_length = response.body.len,
        };
    }
};

var record: Record = undefined;

export fn bluecrab_alloc(length: usize) ?[*]u8 {
    freeAnswered();
    const buffer = allocator.alignedAlloc(u8, .@"16", length) catch return null;
    return buffer.ptr;
}

fn freeAnswered() void {
    if (!is_answered) return;
    is_answered = false;
    _ = arena.reset(.free_all);
}

/// For zero bytes the library passes the pointer 0.
fn bytes(pointer: [*]align(16) u8, length: usize) Bytes {
    return if (length == 0) &.{} else pointer[0..length];
}
