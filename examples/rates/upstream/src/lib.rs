//! The server that knows the rates: `GET <RATES_URL>/EUR/USD` answers with a number.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{Fields, IncomingResponse, OutgoingRequest, Scheme};
use wasip2::io::streams::StreamError;

/// What the server says of a rate.
pub fn rate(source: &str, target: &str) -> Result<f64, String> {
    let server = std::env::var("RATES_URL").map_err(|_| "`RATES_URL` is not set".to_owned())?;
    let answer = get(&format!("{server}/{source}/{target}"))?;
    answer.trim().parse().map_err(|_| format!("`{answer}` is not a rate"))
}

fn get(url: &str) -> Result<String, String> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("`{url}` is not a URL"))?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let request = OutgoingRequest::new(Fields::new());
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    let made = request
        .set_scheme(Some(&scheme))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(&format!("/{path}"))));
    made.map_err(|()| format!("`{url}` is not a URL"))?;
    let future = handle(request, None).map_err(|error| error.to_string())?;
    future.subscribe().block();
    match future.get() {
        Some(Ok(Ok(response))) if response.status() == 200 => body(&response),
        Some(Ok(Ok(response))) => Err(format!("the server answered with status {}", response.status())),
        Some(Ok(Err(error))) => Err(error.to_string()),
        None | Some(Err(())) => Err("there is no answer".to_owned()),
    }
}

fn body(response: &IncomingResponse) -> Result<String, String> {
    let body = response.consume().map_err(|()| "the answer has no body".to_owned())?;
    let stream = body.stream().map_err(|()| "the answer has no body".to_owned())?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
    }
    String::from_utf8(bytes).map_err(|_| "the answer is not text".to_owned())
}
