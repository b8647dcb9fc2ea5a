//! The versions of WASI that this host answers.

/// Whether this is the version of an interface of WASI 0.2, as it was released.
pub(crate) fn is_0_2(version: &str) -> bool {
    let patch = version.strip_prefix("0.2.").unwrap_or_default();
    !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit())
}
