use super::*;

const UUID: &str = "019b7a3c-5d1e-7abc-8def-0123456789ab";

fn category(text: &str) -> Category {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_name_reads_back_as_it_was_made() {
    let made = RecordingId::new(category("place-order"), at("2026-01-02T23:59:59.9999Z"));
    let read: RecordingId = made.as_str().parse().unwrap();
    assert_eq!(
        (read.category().as_str(), read.date(), read.uuid()),
        ("place-order", "20260102", made.uuid())
    );
    assert_eq!(read, made);
    assert_eq!(read.uuid().get_timestamp().unwrap().to_unix(), (1_767_398_399, 999_000_000));
}

#[test]
fn a_name_says_when_its_operation_began() {
    let began_at = |uuid: &str| format!("c/20260102/{uuid}").parse::<RecordingId>().unwrap().began_at();
    let made = RecordingId::new(category("c"), at("2026-01-02T03:04:05.678901Z"));
    assert_eq!(made.began_at(), at("2026-01-02T03:04:05.678Z"));
    assert_eq!(began_at("00000000-0000-7abc-8def-0123456789ab"), Timestamp::UNIX_EPOCH);
    assert_eq!(began_at("ffffffff-ffff-7abc-8def-0123456789ab"), Timestamp::MAX);
}

#[test]
fn names_sort_by_time_and_then_as_they_were_made() {
    let times = [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000001Z",
        "2026-01-01T00:00:00.001Z",
        "2026-02-01T00:00:00Z",
    ];
    let names: Vec<RecordingId> =
        times.iter().flat_map(|time| (0..50).map(|_| RecordingId::new(category("c"), at(time)))).collect();
    assert!(names.is_sorted_by(|a, b| a < b));
    // An operation that began earlier and is named later sorts by when it began.
    assert!(RecordingId::new(category("c"), at(times[0])) < names[50]);
}

#[test]
fn times_before_1970_count_as_1970() {
    assert_eq!(RecordingId::new(category("c"), Timestamp::MIN).date(), "19700101");
    assert_eq!(RecordingId::new(category("c"), Timestamp::MAX).date(), "99991230");
}

#[test]
fn a_category_is_refused_with_the_rule_it_breaks() {
    let problem = |text: &str| text.parse::<Category>().unwrap_err().to_string();
    assert_eq!(
        problem("place order"),
        "the category `place order` contains ` `; use only A-Z, a-z, 0-9, `.`, `_` and `-`"
    );
    assert_eq!(problem(""), "a category is empty; use 1 to 128 of A-Z, a-z, 0-9, `.`, `_` and `-`");
    assert_eq!(problem(&"a".repeat(129)), "a category of 129 characters is too long; use at most 128");
    assert_eq!(
        problem(".."),
        "a category cannot be `..`, which means another folder in a path; add a letter"
    );
    for text in [".", "a/b", "a\\b", "ä", "a\0", "a\n"] {
        assert!(text.parse::<Category>().is_err(), "{text:?}");
    }
    for text in ["a", ".hidden", "A_b-c.9", "console", "com", "com10", "nul-", "a.con", &"a".repeat(128)] {
        assert_eq!(category(text).as_str(), text);
    }
}

#[test]
fn a_category_that_windows_cannot_name_is_refused_and_recordings_that_have_one_stay_readable() {
    for text in ["CON", "con", "Aux.txt", "NUL", "prn.tar.gz", "com1", "LPT9.x", "COM0", "a.", "..."] {
        let problem = text.parse::<Category>().unwrap_err().to_string();
        assert!(
            problem.starts_with(&format!("a category cannot be `{text}`, which no folder on Windows")),
            "{problem}"
        );
        let id: RecordingId = format!("{text}/20260101/{UUID}").parse().unwrap();
        assert_eq!(id.category().as_str(), text);
    }
}

#[test]
fn an_id_is_refused_with_the_part_that_is_wrong() {
    let problem = |text: &str| text.parse::<RecordingId>().unwrap_err().to_string();
    assert_eq!(problem("c"), "`c` is not a recording id; expected `<category>/<yyyymmdd>/<uuid>`");
    assert!(problem(&format!("c/20260101/{UUID}/x")).contains("is not a recording id"));
    assert!(
        problem(&format!("../20260101/{UUID}"))
            .contains("has an invalid category: a category cannot be `..`")
    );
    for date in
        ["20260229", "20261301", "2026011", "202601011", "+2260101", "2026-1-1", "", "２0260101", "20260100"]
    {
        assert!(problem(&format!("c/{date}/{UUID}")).contains("has an invalid date"), "{date}");
    }
    let simple = UUID.replace('-', "");
    let braced = format!("{{{UUID}}}");
    let version_4 = UUID.replace("-7abc", "-4abc");
    let variant = UUID.replace("-8def", "-cdef");
    for uuid in [&UUID.to_uppercase(), &simple, &braced, &version_4, &variant, "", &UUID[1..]] {
        assert!(problem(&format!("c/20260101/{uuid}")).contains("has an invalid uuid"), "{uuid}");
    }
}

#[test]
fn names_are_strings_in_json() {
    let id: RecordingId = format!("c/20240229/{UUID}").parse().unwrap();
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(json, format!("\"c/20240229/{UUID}\""));
    assert_eq!(serde_json::from_str::<RecordingId>(&json).unwrap(), id);
    let refused = serde_json::from_str::<Category>("\"a b\"").unwrap_err().to_string();
    assert!(refused.contains("the category `a b` contains ` `"), "{refused}");
}
