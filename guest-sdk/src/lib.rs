#![doc = include_str!("../README.md")]
// There is no host on the native target, and nobody to be told what the component tells it.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only a component has a host"))]

mod aside;
mod form;
pub mod handler;
mod hashers;
mod host;
mod interception;
mod metadata;
mod note;
pub mod plugin;
mod point;
pub mod recording;
mod value;

pub use playback_guest_macros::{input, operation, output};

/// What the attributes' code calls. Nothing here is for people, and all of it may change.
#[doc(hidden)]
pub mod __private {
    pub use crate::aside::{aside, is_on};
    pub use crate::form::{
        filled, handled, left, prepared, returned, returned_bytes, written, written_bytes,
    };
    pub use crate::host::answer::Names;
    pub use crate::interception::{Step, enter};
    pub use crate::metadata::{copied, extract, is_recording};
    pub use crate::point::{Kind, Missing, Point};
}
