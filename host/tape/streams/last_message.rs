//! What a service wrote to standard error last, before it ended itself. A panic and an exit say there what went wrong, and to
//! the engine they are one and the same trap.

use playback_recording::{Outcome, Recording, Stream};
use std::borrow::Cow;

/// How much of the end of standard error is looked at, in bytes.
const MAX_TAIL: usize = 64 << 10;

/// The trap in which a program ends itself. Of any other the engine says what went wrong.
const UNREACHABLE: &str = "wasm `unreachable` instruction executed";

/// The last message of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// Where in the source it says that it is from: `src/lib.rs:7:5`.
    pub place: Option<String>,
    /// What it says, without the place.
    pub text: String,
    /// Whether it is of a known form, and not just the last line.
    is_of_known_form: bool,
}

impl LastMessage {
    /// The message of the last panic of a Rust program in `text`.
    pub fn of_panic(text: &str) -> Option<Self> {
        last_panic(text).map(|(panic, _)| panic)
    }

    /// Returns the last message in what was written to standard error: a panic of Rust or Go, a failed assertion of C, else the last line.
    pub fn of(stderr: &str) -> Option<Self> {
        let of_known_form = |text: &str| Self { place: None, text: text.to_owned(), is_of_known_form: true };
        let line_of = |start: &str| stderr.lines().rfind(|line| line.starts_with(start));
        let is_told = |line: &&str| !line.is_empty() && !is_hint(line);
        let last = stderr.lines().map(str::trim).rfind(is_told)?;
        // The place of an assertion follows in parentheses.
        let assertion = || {
            line_of("Assertion failed: ").map(|line| line.rsplit_once(" (").map_or(line, |(text, _)| text))
        };
        // A panic that the service survived is not how it ended.
        let panic =
            last_panic(stderr).filter(|(_, after)| !after.lines().map(str::trim).any(|line| is_told(&line)));
        panic
            .map(|(panic, _)| panic)
            .or_else(|| {
                line_of("panic: ").or_else(|| line_of("fatal error: ")).or_else(assertion).map(of_known_form)
            })
            .or_else(|| {
                Some(Self { place: None, text: without_places(last).into_owned(), is_of_known_form: false })
            })
    }

    /// On one line: `panicked at src/lib.rs:7:5: no price`.
    pub fn one_line(&self) -> String {
        match &self.place {
            Some(place) => format!("panicked at {place}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// The last panic of a Rust program in `text`, and what follows its message and the hint after it.
///
/// Nothing in the message of a panic is a panic of its own.
fn last_panic(text: &str) -> Option<(LastMessage, &str)> {
    let mut last = None;
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        rest = after;
        if let Some(first) = panic_in(line) {
            let (message, after) = panic(first, after);
            last = Some((message, after));
            rest = after;
        }
    }
    last
}

/// What follows `panicked at` in the line with which a panic begins: the place, or, before Rust 1.73, the message, and
/// then the place: `'no price', src/lib.rs:7:5`.
fn panic_in(line: &str) -> Option<&str> {
    let (before, first) = line.trim_end().split_once("panicked at ")?;
    let is_of_thread = before.contains("thread '") && before.trim_end().ends_with(['\'', ')']);
    let place = first.strip_suffix(':').or_else(|| Some(first.rsplit_once(", ")?.1));
    let has_place = place.is_some_and(is_place);
    let begins_with_message = is_of_thread && first.starts_with('\'');
    ((before.is_empty() || is_of_thread) && has_place || begins_with_message).then_some(first)
}

/// The panic whose first line ends with `first`, and what follows it.
fn panic<'t>(first: &str, mut rest: &'t str) -> (LastMessage, &'t str) {
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if line == "stack backtrace:" {
            // Frames, to the end.
            rest = "";
            break;
        }
        rest = after;
        if is_hint(line) {
            break;
        }
        lines.push(line.trim());
    }
    lines.retain(|line| !line.is_empty());
    let (place, text) = match first.strip_suffix(':').filter(|place| is_place(place)) {
        Some(place) => (Some(place.to_owned()), lines.join(" ")),
        None => {
            // The place is at the end of one of the lines.
            let ends = |line: &&str| line.rsplit_once(", ").is_some_and(|(_, place)| is_place(place));
            lines.insert(0, first);
            let end = lines.iter().position(ends).map_or(lines.len(), |at| at + 1);
            let whole = lines[..end].join(" ");
            let (text, place) = match whole.rsplit_once(", ").filter(|(_, place)| is_place(place)) {
                Some((text, place)) => (text, Some(place.to_owned())),
                None => (&*whole, None),
            };
            (place, text.trim_matches('\'').to_owned())
        }
    };
    (LastMessage { place, text, is_of_known_form: true }, rest)
}

/// Whether `text` is a place in a source file: `src/lib.rs:7:5`.
fn is_place(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.rsplitn(3, ':').collect::<Vec<_>>().as_slice() {
        [column, line, file] => is_number(column) && is_number(line) && !file.is_empty(),
        _ => false,
    }
}

/// Whether a line says how to learn more of the panic before it.
fn is_hint(line: &str) -> bool {
    ["note: run with ", "note: Run with ", "note: Some details "].iter().any(|hint| line.starts_with(hint))
}

/// The first line, and the text after it.
fn split_line(text: &str) -> (&str, &str) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), after)
}

