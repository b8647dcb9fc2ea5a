//! Data handlers: what a value becomes on the tape, and how it comes back.

mod file;

pub use file::{File, FileContent};

use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Display;
use std::marker::PhantomData;

/// Prepares a value for the tape: makes something of it that can be kept.
#[diagnostic::on_unimplemented(
    message = "the data handler `{Self}` does not prepare a `{T}`",
    label = "`Prepare<{T}>` is not implemented for it",
    note = "an output's data handler prepares an argument, an input's prepares and restores what the function returns"
)]
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
#[diagnostic::on_unimplemented(
    message = "the data handler `{Self}` does not restore a `{T}`",
    label = "`Restore<{T}>` is not implemented for it",
    note = "an input's data handler prepares and restores what the function returns; `OnOk<Handler>` does so within a `Result`"
)]
pub trait Restore<T>: Prepare<T> {
    /// The value that `recorded` was made of.
    ///
    /// # Errors
    ///
    /// It cannot be made. The replay ends.
    fn restore(recorded: Self::Recorded) -> Result<T, Self::Error>;
}

/// Does again, on a replay, what a body did with what an argument of its input names.
#[diagnostic::on_unimplemented(
    message = "the data handler `{Self}` does not fill a `{T}`",
    label = "`Fill<{T}>` is not implemented for it",
    note = "an input's data handler of an argument keeps what the body left there, and fills it again"
)]
pub trait Fill<T: ?Sized>: Prepare<T> {
    /// What is kept of what the body left there: what [`Prepare`] makes of it, unless it may be nothing.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    fn left(argument: &T) -> Result<Self::Recorded, Self::Error> {
        Self::prepare(argument)
    }

    /// Leaves there what `recorded` was made of.
    ///
    /// # Errors
    ///
    /// It cannot be done. The replay ends.
    fn fill(recorded: Self::Recorded, argument: &T) -> Result<(), Self::Error>;
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
