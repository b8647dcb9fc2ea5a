//! Sends HTTP requests in every way that `wasi:http` has.

wit_bindgen::generate!({ path: "wit/http.wit", world: "http", generate_all });

use wasi::clocks::monotonic_clock;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields as Headers, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme,
};
use wasi::io::poll;
use wasi::io::streams::StreamError;

/// Nobody is to find this in a recording.
const SECRET: &str = "hunter2-of-the-guest";

const CHUNK: u64 = 64 << 10;

struct Http;

impl Guest for Http {
    fn fetch(request: Request) -> Result<Response, String> {
        read(wait_for(&send(&request)?)?)
    }

    fn follow(url: String) -> Result<Vec<u16>, String> {
        let (mut url, mut seen) = (url, Vec::new());
        while seen.len() < 10 {
            let response = wait_for(&send(&get(&url))?)?;
            seen.push(response.status());
            let location = response.headers().get("location");
            let Some(location) = location.first() else { break };
            let location = String::from_utf8_lossy(location).into_owned();
            let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
            url = if location.starts_with('/') { origin + &location } else { location };
        }
        Ok(seen)
    }

    fn race(requests: Vec<Request>) -> Vec<(u32, Result<u16, String>)> {
        let mut waiting: Vec<_> =
            (0..).zip(&requests).map(|(index, request)| (index, send(request).unwrap())).collect();
        let mut came = Vec::new();
        while !waiting.is_empty() {
            let pollables: Vec<_> = waiting.iter().map(|(_, future)| future.subscribe()).collect();
            poll::poll(&pollables.iter().collect::<Vec<_>>());
            drop(pollables);
            // Whoever has an answer is asked for it, whether `poll` named it or not.
            waiting.retain(|(index, future)| match future.get() {
                None => true,
                Some(answer) => {
                    came.push((*index, answer.unwrap().map(|it| it.status()).map_err(text)));
                    false
                }
            });
        }
        came
    }

    fn race_with(quick: String, slow: String, milliseconds: u64, change: String) -> Vec<String> {
        let change = change.as_str();
        let _held = (change == "hold").then(|| (Headers::new(), monotonic_clock::subscribe_duration(77)));
        let read_clock = || {
            if change == "clocks" {
                println!("{:?} {:?}", std::time::SystemTime::now(), std::time::Instant::now());
            }
        };
        read_clock();
        let (quick, slow) = (send(&get(&quick)).unwrap(), send(&get(&slow)).unwrap());
        let start = monotonic_clock::now();
        read_clock();
        let timer = match change {
            "deadline" => monotonic_clock::subscribe_instant(start + milliseconds * 1_000_000),
            _ => monotonic_clock::subscribe_duration(milliseconds * 1_000_000),
        };
        let mut left = vec![("quick", quick.subscribe()), ("slow", slow.subscribe()), ("timer", timer)];
        if change == "timer" {
            left.push(("never", monotonic_clock::subscribe_duration(3_600_000_000_000)));
        }
        if change == "reverse" {
            left.reverse();
        }
        let mut came = Vec::new();
        while left.iter().any(|(name, _)| *name != "never") {
            if change == "print" {
                println!("waits for {}", left.len());
            }
            let found = found(&left, change);
            read_clock();
            left.retain(|(name, _)| !found.contains(name));
            if !found.is_empty() {
                came.push(found.join("+"));
            }
        }
        came
    }

    fn race_bodies(one: String, other: String, change: String) -> Vec<String> {
        let change = change.as_str();
        let bodies: Vec<_> = [one, other]
            .iter()
            .map(|url| wait_for(&send(&get(url)).unwrap()).unwrap().consume().unwrap())
            .collect();
        let stream = |(name, body): (&'static str, &wasi::http::types::IncomingBody)| {
            let stream = body.stream().unwrap();
            (name, stream.subscribe(), stream)
        };
        let mut left: Vec<_> = ["one", "other"].into_iter().zip(&bodies).map(stream).collect();
        let mut came = Vec::new();
        while !left.is_empty() {
            if change == "print" {
                println!("waits for {}", left.len());
            }
            let ready = match change {
                "read" => vec![],
                "ready" => {
                    (0..).zip(&left).filter(|(_, (_, one, _))| one.ready()).map(|(at, _)| at).collect()
                }
                _ => poll::poll(&left.iter().map(|(_, pollable, _)| pollable).collect::<Vec<_>>()),
            };
            let is_ready = |name: &str| ready.iter().any(|index| left[*index as usize].0 == name);
            let found: Vec<_> = left.iter().map(|(name, ..)| *name).filter(|name| is_ready(name)).collect();
            let most = if change == "bytes" { 1 } else { CHUNK };
            left.retain(|(name, _, stream)| match stream.read(most) {
                Ok(bytes) if bytes.is_empty() => {
                    if found.contains(name) {
                        came.push(format!("{name} is ready with nothing"));
                    }
                    true
                }
                Ok(bytes) => {
                    came.extend(bytes.iter().map(|byte| format!("{name} {}", char::from(*byte))));
                    true
                }
                Err(_) => false,
            });
        }
        came
    }

