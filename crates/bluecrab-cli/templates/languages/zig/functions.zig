//! The functions of {{name}}.

const std = @import("std");
const bluecrab = @import("bluecrab.zig");

pub const panic = bluecrab.panic;

comptime {
    bluecrab.exportFunction("statistics", statistics);
}

/// `POST /api/statistics` with a list of numbers.
fn statistics(_: bluecrab.Bytes, body: bluecrab.Bytes) bluecrab.Response {
    const numbers = std.json.parseFromSliceLeaky([]const f64, bluecrab.allocator, body, .{}) catch
        return json(400, .{ .detail = "expected a list of numbers" });
    if (numbers.len == 0) return json(400, .{ .detail = "at least one number is needed" });
    const count: f64 = @floatFromInt(numbers.len);
    var sum: f64 = 0;
    for (numbers) |number| sum += number;
    const mean = sum / count;
    var squares: f64 = 0;
    for (numbers) |number| squares += (number - mean) * (number - mean);
    return json(200, .{ .count = numbers.len, .mean = mean, .deviation = @sqrt(squares / count) });
}

fn json(status: u32, value: anytype) bluecrab.Response {
    return .{
        .status = status,
        .head = "{\"headers\":[[\"content-type\",\"application/json\"]]}",
        .body = std.json.Stringify.valueAlloc(bluecrab.allocator, value, .{}) catch @panic("out of memory"),
    };
}
