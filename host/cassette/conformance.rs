//! What [`Store`] promises, as a test that every store passes: `conformance::all(&MemoryStore::default()).await`.
//!
//! For the stores of this crate and for anybody's own. It works below the folders `conformance` and `conformance-2`
//! of a store that has nothing there, and leaves nothing behind. It does not kill processes; that a killed writer
//! leaves nothing half-written is for each store's own tests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "it is a test: it panics where a promise is broken")]

use super::{Key, Page, Put, Store, StoreError};
use bytes::Bytes;

/// Checks everything a store promises.
///
/// # Panics
///
/// With what was expected, where the store does not keep a promise.
pub async fn all(store: &impl Store) {
    an_object_reads_as_it_was_written(store).await;
    what_is_not_there_is_not_found(store).await;
    an_object_never_changes(store).await;
    of_writers_at_once_one_wins(store).await;
    a_large_object_is_refused_unread(store).await;
    a_listing_is_in_order_of_keys(store).await;
    a_listing_has_its_folder_and_no_other(store).await;
    a_long_listing_comes_in_pages(store).await;
    folders_are_those_with_objects(store).await;
    a_deleted_object_is_gone(store).await;
    assert!(!store.location().is_empty(), "messages name the store");
    assert_eq!(listed(store, "conformance").await, [""; 0], "all of it is deleted in the end");
}

async fn an_object_reads_as_it_was_written(store: &impl Store) {
    for bytes in [Vec::new(), vec![0], (0..=255).collect(), vec![7; 1 << 20]] {
        let key = put(store, "conformance/a/object.tape", &bytes).await;
        assert_eq!(*store.get(&key, u64::MAX).await.unwrap(), bytes);
        assert_eq!(store.size(&key).await.unwrap(), bytes.len() as u64);
        store.delete(&key).await.unwrap();
    }
}

async fn what_is_not_there_is_not_found(store: &impl Store) {
    let beside = put(store, "conformance/a/b", b"b").await;
    for text in ["conformance/none", "conformance/a", "conformance/a/b/c"] {
        let key = key(text);
        let (got, size) = (store.get(&key, 1).await, store.size(&key).await);
        assert!(matches!(got, Err(StoreError::NotFound { .. })), "`{text}`: {got:?}");
        assert!(matches!(size, Err(StoreError::NotFound { .. })), "`{text}`: {size:?}");
        store.delete(&key).await.unwrap();
    }
    assert_eq!(store.list(&key("conformance/none"), None).await.unwrap(), Page::default());
    assert_eq!(store.folders(&key("conformance/none")).await.unwrap(), [""; 0]);
    store.delete(&beside).await.unwrap();
}

async fn an_object_never_changes(store: &impl Store) {
    let key = key("conformance/a/object");
    assert_eq!(store.put(&key, object(b"first")).await.unwrap(), Put::Created);
    assert_eq!(store.put(&key, object(b"first")).await.unwrap(), Put::Unchanged);
    for other in [b"other".as_slice(), b"", b"first and more"] {
        let put = store.put(&key, object(other)).await;
        assert!(matches!(put, Err(StoreError::Exists { .. })), "{put:?}");
        assert_eq!(*store.get(&key, 100).await.unwrap(), *b"first");
    }
    store.delete(&key).await.unwrap();
    assert_eq!(store.put(&key, object(b"other")).await.unwrap(), Put::Created, "after it was deleted");
    store.delete(&key).await.unwrap();
}

async fn of_writers_at_once_one_wins(store: &impl Store) {
    let key = key("conformance/raced/object");
    let put = |bytes: &'static [u8]| store.put(&key, object(bytes));
    let (one, two, three) = tokio::join!(put(b"one"), put(b"two"), put(b"three"));
    let written = store.get(&key, 100).await.unwrap();
    for (bytes, result) in [(b"one".as_slice(), one), (b"two", two), (b"three", three)] {
        match result {
            Ok(Put::Created) => assert_eq!(*written, *bytes),
            result => assert!(matches!(result, Err(StoreError::Exists { .. })), "{result:?}"),
        }
    }
    store.delete(&key).await.unwrap();
}

async fn a_large_object_is_refused_unread(store: &impl Store) {
    let key = put(store, "conformance/a/large", &[1; 100]).await;
    assert_eq!(store.get(&key, 100).await.unwrap().len(), 100);
    for at_most in [0, 99] {
        match store.get(&key, at_most).await {
            Err(StoreError::TooLarge { size: 100, at_most: named, .. }) => assert_eq!(named, at_most),
            other => panic!("100 bytes where {at_most} are taken: {other:?}"),
        }
    }
    store.delete(&key).await.unwrap();
}

