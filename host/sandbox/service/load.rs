//! Reading and compiling components, which are not trusted to be any.

use super::surface::Surface;
use crate::engine::{self, Engine};
use crate::failure;
use playback_recording::value::Hex;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use wasmtime::component::Component;

/// The largest file that is taken for a component, in bytes.
const LARGEST: u64 = 512 << 20;

/// A file that is not a service this build can run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("`{name}` cannot be read: {error}")]
    Read {
        /// The file.
        name: String,
        /// Why not.
        #[source]
        error: std::io::Error,
    },
    /// It is not a component.
    #[error("`{name}` is not a component: {reason}")]
    NotAComponent {
        /// The file.
        name: String,
        /// What it is instead.
        reason: String,
    },
    /// It imports something that cannot be intercepted.
    #[error("`{name}` imports `{import}`, which cannot be recorded: {reason}")]
    Import {
        /// The file.
        name: String,
        /// The import's full WIT name.
        import: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine could not compile it.
    #[error(
        "`{name}` cannot be compiled on this machine: {reason}; free some memory, or raise the limits of this process"
    )]
    Engine {
        /// The file.
        name: String,
        /// What was lacking.
        reason: String,
    },
    /// It is to be a provider, and imports what a provider is not given.
    #[error("`{name}` cannot be a provider: it imports `{import}`, and {reason}")]
    ProviderImport {
        /// The file.
        name: String,
        /// The import's full WIT name.
        import: String,
        /// Why it is not given that.
        reason: String,
    },
    /// It is to be shared between operations, as too many are already.
    #[error(
        "provider `{name}` cannot be shared: an engine has room for {most} shared providers, and a large one counts as several"
    )]
    Shared {
        /// The file.
        name: String,
        /// How many there can be.
        most: u32,
    },
    /// What it was granted is not there.
    #[error("provider `{name}` cannot be given what it was granted: {reason}")]
    Grant {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// Reads a component's file, within bounds.
pub(crate) fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

/// Compiles a component, or says what the bytes are instead. Returns it with the shares of the engine's pool that an
/// instance takes.
pub(crate) fn compile(engine: &Engine, name: &str, bytes: &[u8]) -> Result<(Component, u32), LoadError> {
    let not = |reason: &str| LoadError::NotAComponent { name: name.to_owned(), reason: reason.to_owned() };
    match bytes {
        [] => return Err(not("it is empty")),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            return Err(not(
                "it is a core module; build it for `wasm32-wasip2`, or wrap it with `wasm-tools component new`",
            ));
        }
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, sections @ ..] if is_cut_off(sections) => {
            return Err(not(
                "it is cut off: what it begins with is longer than the file; copy or build it again",
            ));
        }
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => {}
        [0, b'a', b's', b'm', ..] => return Err(not("its version of WebAssembly is unknown to this build")),
        _ => return Err(not("it is not WebAssembly")),
    }
    engine.compile(bytes).map_err(|error| match failure::is_lack(&error) {
        true => LoadError::Engine { name: name.to_owned(), reason: error.root_cause().to_string() },
        false => refused_import(name, bytes).unwrap_or_else(|| not(&format!("{error:#}"))),
    })
}

/// Whether a section ends beyond the bytes that are there.
fn is_cut_off(mut sections: &[u8]) -> bool {
    while let [_, rest @ ..] = sections {
        // Its length: seven bits a byte, the lowest first.
        let digits = rest.iter().take(5).position(|byte| byte & 0x80 == 0);
        let Some(last) = digits else { return rest.len() < 5 };
        let length =
            rest[..=last].iter().rev().fold(0u64, |length, byte| length << 7 | u64::from(byte & 0x7f));
        match usize::try_from(length).ok().and_then(|length| rest[last + 1..].get(length..)) {
            Some(next) => sections = next,
            None => return true,
        }
    }
    false
}

/// The import that makes a component of a kind that this build refuses: looked for with an engine that takes more.
fn refused_import(name: &str, bytes: &[u8]) -> Option<LoadError> {
    let engine = engine::permissive().ok()?;
    let component = Component::from_binary(&engine, bytes).ok()?;
    let (import, reason) = Surface::of(&engine, &component)
        .err()
        .unwrap_or_else(|| ("wasi".to_owned(), "it needs the async component model".to_owned()));
    let reason = format!("{reason}; only synchronous functions and plain values can be recorded");
    Some(LoadError::Import { name: name.to_owned(), import, reason })
}

/// The digest of a component's bytes, as `sha256:<hex>`.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", Hex(&Sha256::digest(bytes)))
}
