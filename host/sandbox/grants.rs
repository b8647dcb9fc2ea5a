//! What a component may reach of the machine.

use std::path::PathBuf;

/// What a provider may reach of the machine. Nothing of it goes on the tape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grants {
    /// Folders.
    pub directories: Vec<Directory>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Whether it may open sockets, look up names and send HTTP requests.
    pub network: bool,
    /// Whether what it writes to standard error goes to that of the host. Otherwise nobody sees it.
    pub stderr: bool,
}

/// Each method returns the same grants with another one of that name.
impl Grants {
    /// Grants directories.
    pub fn directories(self, directories: Vec<Directory>) -> Self {
        Self { directories, ..self }
    }

    /// Gives it environment variables.
    pub fn environment(self, environment: Vec<(String, String)>) -> Self {
        Self { environment, ..self }
    }

    /// Grants or refuses the network.
    pub fn network(self, network: bool) -> Self {
        Self { network, ..self }
    }

    /// Shows or hides what it writes to standard error.
    pub fn stderr(self, stderr: bool) -> Self {
        Self { stderr, ..self }
    }
}

/// A folder of the machine that is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Where it is.
    pub host: PathBuf,
    /// What it is called inside.
    pub guest: String,
    /// What may be done with it.
    pub access: DirectoryAccess,
}

/// What may be done with a granted folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryAccess {
    /// Everything.
    ReadWrite,
    /// Nothing that changes it.
    ReadOnly,
}
