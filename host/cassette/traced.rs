//! A store whose calls are reported with `tracing`, inside the span of whoever makes them.

use super::{Key, Page, Put, Store, StoreError};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tracing::{Level, debug, enabled};

/// Reports the calls of a store.
#[derive(Debug)]
pub(super) struct Traced(pub(super) Arc<dyn Store>);

/// A call of a store.
type Call<'f, T> = BoxFuture<'f, Result<T, StoreError>>;

/// Reports how a call ended, and how many bytes it moved. Without a subscriber it is the call itself, in no box of its own.
fn reported<'f, T: Send + 'f>(
    name: &'static str,
    key: &'f Key,
    call: Call<'f, T>,
    bytes: impl FnOnce(&T) -> Option<u64> + Send + 'f,
) -> Call<'f, T> {
    if !enabled!(Level::DEBUG) {
        return call;
    }
    Box::pin(async move {
        let result = call.await;
        match &result {
            Ok(value) => debug!(call = name, %key, bytes = bytes(value), "called the store"),
            Err(error) => debug!(call = name, %key, %error, "the store refused a call"),
        }
        result
    })
}

/// Declared as `async_trait` declares the trait, so that a call need not be in a second box.
impl Store for Traced {
    fn location(&self) -> &str {
        self.0.location()
    }

    fn put<'s, 'k, 'f>(&'s self, key: &'k Key, object: Bytes) -> Call<'f, Put>
    where
        's: 'f,
        'k: 'f,
    {
        let bytes = object.len() as u64;
        reported("put", key, self.0.put(key, object), move |_| Some(bytes))
    }

    fn get<'s, 'k, 'f>(&'s self, key: &'k Key, at_most: u64) -> Call<'f, Bytes>
    where
        's: 'f,
        'k: 'f,
    {
        reported("get", key, self.0.get(key, at_most), |object| Some(object.len() as u64))
    }

    fn size<'s, 'k, 'f>(&'s self, key: &'k Key) -> Call<'f, u64>
    where
        's: 'f,
        'k: 'f,
    {
        reported("size", key, self.0.size(key), |_| None)
    }

    fn list<'s, 'k, 'a, 'f>(&'s self, folder: &'k Key, after: Option<&'a Key>) -> Call<'f, Page>
    where
        's: 'f,
        'k: 'f,
        'a: 'f,
    {
        reported("list", folder, self.0.list(folder, after), |_| None)
    }

    fn folders<'s, 'k, 'f>(&'s self, folder: &'k Key) -> Call<'f, Vec<String>>
    where
        's: 'f,
        'k: 'f,
    {
        reported("folders", folder, self.0.folders(folder), |_| None)
    }

    fn delete<'s, 'k, 'f>(&'s self, key: &'k Key) -> Call<'f, ()>
    where
        's: 'f,
        'k: 'f,
    {
        reported("delete", key, self.0.delete(key), |()| None)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use crate::samples::recording;
    use crate::{Cassette, Lookup};
    use futures_util::TryStreamExt;
    use parking_lot::Mutex;
    use std::fmt::{Debug, Write};
    use std::sync::Arc;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    /// What was reported: a line for each span and event, `> ` for each span that one is in.
    #[derive(Debug, Clone, Default)]
    struct Reported(Arc<Mutex<Lines>>);

    #[derive(Debug, Default)]
    struct Lines {
        text: String,
        depth: usize,
    }

    impl Reported {
        fn add(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut dyn Visit)) {
            if metadata.target().starts_with("playback_cassette") {
                let mut lines = self.0.lock();
                let name = if metadata.is_span() { metadata.name() } else { "event" };
                let indent = "> ".repeat(lines.depth);
                write!(lines.text, "{indent}{name}").unwrap();
                record(&mut Fields(&mut lines.text));
                lines.text.push('\n');
            }
        }

        fn take(&self) -> String {
            std::mem::take(&mut self.0.lock().text)
        }
    }

    struct Fields<'t>(&'t mut String);

    impl Visit for Fields<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }

    impl Subscriber for Reported {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.add(span.metadata(), |fields| span.record(fields));
            Id::from_u64(1)
        }

        fn event(&self, event: &Event<'_>) {
            self.add(event.metadata(), |fields| event.record(fields));
        }

        fn enter(&self, _: &Id) {
            self.0.lock().depth += 1;
        }

        fn exit(&self, _: &Id) {
            self.0.lock().depth -= 1;
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}
    }

    #[test]
    fn a_subscriber_sees_each_operation_of_a_cassette_with_the_recording_and_the_calls_of_the_store() {
        // In a process of its own: which events are enabled is decided once for all threads of a process.
        let test = std::env::current_exe().unwrap();
        let arguments = ["--exact", "--ignored", "traced::tests::in_a_process_of_its_own"];
        let run = std::process::Command::new(test).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{said}");
    }

    #[tokio::test]
    #[ignore = "another test runs it"]
    async fn in_a_process_of_its_own() {
        let reported = Reported::default();
        let _guard = tracing::subscriber::set_default(reported.clone());
        let cassette = Cassette::memory();
        let recording = recording();
        let id = recording.id();

        let size = cassette.save(&recording).await.unwrap().size;
        let said = reported.take();
        let lines: Vec<&str> = said.lines().collect();
        let operation = "shop:orders/orders#place-order";
        let begin = format!("save recording={id} operation=\"{operation}\" cassette=\"memory:\"");
        let tape = format!("> event message=called the store call=\"put\" key=full/{id}.tape bytes={size}");
        assert_eq!((lines[0], lines[1]), (&*begin, &*tape));
        assert!(lines[2].contains(&format!("key=metadata/{id}.json bytes=")), "{said}");
        assert_eq!(lines[3], format!("> event message=saved the recording bytes={size}"));

        cassette.load(id).await.unwrap();
        let said = reported.take();
        assert!(said.starts_with(&format!("load recording={id} cassette=\"memory:\"\n> ")), "{said}");
        assert!(said.ends_with(&format!("> event message=loaded the recording bytes={size}\n")), "{said}");

        cassette.ids(Lookup::default()).try_collect::<Vec<_>>().await.unwrap();
        let said = reported.take();
        assert!(said.contains("call=\"list\" key=metadata/place-order/20260101"), "{said}");

        cassette.remove(id).await.unwrap();
        cassette.verify(id).await.unwrap_err();
        let said = reported.take();
        assert!(said.starts_with(&format!("remove recording={id} ")), "{said}");
        assert!(said.contains(&format!("\nverify recording={id} ")), "{said}");
        assert!(
            said.contains("> event message=the store refused a call call=\"get\" key=metadata/"),
            "{said}"
        );
    }
}
