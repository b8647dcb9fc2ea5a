//! The names of the SDK's imports.

/// What the package is called, up to its interfaces.
const PACKAGE: &str = "playback:guest/";
/// The versions that are linked.
const VERSION: &str = "@0.2.";

/// Whether an import is one of the SDK's.
pub(crate) fn is_of_sdk(import: &str) -> bool {
    import.starts_with(PACKAGE)
}

/// Whether it is one in a version that is linked.
pub(crate) fn is_known(import: &str) -> bool {
    is_of_sdk(import) && import.contains(VERSION)
}