async fn a_listing_is_in_order_of_keys(store: &impl Store) {
    // Both `-` and `.` come before `/`, and `0` after: a folder is ordered as if its slash belonged to its name.
    let names = ["a/1/x", "a/1/y", "a-b/1/x", "a.b/1/x", "a0/1/x", "a/1-2", "B/x", "_/x", "a/10/x", "a/.x"];
    let mut texts = names.map(|name| format!("conformance/{name}"));
    for text in &texts {
        put(store, text, b"x").await;
    }
    texts.sort_unstable();
    assert_eq!(listed(store, "conformance").await, texts);
    for (index, text) in texts.iter().enumerate() {
        let page = store.list(&key("conformance"), Some(&key(text))).await.unwrap();
        let rest: Vec<&str> = page.keys.iter().map(Key::as_str).collect();
        assert_eq!(rest, texts[index + 1..], "after `{text}`");
    }
    let from_the_middle = store.list(&key("conformance"), Some(&key("conformance/a/5"))).await.unwrap();
    assert_eq!(
        from_the_middle.keys.first().map(Key::as_str),
        Some("conformance/a0/1/x"),
        "after a key of nothing"
    );
    clear(store).await;
}

async fn a_listing_has_its_folder_and_no_other(store: &impl Store) {
    for text in
        ["conformance/ab/x", "conformance/a-b/x", "conformance/a/x", "conformance/a/b/x", "conformance-2/x"]
    {
        put(store, text, b"x").await;
    }
    assert_eq!(listed(store, "conformance/a").await, ["conformance/a/b/x", "conformance/a/x"]);
    assert_eq!(listed(store, "conformance/a/b").await, ["conformance/a/b/x"]);
    assert_eq!(listed(store, "conformance/a/x").await, [""; 0], "an object is not a folder");
    let before = store.list(&key("conformance/a"), Some(&key("a"))).await.unwrap();
    assert_eq!(before.keys.len(), 2, "after a key that comes before the folder");
    let behind = store.list(&key("conformance/a"), Some(&key("z"))).await.unwrap();
    assert_eq!(behind, Page::default(), "after a key that comes behind the folder");
    store.delete(&key("conformance-2/x")).await.unwrap();
    clear(store).await;
}

async fn a_long_listing_comes_in_pages(store: &impl Store) {
    let texts: Vec<String> = (0..2_500).map(|n| format!("conformance/{}/{n:04}", n / 600)).collect();
    for text in &texts {
        put(store, text, b"x").await;
    }
    assert_eq!(listed(store, "conformance").await, texts);
    clear(store).await;
}

async fn folders_are_those_with_objects(store: &impl Store) {
    for text in
        ["conformance/b/c/d/x", "conformance/a-b/x", "conformance/a/x", "conformance/a/y", "conformance/x"]
    {
        put(store, text, b"x").await;
    }
    assert_eq!(store.folders(&key("conformance")).await.unwrap(), ["a", "a-b", "b"]);
    assert_eq!(store.folders(&key("conformance/b")).await.unwrap(), ["c"]);
    assert_eq!(store.folders(&key("conformance/a")).await.unwrap(), [""; 0]);
    store.delete(&key("conformance/b/c/d/x")).await.unwrap();
    assert_eq!(
        store.folders(&key("conformance")).await.unwrap(),
        ["a", "a-b"],
        "the last object of `b` is gone"
    );
    clear(store).await;
}

async fn a_deleted_object_is_gone(store: &impl Store) {
    let gone = put(store, "conformance/a/gone", b"x").await;
    let kept = put(store, "conformance/a/kept", b"y").await;
    for _ in 0..2 {
        store.delete(&gone).await.unwrap();
        assert!(matches!(store.get(&gone, 1).await, Err(StoreError::NotFound { .. })));
        assert_eq!(listed(store, "conformance").await, ["conformance/a/kept"]);
    }
    store.delete(&kept).await.unwrap();
}

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn object(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

async fn put(store: &impl Store, text: &str, bytes: &[u8]) -> Key {
    let key = key(text);
    assert_eq!(store.put(&key, object(bytes)).await.unwrap(), Put::Created, "`{text}`");
    key
}

/// All of a listing, page by page.
async fn listed(store: &impl Store, folder: &str) -> Vec<String> {
    let folder = key(folder);
    let mut keys: Vec<Key> = Vec::new();
    loop {
        let page = store.list(&folder, keys.last()).await.unwrap();
        let more = page.more;
        assert!(!more || !page.keys.is_empty(), "a page without keys says that there are more");
        keys.extend(page.keys);
        if !more {
            return keys.iter().map(Key::to_string).collect();
        }
    }
}

async fn clear(store: &impl Store) {
    for text in listed(store, "conformance").await {
        store.delete(&key(&text)).await.unwrap();
    }
}
