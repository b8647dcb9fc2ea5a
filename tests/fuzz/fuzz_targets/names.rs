//! Reads ids of recordings, categories, selectors, locations and keys.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playback_fuzz::names(data));
