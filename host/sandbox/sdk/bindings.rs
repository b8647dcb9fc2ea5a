//! What wasmtime makes of the WIT package.
#![allow(missing_docs, unreachable_pub, clippy::all, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../../wit/guest.wit",
    world: "sdk",
    imports: { default: trappable },
});
