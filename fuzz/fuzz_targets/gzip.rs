//! Runs the entry point `gzip` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::gzip(bytes));
