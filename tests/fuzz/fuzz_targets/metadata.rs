//! Reads the metadata of a recording.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| playback_fuzz::metadata(data));
