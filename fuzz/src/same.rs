//! Compares the numbers of two implementations.

/// Whether two numbers are the same. NaN equals NaN.
pub fn same(one: f64, two: f64) -> bool {
    one.to_bits() == two.to_bits() || (one.is_nan() && two.is_nan())
}
