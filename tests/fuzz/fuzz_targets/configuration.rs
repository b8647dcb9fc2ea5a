//! Reads `playback.toml`. The command line is a program and no library, so that it is compiled into this one.

#![no_main]
#![allow(dead_code, unused_imports, reason = "all but the configuration")]

#[path = "../../../host"]
mod program {
    pub(crate) mod cli;
}
use program::cli;

libfuzzer_sys::fuzz_target!(|text: &str| drop(cli::config::Config::parse(text, "playback.toml".as_ref())));
