//! `playback-host inspect`: what a component exports, what it imports, and what becomes of each import.

use super::Exit;
use super::cache::CacheArgs;
use super::session::{Detail, Session};
use anyhow::Result;
use clap::Args;
use playback_host::sandbox::{Metering, Replayer, Service};
use playback_host::tape::{Boundary, Interceptor, OnExhausted, OnMissing, Signature};
use playback_host::value::json;
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// Show the operations and the imports of a service
///
/// Each imported function is an input or an output. The result of an input is recorded, and returned on replay. The
/// arguments of an output are recorded, and compared on replay. A rule in playback.toml decides which it is. Without a
/// rule, the functions of an interface named `inputs` are inputs, and those of `outputs` are outputs. Otherwise, a
/// function without a result is an output, and any other function is an input.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  playback-host inspect orders.wasm
  playback-host inspect orders.wasm --format json | jq -r '.imports[].function'")]
pub(crate) struct Inspect {
    /// The service's component [default: `component` in `[service]` of playback.toml]
    #[arg(value_name = "SERVICE.WASM")]
    service: Option<PathBuf>,
    #[command(flatten)]
    cache: CacheArgs,
}

impl Inspect {
    pub(crate) async fn exec(self, session: &mut Session) -> Result<Exit> {
        let engine = self.cache.engine(session, Metering::Off)?;
        let service = session.service(&engine, self.service.as_deref())?;
        let boundary = session.rules().resolve(service.imports())?;
        if session.is_json() {
            session.terminal.json(&to_json(&service, &boundary));
        } else {
            print(session, &service, &boundary);
        }
        // What recording would refuse is refused here too, by the same code.
        Replayer::builder(&service).rules(session.rules()).build()?;
        Ok(Exit::Success)
    }
}

fn print(session: &mut Session, service: &Service, boundary: &Boundary) {
    let (terminal, detail) = (&mut session.terminal, session.detail);
    terminal.line(format_args!("service  {}", service.name()));
    terminal.line(format_args!("digest   {}", service.digest()));

    terminal.line("\noperations");
    for operation in service.operations().iter().filter(|operation| !operation.is_internal()) {
        terminal.line(format_args!("  {}: {}", operation.full_name(), typed(operation.signature(), detail)));
        if operation.signature().holds_resource() {
            terminal.line("    cannot be called from outside: it takes or returns a resource");
        }
    }
    if service.operations().is_empty() {
        terminal.line("  none: it exports no function");
    }
    let internal: Vec<_> = service.operations().iter().filter(|operation| operation.is_internal()).collect();
    if !internal.is_empty() {
        terminal.line("\ninternal exports, which set up the component while it is built");
    }
    for operation in internal {
        terminal.line(format_args!("  {}: {}", operation.full_name(), typed(operation.signature(), detail)));
    }

    terminal.line("\nimports");
    let mut interface = None;
    for interceptor in boundary.interceptors() {
        let signature = &interceptor.signature;
        if interface != Some(&signature.interface) {
            interface = Some(&signature.interface);
            terminal
                .line(format_args!("  {}", signature.interface.as_deref().unwrap_or("(the world itself)")));
        }
        let ty = typed(signature, detail);
        terminal.line(format_args!("    {:<6} {}: {ty}", interceptor.kind, signature.name));
        terminal.line(format_args!("           {}", decision(interceptor)));
    }
    if boundary.interceptors().is_empty() {
        terminal.line(if service.uses_sdk() {
            "  none but WASI and the guest SDK"
        } else {
            "  none but WASI"
        });
    }

    if service.uses_sdk() {
        terminal.line("\nguest sdk");
        terminal.line("  functions of its own are recorded, and answered from the recording on replay; `show` names them");
    }

    terminal.line("\nwasi");
    let width = service.wasi().iter().map(String::len).max().unwrap_or_default();
    for interface in service.wasi() {
        terminal.line(format_args!("  {interface:width$}  {}", treatment(interface)));
    }
    if service.wasi().is_empty() {
        terminal.line("  none");
    }
}

/// The type of a function, cut where it is long and not all is asked for.
fn typed(signature: &Signature, detail: Detail) -> String {
    const MAX_TYPE: usize = 240;
    let text = signature.wit();
    match text.char_indices().nth(MAX_TYPE) {
        Some((end, _)) if detail == Detail::Short => format!("{}… (`-v` shows all)", &text[..end]),
        _ => text,
    }
}

