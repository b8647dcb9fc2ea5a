//! Data handlers: what a value becomes on the tape, and how it comes back.

mod file;

pub use file::{File, FileContent};

use crate::value::{self, Error};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Display;
use std::marker::PhantomData;

/// Prepares a value for the tape: makes something of it that can be kept.
pub trait Prepare<T: ?Sized> {
    /// What is kept.
    type Recorded: Serialize + DeserializeOwned;
    /// Why it cannot be made. While recording the recording is given up, and the operation goes on; a replay ends.
    type Error: Display;

    /// What is kept of `value`.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    fn prepare(value: &T) -> Result<Self::Recorded, Self::Error>;
}

/// Restores a value from what [`Prepare`] made of it.
pub trait Restore<T>: Prepare<T> {
    /// The value that `recorded` was made of.
    ///
    /// # Errors
    ///
    /// It cannot be made. The replay ends.
    fn restore(recorded: Self::Recorded) -> Result<T, Self::Error>;
}

/// Handles what is in an `Ok` with `H`, and keeps an `Err` as it is.
#[derive(Debug, Clone, Copy)]
pub struct OnOk<H>(PhantomData<H>);

impl<T, E, H> Prepare<Result<T, E>> for OnOk<H>
where
    H: Prepare<T>,
    E: Serialize + DeserializeOwned + Clone,
{
    type Recorded = Result<H::Recorded, E>;
    type Error = H::Error;

    fn prepare(value: &Result<T, E>) -> Result<Self::Recorded, H::Error> {
        match value {
            Ok(value) => H::prepare(value).map(Ok),
            Err(error) => Ok(Err(error.clone())),
        }
    }
}

impl<T, E, H> Restore<Result<T, E>> for OnOk<H>
where
    H: Restore<T>,
    E: Serialize + DeserializeOwned + Clone,
{
    fn restore(recorded: Self::Recorded) -> Result<Result<T, E>, H::Error> {
        match recorded {
            Ok(recorded) => H::restore(recorded).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }
}

/// How what a function returns is kept.
pub trait Keep<T> {
    /// Appends it.
    ///
    /// # Errors
    ///
    /// It cannot be kept.
    fn write(value: &T, out: &mut Vec<u8>) -> Result<(), Error>;

    /// The value, and what of it today's type does not have.
    ///
    /// # Errors
    ///
    /// What was kept is none of its type.
    fn read(bytes: &[u8]) -> Result<(T, Vec<String>), Error>;
}

/// As serde has it.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl<T: Serialize + DeserializeOwned> Keep<T> for Plain {
    fn write(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
        value::write(value, out)
    }

    fn read(bytes: &[u8]) -> Result<(T, Vec<String>), Error> {
        value::read(bytes)
    }
}

/// As a data handler has it.
#[derive(Debug, Clone, Copy)]
pub struct Handled<H>(PhantomData<H>);

impl<T, H: Restore<T>> Keep<T> for Handled<H> {
    fn write(value: &T, out: &mut Vec<u8>) -> Result<(), Error> {
        let prepared = H::prepare(value).map_err(|error| Error::new(error.to_string()))?;
        value::write(&prepared, out)
    }

    fn read(bytes: &[u8]) -> Result<(T, Vec<String>), Error> {
        let (recorded, dropped) = value::read(bytes)?;
        let value = H::restore(recorded).map_err(|error| Error::new(error.to_string()))?;
        Ok((value, dropped))
    }
}
