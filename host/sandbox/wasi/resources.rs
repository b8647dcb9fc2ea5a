//! The resources of WASI, as types of the host: for imports that give one of them another name.

use super::table::Sockets;
use wasmtime::component::ResourceType;
use wasmtime_wasi::p2::bindings::{cli, filesystem, io, sockets};
use wasmtime_wasi_http::p2::bindings::http;

/// The resources of refused interfaces. Nothing is behind them.
pub(super) const NOTHING: u32 = 0;

/// The type under which the resource of this name is linked, by the interface of WASI 0.2 that has it.
pub(crate) fn resource(name: &str, sockets: Sockets) -> ResourceType {
    match (name, sockets) {
        ("error" | "io-error", _) => ResourceType::host::<io::error::Error>(),
        ("pollable", _) => ResourceType::host::<io::poll::Pollable>(),
        ("input-stream", _) => ResourceType::host::<io::streams::InputStream>(),
        ("output-stream", _) => ResourceType::host::<io::streams::OutputStream>(),
        ("descriptor", _) => ResourceType::host::<filesystem::types::Descriptor>(),
        ("directory-entry-stream", _) => ResourceType::host::<filesystem::types::DirectoryEntryStream>(),
        ("terminal-input", _) => ResourceType::host::<cli::terminal_input::TerminalInput>(),
        ("terminal-output", _) => ResourceType::host::<cli::terminal_output::TerminalOutput>(),
        ("network", Sockets::Granted) => ResourceType::host::<sockets::network::Network>(),
        ("tcp-socket", Sockets::Granted) => ResourceType::host::<sockets::tcp::TcpSocket>(),
        ("udp-socket", Sockets::Granted) => ResourceType::host::<sockets::udp::UdpSocket>(),
        ("incoming-datagram-stream", Sockets::Granted) => {
            ResourceType::host::<sockets::udp::IncomingDatagramStream>()
        }
        ("outgoing-datagram-stream", Sockets::Granted) => {
            ResourceType::host::<sockets::udp::OutgoingDatagramStream>()
        }
        ("resolve-address-stream", Sockets::Granted) => {
            ResourceType::host::<sockets::ip_name_lookup::ResolveAddressStream>()
        }
        ("fields", _) => ResourceType::host::<http::types::Fields>(),
        ("incoming-request", _) => ResourceType::host::<http::types::IncomingRequest>(),
        ("outgoing-request", _) => ResourceType::host::<http::types::OutgoingRequest>(),
        ("request-options", _) => ResourceType::host::<http::types::RequestOptions>(),
        ("response-outparam", _) => ResourceType::host::<http::types::ResponseOutparam>(),
        ("incoming-response", _) => ResourceType::host::<http::types::IncomingResponse>(),
        ("incoming-body", _) => ResourceType::host::<http::types::IncomingBody>(),
        ("future-trailers", _) => ResourceType::host::<http::types::FutureTrailers>(),
        ("outgoing-response", _) => ResourceType::host::<http::types::OutgoingResponse>(),
        ("outgoing-body", _) => ResourceType::host::<http::types::OutgoingBody>(),
        ("future-incoming-response", _) => ResourceType::host::<http::types::FutureIncomingResponse>(),
        _ => ResourceType::host_dynamic(NOTHING),
    }
}
