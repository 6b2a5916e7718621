//! Generated modules: with little fuel the copy ends, and with enough fuel it does what the module does.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod differential;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The generator and the interpreter are not ours, so the usual modules are the same in every run.
/// `PROPTEST_CASES=3000` tries that many other modules, and `cargo xtask fuzz --target meter` searches for more.
fn config() -> ProptestConfig {
    let usual = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(2026), ..usual },
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_copy_ends_and_does_what_the_module_does(bytes in prop::collection::vec(any::<u8>(), 500..3000)) {
        differential::check(&bytes);
    }
}
