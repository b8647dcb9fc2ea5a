//! Texts that are almost a configuration, as the fuzz target `configuration` of `tests/fuzz` makes them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::Config;
use std::path::Path;

#[path = "../../../tests/fuzz/mutations.rs"]
mod mutations;

/// Every setting, and every form that one can have.
const WHOLE: &str = include_str!("../../../tests/every_setting.toml");

#[test]
fn a_changed_configuration_is_read_or_refused_with_the_name_of_its_file() {
    Config::parse(WHOLE, Path::new("playback.toml")).unwrap();
    mutations::run(&[WHOLE.as_bytes().to_vec()], 20_000, |changed| {
        if let Ok(text) = str::from_utf8(changed)
            && let Err(error) = Config::parse(text, Path::new("playback.toml"))
        {
            let told = format!("{error:#}");
            assert!(told.starts_with("playback.toml:") && !told.contains('\n'), "{told:?}");
        }
    });
}
