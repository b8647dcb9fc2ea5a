//! How a value goes on the tape and comes back.
//!
//! The functions here are apart from the calls that use what they return, so that of a type that cannot be kept the compiler
//! shows the type, once, where the function declares it.

use crate::handler::{Fill, Prepare, Restore};
use crate::value::{self, Error, Parts};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// Appends a value.
pub(crate) type Write<T> = fn(&T, &mut Vec<u8>) -> Result<(), Error>;

/// The value, and what of it today's type does not have.
pub(crate) type Read<T> = fn(&[u8]) -> Result<(T, Vec<String>), Error>;

/// Whatever does what a [`Write`] does.
pub trait Writes<T>: Fn(&T, &mut Vec<u8>) -> Result<(), Error> {}

impl<T, F: Fn(&T, &mut Vec<u8>) -> Result<(), Error>> Writes<T> for F {}

/// Whatever does what a [`Read`] does.
pub trait Reads<T>: Fn(&[u8]) -> Result<(T, Vec<String>), Error> {}

impl<T, F: Fn(&[u8]) -> Result<(T, Vec<String>), Error>> Reads<T> for F {}

/// Does again what was done to what an argument names.
type Refill<T> = fn(&[u8], &T) -> Result<(), Error>;

/// Of an argument: as serde has it.
pub const fn written<T: Serialize>() -> Write<T> {
    value::write_argument
}

/// Of an argument that is bytes: as [`written`] has it, but faster.
pub const fn written_bytes<T: AsRef<[u8]>>() -> Write<T> {
    value::write_bytes
}

/// Of an argument: as a data handler prepares it.
pub const fn prepared<T: ?Sized, H: Prepare<T>>() -> Write<T> {
    write_prepared_argument::<T, H>
}

/// Of an argument that names what the body leaves somewhere: as a data handler keeps it.
pub const fn left<T: ?Sized, H: Fill<T>>() -> Write<T> {
    write_left::<T, H>
}

/// Of an argument that names what the body left somewhere: as a data handler leaves it there again.
pub const fn filled<T: ?Sized, H: Fill<T>>() -> Refill<T> {
    fill::<T, H>
}

/// Of what a function returns.
pub struct Form<W, R> {
    pub(crate) write: W,
    pub(crate) read: R,
}

/// Of what a function returns: as serde has it.
pub const fn returned<T: Serialize + for<'de> Deserialize<'de>>() -> Form<Write<T>, Read<T>> {
    Form { write: value::write, read: value::read }
}

/// Of what a function returns that is a `Vec<u8>`: as [`returned`] has it, but faster than serde, which reads it byte by byte.
pub const fn returned_bytes() -> Form<Write<Vec<u8>>, Read<Vec<u8>>> {
    Form { write: value::write_bytes, read: value::read_bytes }
}

/// Of what a function returns: as a data handler has it.
pub const fn handled<T, H: Restore<T>>() -> Form<Write<T>, Read<T>> {
    Form { write: write_prepared::<T, H>, read: read_restored::<T, H> }
}

impl<T> Form<Write<T>, Read<T>> {
    /// The same with what the body leaves where so many arguments say: `{returned: .., left: {argument: ..}}`.
    pub fn leaving(
        self,
        count: usize,
        keep: impl Fn(&mut Kept<'_>) -> Result<(), Error>,
        fill: impl Fn(&Left<'_>) -> Result<(), Error>,
    ) -> Form<impl Writes<T>, impl Reads<T>> {
        let Self { write, read } = self;
        Form {
            write: move |returned: &T, out: &mut Vec<u8>| {
                value::write_map(2, out);
                value::write("returned", out)?;
                write(returned, out)?;
                value::write("left", out)?;
                value::write_map(count, out);
                keep(&mut Kept { out })
            },
            read: move |bytes: &[u8]| {
                let parts = value::parts(bytes)?;
                fill(&Left { parts: value::parts(parts.of("left")?)? })?;
                read(parts.of("returned")?)
            },
        }
    }
}

/// What a body left, on its way to the tape.
pub struct Kept<'o> {
    out: &'o mut Vec<u8>,
}

impl Kept<'_> {
    /// What it left where an argument says, of which there is a copy where calls are intercepted.
    ///
    /// # Errors
    ///
    /// It cannot be kept.
    pub fn add<T: ?Sized>(&mut self, name: &str, write: Write<T>, argument: Option<&T>) -> Result<(), Error> {
        let Some(argument) = argument else { return Ok(()) };
        value::write(name, self.out)?;
        write(argument, self.out).map_err(|error| error.within(&name))
    }
}

/// What a body left, on its way back.
pub struct Left<'a> {
    parts: Parts<'a>,
}

impl Left<'_> {
    /// What it left where an argument says is there again.
    ///
    /// # Errors
    ///
    /// It cannot be.
    pub fn fill<T: ?Sized>(&self, name: &str, fill: Refill<T>, argument: Option<&T>) -> Result<(), Error> {
        let Some(argument) = argument else { return Ok(()) };
        fill(self.parts.of(name)?, argument).map_err(|error| error.within(&name))
    }
}

fn write_prepared<T: ?Sized, H: Prepare<T>>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    let prepared = H::prepare(value).map_err(failed)?;
    value::write(&prepared, out)
}

fn write_prepared_argument<T: ?Sized, H: Prepare<T>>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    let prepared = H::prepare(value).map_err(failed)?;
    value::write_argument(&prepared, out)
}

fn write_left<T: ?Sized, H: Fill<T>>(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    value::write(&H::left(value).map_err(failed)?, out)
}

fn read_restored<T, H: Restore<T>>(bytes: &[u8]) -> Result<(T, Vec<String>), Error> {
    let (recorded, dropped) = value::read(bytes)?;
    let value = H::restore(recorded).map_err(failed)?;
    Ok((value, dropped))
}

fn fill<T: ?Sized, H: Fill<T>>(bytes: &[u8], argument: &T) -> Result<(), Error> {
    let (recorded, _) = value::read(bytes)?;
    H::fill(recorded, argument).map_err(failed)
}

fn failed(error: impl Display) -> Error {
    Error::new(format!("its data handler fails: {error}"))
}
