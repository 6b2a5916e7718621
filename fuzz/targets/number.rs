//! libFuzzer's program for `bluecrab_fuzz::number`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| bluecrab_fuzz::number(input));
