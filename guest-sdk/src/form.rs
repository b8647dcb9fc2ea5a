//! How a value goes on the tape and comes back.
//!
//! The functions here are apart from the calls that use what they return, so that of a type that cannot be kept the compiler
//! shows the type, once, where the function declares it.

use crate::handler::{Prepare, Restore};
use crate::value::{self, Error};
use serde::{Deserialize, Serialize};

/// Appends a value.
pub(crate) type Write<T> = fn(&T, &mut Vec<u8>) -> Result<(), Error>;

/// The value, and what of it today's type does not have.
type Read<T> = fn(&[u8]) -> Result<(T, Vec<String>), Error>;

/// Of an argument: as serde has it.
pub const fn written<T: Serialize>() -> Write<T> {
    value::write
}

/// Of an argument: as a data handler prepares it.
pub const fn prepared<T: ?Sized, H: Prepare<T>>() -> Write<T> {
    write_prepared::<T, H>
}

/// Of what a function returns.
pub struct Form<T> {
    pub(crate) write: Write<T>,
    pub(crate) read: Read<T>,
}

/// Of what a function returns: as serde has it.
pub const fn returned<T: Serialize + for<'de> Deserialize<'de>>() -> Form<T> {
    Form { write: value::write, read: value::read }
}

/// Of what a function returns: as a data handler has it.
pub const fn handled<T, H: Restore<T>>() -> Form<T> {
    Form { write: write_prepared::<T, H>, read: read_restored::<T, H> }
}

fn write_prepared<T: ?Sized, H: Prepare<T>>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    let prepared = H::prepare(value).map_err(|error| Error::new(error.to_string()))?;
    value::write(&prepared, out)
}

fn read_restored<T, H: Restore<T>>(bytes: &[u8]) -> Result<(T, Vec<String>), Error> {
    let (recorded, dropped) = value::read(bytes)?;
    let value = H::restore(recorded).map_err(|error| Error::new(error.to_string()))?;
    Ok((value, dropped))
}