/// How the last messages of an operation that ended itself compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// They say the same, or there is nothing to say that they do not.
    Equal,
    /// They say the same, and come from other places, which is what a new line of code makes of them.
    Moved(String, String),
    /// They say something else; `None`: nothing.
    Different { recorded: Option<String>, replayed: Option<String> },
    /// The last lines differ, and one side may only have more lines of a log; `None`: no line.
    OtherLine { recorded: Option<String>, replayed: Option<String> },
}

/// Compares the last messages of an operation that ended as recorded. They count if it ended itself, other than well.
pub(crate) fn compare(
    recording: &Recording,
    outcome: &Outcome,
    replayed: impl FnOnce() -> Vec<u8>,
) -> Comparison {
    let ended_itself = match outcome {
        Outcome::Trapped(reason) => reason.starts_with(UNREACHABLE),
        Outcome::Exited(status) => *status != 0,
        Outcome::Returned(_) | Outcome::Stopped(_) | Outcome::Abandoned => false,
    };
    match ended_itself {
        true => compare_texts(&tail(&recording.stream(Stream::Stderr)), &tail(&replayed())),
        false => Comparison::Equal,
    }
}

fn compare_texts(recorded: &str, replayed: &str) -> Comparison {
    let last = [recorded, replayed].map(LastMessage::of);
    match &last {
        [Some(recorded), Some(replayed)] if recorded.text == replayed.text => {
            match (&recorded.place, &replayed.place) {
                (Some(recorded), Some(replayed)) if recorded != replayed => {
                    Comparison::Moved(recorded.clone(), replayed.clone())
                }
                _ => Comparison::Equal,
            }
        }
        [None, None] => Comparison::Equal,
        [before, now] => {
            let is_of_known_form = last.iter().flatten().any(|message| message.is_of_known_form);
            let may_be_log = !is_of_known_form && (is_line_of(before, replayed) || is_line_of(now, recorded));
            let [recorded, replayed] = [before, now].map(|last| last.as_ref().map(|it| it.text.clone()));
            match may_be_log {
                true => Comparison::OtherLine { recorded, replayed },
                false => Comparison::Different { recorded, replayed },
            }
        }
    }
}

/// Whether the message, if there is one, is a line of `text`.
fn is_line_of(message: &Option<LastMessage>, text: &str) -> bool {
    message.as_ref().is_none_or(|last| text.lines().any(|line| without_places(line.trim()) == last.text))
}

fn tail(stderr: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(stderr.get(stderr.len().saturating_sub(MAX_TAIL)..).unwrap_or_default())
}

