//! Who answers each interface of WASI 0.2. What is not in the table is not WASI to this host, whatever its name: it is recorded
//! from a provider.

use super::http;
use super::version::is_0_2;

/// Who answers the calls of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The tape: recorded, and answered from the recording on replay.
    Tape,
    /// Memory of the operation, filled from what is on its tape. wasmtime-wasi's own code.
    Memory,
    /// The machine. Only while recording, and only where it is granted.
    Machine,
}

/// Whether the service may open sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sockets {
    Refused,
    Granted,
}

/// Interfaces that are linked together.
pub(super) struct Group {
    interfaces: &'static [&'static str],
    pub(super) by: By,
    pub(super) concern: Concern,
}

/// What a group of interfaces is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Concern {
    Clocks,
    Random,
    Io,
    Files,
    Errors,
    Program,
    Sockets,
}

pub(super) const GROUPS: [Group; 7] = [
    Group {
        interfaces: &["wasi:clocks/monotonic-clock", "wasi:clocks/wall-clock"],
        by: By::Tape,
        concern: Concern::Clocks,
    },
    Group {
        interfaces: &["wasi:random/insecure", "wasi:random/insecure-seed", "wasi:random/random"],
        by: By::Tape,
        concern: Concern::Random,
    },
    Group { interfaces: &["wasi:io/poll", "wasi:io/streams"], by: By::Tape, concern: Concern::Io },
    Group {
        interfaces: &["wasi:filesystem/preopens", "wasi:filesystem/types"],
        by: By::Tape,
        concern: Concern::Files,
    },
    Group { interfaces: &["wasi:io/error"], by: By::Memory, concern: Concern::Errors },
    Group {
        interfaces: &[
            "wasi:cli/environment",
            "wasi:cli/exit",
            "wasi:cli/stderr",
            "wasi:cli/stdin",
            "wasi:cli/stdout",
            "wasi:cli/terminal-input",
            "wasi:cli/terminal-output",
            "wasi:cli/terminal-stderr",
            "wasi:cli/terminal-stdin",
            "wasi:cli/terminal-stdout",
        ],
        by: By::Memory,
        concern: Concern::Program,
    },
    Group {
        interfaces: &[
            "wasi:sockets/instance-network",
            "wasi:sockets/ip-name-lookup",
            "wasi:sockets/network",
            "wasi:sockets/tcp",
            "wasi:sockets/tcp-create-socket",
            "wasi:sockets/udp",
            "wasi:sockets/udp-create-socket",
        ],
        by: By::Machine,
        concern: Concern::Sockets,
    },
];

/// Whether `interface`, an import with its version, is of WASI 0.2 and this host's own to answer. Every other import is
/// recorded from a provider. The one decision on this that there is.
pub(crate) fn is_wasi(interface: &str) -> bool {
    answered(interface, Sockets::Granted).is_some()
}

/// Who answers `interface`, an import with its version. `None`: it is refused, or not of WASI 0.2.
pub(crate) fn answered(interface: &str, sockets: Sockets) -> Option<By> {
    if http::is_linked(interface) {
        return Some(By::Tape);
    }
    let (name, version) = interface.split_once('@')?;
    let is_known = |group: &&Group| group.interfaces.contains(&name) && is_0_2(version);
    let by = GROUPS.iter().find(is_known)?.by;
    (by != By::Machine || sockets == Sockets::Granted).then_some(by)
}
