//! Matrices as JSON: parse, multiply, print.
