//! A web server on loopback that does what the tests need, and counts how often it is asked.

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

/// What the guest sends as its password, and the server gives as a cookie.
pub(crate) const PASSWORD: &str = "hunter2-of-the-guest";
pub(crate) const COOKIE: &str = "cookie-of-the-server";

/// Long enough that what comes before a pause is mostly there alone. No test depends on it.
const PAUSE: Duration = Duration::from_millis(30);

/// Gone when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::<AtomicUsize>::default();
        let (counter, turn) = (hits.clone(), Arc::new(Notify::new()));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (hits, turn) = (counter.clone(), turn.clone());
                let service = service_fn(move |request| {
                    hits.fetch_add(1, Ordering::SeqCst);
                    answer(request, turn.clone())
                });
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, hits, task }
    }

    /// How often it was asked.
    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Its address and port, as an allow-list has them.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Takes it away, as it would be where a recording is replayed.
    pub(crate) async fn stop(&mut self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(request: Request<Incoming>, turn: Arc<Notify>) -> Result<Response<Sent>, Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    Ok(match path.as_str() {
        "/echo" => echo(parts, body).await,
        "/chunks" => chunks(&["one", "two", "three"], End::Whole),
        "/broken" => chunks(&["half of it"], End::Broken),
        "/trailers" => chunks(&["said"], End::Trailers),
        "/endless" => chunks(&["begun"], End::Never),
        "/never" => std::future::pending().await,
        "/redirect" => redirected(StatusCode::FOUND, "/moved"),
        "/moved" => redirected(StatusCode::MOVED_PERMANENTLY, "/chunks"),
        "/login" => login(&parts.headers),
        "/early" => status(StatusCode::PAYLOAD_TOO_LARGE),
        "/first" => {
            turn.notified().await;
            tokio::time::sleep(PAUSE).await;
            status(StatusCode::OK)
        }
        "/slow" => {
            tokio::time::sleep(5 * PAUSE).await;
            status(StatusCode::OK)
        }
        "/second" => {
            turn.notify_one();
            status(StatusCode::ACCEPTED)
        }
        "/converse" => {
            let mut body = body;
            let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
            // It answers, and goes on listening.
            tokio::spawn(body.collect());
            whole(format!("heard {}", String::from_utf8_lossy(&first)))
        }
        "/large" => whole((0..4 << 20).map(|at| (at % 251) as u8).collect::<Vec<u8>>()),
        _ => status(StatusCode::NOT_FOUND),
    })
}

async fn echo(parts: hyper::http::request::Parts, body: Incoming) -> Response<Sent> {
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().and_then(|trailers| trailers.get("x-sum").cloned());
    let mut response = whole(body.to_bytes());
    response.headers_mut().insert("x-method", parts.method.as_str().parse().unwrap());
    let agent = parts.headers.get("x-agent").cloned();
    for (name, value) in [("x-agent", agent), ("x-sum", trailers)] {
        value.map(|value| response.headers_mut().insert(name, value));
    }
    response
}

/// Gives a cookie for the password, and asks for both.
fn login(headers: &HeaderMap) -> Response<Sent> {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    if is("authorization", &format!("Bearer {PASSWORD}")) {
        let mut response = status(StatusCode::OK);
        let cookie = format!("sid={COOKIE}; Path=/; HttpOnly");
        response.headers_mut().insert("set-cookie", cookie.parse().unwrap());
        return response;
    }
    let is_known = is("cookie", &format!("sid={COOKIE}")) && is("x-tenant", PASSWORD);
    status(if is_known { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN })
}

fn status(status: StatusCode) -> Response<Sent> {
    let mut response = whole(status.as_str().to_owned());
    *response.status_mut() = status;
    response
}

fn redirected(code: StatusCode, location: &str) -> Response<Sent> {
    let mut response = status(code);
    response.headers_mut().insert("location", location.parse().unwrap());
    response
}

fn whole(body: impl Into<Bytes>) -> Response<Sent> {
    Response::new(Sent::Whole(Full::new(body.into())))
}

/// How a body in chunks ends.
#[derive(Clone, Copy)]
enum End {
    Whole,
    Broken,
    Trailers,
    Never,
}

/// A body in chunks, with pauses between them.
fn chunks(parts: &'static [&'static str], end: End) -> Response<Sent> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for part in parts {
            let _ = sender.send(Ok(Frame::data(Bytes::from_static(part.as_bytes())))).await;
            tokio::time::sleep(PAUSE).await;
        }
        match end {
            End::Whole => {}
            End::Broken => drop(sender.send(Err("broken on purpose")).await),
            End::Trailers => {
                let trailers = HeaderMap::from_iter([("x-end".parse().unwrap(), "all".parse().unwrap())]);
                drop(sender.send(Ok(Frame::trailers(trailers))).await);
            }
            End::Never => sender.closed().await,
        }
    });
    let mut response = Response::new(Sent::Chunks(receiver));
    if let End::Trailers = end {
        response.headers_mut().insert("trailer", "x-end".parse().unwrap());
    }
    response
}

enum Sent {
    Whole(Full<Bytes>),
    Chunks(mpsc::Receiver<Result<Frame<Bytes>, &'static str>>),
}

impl Body for Sent {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        match &mut *self {
            Self::Whole(full) => Pin::new(full).poll_frame(context).map_err(|never| match never {}),
            Self::Chunks(receiver) => receiver.poll_recv(context),
        }
    }

    fn size_hint(&self) -> http_body::SizeHint {
        match self {
            Self::Whole(full) => full.size_hint(),
            Self::Chunks(_) => http_body::SizeHint::default(),
        }
    }
}
