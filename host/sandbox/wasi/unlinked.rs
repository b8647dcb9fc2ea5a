//! Which import of a component nothing in a linker matches.

use super::table::is_wasi;
use wasmtime::Error;

/// An import that the host cannot link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unlinked {
    /// Its full WIT name.
    pub(crate) import: String,
    /// What is wrong with it.
    pub(crate) reason: String,
}

impl Unlinked {
    /// Returns the import that an error of linking is about, if it is one of WASI's.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        // wasmtime keeps the types of these errors to itself: an import, then a member of it, then what is wrong.
        let texts: Vec<String> = error.chain().map(ToString::to_string).collect();
        let interface = quoted(texts.first().filter(|text| text.starts_with("component imports "))?)?;
        if !is_wasi(interface) {
            return None;
        }
        let (import, wrong) = match texts.as_slice() {
            [_, member, wrong @ ..] if member.starts_with("instance export ") => {
                (format!("{interface}#{}", quoted(member)?), wrong.join(": "))
            }
            [_, wrong @ ..] => (interface.to_owned(), wrong.join(": ")),
            [] => return None,
        };
        let reason = match wrong.strip_suffix(" implementation is missing") {
            Some(item) => format!("WASI 0.2 has no such {item}"),
            None => format!("its type is not that of WASI 0.2: {wrong}"),
        };
        Some(Self {
            import,
            reason: format!("{reason}; build the component with a released WIT of WASI 0.2"),
        })
    }
}

/// The name that a text has in backticks.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}
