//! libFuzzer's program for `bluecrab_fuzz::product`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bluecrab_fuzz::product(input));
