//! Recorded text as people see it. It may hold anything: escape sequences of terminals, characters that turn the direction of
//! writing around, characters that nothing shows.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns the text with every character escaped that has no picture of its own: control characters but tabs and ends of
/// lines, marks of direction, invisible characters, and characters that XML does not allow.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_hidden(character) && !matches!(character, '\n' | '\t'))
}

/// Like [`visible`], on one line.
pub(super) fn on_one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_hidden)
}

/// Escapes the characters that `must` names as Rust does: `\n`, `\u{1b}`.
pub(super) fn escape(text: &str, must: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&must) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' if must(character) => escaped.extend(character.escape_default()),
            _ if must(character) => escaped.extend(character.escape_unicode()),
            _ => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Returns at most so many bytes of the text, with a note of how many are left out.
pub(super) fn cut(text: &str, max_bytes: usize) -> Cow<'_, str> {
    if text.len() <= max_bytes {
        return Cow::Borrowed(text);
    }
    let kept = &text[..text.floor_char_boundary(max_bytes)];
    let mut cut = kept.to_owned();
    // Writing to a string does not fail.
    let _ = write!(cut, "… ({} bytes more)", text.len() - kept.len());
    Cow::Owned(cut)
}

fn is_hidden(character: char) -> bool {
    let is_noncharacter = u32::from(character) & 0xfffe == 0xfffe;
    character.is_control()
        || is_noncharacter
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'
                | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_others_stay() {
        for (text, expected) in [
            ("plain, ünïcode, 日本, 👩‍💻", "plain, ünïcode, 日本, 👩‍💻"),
            ("\u{1b}[31mred\0", "\\u{1b}[31mred\\u{0}"),
            ("a\u{202e}b\u{2066}c\u{feff}", "a\\u{202e}b\\u{2066}c\\u{feff}"),
            ("\u{fffe}\u{1ffff}\u{85}\u{e0041}", "\\u{fffe}\\u{1ffff}\\u{85}\\u{e0041}"),
            ("two\nlines\t.\r", "two\nlines\t.\\r"),
        ] {
            assert_eq!(visible(text), expected);
        }
        assert_eq!(on_one_line("two\nlines\t."), "two\\nlines\\t.");
    }

    #[test]
    fn a_cut_text_says_how_much_is_missing() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("aéb", 2), "a… (3 bytes more)");
    }
}
