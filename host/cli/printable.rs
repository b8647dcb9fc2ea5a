//! Text without characters that would do something to whoever sees it: names and texts of a recording are whatever
//! somebody put there. Everything is written as it comes, however long it is.

use serde_json::ser::Formatter;
use std::borrow::Cow;
use std::fmt::{self, Arguments, Display};
use std::io;

/// Whether a character is not seen as itself: it steers a terminal, ends a line, turns what stands beside it
/// around, or hides.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
}

/// The same for lines that the program itself puts together.
fn is_hidden_in_lines(c: char) -> bool {
    c != '\n' && is_hidden(c)
}

/// The text as several lines may show it.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden_in_lines)
}

/// The text as one line may show it: where it ends a line itself, that is seen and not done.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

/// Writes a line, or several.
pub(crate) fn write_line(out: &mut impl io::Write, line: impl Display) -> io::Result<()> {
    let mut shown = Shown { out, written: Ok(()) };
    let formatted = fmt::Write::write_fmt(&mut shown, format_args!("{line}\n"));
    // An error of formatting says nothing; the one that made it does.
    shown.written.and(formatted.map_err(io::Error::other))
}

/// JSON in which texts have the escapes of JSON for what is hidden.
pub(crate) struct Json;

impl Formatter for Json {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        pieces(text, is_hidden).try_for_each(|piece| match piece {
            Piece::Shown(text) => out.write_all(text.as_bytes()),
            Piece::Hidden(c) => {
                c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
            }
        })
    }
}

struct Shown<'o, W> {
    out: &'o mut W,
    written: io::Result<()>,
}

impl<W: io::Write> fmt::Write for Shown<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let put = |arguments: Arguments<'_>| self.out.write_fmt(arguments);
        self.written = put_escaped(text, is_hidden_in_lines, put);
        self.written.as_ref().map_or(Err(fmt::Error), |()| Ok(()))
    }
}

fn escaped(text: &str, is_hidden: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    // Writing to a string cannot fail.
    let _ = put_escaped(text, is_hidden, |arguments| fmt::Write::write_fmt(&mut shown, arguments));
    Cow::Owned(shown)
}

fn put_escaped<E>(
    text: &str,
    is_hidden: fn(char) -> bool,
    mut put: impl FnMut(Arguments<'_>) -> Result<(), E>,
) -> Result<(), E> {
    pieces(text, is_hidden).try_for_each(|piece| match piece {
        Piece::Shown(text) => put(format_args!("{text}")),
        Piece::Hidden(c) => put(format_args!("{}", c.escape_default())),
    })
}

enum Piece<'t> {
    Shown(&'t str),
    Hidden(char),
}

fn pieces(text: &str, is_hidden: fn(char) -> bool) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive(is_hidden).flat_map(move |part| {
        let hidden = part.chars().next_back().filter(|c| is_hidden(*c));
        let shown = &part[..part.len() - hidden.map_or(0, char::len_utf8)];
        [Some(Piece::Shown(shown)).filter(|_| !shown.is_empty()), hidden.map(Piece::Hidden)]
            .into_iter()
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use serde::Serialize;

    #[test]
    fn what_would_steer_a_terminal_is_shown_and_not_done() {
        assert_eq!(printable("a\n  é"), "a\n  é");
        assert_eq!(printable("\u{1b}[2J\u{9b}2J\r"), "\\u{1b}[2J\\u{9b}2J\\r");
        assert_eq!(one_line("a\nb"), "a\\nb");
    }

    #[test]
    fn what_turns_text_around_or_hides_in_it_is_shown() {
        for hidden in ['\u{202e}', '\u{2066}', '\u{2028}', '\u{2029}', '\u{200b}', '\u{feff}', '\u{e0041}'] {
            let escape = hidden.escape_default().to_string();
            assert_eq!(one_line(&format!("a{hidden}b")), format!("a{escape}b"));
            assert_eq!(printable(&hidden.to_string()), escape);
        }
        for seen in ["naïve", "日本語　x", "हिन्दी", "e\u{301}", "🦀", "a b"] {
            assert_eq!(one_line(seen), seen);
        }
    }

    #[test]
    fn lines_and_json_are_written_with_the_same_care() {
        let mut out = Vec::new();
        write_line(&mut out, format_args!("a{}\n  b", "\u{1b}\u{202e}")).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a\\u{1b}\\u{202e}\n  b\n");
        let (text, mut out) = ("a\n\u{9b}\u{2028}\u{e0041}\"é", Vec::new());
        text.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Json)).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert_eq!(json, r#""a\n\u009b\u2028\udb40\udc41\"é""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
