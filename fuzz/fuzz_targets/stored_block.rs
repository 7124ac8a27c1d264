//! Runs the entry point `stored_block` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::stored_block(bytes));
