//! Random numbers: which part of the recorded sequence an operation draws from.

pub(crate) mod epochs;
