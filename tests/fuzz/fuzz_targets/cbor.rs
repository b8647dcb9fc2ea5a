//! Reads values in CBOR.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playback_fuzz::cbor(data));
