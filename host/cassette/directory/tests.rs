#![allow(clippy::unwrap_used, clippy::panic, reason = "tests panic where a promise is broken")]

use super::files::{PARTIAL, STALE, prepare};
use super::*;
use crate::{Action, conformance};
use bytes::Bytes;
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use tempfile::TempDir;

fn store() -> (TempDir, DirectoryStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::open(folder.path(), Access::Write).unwrap();
    (folder, store)
}

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn object(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

async fn keys(store: &DirectoryStore, folder: &str) -> Vec<String> {
    store.list(&key(folder), None).await.unwrap().keys.iter().map(Key::to_string).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn it_is_a_store() {
    conformance::all(&store().1).await;
}

#[tokio::test]
async fn it_is_a_store_where_a_link_leads_to_its_folder() {
    let (folder, _) = store();
    let link = folder.path().join("link");
    fs::create_dir(folder.path().join("real")).unwrap();
    symlink("real", &link).unwrap();
    conformance::all(&DirectoryStore::open(&link, Access::Write).unwrap()).await;
}

#[tokio::test]
async fn a_missing_folder_is_created_for_writing_and_an_error_for_reading() {
    let (folder, _) = store();
    let path = folder.path().join("deep/tapes");
    let error = DirectoryStore::open(&path, Access::Read).unwrap_err();
    assert!(error.to_string().starts_with("there is no cassette at `"), "{error}");
    assert!(!path.exists(), "reading created it");
    DirectoryStore::open(&path, Access::Write).unwrap();
    DirectoryStore::open(&path, Access::Read).unwrap();
}

#[test]
fn a_file_is_no_folder() {
    let (folder, _) = store();
    let path = folder.path().join("file");
    fs::write(&path, "mine").unwrap();
    for access in [Access::Read, Access::Write] {
        let error = DirectoryStore::open(&path, access).unwrap_err();
        assert!(error.to_string().contains("is not a folder"), "{error}");
    }
    assert!(DirectoryStore::open(&path.join("below"), Access::Write).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[tokio::test]
async fn a_store_opened_for_reading_changes_nothing() {
    let (folder, writer) = store();
    writer.put(&key("full/a"), object(b"a")).await.unwrap();
    fs::remove_dir(folder.path().join(PARTIAL)).unwrap();
    let reader = DirectoryStore::open(folder.path(), Access::Read).unwrap();

    let put = reader.put(&key("full/b"), object(b"b")).await.unwrap_err();
    let delete = reader.delete(&key("full/a")).await.unwrap_err();

    assert!(put.to_string().starts_with("cannot write `full/b`: `"), "{put}");
    assert!(delete.to_string().ends_with("was opened for reading only; open it for writing"), "{delete}");
    assert_eq!(*reader.get(&key("full/a"), 1).await.unwrap(), *b"a");
    assert_eq!(names(folder.path()), ["full"]);
    assert_eq!(names(&folder.path().join("full")), ["a"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_known_when_it_is_opened() {
    // Not by its permissions: they do not keep root, which tests may run as, from writing.
    let (folder, _) = store();
    fs::remove_dir(folder.path().join(PARTIAL)).unwrap();
    fs::write(folder.path().join(PARTIAL), "").unwrap();
    let error = DirectoryStore::open(folder.path(), Access::Write).unwrap_err();
    assert!(error.to_string().ends_with("for writing: its `.partial` is not a folder; remove it"), "{error}");
    DirectoryStore::open(folder.path(), Access::Read).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_there_and_takes_no_file_is_known_when_it_is_opened() {
    assert!(prepare(Path::new("/proc/self/task")).is_err(), "not even root can make a file there");
}

#[test]
fn a_folder_that_this_user_may_only_read_is_refused_and_says_what_to_do() {
    let (folder, store) = store();
    let partial = folder.path().join(PARTIAL);
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o555)).unwrap();
    let opened = DirectoryStore::open(folder.path(), Access::Write);
    let binds = File::create(partial.join("mine")).is_err();
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o755)).unwrap();
    // Root is not kept from writing.
    if binds {
        let error = opened.unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot open the cassette `{}` for writing: ", store.location())));
        assert!(error.ends_with("; see that this user may write in the folder, or name another"), "{error}");
    }
}

#[tokio::test]
async fn an_error_never_shows_the_name_that_a_file_has_while_it_is_written() {
    let (folder, store) = store();
    fs::remove_dir(folder.path().join(PARTIAL)).unwrap();
    fs::write(folder.path().join(PARTIAL), "").unwrap();
    let error = store.put(&key("full/a"), object(b"a")).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot write `full/a` in `{}`: ", store.location())), "{error}");
    assert!(!error.contains(PARTIAL), "{error}");
}

#[tokio::test]
async fn what_a_killed_writer_left_is_not_listed_and_goes_after_a_day() {
    let (folder, store) = store();
    let partial = folder.path().join(PARTIAL);
    let (fresh, stale) = (partial.join("fresh"), partial.join("stale"));
    for file in [&fresh, &stale] {
        fs::write(file, "half an obj").unwrap();
    }
    File::options()
        .write(true)
        .open(&stale)
        .unwrap()
        .set_modified(std::time::SystemTime::now() - 2 * STALE)
        .unwrap();
    store.put(&key("full/a"), object(b"a")).await.unwrap();

    assert_eq!(keys(&store, "full").await, ["full/a"]);
    DirectoryStore::open(folder.path(), Access::Read).unwrap();
    assert!(stale.exists(), "a reader removed it");
    DirectoryStore::open(folder.path(), Access::Write).unwrap();
    assert!(!stale.exists());
    assert!(fresh.exists(), "somebody may still be writing it");
}

#[tokio::test]
async fn a_write_leaves_its_object_and_nothing_else() {
    let (folder, store) = store();
    store.put(&key("full/a"), object(b"a")).await.unwrap();
    store.put(&key("full/a"), object(b"b")).await.unwrap_err();
    // A file where a folder is needed: the write itself fails.
    let failed = store.put(&key("full/a/b"), object(b"b")).await;
    assert!(matches!(failed, Err(StoreError::Io { action: Action::Write, .. })), "{failed:?}");
    assert_eq!(names(&folder.path().join(PARTIAL)), [""; 0]);
    assert_eq!(names(&folder.path().join("full")), ["a"]);
}

#[tokio::test]
async fn an_object_has_the_permissions_of_any_new_file() {
    let (folder, store) = store();
    store.put(&key("full/a"), object(b"a")).await.unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    let mode = |name| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("full/a"), mode("plain"));
}

#[tokio::test]
async fn other_files_are_neither_listed_nor_harmed() {
    let (folder, store) = store();
    let full = folder.path().join("full");
    fs::create_dir_all(full.join("empty")).unwrap();
    for file in ["full/with space", "full/ümlaut", "full/a~", "README.md"] {
        fs::write(folder.path().join(file), "mine").unwrap();
    }
    store.put(&key("full/a"), object(b"a")).await.unwrap();
    assert_eq!(keys(&store, "full").await, ["full/a"]);
    assert_eq!(store.folders(&key("full")).await.unwrap(), [""; 0]);
    store.delete(&key("full/a")).await.unwrap();
    assert_eq!(names(&full), ["a~", "empty", "with space", "ümlaut"]);
    assert!(folder.path().join("README.md").exists());
}

#[tokio::test]
async fn a_link_is_never_followed_wherever_it_leads() {
    let (folder, store) = store();
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("inner")).unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    fs::create_dir(folder.path().join("full")).unwrap();
    symlink(outside.path().join("secret"), folder.path().join("full/file")).unwrap();
    symlink(outside.path(), folder.path().join("full/folder")).unwrap();
    symlink(outside.path().join("new"), folder.path().join("full/dangling")).unwrap();
    symlink(outside.path(), folder.path().join("metadata")).unwrap();

    for text in ["full/file", "full/folder/secret", "full/folder/new", "full/dangling", "metadata/secret"] {
        let key = key(text);
        let errors = [
            store.get(&key, 100).await.map(drop),
            store.size(&key).await.map(drop),
            store.put(&key, object(b"overwritten")).await.map(drop),
            store.delete(&key).await,
        ];
        for error in errors {
            let message = error.unwrap_err().to_string();
            assert!(message.contains("is a symbolic link, and none is followed"), "{message}");
        }
    }
    assert_eq!(keys(&store, "full").await, [""; 0]);
    assert_eq!(store.folders(&key("full")).await.unwrap(), [""; 0]);
    assert!(store.list(&key("metadata"), None).await.is_err(), "a cassette that is elsewhere looks empty");
    assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"secret");
    assert_eq!(names(outside.path()), ["inner", "secret"]);
}

#[tokio::test]
async fn a_key_cannot_name_a_file_outside() {
    let (folder, _) = store();
    fs::write(folder.path().join("outside"), "secret").unwrap();
    let store = DirectoryStore::open(&folder.path().join("tapes"), Access::Write).unwrap();
    let up = "../outside".parse::<Key>().unwrap_err();
    assert!(up.to_string().starts_with("`../outside` cannot name an object"), "{up}");
    let up = key("full").join("../../outside").unwrap_err();
    assert!(up.to_string().contains("none of them `..`"), "{up}");
    assert!(format!("/{}/outside", folder.path().display()).parse::<Key>().is_err());
    assert_eq!(keys(&store, "full").await, [""; 0]);
}

#[tokio::test]
async fn a_pipe_is_refused_where_reading_it_would_never_end() {
    let (folder, store) = store();
    fs::create_dir(folder.path().join("full")).unwrap();
    let pipe = folder.path().join("full/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let error = store.get(&key("full/pipe"), 100).await.unwrap_err();
    assert!(error.to_string().ends_with("it is not a regular file; move it away"), "{error}");
    assert_eq!(keys(&store, "full").await, [""; 0]);
}

#[tokio::test]
async fn a_huge_file_is_refused_before_it_is_read() {
    let (folder, store) = store();
    fs::create_dir(folder.path().join("full")).unwrap();
    // Sparse: it takes no room here, and reading it would take a terabyte of memory.
    File::create(folder.path().join("full/huge")).unwrap().set_len(1 << 40).unwrap();
    let error = store.get(&key("full/huge"), 1_000).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { size: 1_099_511_627_776, .. }), "{error}");
}

#[test]
fn readers_never_see_a_part_of_an_object_and_no_write_is_lost() {
    let (_folder, store) = store();
    let whole = vec![7_u8; 300_000];
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (store, whole) = (&store, &whole);
            scope.spawn(move || {
                block_on(async {
                    for n in 0..50 {
                        let key = key(&format!("full/{}/{writer}-{n}", n % 3));
                        store.put(&key, object(whole)).await.unwrap();
                        // Removing the last file of a folder races with the others making it.
                        if n % 2 == 0 {
                            store.delete(&key).await.unwrap();
                        }
                    }
                });
            });
        }
        scope.spawn(|| {
            block_on(async {
                for _ in 0..50 {
                    for text in keys(&store, "full").await {
                        match store.get(&key(&text), 1 << 20).await {
                            Ok(object) => assert!(*object == whole, "`{text}` has {} bytes", object.len()),
                            Err(error) => assert!(matches!(error, StoreError::NotFound { .. }), "{error}"),
                        }
                    }
                }
            });
        });
    });
    assert_eq!(block_on(keys(&store, "full")).len(), 4 * 25);
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
