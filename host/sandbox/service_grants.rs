//! What a service may reach of the machine while it is recorded.

use super::grants::Directory;
use super::wasi::http::Network;

/// What the service itself may see of the machine. All of it goes on the tape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceGrants {
    /// Folders. What is read of them is kept in the recording, what is left there is compared on replay.
    pub directories: Vec<Directory>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Command-line arguments, the program's name first.
    pub arguments: Vec<String>,
    /// Sockets, and looking up names. What comes through them is not on the tape: such a recording is not hermetic, and a
    /// replay of it has none.
    pub sockets: bool,
    /// What each operation can read from standard input.
    pub stdin: Vec<u8>,
    /// Which hosts it can send HTTP requests to.
    pub network: Network,
}

/// Each method returns the same grants with another one of that name.
impl ServiceGrants {
    /// Grants directories.
    pub fn directories(self, directories: Vec<Directory>) -> Self {
        Self { directories, ..self }
    }

    /// Gives it environment variables.
    pub fn environment(self, environment: Vec<(String, String)>) -> Self {
        Self { environment, ..self }
    }

    /// Gives it command-line arguments, the program's name first.
    pub fn arguments(self, arguments: Vec<String>) -> Self {
        Self { arguments, ..self }
    }

    /// Grants or refuses sockets.
    pub fn sockets(self, sockets: bool) -> Self {
        Self { sockets, ..self }
    }

    /// Gives it something to read from standard input.
    pub fn stdin(self, stdin: Vec<u8>) -> Self {
        Self { stdin, ..self }
    }

    /// Grants HTTP requests.
    pub fn network(self, network: Network) -> Self {
        Self { network, ..self }
    }
}
