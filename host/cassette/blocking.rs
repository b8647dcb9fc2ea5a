//! Work that takes long without waiting. It leaves the threads of the async runtime to the tasks that run there.

use std::{future, panic};
use tokio::runtime::Handle;

/// The size in bytes from which [`run_sized`] takes another thread. Handing less over takes about as long as the work.
pub(super) const LARGE: u64 = 64 << 10;

/// Runs `work` on a thread for blocking work. Where no tokio runtime runs, it runs here.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let Ok(runtime) = Handle::try_current() else { return work() };
    match runtime.spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // Only a runtime that shuts down cancels work, and it ends this task, too.
            Err(_) => future::pending().await,
        },
    }
}

/// Runs `work` on so many bytes: here where they are few, else on a thread for blocking work.
pub(super) async fn run_sized<T: Send + 'static>(bytes: u64, work: impl FnOnce() -> T + Send + 'static) -> T {
    if bytes < LARGE { work() } else { run(work).await }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::recording_at;
    use crate::{Access, Cassette, DirectoryStore, Lookup, Store};
    use bytes::Bytes;
    use futures_util::{FutureExt, TryStreamExt};
    use playback_recording::{Event, Stream};
    use std::sync::Arc;
    use std::thread;

    #[tokio::test]
    async fn large_work_leaves_the_thread_of_its_task_and_small_work_does_not() {
        let here = thread::current().id();
        assert_eq!(run_sized(LARGE - 1, || thread::current().id()).await, here);
        assert_ne!(run_sized(LARGE, || thread::current().id()).await, here);
        assert_ne!(run(|| thread::current().id()).await, here);
    }

    #[test]
    fn work_runs_here_where_no_runtime_runs() {
        let here = thread::current().id();
        assert_eq!(run(|| thread::current().id()).now_or_never(), Some(here));
    }

    #[tokio::test]
    async fn a_panic_of_the_work_is_one_of_the_task() {
        let task = tokio::spawn(run(|| panic::panic_any("broken")));
        let panic = task.await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref(), Some(&"broken"));
    }

    /// Whether something is done before it lets others run.
    async fn blocks<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> bool {
        let task = tokio::spawn(work);
        tokio::task::yield_now().await;
        let is_done = task.is_finished();
        task.await.unwrap();
        is_done
    }

    #[tokio::test]
    async fn saving_loading_and_listing_a_large_recording_blocks_no_other_task() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DirectoryStore::open(folder.path(), Access::Write).unwrap();
        for cassette in [Cassette::memory(), Cassette::new(Arc::new(directory))] {
            let mut recording = recording_at("a", 0);
            // Bytes that do not shrink.
            let mut seed = 1u32;
            let bytes = (0..2 * LARGE).map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            });
            recording.events.push(Event::Written(Stream::Stdout, bytes.collect()));
            recording.metadata.counts.ambient += 1;
            let (id, reader) = (recording.header.id.clone(), cassette.clone());
            let writer = cassette.clone();
            assert!(!blocks(async move { writer.save(&recording).await.unwrap() }).await);
            assert!(!blocks(async move { reader.load(&id).await.unwrap() }).await);
        }
    }

    #[tokio::test]
    async fn large_files_and_listings_of_a_directory_block_no_other_task() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(DirectoryStore::open(folder.path(), Access::Write).unwrap());
        for (size, is_small) in [(1, true), (LARGE, false)] {
            let key = format!("full/{size}").parse::<crate::Key>().unwrap();
            let object = Bytes::from(vec![0; size as usize]);
            let (writer, to) = (Arc::clone(&store), key.clone());
            assert_eq!(blocks(async move { writer.put(&to, object).await.unwrap() }).await, is_small);
            let reader = Arc::clone(&store);
            assert_eq!(blocks(async move { reader.get(&key, LARGE).await.unwrap() }).await, is_small);
        }
        let cassette = Cassette::new(store);
        let ids = cassette.ids(Lookup::default()).try_collect::<Vec<_>>();
        assert!(!blocks(async move { ids.await.unwrap() }).await);
    }
}
