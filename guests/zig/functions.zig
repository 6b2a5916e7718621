//! The functions echo, multiply, panic and shout in Zig.

const std = @import("std");
const bluecrab = @import("bluecrab");
const npy = @import("npy.zig");

pub const panic = bluecrab.panic;

comptime {
    bluecrab.exportFunction("echo", echo);
    bluecrab.exportFunction("multiply", multiply);
    bluecrab.exportFunction("panic", panicking);
    bluecrab.exportFunction("shout", shout);
}

/// The request head holds only the content type, so it can be used as the response head.
fn echo(head: bluecrab.Bytes, body: bluecrab.Bytes) bluecrab.Response {
    return .{ .head = head, .body = body };
}

fn multiply(_: bluecrab.Bytes, body: bluecrab.Bytes) bluecrab.Response {
    return productOf(body) catch |failure| switch (failure) {
        error.OutOfMemory => @panic("out of memory"),
        else => badRequest("expected two .npy arrays, float64 matrices in C order"),
    };
}

fn productOf(body: []const u8) !bluecrab.Response {
    var rest = body;
    const one = try npy.read(bluecrab.allocator, &rest);
    const two = try npy.read(bluecrab.allocator, &rest);
    if (rest.len > 0) return error.NoArray;
    if (one.columns != two.rows) return badRequest(try std.fmt.allocPrint(
        bluecrab.allocator,
        "matrixOne is {d}x{d} and matrixTwo is {d}x{d}: the columns of matrixOne ({d}) must be as many as the rows of matrixTwo ({d})",
        .{ one.rows, one.columns, two.rows, two.columns, one.columns, two.rows },
    ));
    const product = try npy.start(bluecrab.allocator, one.rows, two.columns);
    multiplyInto(product.numbers, one, two);
    return .{ .head = "{\"headers\":[[\"content-type\",\"application/x-npy\"]]}", .body = product.bytes };
}

/// Adds the products of every element in the order of k.
fn multiplyInto(product: []f64, one: npy.Matrix, two: npy.Matrix) void {
    const columns = two.columns;
    for (0..one.rows) |i| {
        const sums = product[i * columns ..][0..columns];
        const factors = one.numbers[i * one.columns ..][0..one.columns];
        for (sums, two.numbers[0..columns]) |*sum, number| sum.* = factors[0] * number;
        for (factors[1..], 1..) |factor, k| {
            for (sums, two.numbers[k * columns ..][0..columns]) |*sum, number| sum.* += factor * number;
        }
    }
}

fn badRequest(detail: []const u8) bluecrab.Response {
    const problem = "{{\"detail\":\"{s}\",\"status\":400,\"title\":\"Bad Request\",\"type\":\"about:blank\"}}";
    return .{
        .status = 400,
        .head = "{\"headers\":[[\"content-type\",\"application/problem+json\"]]}",
        .body = std.fmt.allocPrint(bluecrab.allocator, problem, .{detail}) catch @panic("out of memory"),
    };
}

fn panicking(_: bluecrab.Bytes, _: bluecrab.Bytes) bluecrab.Response {
    @panic("this function ends in @panic");
}

/// Sends each message on in capital letters. A status from 400 on fails the invocation, and the body says why.
fn shout(_: bluecrab.Bytes, body: bluecrab.Bytes) bluecrab.Response {
    if (body.len == 0) return .{ .status = 422, .body = "the message is empty" };
    for (body) |*letter| letter.* = std.ascii.toUpper(letter.*);
    const head = bluecrab.outputs(&.{.{ .name = "shouted", .length = body.len }}) catch @panic("out of memory");
    return .{ .head = head, .body = body };
}