/// Why it is what it is, and what a rule changes about it.
fn decision(interceptor: &Interceptor) -> String {
    let mut text = format!("why: {}", interceptor.why);
    if interceptor.alias.to_string()
        != playback_host::recording::format::default_alias(&interceptor.function.name)
    {
        text += &format!("; alias `{}`", interceptor.alias);
    }
    for fallback in &interceptor.fallback_aliases {
        text += &format!("; also found as `{fallback}`");
    }
    match key(interceptor) {
        Some(names) if names.is_empty() => text += "; key: none of its arguments",
        Some(names) => text += &format!("; key: {}", names.join(", ")),
        None => {}
    }
    match &interceptor.on_missing {
        OnMissing::Fail | OnMissing::Made | OnMissing::Body => {}
        OnMissing::Live => text += "; on-missing: live",
        // A call without a result needs no answer.
        OnMissing::Default(_) if interceptor.signature.result.is_none() => {}
        OnMissing::Default(value) => text += &format!("; on-missing: {}", json::short(value)),
    }
    if interceptor.on_exhausted == OnExhausted::Missing {
        text += "; on-exhausted: missing";
    }
    text
}

/// What identifies a call, where it is not all arguments.
fn key(interceptor: &Interceptor) -> Option<Vec<String>> {
    let parameters = &interceptor.signature.parameters;
    Some(interceptor.key.as_ref()?.iter().map(|part| part.name(parameters).to_string()).collect())
}

/// What a service gets of an interface of WASI that the host answers itself.
fn treatment(interface: &str) -> &'static str {
    let name = interface.split('@').next().unwrap_or(interface);
    let package = name.split('/').next().unwrap_or(name);
    match (package, name) {
        ("wasi:clocks", _) => "recorded; replays see the recorded readings, and never wait",
        ("wasi:random", _) => "from a seed; recorded, and the same on replay",
        (_, "wasi:cli/environment") => "what is granted; recorded",
        (_, "wasi:cli/stdin") => "what is granted; recorded",
        (_, "wasi:cli/stdout" | "wasi:cli/stderr") => "recorded",
        ("wasi:filesystem", _) => {
            "folders go where they are granted; recorded, and answered from the recording on replay"
        }
        ("wasi:sockets", _) => {
            "refused with an error, but where a recording is granted sockets, which makes it not hermetic"
        }
        (_, "wasi:http/outgoing-handler") => {
            "requests go where it is granted; recorded, and answered from the recording on replay"
        }
        _ => "part of the sandbox",
    }
}

fn to_json(service: &Service, boundary: &Boundary) -> Json {
    let operations = service.operations().iter();
    let operations = operations.map(|it| {
        let is_callable = !it.signature().holds_resource();
        let (name, ty) = (it.full_name(), it.signature().wit());
        json!({ "name": name, "type": ty, "callable": is_callable, "internal": it.is_internal() })
    });
    let wasi = service.wasi().iter().map(|it| json!({ "interface": it, "treatment": treatment(it) }));
    json!({
        "service": service.name(),
        "digest": service.digest(),
        "operations": operations.collect::<Vec<_>>(),
        "imports": boundary.interceptors().iter().map(|it| import(it)).collect::<Vec<_>>(),
        "guest-sdk": service.uses_sdk(),
        "wasi": wasi.collect::<Vec<_>>(),
    })
}

fn import(interceptor: &Interceptor) -> Json {
    let fallback_aliases = interceptor.fallback_aliases.iter().map(ToString::to_string);
    json!({
        "function": &*interceptor.function.name,
        "type": interceptor.signature.wit(),
        "kind": interceptor.kind,
        "why": interceptor.why.to_string(),
        "alias": interceptor.alias.to_string(),
        "fallback-aliases": fallback_aliases.collect::<Vec<_>>(),
        "key": key(interceptor),
        "on-missing": match &interceptor.on_missing {
            OnMissing::Fail | OnMissing::Made | OnMissing::Body => json!("fail"),
            OnMissing::Live => json!("live"),
            OnMissing::Default(value) => json!({ "default": json::to_json(value) }),
        },
        "on-exhausted": match interceptor.on_exhausted {
            OnExhausted::Repeat => "repeat",
            OnExhausted::Missing => "missing",
        },
    })
}
