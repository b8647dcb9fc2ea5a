//! What people read who use an attribute wrongly: it names what is wrong, points at it, and says what to do.
//!
//! A part of it are the compiler's own words, which change at times:
//! `TRYBUILD=overwrite cargo test -p playback-guest --test messages` takes what is said today for what is to be said.

#[test]
fn a_wrong_attribute_says_what_is_wrong_and_where() {
    trybuild::TestCases::new().compile_fail("tests/messages/*.rs");
}
