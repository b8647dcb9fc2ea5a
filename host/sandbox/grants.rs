//! What a component may reach of the machine.

use std::path::PathBuf;

/// What a provider may reach of the machine. Nothing of it goes on the tape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
