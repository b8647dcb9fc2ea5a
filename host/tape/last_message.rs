//! What a service wrote to standard error last, before it ended itself. A panic and an exit say there what went wrong, and to
//! the engine they are one and the same trap.

use crate::recording::{Outcome, Recording, Stream};
use std::borrow::Cow;

/// How much of the end of standard error is looked at, in bytes.
const MAX_TAIL: usize = 64 << 10;

/// The trap in which a program ends itself. Of any other the engine says what went wrong.
const UNREACHABLE: &str = "wasm `unreachable` instruction executed";

/// The last message of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastMessage {
    /// Where in the source it says that it is from: `src/lib.rs:7:5`.
    pub place: Option<String>,
    /// What it says, without the place.
    pub text: String,
    /// Whether it is of a known form, and not just the last line.
    is_of_known_form: bool,
}

impl LastMessage {
    /// The message of the last panic of a Rust program in `text`.
    pub(crate) fn of_panic(text: &str) -> Option<Self> {
        const START: &str = "panicked at ";
        let panic = &text[text.rfind(START)? + START.len()..];
        let lines =
            panic.lines().take_while(|line| !line.starts_with("note: ") && *line != "stack backtrace:");
        let lines: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
        let (first, rest) = lines.split_first()?;
        let (place, text) = match first.strip_suffix(':') {
            Some(place) => (place, rest.join(" ")),
            // Before Rust 1.73 the message came first: `'no price', src/lib.rs:7:5`.
            None => match first.rsplit_once(", ") {
                Some((text, place)) => (place, text.trim_matches('\'').to_owned()),
                None => (*first, rest.join(" ")),
            },
        };
        Some(Self { place: Some(place.to_owned()), text, is_of_known_form: true })
    }

    /// The last message in what was written to standard error: a panic of Rust or Go, a failed assertion of C, else the last line.
    fn of(stderr: &str) -> Option<Self> {
        let of_known_form = |text: &str| Self { place: None, text: text.to_owned(), is_of_known_form: true };
        let line_of = |start: &str| stderr.lines().rfind(|line| line.starts_with(start));
        let last = stderr.lines().map(str::trim).rfind(|line| !line.is_empty())?;
        // The place of an assertion follows in parentheses.
        let assertion = || {
            line_of("Assertion failed: ").map(|line| line.rsplit_once(" (").map_or(line, |(text, _)| text))
        };
        Self::of_panic(stderr)
            .or_else(|| {
                line_of("panic: ").or_else(|| line_of("fatal error: ")).or_else(assertion).map(of_known_form)
            })
            .or_else(|| {
                Some(Self { place: None, text: without_places(last).into_owned(), is_of_known_form: false })
            })
    }

    /// On one line: `panicked at src/lib.rs:7:5: no price`.
    pub(crate) fn one_line(&self) -> String {
        match &self.place {
            Some(place) => format!("panicked at {place}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// How the last messages of an operation that ended itself compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// They say the same, or there is nothing to say that they do not.
    Equal,
    /// They say the same, and come from other places, which is what a new line of code makes of them.
    Moved(String, String),
    /// They say something else; `None`: nothing.
    Different { recorded: Option<String>, replayed: Option<String> },
}

/// Compares the last messages of an operation that ended as recorded. They count if it ended itself, other than well.
pub(super) fn compare(recording: &Recording, outcome: &Outcome, replayed: &[u8]) -> Comparison {
    let ended_itself = match outcome {
        Outcome::Trapped(reason) => reason.starts_with(UNREACHABLE),
        Outcome::Exited(status) => *status != 0,
        Outcome::Returned(_) | Outcome::Stopped(_) | Outcome::Abandoned => false,
    };
    match ended_itself {
        true => compare_texts(&tail(&recording.stream(Stream::Stderr)), &tail(replayed)),
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
        // What may be lines of a log, of which one side has more.
        [before, now]
            if last.iter().flatten().all(|message| !message.is_of_known_form)
                && (is_line_of(before, replayed) || is_line_of(now, recorded)) =>
        {
            Comparison::Equal
        }
        [recorded, replayed] => {
            let text = |message: &Option<LastMessage>| message.as_ref().map(|message| message.text.clone());
            Comparison::Different { recorded: text(recorded), replayed: text(replayed) }
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
    fn a_last_line_that_may_be_of_a_log_is_no_difference_where_lines_were_added_or_removed() {
        assert!(!is_different("one\ntwo\n", "one\ntwo\nthree\n"));
        assert!(!is_different("one\ntwo\nthree\n", "one\ntwo\n"));
        assert!(!is_different("", "") && !is_different("", "one\n") && is_different("one\n", "two\n"));
        assert!(is_different("", &rust(7, "no price")) && is_different("starting\n", &rust(7, "no price")));
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
