//! Reads the bytes of a .tape file, or of what is in it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playback_fuzz::tape(data));
