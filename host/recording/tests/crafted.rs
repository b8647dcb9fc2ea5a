//! Recordings whose content someone changed and packed again, so that only the reader stands in the way.

use super::*;

/// The error that becomes of a recording whose content is changed by `edit` before it is packed.
fn refused(edit: impl FnOnce(&mut Vec<u8>)) -> DecodeError {
    let recording = recording();
    let mut content = frame::unpack(&encoded(&recording), 1 << 20).unwrap();
    edit(&mut content);
    decoded(&frame::pack(&content).unwrap(), &recording).unwrap_err()
}

fn replaced(content: &mut Vec<u8>, old: &[u8], new: &[u8]) {
    let at = content.windows(old.len()).position(|part| part == old).unwrap();
    content.splice(at..at + old.len(), new.iter().copied());
}

fn header_without(content: &mut [u8], key: &str) {
    let unknown = "?".repeat(key.len());
    let at = content.windows(key.len()).position(|part| part == key.as_bytes()).unwrap();
    content[at..at + key.len()].copy_from_slice(unknown.as_bytes());
}

#[test]
fn a_newer_format_is_refused_naming_both() {
    let error = refused(|content| replaced(content, b"format\x01", b"format\x03"));
    let message = error.to_string();
    assert!(message.ends_with("uses format 3, this build reads up to 1; upgrade playback-host"), "{message}");
    assert!(matches!(error, DecodeError::Newer { found: 3, supported: VERSION, .. }));
    for other in [&b"format\x00"[..], b"format\xf6", b"fermat\x01"] {
        let error = refused(|content| replaced(content, b"format\x01", other));
        assert!(matches!(error, DecodeError::NotARecording { .. }), "{error}");
    }
}

/// A tape of the next minor version with one event more, which a builder of today wrote in the words `written`.
fn of_a_newer_minor(sort: &str) -> Result<Recording, DecodeError> {
    let mut recording = recording();
    recording.header.minor = format::MINOR + 1;
    let mut bytes = vec![0x83, 0x60 | sort.len() as u8];
    bytes.extend_from_slice(sort.as_bytes());
    bytes.extend_from_slice(b"\x01\x61x");
    recording.events.insert(1, Event::Unknown(Box::new(Unknown { sort: sort.to_owned(), bytes })));
    let stored = encode(&recording, &Limits::default()).unwrap();
    let read = decode(&stored, recording.metadata.clone(), &Limits::default());
    if let Ok(read) = &read {
        assert_eq!(*read, recording, "nothing is lost");
    }
    read
}

#[test]
fn an_event_of_a_newer_minor_version_is_skipped_and_told_where_it_is_marked_so() {
    let read = of_a_newer_minor("?profile").unwrap();
    assert_eq!(read.skipped().into_iter().collect::<Vec<_>>(), [("?profile", 1)]);
    let error = of_a_newer_minor("profile").unwrap_err();
    assert!(matches!(error, DecodeError::NewerMinor { .. }));
    let told = format!("uses format 1.{} and has `profile`, which", format::MINOR + 1);
    assert!(error.to_string().contains(&told), "{error}");
}

#[test]
fn an_unknown_event_of_this_version_is_refused_however_it_is_marked() {
    let written = &b"\x83\x64wall\x19\x03\xe8"[..];
    let error = refused(|content| replaced(content, written, b"\x83\x64?all\x19\x03\xe8")).to_string();
    assert!(error.contains("`?all` of 3 items is not an event"), "{error}");
}

#[test]
fn a_header_is_whole_and_says_each_thing_once() {
    for key in
        ["id", "operation", "arguments", "component", "functions", "seed", "environment", "program-arguments"]
    {
        let missing = refused(|content| header_without(content, key)).to_string();
        assert!(missing.contains(&format!("the header ends without `{key}`")), "{missing}");
    }
    let twice =
        refused(|content| replaced(content, b"\x64host\x650.1.0", b"\x69component\x650.1.0")).to_string();
    assert!(twice.contains("the header has `component` twice"), "{twice}");
    let seed =
        refused(|content| replaced(content, &[&b"seed\x58\x20"[..], &[7; 32]].concat(), b"seed\x41\x07"));
    assert!(seed.to_string().contains("the seed has 1 bytes and not 32"), "{seed}");
}

#[test]
fn a_header_may_say_more_than_this_build_knows() {
    let mut recording = recording();
    recording.outcome = None;
    let mut content = frame::unpack(&encoded(&recording), 1 << 20).unwrap();
    content[0] += 1;
    replaced(&mut content, b"format\x01", b"format\x01\x65later\xa1\x61x\x82\x01\x02");
    assert_eq!(decoded(&frame::pack(&content).unwrap(), &recording), Ok(recording));
}

