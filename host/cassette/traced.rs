//! A store whose calls are reported with `tracing`, inside the span of whoever makes them.

use super::{Key, Page, Put, Store, StoreError};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;
use tracing::debug;

/// Reports the calls of a store.
#[derive(Debug)]
pub(super) struct Traced(pub(super) Arc<dyn Store>);

/// Reports how a call ended, and how many bytes it moved.
fn report<T>(call: &str, key: &Key, result: &Result<T, StoreError>, bytes: impl FnOnce(&T) -> Option<u64>) {
    match result {
        Ok(value) => debug!(call, %key, bytes = bytes(value), "called the store"),
        Err(error) => debug!(call, %key, %error, "the store refused a call"),
    }
}

#[async_trait]
impl Store for Traced {
    fn location(&self) -> &str {
        self.0.location()
    }

    async fn put(&self, key: &Key, object: Bytes) -> Result<Put, StoreError> {
        let bytes = object.len() as u64;
        let result = self.0.put(key, object).await;
        report("put", key, &result, |_| Some(bytes));
        result
    }

    async fn get(&self, key: &Key, at_most: u64) -> Result<Bytes, StoreError> {
        let result = self.0.get(key, at_most).await;
        report("get", key, &result, |object| Some(object.len() as u64));
        result
    }

    async fn size(&self, key: &Key) -> Result<u64, StoreError> {
        let result = self.0.size(key).await;
        report("size", key, &result, |_| None);
        result
    }

    async fn list(&self, folder: &Key, after: Option<&Key>) -> Result<Page, StoreError> {
        let result = self.0.list(folder, after).await;
        report("list", folder, &result, |_| None);
        result
    }

    async fn folders(&self, folder: &Key) -> Result<Vec<String>, StoreError> {
        let result = self.0.folders(folder).await;
        report("folders", folder, &result, |_| None);
        result
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let result = self.0.delete(key).await;
        report("delete", key, &result, |()| None);
        result
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
