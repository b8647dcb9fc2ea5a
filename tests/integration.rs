//! What the whole host does with real components. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod ambient;
mod embedding;
mod misbehaving;
mod promises;
mod readme;
mod resources;
mod shop;
mod support;
mod values;
