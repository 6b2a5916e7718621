//! Reads a list of numbers from standard input and prints their statistics, as a CGI program does.

const std = @import("std");

pub fn main(init: std.process.Init) !void {
    const allocator = init.arena.allocator();
    var input_buffer: [4096]u8 = undefined;
    var input = std.Io.File.stdin().readerStreaming(init.io, &input_buffer);
    var output_buffer: [4096]u8 = undefined;
    var output = std.Io.File.stdout().writerStreaming(init.io, &output_buffer);

    const body = try input.interface.allocRemaining(allocator, .unlimited);
    const numbers = std.json.parseFromSliceLeaky([]const f64, allocator, body, .{}) catch &.{};
    if (numbers.len == 0) {
        const refusal = "Status: 400 Bad Request\nContent-Type: text/plain\n\nexpected a list of at least one number\n";
        try output.interface.writeAll(refusal);
    } else {
        try output.interface.writeAll("Content-Type: application/json\n\n");
        try std.json.Stringify.value(statistics(numbers), .{}, &output.interface);
    }
    try output.interface.flush();
}

fn statistics(numbers: []const f64) struct { count: usize, mean: f64, deviation: f64 } {
    const count: f64 = @floatFromInt(numbers.len);
    var sum: f64 = 0;
    for (numbers) |number| sum += number;
    const mean = sum / count;
    var squares: f64 = 0;
    for (numbers) |number| squares += (number - mean) * (number - mean);
    return .{ .count = numbers.len, .mean = mean, .deviation = @sqrt(squares / count) };
}
