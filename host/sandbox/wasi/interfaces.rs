//! Links the interfaces of WASI as [the table](super::table) says. Sockets that are not granted are
//! [refused](super::refused).

use super::clocks::{self, ClocksView};
use super::files::{self, FilesView};
use super::http::{self, HttpViews};
use super::poll;
use super::random::{self, RandomView};
use super::refused;
use super::streams::{self, StreamsView};
use super::table::{By, Concern, GROUPS, Sockets, answered, is_wasi};
use super::waiting::Waiting;
use playback_tape::{Boundary, Tape};
use wasmtime::Result;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::p2::bindings::{cli, io, sockets};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi::{ResourceTable, WasiView};
use wasmtime_wasi_http::WasiHttpCtxView;

/// What WASI needs of the state of an operation: a view for each concern.
pub(crate) trait Views: WasiView + 'static {
    fn tape(&mut self) -> &mut Tape;
    fn table(&mut self) -> &mut ResourceTable;
    fn clocks(&mut self) -> ClocksView<'_>;
    fn random(&mut self) -> RandomView<'_>;
    fn waiting(&mut self) -> Waiting<'_>;
    /// The same, once what the service wrote before is on the tape.
    fn waiting_after_output(&mut self) -> Waiting<'_>;
    fn streams(&mut self) -> StreamsView<'_>;
    fn files(&mut self) -> FilesView<'_>;
    fn http(&mut self) -> WasiHttpCtxView<'_>;
}

/// Links all of WASI that `component` imports.
pub(crate) fn link<T: Views>(
    linker: &mut Linker<T>,
    component: &Component,
    boundary: &Boundary,
    sockets: Sockets,
) -> Result<()> {
    for group in &GROUPS {
        if group.by != By::Machine || sockets == Sockets::Granted {
            link_group(linker, group.concern)?;
        }
    }
    // It replaces one function of an interface that it links.
    linker.allow_shadowing(true);
    let views = HttpViews { types: T::http, exchanges: T::waiting, after_output: T::waiting_after_output };
    http::link(linker, component, boundary, views)?;
    linker.allow_shadowing(false);
    let engine = component.engine();
    for (name, item) in component.component_type().imports(engine) {
        if let ComponentItem::ComponentInstance(instance) = &item.ty
            && is_wasi(name)
            && answered(name, sockets).is_none()
        {
            refused::link(&mut linker.instance(name)?, T::tape, engine, name, instance)?;
        }
    }
    Ok(())
}

struct Table;

impl wasmtime::component::HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

fn link_group<T: Views>(linker: &mut Linker<T>, concern: Concern) -> Result<()> {
    match concern {
        Concern::Clocks => clocks::link(linker, T::clocks),
        Concern::Random => random::link(linker, T::random),
        Concern::Io => {
            poll::link(linker, T::waiting)?;
            streams::link(linker, T::streams)
        }
        Concern::Files => files::link(linker, T::files),
        Concern::Errors => io::error::add_to_linker::<T, Table>(linker, T::table),
        Concern::Program => link_program(linker),
        Concern::Sockets => link_sockets(linker),
    }
}

fn link_program<T: Views>(linker: &mut Linker<T>) -> Result<()> {
    cli::environment::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::exit::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::stdin::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::stdout::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::stderr::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::terminal_input::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::terminal_output::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::terminal_stdin::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::terminal_stdout::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)?;
    cli::terminal_stderr::add_to_linker::<T, WasiCli>(linker, WasiCliView::cli)
}