/// A line without the numbers that follow the name of a source file, as in `app.js:12:7` and `index.ts(3:5)`: they are others
/// for every line that is added.
fn without_places(line: &str) -> Cow<'_, str> {
    let is_position =
        |character: char| character.is_ascii_digit() || matches!(character, ':' | ',' | '(' | ')');
    let mut kept = String::new();
    let mut rest = line;
    while let Some(dot) = rest.find('.') {
        let after = &rest[dot + 1..];
        let name = after.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (extension, position) = after.split_at(name);
        let is_file = extension.starts_with(|first: char| first.is_ascii_alphabetic())
            && position
                .strip_prefix([':', '('])
                .is_some_and(|it| it.starts_with(|digit: char| digit.is_ascii_digit()));
        let skipped =
            if is_file { position.find(|it| !is_position(it)).unwrap_or(position.len()) } else { 0 };
        kept.push_str(&rest[..dot + 1 + name]);
        rest = &position[skipped..];
    }
    if kept.is_empty() {
        return Cow::Borrowed(line);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    fn rust(line: u32, message: &str) -> String {
        format!(
            "starting\n\nthread 'main' (1) panicked at src/lib.rs:{line}:5:\n{message}\nnote: run with `RUST_BACKTRACE=1`\n"
        )
    }

    /// Whether the two texts end a service alike.
    fn is_different(recorded: &str, replayed: &str) -> bool {
        matches!(compare_texts(recorded, replayed), Comparison::Different { .. })
    }

    #[test]
    fn a_panic_is_its_message_wherever_in_the_source_it_is() {
        let message = LastMessage::of_panic(&rust(7, "no price\n  left: 1")).unwrap();
        assert_eq!(message.one_line(), "panicked at src/lib.rs:7:5: no price left: 1");
        let old = LastMessage::of_panic("thread 'main' panicked at 'no, price', src/lib.rs:7:5\n").unwrap();
        assert_eq!((old.place.as_deref(), old.text.as_str()), (Some("src/lib.rs:7:5"), "no, price"));
        assert_eq!(compare_texts(&rust(7, "no price"), &rust(7, "no price")), Comparison::Equal);
        let [before, after] = [7, 8].map(|line| format!("src/lib.rs:{line}:5"));
        assert_eq!(
            compare_texts(&rust(7, "no price"), &rust(8, "no price")),
            Comparison::Moved(before, after)
        );
        assert!(is_different(&rust(7, "no price"), &rust(7, "no stock")));
        assert!(is_different(&rust(7, "no price"), "starting\n"));
    }

    #[test]
    fn a_line_that_is_logged_before_the_message_changes_nothing() {
        for (message, other) in [
            (rust(7, "no price"), rust(7, "no stock")),
            (
                "panic: no price\n\n\tmain.go:12 +0x1d\n".to_owned(),
                "panic: no stock\n\n\tmain.go:12 +0x1d\n".to_owned(),
            ),
            ("fatal error: all asleep\n".to_owned(), "fatal error: out of memory\n".to_owned()),
            (
                "Assertion failed: x (a.c: f: 12)\n".to_owned(),
                "Assertion failed: y (a.c: f: 12)\n".to_owned(),
            ),
            ("Traceback\n  File \"app.py\", line 3\nValueError: x\n".to_owned(), "KeyError: x\n".to_owned()),
            (
                "abort: no price in assembly/index.ts(3:5)\n".to_owned(),
                "abort: no stock in assembly/index.ts(3:5)\n".to_owned(),
            ),
            ("exit code 3\n".to_owned(), "exit code 4\n".to_owned()),
        ] {
            let logged = format!(
                "one more line\n{}",
                message.replace(":12", ":13").replace(" 12", " 13").replace("3:5", "4:5")
            );
            assert!(!is_different(&message, &logged), "{message}");
            assert!(is_different(&message, &other), "{message}");
        }
    }

    #[test]
    fn a_last_line_that_may_be_of_a_log_is_noted_where_lines_were_added_or_removed() {
        let noted = |recorded: &str, replayed: &str| match compare_texts(recorded, replayed) {
            Comparison::OtherLine { recorded, replayed } => {
                Some([recorded, replayed].map(Option::unwrap_or_default))
            }
            _ => None,
        };
        let lines = |recorded: &str, replayed: &str| Some([recorded.to_owned(), replayed.to_owned()]);
        assert_eq!(noted("one\ntwo\n", "one\ntwo\nthree\n"), lines("two", "three"));
        assert_eq!(noted("one\ntwo\nthree\n", "one\ntwo\n"), lines("three", "two"));
        assert_eq!(noted("", "one\n"), lines("", "one"));
        assert_eq!(compare_texts("", ""), Comparison::Equal);
        assert_eq!(compare_texts("one\ntwo\n", "two\n"), Comparison::Equal);
        assert!(is_different("one\n", "two\n"));
        assert!(is_different("", &rust(7, "no price")) && is_different("starting\n", &rust(7, "no price")));
    }

    #[test]
    fn what_is_said_of_a_panic_in_a_message_or_a_log_is_no_panic() {
        for message in [
            "the worker panicked at dawn",
            "panicked at the disco, twice",
            "the worker failed: thread 'w' panicked at src/w.rs:1:2: out of stock",
            "the worker failed:\nthread 'w' panicked at src/w.rs:1:2:\nout of stock",
        ] {
            let panic = LastMessage::of_panic(&rust(7, message)).unwrap();
            assert_eq!(
                panic.one_line(),
                format!("panicked at src/lib.rs:7:5: {}", message.replace('\n', " "))
            );
            let logged = format!("{message}\nError: no price\n");
            assert!(is_different(&logged, "Error: no stock\n"), "{message}");
        }
        assert!(is_different("note: no price\n", "note: no stock\n"), "it is not a hint");
        for logged in ["job 3 panicked at 07:15:03\n", "a thread 'w' panicked at noon\n"] {
            assert_eq!(LastMessage::of_panic(logged), None);
            let expected = Comparison::Different {
                recorded: Some(logged.trim().to_owned()),
                replayed: Some("no price".to_owned()),
            };
            assert_eq!(compare_texts(logged, &rust(7, "no price")), expected);
        }
    }

    #[test]
    fn a_panic_that_the_service_survived_is_not_its_last_message() {
        let ended = |message: &str| format!("{}{message}\n", rust(7, "no price"));
        assert!(is_different(&ended("Error: no stock"), &ended("Error: no customer")));
        assert!(!is_different(&ended("Error: no stock"), &ended("Error: no stock")));
        let traced = |line: u32| {
            let panic = rust(7, "no price").replace("note: run with `RUST_BACKTRACE=1`", "stack backtrace:");
            format!("{panic}   0: run at src/lib.rs:{line}\n")
        };
        assert_eq!(compare_texts(&traced(7), &traced(9)), Comparison::Equal);
    }

    #[test]
    fn a_panic_of_an_older_rust_has_its_message_before_its_place() {
        let text = "thread 'main' panicked at 'assertion failed: `(left == right)`\n  left: `1`,\n right: `2`', \
                    src/lib.rs:7:5\nnote: run with `RUST_BACKTRACE=1`\n";
        let panic = LastMessage::of_panic(text).unwrap();
        assert_eq!(panic.place.as_deref(), Some("src/lib.rs:7:5"));
        assert_eq!(panic.text, "assertion failed: `(left == right)` left: `1`, right: `2`");
        let of_any =
            LastMessage::of_panic("thread 'main' panicked at Box<dyn Any>, src/lib.rs:7:5\n").unwrap();
        assert_eq!((of_any.place.as_deref(), &*of_any.text), (Some("src/lib.rs:7:5"), "Box<dyn Any>"));
    }

    #[test]
    fn only_places_in_source_files_are_left_out_of_a_line() {
        for (line, expected) in [
            ("at run (app.js:12:7)", "at run (app.js"),
            ("no price in index.ts(3:5), sorry", "no price in index.ts sorry"),
            ("version 1.2:3 of a.b", "version 1.2:3 of a.b"),
            ("code: 3", "code: 3"),
        ] {
            assert_eq!(without_places(line), expected);
        }
    }
}
