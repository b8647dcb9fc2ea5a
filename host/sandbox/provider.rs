//! Providers: what answers live calls while recording. Components with WASI of their own, or an embedder's
//! closures.

pub(crate) mod assign;
pub(crate) mod call;
mod closures;
mod component;
pub(crate) mod live;
mod outgoing;
mod running;
mod shared;
mod warnings;

pub use assign::{Providers, Unprovided};
pub use closures::Closure;
pub use component::ProviderComponent;
pub use warnings::ProviderWarning;
