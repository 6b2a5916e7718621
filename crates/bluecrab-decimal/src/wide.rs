//! Products of more than 64 bits.
//!
//! WebAssembly has no instruction for them, and LLVM turns a 64 by 64 bit multiplication that it recognises into a
//! function call. The table of powers holds 32-bit words: this hides the pattern from LLVM, and the words need no
//! splitting.

/// `number` times the upper half of `power`, as 128 bits: high, low.
#[inline(always)]
pub fn times_upper(number: u64, power: &[u32; 4]) -> (u64, u64) {
    times(number, power[3], power[2])
}

/// How much too small [`times_upper_nearly`] can be.
pub const TOO_SMALL: u64 = 3;

/// The upper 64 bits of [`times_upper`], at most [`TOO_SMALL`] too small.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
pub fn times_upper_nearly(number: u64, power: &[u32; 4]) -> u64 {
    let [_, _, b, a] = power.map(u64::from);
    let (number_high, number_low) = (number >> 32, number & 0xffff_ffff);
    a * number_high + ((a * number_low) >> 32) + ((b * number_high) >> 32)
}

/// The upper 64 bits of [`times_upper`], here exact.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
pub fn times_upper_nearly(number: u64, power: &[u32; 4]) -> u64 {
    times_upper(number, power).0
}

/// `number` times the lower half of `power`, as 128 bits: high, low.
#[inline(always)]
pub fn times_lower(number: u64, power: &[u32; 4]) -> (u64, u64) {
    times(number, power[1], power[0])
}

/// `number` times `power` as three words, the least significant first.
#[inline(always)]
pub fn times_all(number: u64, power: [u64; 2]) -> [u64; 3] {
    let words = |word: u64| ((word >> 32) as u32, word as u32);
    let ((a, b), (c, d)) = (words(power[0]), words(power[1]));
    let (lower_high, lower_low) = times(number, a, b);
    let (upper_high, upper_low) = times(number, c, d);
    let (middle, carry) = upper_low.overflowing_add(lower_high);
    [lower_low, middle, upper_high + u64::from(carry)]
}

/// The upper two of the three words of `number` times `power`: high, low. `number` must be below 2^63. The low word is
/// at most 2^34 too small.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
pub fn times_nearly(number: u64, power: &[u32; 4]) -> (u64, u64) {
    let [_, c, b, a] = power.map(u64::from);
    let (number_high, number_low) = (number >> 32, number & 0xffff_ffff);
    let upper = a * number_low;
    // Each term left out, and each part shifted away, is less than one unit of the 32 bits kept of the low word.
    let lower = b * number_high + ((b * number_low) >> 32) + ((c * number_high) >> 32);
    let middle = (upper & 0xffff_ffff) + lower;
    (a * number_high + (upper >> 32) + (middle >> 32), middle << 32)
}

/// The upper two of the three words of `number` times `power`: high, low. `number` must be below 2^63. The low word is
/// at most 2^34 too small.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
pub fn times_nearly(number: u64, power: &[u32; 4]) -> (u64, u64) {
    let lower = (u128::from(number) * u128::from(u64::from(power[1]) << 32 | u64::from(power[0]))) >> 64;
    let upper = u64::from(power[3]) << 32 | u64::from(power[2]);
    let product = u128::from(number) * u128::from(upper) + lower;
    ((product >> 64) as u64, product as u64)
}

#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn times(number: u64, high: u32, low: u32) -> (u64, u64) {
    let (high, low) = (u64::from(high), u64::from(low));
    let (number_high, number_low) = (number >> 32, number & 0xffff_ffff);
    let lowest = low * number_low;
    let middle = low * number_high + (lowest >> 32);
    let other = high * number_low + (middle & 0xffff_ffff);
    (high * number_high + (middle >> 32) + (other >> 32), other << 32 | lowest & 0xffff_ffff)
}

#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn times(number: u64, high: u32, low: u32) -> (u64, u64) {
    let product = u128::from(number) * u128::from(u64::from(high) << 32 | u64::from(low));
    ((product >> 64) as u64, product as u64)
}
