//! Chooses the tile size for the processor, by the features it has at run time.

use super::blocks::{self, Operands};
use super::tile::{Exact, Fused};

/// Whether the compiler's target has an instruction for fused multiply-add. Without it, `mul_add` calls a slow
/// function.
const FUSES: bool = cfg!(any(
    target_arch = "aarch64",
    target_feature = "fma",
    all(target_arch = "wasm32", target_feature = "relaxed-simd")
));

/// Multiplies with tiles that fit the processor's registers. `fused` asks for fused multiply-add, which is used if the
/// processor supports it.
pub fn product(operands: Operands<'_>, fused: bool) -> Vec<f64> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the check above found both features.
        return unsafe { if fused { avx2_fused(operands) } else { avx2(operands) } };
    }
    if fused && FUSES { blocks::product::<Fused, 4, 4>(operands) } else { blocks::product::<Exact, 4, 4>(operands) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2(operands: Operands<'_>) -> Vec<f64> {
    blocks::product::<Exact, 6, 8>(operands)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2_fused(operands: Operands<'_>) -> Vec<f64> {
    blocks::product::<Fused, 6, 8>(operands)
}
