//! The native side of the benchmarks and of the differential test: `bench-matrix compare` or `bench-matrix speed`.

#[cfg(not(target_family = "wasm"))]
mod compare;
#[cfg(not(target_family = "wasm"))]
mod speed;

fn main() -> std::io::Result<()> {
    #[cfg(not(target_family = "wasm"))]
    match std::env::args().nth(1).as_deref() {
        Some("compare") => return compare::run(),
        Some("speed") => return speed::run(),
        _ => {}
    }
    Err(std::io::Error::other("usage: bench-matrix compare|speed"))
}
