//! Runs the entry point `stores` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::stores(bytes));
