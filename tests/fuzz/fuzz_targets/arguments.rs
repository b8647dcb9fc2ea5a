//! Reads calls with arguments in WAVE.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playback_fuzz::arguments(data));