    fn measure(url: String) -> Result<(u64, u64), String> {
        let response = read_bytes(wait_for(&send(&get(&url))?)?)?;
        let bytes = response.iter().flatten();
        Ok((bytes.clone().count() as u64, bytes.map(|byte| u64::from(*byte)).sum()))
    }

    fn peek(url: String, bytes: u64) -> Result<String, String> {
        let body = wait_for(&send(&get(&url))?)?.consume().unwrap();
        let stream = body.stream().unwrap();
        let mut seen = Vec::new();
        while (seen.len() as u64) < bytes {
            seen.extend(stream.blocking_read(bytes - seen.len() as u64).map_err(failure)?);
        }
        Ok(String::from_utf8_lossy(&seen).into_owned())
    }

    fn wait(url: String, milliseconds: u64) -> bool {
        let response = send(&get(&url)).unwrap();
        let timer = monotonic_clock::subscribe_duration(milliseconds * 1_000_000);
        let came = response.subscribe();
        poll::poll(&[&came, &timer]).contains(&0)
    }

    fn tell(request: Request) {
        drop(send(&request));
    }

    fn login(url: String) -> Result<(u16, u16), String> {
        let mut request = get(&url);
        request.headers = vec![("authorization".into(), format!("Bearer {SECRET}"))];
        let response = wait_for(&send(&request)?)?;
        let cookies = response.headers().get("set-cookie");
        let cookie = String::from_utf8_lossy(&cookies[0]).into_owned();
        let pair = cookie.split(';').next().unwrap_or_default();
        request.headers = vec![("cookie".into(), pair.into()), ("x-tenant".into(), SECRET.into())];
        Ok((response.status(), wait_for(&send(&request)?)?.status()))
    }

    fn work(url: String, count: u32) -> u64 {
        let mut bytes = 0;
        for number in 0..count {
            let response = wait_for(&send(&get(&format!("{url}/{number}"))).unwrap()).unwrap();
            bytes += read_bytes(response).unwrap().iter().map(Vec::len).sum::<usize>();
            bytes += std::fs::read(format!("/data/{number}")).unwrap().len();
        }
        bytes as u64
    }

    fn upload(url: String, bytes: u64) -> Result<Response, String> {
        let chunk = "0123456789abcdef".repeat(256);
        let chunks = (0..bytes).step_by(chunk.len());
        let chunks = chunks.map(|at| chunk[..chunk.len().min((bytes - at) as usize)].to_owned());
        let mut request = get(&url);
        request.method = "POST".into();
        request.body = chunks.collect();
        read(wait_for(&send(&request)?)?)
    }

    fn hold_and_read(held: String, url: String, reads: u32) -> Vec<String> {
        let mut request = get(&held);
        request.method = "POST".into();
        let outgoing = new(&request);
        let body = outgoing.body().unwrap();
        let _held = outgoing_handler::handle(outgoing, None).unwrap();
        write(&body, &["begun".to_owned()]);
        let response = wait_for(&send(&get(&url)).unwrap()).unwrap().consume().unwrap();
        let stream = response.stream().unwrap();
        let read = |_| String::from_utf8_lossy(&stream.blocking_read(CHUNK).unwrap()).into_owned();
        let read = (0..reads).map(read).collect();
        STREAM.take();
        read
    }

    fn converse(request: Request) -> Result<Response, String> {
        let outgoing = new(&request);
        let body = outgoing.body().unwrap();
        let future = outgoing_handler::handle(outgoing, None).map_err(text)?;
        let (last, first) = request.body.split_last().unwrap();
        write(&body, first);
        let response = wait_for(&future);
        write_last(body, last, &request.trailers);
        read(response?)
    }
}

