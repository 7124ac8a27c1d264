//! Runs the entry point `customers` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::customers(bytes));
