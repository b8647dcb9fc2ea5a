//! A service that uses the world: requests to a server on loopback, and files.

use crate::guest;
use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use playback_host::cassette::Cassette;
use playback_host::recording::{Category, Recording};
use playback_host::sandbox::{
    Directory, DirectoryAccess, Engine, Network, Options, Recorder, Replayer, Service, ServiceGrants,
};
use playback_host::value::Value;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// How many requests it makes, and how many files it reads.
const COUNT: u32 = 20;
/// The bytes of each answer and of each file.
const SIZE: usize = 4 << 10;

/// The service, its server and its files.
pub(crate) struct World {
    runtime: Runtime,
    recorder: Recorder,
    replayer: Replayer,
    category: Category,
    cassette: Cassette,
    arguments: Vec<Value>,
    _folder: TempDir,
}

impl World {
    /// With a server that takes so long for each answer.
    pub(crate) fn new(latency: Duration) -> Self {
        let folder = crate::files::folder();
        for number in 0..COUNT {
            let bytes: Vec<u8> = (0..SIZE as u32).map(|at| (at * 31 + number) as u8).collect();
            std::fs::write(folder.path().join(number.to_string()), bytes).unwrap();
        }
        let engine = Engine::new(&Options::default()).unwrap();
        let service = Service::from_bytes(&engine, "http", &guest("http")).unwrap();
        let directory = Directory {
            host: folder.path().to_owned(),
            guest: "/data".to_owned(),
            access: DirectoryAccess::ReadOnly,
        };
        let grants = ServiceGrants::default().directories(vec![directory]).network(Network::All);
        let recorder = Recorder::builder(&service).build().unwrap();
        Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            recorder: recorder.to_builder().grants(grants).build().unwrap(),
            replayer: Replayer::builder(&service).build().unwrap(),
            category: "work".parse().unwrap(),
            cassette: Cassette::memory(),
            arguments: vec![Value::from(format!("http://{}", serve(latency))), Value::from(COUNT)],
            _folder: folder,
        }
    }

    /// Runs the service with its tape off.
    pub(crate) fn run(&self) {
        let operation = self.recorder.service().operation(Some("work")).unwrap();
        let run = self.recorder.run(&self.category, operation, self.arguments.clone());
        let run = self.runtime.block_on(run).unwrap();
        assert_eq!(run.outcome.exception(), None);
    }

    /// Runs it, and keeps the recording.
    pub(crate) fn record(&self) -> Recording {
        let operation = self.recorder.service().operation(Some("work")).unwrap();
        self.runtime.block_on(async {
            let recorded =
                self.recorder.record(&self.category, operation, self.arguments.clone()).await.unwrap();
            let recording = recorded.recording.unwrap();
            self.cassette.save(&recording).await.unwrap();
            recording
        })
    }

    /// Loads the recording and replays it.
    pub(crate) fn replay(&self, recording: &Recording) {
        self.runtime.block_on(async {
            let recording = Arc::new(self.cassette.load(recording.id()).await.unwrap());
            let playback = self.replayer.replay(&recording).await.unwrap();
            assert!(playback.is_equal());
        });
    }
}

/// Starts a server on a thread of its own, which ends with the process.
fn serve(latency: Duration) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = service_fn(move |_: Request<Incoming>| async move {
                    if !latency.is_zero() {
                        tokio::time::sleep(latency).await;
                    }
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(&[b'x'; SIZE]))))
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
    });
    address
}
