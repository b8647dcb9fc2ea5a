//! Where in a value something is, as a JSON pointer ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
//! It is built on the stack on the way down, so that a path costs nothing until a message needs it.

use std::fmt::{self, Write};

/// A step from a value to a part of it, and all steps before.
#[derive(Clone, Copy)]
pub(super) enum Pointer<'p> {
    /// The whole value.
    Root,
    /// A field of a record, or the payload of a case.
    Field(&'p Pointer<'p>, &'p str),
    /// An item of a list or a tuple.
    Item(&'p Pointer<'p>, usize),
}

impl<'p> Pointer<'p> {
    pub(super) fn field(&'p self, name: &'p str) -> Self {
        Self::Field(self, name)
    }

    pub(super) fn item(&'p self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(parent, name) => {
                write!(f, "{parent}/")?;
                name.chars().try_for_each(|character| match character {
                    '~' => f.write_str("~0"),
                    '/' => f.write_str("~1"),
                    other => f.write_char(other),
                })
            }
            Self::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_in_names_are_escaped() {
        let root = Pointer::Root;
        let items = root.field("a/b");
        let item = items.item(3);
        assert_eq!(item.field("~x").to_string(), "/a~1b/3/~0x");
        assert_eq!(root.to_string(), "");
    }
}
