//! Runs the entry point `stored_records` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::stored_records(bytes));
