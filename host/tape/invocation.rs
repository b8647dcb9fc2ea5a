//! What a tape is told of the operation that it records.

use playback_recording::value::Value;
use playback_recording::{Category, Function, GrantedFolder};

/// What is known when an operation begins.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The first part of the recording's id.
    pub category: Category,
    /// The exported function that is called.
    pub function: Function,
    /// What it is called with, one value a parameter.
    pub arguments: Vec<Value>,
    /// The component, as `sha256:<hex>`.
    pub component: String,
    /// When it begins.
    pub started_at: jiff::Timestamp,
    /// What its random numbers are generated from.
    pub seed: [u8; 32],
    /// The environment variables the service sees.
    pub environment: Vec<(String, String)>,
    /// The command-line arguments the service sees.
    pub program_arguments: Vec<String>,
    /// The folders the service sees.
    pub folders: Vec<GrantedFolder>,
    /// Whether the service may open sockets.
    pub sockets: bool,
    /// The HTTP headers whose values are secret.
    pub secret_headers: Vec<String>,
    /// The most bytes of a file whose content is kept.
    pub file_limit: u64,
}