/// What is ready of these, by a question that `change` names.
fn found(left: &[(&'static str, poll::Pollable)], change: &str) -> Vec<&'static str> {
    let is_ready = |(name, pollable): &(&'static str, poll::Pollable)| pollable.ready().then_some(*name);
    match change {
        "ready" => left.iter().find_map(is_ready).into_iter().collect(),
        "twice" => left.iter().find_map(|one| is_ready(one).or_else(|| is_ready(one))).into_iter().collect(),
        "subset" if left.len() > 1 => {
            let some: Vec<_> = left.iter().filter(|(name, _)| *name != "slow").collect();
            let ready = poll::poll(&some.iter().map(|(_, pollable)| pollable).collect::<Vec<_>>());
            ready.iter().map(|position| some[*position as usize].0).collect()
        }
        _ => {
            if change == "poll-twice" {
                poll::poll(&left.iter().map(|(_, pollable)| pollable).collect::<Vec<_>>());
            }
            let ready = poll::poll(&left.iter().map(|(_, pollable)| pollable).collect::<Vec<_>>());
            ready.iter().map(|position| left[*position as usize].0).collect()
        }
    }
}

fn get(url: &str) -> Request {
    Request {
        method: "GET".into(),
        url: url.into(),
        headers: vec![],
        body: vec![],
        trailers: vec![],
        early: false,
        patience: None,
    }
}

fn new(request: &Request) -> OutgoingRequest {
    let bytes = |(name, value): &(String, String)| (name.clone(), value.clone().into_bytes());
    let headers: Vec<_> = request.headers.iter().map(bytes).collect();
    let outgoing = OutgoingRequest::new(Headers::from_list(&headers).unwrap());
    let method = match request.method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        other => Method::Other(other.into()),
    };
    outgoing.set_method(&method).unwrap();
    let (scheme, rest) = request.url.split_once("://").unwrap();
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    outgoing.set_scheme(Some(&scheme)).unwrap();
    outgoing.set_authority(Some(authority)).unwrap();
    outgoing.set_path_with_query(Some(&format!("/{path}"))).unwrap();
    outgoing
}

fn send(request: &Request) -> Result<FutureIncomingResponse, String> {
    let outgoing = new(request);
    let options = request.patience.map(|milliseconds| {
        let options = RequestOptions::new();
        options.set_first_byte_timeout(Some(milliseconds * 1_000_000)).unwrap();
        options
    });
    if request.body.is_empty() {
        return outgoing_handler::handle(outgoing, options).map_err(text);
    }
    let body = outgoing.body().unwrap();
    let chunks = match request.early {
        // There is room for one chunk before anybody reads.
        true => {
            write(&body, &request.body[..1]);
            &request.body[1..]
        }
        false => request.body.as_slice(),
    };
    let future = outgoing_handler::handle(outgoing, options).map_err(text)?;
    match chunks.split_last() {
        Some((last, first)) => {
            write(&body, first);
            write_last(body, last, &request.trailers);
        }
        None => write_last(body, "", &request.trailers),
    }
    Ok(future)
}

fn write(body: &OutgoingBody, chunks: &[String]) {
    // A stream can be taken once; this one stays for the chunks that follow.
    if chunks.is_empty() {
        return;
    }
    STREAM.with_borrow_mut(|stream| {
        let stream = stream.get_or_insert_with(|| body.write().unwrap());
        for chunk in chunks {
            let _ = stream.blocking_write_and_flush(chunk.as_bytes());
        }
    });
}

fn write_last(body: OutgoingBody, chunk: &str, trailers: &[(String, String)]) {
    if !chunk.is_empty() {
        write(&body, &[chunk.to_owned()]);
    }
    STREAM.take();
    let fields: Vec<_> =
        trailers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    let trailers = (!fields.is_empty()).then(|| Headers::from_list(&fields).unwrap());
    let _ = OutgoingBody::finish(body, trailers);
}

std::thread_local! {
    static STREAM: std::cell::RefCell<Option<wasi::io::streams::OutputStream>> = const { std::cell::RefCell::new(None) };
}

fn wait_for(future: &FutureIncomingResponse) -> Result<IncomingResponse, String> {
    loop {
        if let Some(answer) = future.get() {
            return answer.unwrap().map_err(text);
        }
        future.subscribe().block();
    }
}

fn read_bytes(response: IncomingResponse) -> Result<Vec<Vec<u8>>, String> {
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut chunks = Vec::new();
    loop {
        match stream.blocking_read(CHUNK) {
            Ok(chunk) => chunks.push(chunk),
            Err(StreamError::Closed) => return Ok(chunks),
            Err(error) => return Err(failure(error)),
        }
    }
}

fn read(response: IncomingResponse) -> Result<Response, String> {
    let (status, headers) = (response.status(), entries(&response.headers()));
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    let (mut chunks, mut failed) = (Vec::new(), None);
    loop {
        match stream.blocking_read(CHUNK) {
            Ok(chunk) => chunks.push(String::from_utf8_lossy(&chunk).into_owned()),
            Err(StreamError::Closed) => break,
            Err(error) => {
                failed = Some(failure(error));
                break;
            }
        }
    }
    drop(stream);
    let trailers = wasi::http::types::IncomingBody::finish(body);
    let trailers = loop {
        if let Some(trailers) = trailers.get() {
            break trailers.unwrap().ok().flatten();
        }
        trailers.subscribe().block();
    };
    let trailers = trailers.map(|trailers| entries(&trailers)).unwrap_or_default();
    Ok(Response { status, headers, body: chunks, trailers, failure: failed })
}

/// All but the date, which is another in each second.
fn entries(headers: &Headers) -> Fields {
    let text = |(name, value): (String, Vec<u8>)| (name, String::from_utf8_lossy(&value).into_owned());
    headers.entries().into_iter().map(text).filter(|(name, _)| name != "date").collect()
}

fn text(error: ErrorCode) -> String {
    format!("{error:?}")
}

fn failure(error: StreamError) -> String {
    match error {
        StreamError::Closed => "closed".into(),
        StreamError::LastOperationFailed(error) => error.to_debug_string(),
    }
}

export!(Http);