#[test]
fn a_call_of_no_function_is_refused() {
    let error = refused(|content| replaced(content, b"\x66output\x01", b"\x66output\x02")).to_string();
    assert!(error.contains("function 2 is called, and there are 2"), "{error}");
    let huge = refused(|content| replaced(content, b"\x66output\x01", b"\x66output\x1b\0\0\0\x01\0\0\0\x01"));
    assert!(huge.to_string().contains("function 4294967297 is called"), "{huge}");
    let error =
        encode(&recording_of(vec![call(2, Kind::Input, "x", vec![])]), &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "the recording cannot be written: `x` calls function 2 of 2");
}

#[test]
fn a_call_has_an_argument_for_each_parameter() {
    let error =
        refused(|content| replaced(content, b"\x66output\x01\xf6\x82", b"\x66output\x01\xf6\x83\xf6"));
    let said = "`shop:orders/outputs#notify` has 2 parameters and is called with 3 arguments";
    assert!(error.to_string().contains(said), "{error}");
    let error =
        encode(&recording_of(vec![call(1, Kind::Output, "x", vec![])]), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("has 2 parameters and is called with 0 arguments"), "{error}");
}

#[test]
fn what_is_no_event_is_refused_where_it_stands() {
    let error = refused(|content| replaced(content, b"\x82\x65stdin", b"\x82\x65stdon"));
    assert!(error.to_string().contains("`stdon` of 2 items is not an event"), "{error}");
    let error = refused(|content| replaced(content, b"\x82\x68returned", b"\x82\x68retained"));
    assert!(error.to_string().contains("`retained` is not an outcome"), "{error}");
    let ended = b"\x82\x67outcome\x82\x68returned\xa1\x62ok\x67receipt";
    let stopped = b"\x82\x67outcome\x83\x67stopped\x68patience\x60";
    let error = refused(|content| replaced(content, ended, stopped));
    assert!(error.to_string().contains("`patience` is not a limit"), "{error}");
    let error = refused(|content| content.push(0xf6));
    assert!(error.to_string().contains("something follows the end"), "{error}");
}

#[test]
fn the_digest_and_the_count_cover_what_is_before_the_end() {
    let error = refused(|content| replaced(content, b"price.b", b"price.c"));
    assert!(error.to_string().contains("does not have the digest"), "{error}");
    let error = refused(|content| replaced(content, b"\x82\x65stdin\x42in", b""));
    let all = recording().events.len();
    let said = format!("ends after {all} events and has {}", all - 1);
    assert!(error.to_string().contains(&said), "{error}");
}

#[test]
fn crafted_lengths_and_depths_end_in_an_error() {
    let returned = b"\x68returned\xa1\x62ok\xfb\x40\x29\0\0\0\0\0\0";
    let deep = [&b"\x68returned"[..], &[0x81; 100_000]].concat();
    let huge = b"\x68returned\x9b\x7f\xff\xff\xff\xff\xff\xff\xff";
    assert!(
        refused(|content| replaced(content, returned, &deep)).to_string().contains("nest more than 128 deep")
    );
    assert!(refused(|content| replaced(content, returned, huge)).to_string().contains("is cut off"));
    let functions =
        refused(|content| replaced(content, b"functions\x82", b"functions\x9b\x7f\0\0\0\0\0\0\0"));
    assert!(functions.to_string().contains("is cut off"));
}

#[test]
fn readings_of_a_clock_are_whole_and_written_in_as_few_bytes_as_they_take() {
    let written = b"\x83\x64wall\x19\x03\xe8\x44\xc8\x01\x00\x0a";
    for (other, why) in [
        (&b"\x83\x64wall\x19\x03\xe8\x40"[..], "there are no further readings"),
        (b"\x83\x64wall\x19\x03\xe8\x44\xc8\x01\x00\x8a", "these are not readings"),
        (b"\x83\x64wall\x19\x03\xe8\x45\xc8\x01\x00\x8a\x00", "these are not readings"),
        (b"\x85\x64wall\x19\x03\xe8\x41\x00\x00\x00", "`wall` of 5 items is not an event"),
    ] {
        let error = refused(|content| replaced(content, written, other)).to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn readings_of_a_clock_are_held_as_they_are_written_and_never_unpacked() {
    let all: Vec<u64> = (0..50_000).map(|round| round * 100).collect();
    let recording = recording_of(vec![clock(Clock::Monotonic, None, &all)]);
    // Unpacked they would take 400,000 bytes.
    let limits = Limits { decoded: 110_000, ..Limits::default() };
    let stored = encode(&recording, &limits).unwrap();
    assert_eq!(decode(&stored, recording.metadata.clone(), &limits), Ok(recording));
}
