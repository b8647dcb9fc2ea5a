//! Work that takes long without waiting. It leaves the threads of the async runtime to the tasks that run there.

use std::{future, panic};
use tokio::runtime::Handle;

/// The size in bytes from which [`run_sized`] takes another thread: decoding that much takes a millisecond. Below it the way to another
/// thread and back, and memory that one thread allocates and another one frees, costs more than the work.
pub(super) const LARGE: u64 = 1 << 20;

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

/// Runs `work`, which handles this number of bytes: on this thread if it is less than [`LARGE`], else on a thread for blocking
/// work.
pub(super) async fn run_sized<T: Send + 'static>(bytes: u64, work: impl FnOnce() -> T + Send + 'static) -> T {
    // Boxed, so that callers keep no room for what small work does without.
    if bytes < LARGE { work() } else { Box::pin(run(work)).await }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::samples::recording_at;
    use crate::{Access, Cassette, DirectoryStore, Store};
    use bytes::Bytes;
    use futures_util::FutureExt;
    use playback_recording::{Event, Stream};
    use std::pin::pin;
    use std::sync::mpsc;
    use std::thread;
    use tokio::runtime::Builder;

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

    /// Runs a test with one thread for blocking work.
    fn with_one_thread(test: impl Future<Output = ()>) {
        let mut runtime = Builder::new_current_thread();
        runtime.max_blocking_threads(1).build().unwrap().block_on(test);
    }

    /// Whether some work ends while the thread for blocking work is occupied.
    async fn blocks<T>(work: impl Future<Output = T>) -> bool {
        let (release, occupied) = mpsc::channel::<()>();
        let occupation = tokio::task::spawn_blocking(move || occupied.recv());
        let mut work = pin!(work);
        let is_done = work.as_mut().now_or_never().is_some();
        drop(release);
        occupation.await.unwrap().unwrap_err();
        if !is_done {
            work.await;
        }
        is_done
    }

    #[test]
    fn saving_and_loading_a_large_recording_block_no_other_task() {
        let mut recording = recording_at("a", 0);
        recording.events.push(Event::Written(Stream::Stdout, vec![0; LARGE as usize]));
        recording.metadata.counts.ambient += 1;
        with_one_thread(async {
            let cassette = Cassette::memory();
            assert!(!blocks(async { cassette.save(&recording).await.unwrap() }).await);
            assert!(!blocks(async { cassette.load(recording.id()).await.unwrap() }).await);
        });
    }

    #[test]
    fn large_files_and_listings_of_a_directory_block_no_other_task() {
        let folder = tempfile::tempdir().unwrap();
        let store = DirectoryStore::open(folder.path(), Access::Write).unwrap();
        with_one_thread(async {
            for (size, is_small) in [(1, true), (LARGE, false)] {
                let key = format!("full/{size}").parse().unwrap();
                let object = Bytes::from(vec![0; size as usize]);
                assert_eq!(blocks(async { store.put(&key, object).await.unwrap() }).await, is_small);
                assert_eq!(blocks(async { store.get(&key, LARGE).await.unwrap() }).await, is_small);
            }
            let full = "full".parse().unwrap();
            assert!(!blocks(async { store.list(&full, None).await.unwrap() }).await);
            assert!(!blocks(async { store.folders(&full).await.unwrap() }).await);
        });
    }
}
