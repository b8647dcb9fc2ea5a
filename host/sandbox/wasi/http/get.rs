//! Asking for a response.

use crate::wasi::waiting::{Handle, Question, Waiting};
use playback_tape::{Asks, Wait};
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi_http::p2::bindings::http::types::{self, ErrorCode};
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostIncomingResponse};

type Got = Option<Result<Result<Resource<HostIncomingResponse>, ErrorCode>, ()>>;

/// The service looks whether its response has come.
pub(super) fn get(waiting: &mut Waiting<'_>, future: Resource<HostFutureIncomingResponse>) -> Result<Got> {
    let number = future.rep();
    let subject = waiting.http.handles.response(&future);
    let questions = [Question { handle: Handle::Response(number), subject }];
    if waiting.recorded(Asks::Get, &questions, Wait::Never)?.is_some_and(|ready| ready.is_empty()) {
        return Ok(None);
    }
    let Waiting { http, table, .. } = &mut *waiting;
    let got = types::HostFutureIncomingResponse::get(&mut http.view(table), future)?;
    if let Some(Ok(Ok(response))) = &got {
        http.handles.got(number, response);
    }
    waiting.found(&questions, Wait::Never, if got.is_some() { &[0] } else { &[] });
    Ok(got)
}
