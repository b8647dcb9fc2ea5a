//! The names of recordings: `<category>/<yyyymmdd>/<uuid>`. A name that parses is safe as a path and as a
//! key of an object store; where recordings are kept under it is the cassette's business.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize, Serializer};
use uuid::{Uuid, Variant};

/// Which operation a recording is of: 1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`, but no name that Windows or a path
/// gives another meaning: `.`, `..`, `CON`, `aux.txt`, `a.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Category(Arc<str>);

/// Why a text is not a [`Category`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCategory {
    /// It is empty.
    #[error("a category is empty; use 1 to {} of A-Z, a-z, 0-9, `.`, `_` and `-`", Category::MAX_LENGTH)]
    Empty,
    /// It is too long.
    #[error("a category of {length} characters is too long; use at most {}", Category::MAX_LENGTH)]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
    /// It has a character that none may have.
    #[error(
        "the category `{category}` contains `{}`; use only A-Z, a-z, 0-9, `.`, `_` and `-`",
        character.escape_debug()
    )]
    Character {
        /// The text, control characters escaped.
        category: String,
        /// The first such character.
        character: char,
    },
    /// Windows cannot have a folder of this name.
    #[error("a category cannot be `{0}`, which no folder on Windows can be called; choose another name")]
    Reserved(String),
    /// It is `.` or `..`, which mean something else in a path.
    #[error("a category cannot be `{0}`, which means another folder in a path; add a letter")]
    Dots(String),
}

impl Category {
    /// How many characters a category may have.
    pub const MAX_LENGTH: usize = 128;

    /// The category as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A category that a recording has already, perhaps under a name that is reserved on Windows: it stays readable.
    pub fn of_recording(text: &str) -> Result<Self, InvalidCategory> {
        match text.parse() {
            Err(InvalidCategory::Reserved(_)) => Ok(Self(text.into())),
            parsed => parsed,
        }
    }
}

/// Whether Windows refuses a folder of this name, or takes it as another one: the names of devices with or without an
/// extension, and what ends in a dot.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_numbered = |device| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
    };
    name.ends_with('.')
        || matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || is_numbered("COM")
        || is_numbered("LPT")
}

impl FromStr for Category {
    type Err = InvalidCategory;

    fn from_str(text: &str) -> Result<Self, InvalidCategory> {
        let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        let length = text.chars().count();
        match text.chars().find(|character| !allowed(*character)) {
            _ if text.is_empty() => Err(InvalidCategory::Empty),
            _ if length > Self::MAX_LENGTH => Err(InvalidCategory::TooLong { length }),
            Some(character) => {
                Err(InvalidCategory::Character { category: text.escape_debug().to_string(), character })
            }
            None if text == "." || text == ".." => Err(InvalidCategory::Dots(text.to_owned())),
            None if is_reserved(text) => Err(InvalidCategory::Reserved(text.to_owned())),
            None => Ok(Self(text.into())),
        }
    }
}

/// The name of one recording: `<category>/<yyyymmdd>/<uuid>`, the day it was recorded on in UTC and a version
/// 7 uuid, which begins with the time. The names of a category sort by time.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct RecordingId {
    category: Category,
    uuid: Uuid,
    /// The whole. What it compares by.
    text: Arc<str>,
}

/// Why a text is not a [`RecordingId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidId {
    /// It does not have three parts.
    #[error("`{0}` is not a recording id; expected `<category>/<yyyymmdd>/<uuid>`")]
    Parts(String),
    /// Its category is none.
    #[error("the recording id `{id}` has an invalid category: {source}")]
    Category {
        /// The text.
        id: String,
        /// What is wrong with the first part.
        source: InvalidCategory,
    },
    /// Its second part is not a day.
    #[error("the recording id `{0}` has an invalid date; expected a day of the calendar as `yyyymmdd`")]
    Date(String),
    /// Its third part is not a uuid of the right kind.
    #[error("the recording id `{0}` has an invalid uuid; expected version 7, in lower case with hyphens")]
    Uuid(String),
}

impl RecordingId {
    /// Length of `/yyyymmdd/` and the uuid.
    const TAIL: usize = 10 + 36;

    /// A new name for a recording of the time `now`. Names made for later times sort later, as do those made
    /// later for the same time by this process. Times before 1970 count as 1970.
    pub fn new(category: Category, now: Timestamp) -> Self {
        let now = now.max(Timestamp::UNIX_EPOCH);
        let date = now.to_zoned(TimeZone::UTC).date();
        let uuid = uuid_at(now);
        let day = (date.year(), date.month(), date.day());
        let text = format!("{category}/{:04}{:02}{:02}/{uuid}", day.0, day.1, day.2).into();
        Self { category, uuid, text }
    }

    /// The first part.
    pub fn category(&self) -> &Category {
        &self.category
    }

    /// The second part: the day in UTC, as `yyyymmdd`.
    pub fn date(&self) -> &str {
        let start = self.text.len() - Self::TAIL + 1;
        self.text.get(start..start + 8).unwrap_or_default()
    }

    /// The third part.
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// When its operation began, to the millisecond: the third part begins with it.
    pub fn began_at(&self) -> Timestamp {
        let milliseconds = (self.uuid.as_u128() >> 80) as i64;
        // A uuid has room for the year 10889.
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A version 7 uuid of that time: milliseconds, twelve bits of the fraction below them (method 3 of RFC 9562,
/// section 6.2), then a count, so that names of the same time keep their order, then random bits.
fn uuid_at(now: Timestamp) -> Uuid {
    const COUNT_BITS: u32 = 30;
    // Begins anywhere, so that processes that count at the same time do not meet.
    static COUNT: LazyLock<AtomicU32> = LazyLock::new(|| (Uuid::now_v7().as_u128() as u32 >> 3).into());
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    let fraction = u128::from(nanoseconds % 1_000_000) * 4096 / 1_000_000;
    let count = u128::from(COUNT.fetch_add(1, Ordering::Relaxed)) & ((1 << COUNT_BITS) - 1);
    let counter = fraction << COUNT_BITS | count;
    Uuid::new_v7(uuid::Timestamp::from_unix_time(seconds, nanoseconds, counter, 12 + COUNT_BITS as u8))
}

impl FromStr for RecordingId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let shown = || text.chars().take(256).collect::<String>().escape_debug().to_string();
        let parts: Vec<&str> = text.splitn(4, '/').collect();
        let [category, date, uuid] = parts[..] else {
            return Err(InvalidId::Parts(shown()));
        };
        let category = Category::of_recording(category);
        let category = category.map_err(|source| InvalidId::Category { id: shown(), source })?;
        if !is_date(date) {
            return Err(InvalidId::Date(shown()));
        }
        let uuid = parse_uuid(uuid).ok_or_else(|| InvalidId::Uuid(shown()))?;
        Ok(Self { category, uuid, text: text.into() })
    }
}

fn is_date(text: &str) -> bool {
    let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<i16>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(4..6), number(6..8)) else {
        return false;
    };
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && Date::new(year, month as i8, day as i8).is_ok()
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    let is_version_7 = uuid.get_version_num() == 7 && uuid.get_variant() == Variant::RFC4122;
    let is_as_written = uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text;
    (is_version_7 && is_as_written).then_some(uuid)
}

impl PartialEq for RecordingId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RecordingId {}

impl PartialOrd for RecordingId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RecordingId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for RecordingId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Deref for Category {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

/// What both kinds of name have in common: they are texts that were checked once.
macro_rules! checked_text {
    ($($name:ty, $error:ty;)*) => {
        $(impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        })*
    };
}

checked_text! {
    Category, InvalidCategory;
    RecordingId, InvalidId;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