fn link_sockets<T: Views>(linker: &mut Linker<T>) -> Result<()> {
    let options = sockets::network::LinkOptions::default();
    sockets::tcp::add_to_linker::<T, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::udp::add_to_linker::<T, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::tcp_create_socket::add_to_linker::<T, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::udp_create_socket::add_to_linker::<T, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::instance_network::add_to_linker::<T, WasiSockets>(linker, WasiSocketsView::sockets)?;
    sockets::network::add_to_linker::<T, WasiSockets>(linker, &options, WasiSocketsView::sockets)?;
    sockets::ip_name_lookup::add_to_linker::<T, WasiSockets>(linker, WasiSocketsView::sockets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every interface of WASI 0.2 that wasmtime-wasi and wasmtime-wasi-http could link, and what reaches the machine
    /// through it where it is linked as they do.
    const WASI: [&str; 35] = [
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
        "wasi:clocks/monotonic-clock",
        "wasi:clocks/timezone",
        "wasi:clocks/wall-clock",
        "wasi:config/store",
        "wasi:filesystem/preopens",
        "wasi:filesystem/types",
        "wasi:http/incoming-handler",
        "wasi:http/outgoing-handler",
        "wasi:http/types",
        "wasi:io/error",
        "wasi:io/poll",
        "wasi:io/streams",
        "wasi:keyvalue/store",
        "wasi:nn/graph",
        "wasi:random/insecure",
        "wasi:random/insecure-seed",
        "wasi:random/random",
        "wasi:sockets/instance-network",
        "wasi:sockets/ip-name-lookup",
        "wasi:sockets/network",
        "wasi:sockets/tcp",
        "wasi:sockets/tcp-create-socket",
        "wasi:sockets/udp",
        "wasi:sockets/udp-create-socket",
        "wasi:tls/client",
    ];

    /// The code that links, apart from that of providers, which a replay has none of.
    const SOURCES: [(&str, &str); 12] = [
        ("wasi/interfaces", include_str!("interfaces.rs")),
        ("wasi/refused", include_str!("refused.rs")),
        ("wasi/clocks", include_str!("clocks.rs")),
        ("wasi/poll", include_str!("poll.rs")),
        ("wasi/random", include_str!("random.rs")),
        ("wasi/streams", include_str!("streams.rs")),
        ("wasi/files", include_str!("files.rs")),
        ("wasi/http/link", include_str!("http/link.rs")),
        ("wasi/http/made", include_str!("http/made.rs")),
        ("link", include_str!("../link.rs")),
        ("direct", include_str!("../direct.rs")),
        ("run", include_str!("../run.rs")),
    ];

    /// Whose implementation each linked interface has: `clocks Taped`, once for each time that it is linked.
    fn implementations() -> Vec<String> {
        let of = |(file, source): (&str, &'static str)| {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            let linked = code.split("add_to_linker").skip(1).map(move |rest| {
                let whose = rest.strip_prefix("::<T, ").and_then(|rest| rest.split('>').next());
                format!("{file} {}", whose.unwrap_or("everything"))
            });
            linked.collect::<Vec<_>>()
        };
        let mut all: Vec<String> = SOURCES.into_iter().flat_map(of).collect();
        all.sort_unstable();
        all
    }

    /// Where a function is linked by itself, not with its interface: the file, and how often.
    fn functions() -> Vec<(&'static str, usize)> {
        let of = |(file, source): (&'static str, &'static str)| {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            let ways = ["func_wrap", "func_new", ".resource(", "resource_async", ".module("];
            (file, ways.iter().map(|way| code.matches(way).count()).sum())
        };
        SOURCES.into_iter().map(of).filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn no_function_is_linked_by_itself_but_ours() {
        // Requests and their answers; refusals; what imports of the service's own are, and the resources that cross there.
        assert_eq!(
            functions(),
            [("wasi/refused", 2), ("wasi/http/link", 1), ("wasi/http/made", 8), ("link", 2), ("direct", 1)]
        );
    }

    #[test]
    fn each_interface_is_linked_with_an_implementation_that_reaches_nothing_but_for_sockets() {
        let ours = ["wasi/clocks Taped", "wasi/clocks Taped", "wasi/files Taped", "wasi/files Taped"];
        let http = ["wasi/http/link WasiHttp"];
        let more = ["wasi/poll Taped", "wasi/random Taped", "wasi/random Taped", "wasi/random Taped"];
        // What wasmtime-wasi answers from the context that `wasi::context` fills: the environment and the streams.
        let memory = [vec!["wasi/interfaces Table"], vec!["wasi/interfaces WasiCli"; 10]];
        let machine = vec!["wasi/interfaces WasiSockets"; 7];
        let expected =
            [&ours[..], &http, &memory.concat(), &machine, &more, &["wasi/streams Taped"]].concat();
        assert_eq!(implementations(), expected);
        // All of the machine's are in the one function that only a grant leads to.
        let sockets = SOURCES[0].1.split("fn link_sockets").nth(1).unwrap_or_default();
        let sockets = sockets.split("#[cfg(test)]").next().unwrap_or_default();
        assert_eq!(sockets.matches("WasiSockets>").count(), machine.len());
    }

    #[test]
    fn nothing_that_a_replay_links_reaches_the_machine() {
        for interface in WASI {
            for version in ["0.2.0", "0.2.6", "0.3.0"] {
                let by = answered(&format!("{interface}@{version}"), Sockets::Refused);
                assert_ne!(by, Some(By::Machine), "{interface}@{version}");
                assert!(by.is_none() || version != "0.3.0", "{interface}@{version}");
            }
        }
    }

    #[test]
    fn the_world_outside_is_the_tapes_and_memory_is_only_what_holds_nothing_of_it() {
        let by = |interface: &str| answered(&format!("{interface}@0.2.6"), Sockets::Refused);
        let of = |wanted: Option<By>| WASI.into_iter().filter(|name| by(name) == wanted).collect::<Vec<_>>();
        let tape = [
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/wall-clock",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
            "wasi:http/outgoing-handler",
            "wasi:http/types",
            "wasi:io/poll",
            "wasi:io/streams",
            "wasi:random/insecure",
            "wasi:random/insecure-seed",
            "wasi:random/random",
        ];
        assert_eq!(of(Some(By::Tape)), tape);
        let sources = ["wasi:cli/", "wasi:io/error"];
        for interface in of(Some(By::Memory)) {
            assert!(sources.iter().any(|source| interface.starts_with(source)), "{interface}");
        }
        assert_eq!(of(None).len(), WASI.len() - tape.len() - of(Some(By::Memory)).len());
        assert!(of(None).contains(&"wasi:sockets/tcp") && of(None).contains(&"wasi:clocks/timezone"));
    }

    #[test]
    fn what_is_no_release_of_wasi_0_2_is_left_to_providers() {
        for interface in ["wasi:clocks/wall-clock@0.2.0", "wasi:http/types@0.2.12", "wasi:sockets/tcp@0.2.6"]
        {
            assert!(is_wasi(interface), "{interface}");
        }
        for interface in [
            "wasi:clocks/timezone@0.2.0",
            "wasi:clocks/wall-clock@0.2.0-rc-2023-11-10",
            "wasi:http/types@0.2.0-rc-2023-12-05",
            "wasi:http/outgoing-handler@0.2.0-rc-2023-12-05",
            "wasi:http/incoming-handler@0.2.0",
            "wasi:clocks/wall-clock@0.3.0",
            "wasi:clocks/wall-clock@0.2.",
            "wasi:clocks/wall-clock",
            "wasi:keyvalue/store@0.2.0-draft2",
            "wasi:logging/logging",
        ] {
            assert!(!is_wasi(interface), "{interface}");
        }
    }

    #[test]
    fn sockets_are_the_machines_where_they_are_granted() {
        for interface in WASI.iter().filter(|name| name.starts_with("wasi:sockets/")) {
            let interface = format!("{interface}@0.2.6");
            assert_eq!(answered(&interface, Sockets::Granted), Some(By::Machine), "{interface}");
            assert_eq!(answered(&interface, Sockets::Refused), None, "{interface}");
        }
    }
}
