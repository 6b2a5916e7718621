//! libFuzzer's program for `bluecrab_fuzz::meter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bluecrab_fuzz::meter(input));
