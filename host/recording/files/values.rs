//! What was seen and left, as values and back.

use super::{Change, Content, Digest, Entry, EntryKind, Look, Sight};
use crate::value::Value;

impl EntryKind {
    /// What it is called on a tape.
    pub fn name(self) -> &'static str {
        self.into()
    }

    fn from_value(value: &Value) -> Option<Self> {
        let Value::Text(text) = value else { return None };
        text.parse().ok()
    }
}

impl Look {
    /// What it is called on a tape.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Sight {
    /// As it stands on a tape.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Absent => "absent".into(),
            Self::Failed(code) => Value::case("failed", code.as_str().into()),
            Self::Entry(entry) => entry.to_value(),
            Self::Listing(names) => Value::List(
                names.iter().map(|(name, kind)| Value::case(name.as_str(), kind.name().into())).collect(),
            ),
            Self::Content(content) => content.to_value(),
        }
    }

    /// What `look` saw; `None`: the value is not what a tape says of it.
    pub fn from_value(look: Look, value: &Value) -> Option<Self> {
        match (look, value) {
            (Look::Entry | Look::Own, Value::Text(text)) if text == "absent" => Some(Self::Absent),
            (_, Value::Map(_)) if text(value, "failed").is_some() => text(value, "failed").map(Self::Failed),
            (Look::Entry | Look::Own, _) => Entry::from_value(value).map(Self::Entry),
            (Look::Content | Look::Kept, _) => Content::from_value(value).map(Self::Content),
            (Look::Listing, Value::List(names)) => {
                let name = |value: &Value| match value {
                    Value::Map(entries) => match entries.as_slice() {
                        [(name, kind)] => Some((name.to_string(), EntryKind::from_value(kind)?)),
                        _ => None,
                    },
                    _ => None,
                };
                names.iter().map(name).collect::<Option<_>>().map(Self::Listing)
            }
            (Look::Listing, _) => None,
        }
    }

    /// Bytes of memory that it takes beside itself.
    pub fn weight(&self) -> usize {
        match self {
            Self::Absent | Self::Content(_) => 0,
            Self::Failed(code) => code.len(),
            Self::Entry(entry) => entry.target.as_ref().map_or(0, String::len),
            Self::Listing(names) => {
                size_of_val(names.as_slice()) + names.iter().map(|(name, _)| name.len()).sum::<usize>()
            }
        }
    }
}

impl Entry {
    fn to_value(&self) -> Value {
        let target = self.target.as_ref().map(|target| ("target", target.as_str().into()));
        let time = |name, time: Option<u64>| time.map(|time| (name, Value::from(time)));
        let fields = [
            Some(("kind", self.kind.name().into())),
            target,
            Some(("size", self.size.into())),
            Some(("links", self.links.into())),
            time("accessed", self.accessed),
            time("modified", self.modified),
            time("created", self.created),
        ];
        Value::record(fields.into_iter().flatten())
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            kind: EntryKind::from_value(value.get("kind")?)?,
            target: text(value, "target"),
            size: number(value, "size")?,
            links: number(value, "links")?,
            accessed: number(value, "accessed"),
            modified: number(value, "modified"),
            created: number(value, "created"),
        })
    }
}

impl Content {
    /// How many bytes the file has.
    pub fn size(&self) -> u64 {
        match self {
            Self::Kept { size, .. } | Self::TooLarge { size } => *size,
        }
    }

    fn to_value(self) -> Value {
        match self {
            Self::Kept { digest, size } => {
                Value::record([("sha256", Value::from(digest.to_string())), ("size", size.into())])
            }
            Self::TooLarge { size } => Value::case("too-large", size.into()),
        }
    }

    fn from_value(value: &Value) -> Option<Self> {
        match number(value, "too-large") {
            Some(size) => Some(Self::TooLarge { size }),
            None => {
                let digest = Digest::parse(&text(value, "sha256")?)?;
                Some(Self::Kept { digest, size: number(value, "size")? })
            }
        }
    }
}

impl Change {
    /// As it stands on a tape.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Removed => "removed".into(),
            Self::Folder => "folder".into(),
            Self::Link(target) => Value::case("link", target.as_str().into()),
            Self::File(content) => content.to_value(),
        }
    }

    /// `None`: the value is not what a tape says of a change.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) if text == "removed" => Some(Self::Removed),
            Value::Text(text) if text == "folder" => Some(Self::Folder),
            Value::Map(_) => match text(value, "link") {
                Some(target) => Some(Self::Link(target)),
                None => Content::from_value(value).map(Self::File),
            },
            _ => None,
        }
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn number(value: &Value, name: &str) -> Option<u64> {
    match value.get(name)? {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_reads_back_as_it_was() {
        let entry = Entry {
            kind: EntryKind::Link,
            target: Some("a/b".into()),
            size: 3,
            links: 1,
            accessed: None,
            modified: Some(u64::MAX),
            created: Some(0),
        };
        let listing = vec![("failed".to_owned(), EntryKind::File), ("x".to_owned(), EntryKind::Other)];
        let kept = Content::Kept { digest: Digest::of(b"x"), size: 1 };
        for (look, sight) in [
            (Look::Entry, Sight::Absent),
            (Look::Entry, Sight::Failed("access".into())),
            (Look::Entry, Sight::Entry(entry)),
            (Look::Listing, Sight::Listing(vec![])),
            (Look::Listing, Sight::Listing(listing)),
            (Look::Content, Sight::Content(kept)),
            (Look::Content, Sight::Content(Content::TooLarge { size: 1 << 40 })),
            (Look::Kept, Sight::Content(kept)),
        ] {
            assert_eq!(Sight::from_value(look, &sight.to_value()), Some(sight));
            assert_eq!(look.name().parse(), Ok(look));
        }
    }

    #[test]
    fn a_change_reads_back_as_it_was_and_nothing_else_does() {
        for change in [
            Change::Removed,
            Change::Folder,
            Change::Link("..".into()),
            Change::File(Content::Kept { digest: Digest::of(b""), size: 0 }),
            Change::File(Content::TooLarge { size: 7 }),
        ] {
            assert_eq!(Change::from_value(&change.to_value()), Some(change));
        }
        let short = Value::record([("sha256", Value::from("ab")), ("size", 1u64.into())]);
        for value in [Value::Null, "file".into(), short, Value::case("too-large", "x".into())] {
            assert_eq!(Change::from_value(&value), None, "{value:?}");
        }
    }
}
