//! Runs the entry point `phone` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::phone(bytes));
