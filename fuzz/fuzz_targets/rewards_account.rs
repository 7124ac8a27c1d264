//! Runs the entry point `rewards_account` with libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dotstory::fuzz::rewards_account(bytes));
