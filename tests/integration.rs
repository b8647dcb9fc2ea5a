//! What the whole host does with real components. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod ambient;
mod bad_arguments;
mod bad_cassettes;
mod bad_components;
mod bad_files;
mod bad_recordings;
mod breakout;
mod changed_files;
mod command_line;
mod corpus;
mod determinism;
mod embedding;
mod engine_failures;
mod files;
mod http;
mod http_changes;
mod imports;
mod interrupted;
mod large_files;
mod large_recordings;
mod limits;
mod memory;
mod misbehaving;
mod promises;
mod races;
mod rates;
mod readme;
mod real_programs;
mod record_many;
mod replaying;
mod reproducing;
mod resources;
mod sdk;
mod sdk_changes;
mod sdk_docs;
mod sdk_edges;
mod settings;
mod selecting;
mod shop;
mod streams;
mod support;
mod values;
mod wit;
mod telling;
