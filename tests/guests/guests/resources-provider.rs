//! Answers `resources`: buckets by name, in memory. `shelf` is a bucket that exists from the start.

wit_bindgen::generate!({ path: "wit/resources.wit", world: "provider" });

use exports::test::resources::kv::{Bucket, BucketBorrow, GuestBucket, Parcel};
use exports::test::resources::{audit, kv};
use std::cell::RefCell;
use std::collections::BTreeMap;

type Pairs = BTreeMap<String, String>;

thread_local! {
    static BUCKETS: RefCell<BTreeMap<String, Pairs>> =
        RefCell::new([("shelf".to_owned(), [("book".to_owned(), "Dune".to_owned())].into())].into());
}

/// A handle: several may stand for the same bucket.
struct Handle(String);

fn with<T>(name: &str, run: impl FnOnce(&mut Pairs) -> T) -> T {
    BUCKETS.with_borrow_mut(|buckets| run(buckets.entry(name.to_owned()).or_default()))
}

impl Handle {
    fn holding(name: String, pairs: Pairs) -> Bucket {
        with(&name, |bucket| *bucket = pairs);
        Bucket::new(Handle(name))
    }
}

impl GuestBucket for Handle {
    fn new(name: String) -> Self {
        with(&name, |_| ());
        Handle(name)
    }

    fn open(name: String) -> Result<Bucket, String> {
        match BUCKETS.with_borrow(|buckets| buckets.contains_key(&name)) {
            true => Ok(Bucket::new(Handle(name))),
            false => Err(format!("no bucket {name}")),
        }
    }

    fn merge(left: Bucket, right: BucketBorrow<'_>) -> Bucket {
        let (left, right) = (left.get::<Handle>(), right.get::<Handle>());
        let mut pairs = with(&left.0, std::mem::take);
        pairs.append(&mut with(&right.0, std::mem::take));
        Handle::holding(format!("{}+{}", left.0, right.0), pairs)
    }

    fn name(&self) -> String {
        self.0.clone()
    }

    fn get(&self, key: String) -> Option<String> {
        with(&self.0, |pairs| pairs.get(&key).cloned())
    }

    fn set(&self, key: String, value: String) {
        with(&self.0, |pairs| pairs.insert(key, value));
    }
}

struct Provider;

impl kv::Guest for Provider {
    type Bucket = Handle;

    fn all() -> Vec<Bucket> {
        let names: Vec<_> = BUCKETS.with_borrow(|buckets| buckets.keys().cloned().collect());
        names.into_iter().map(|name| Bucket::new(Handle(name))).collect()
    }

    fn adopt(parcel: Parcel) -> u32 {
        with(&parcel.bucket.get::<Handle>().0, |pairs| pairs.len() as u32)
    }

    fn total(buckets: Vec<BucketBorrow<'_>>) -> u32 {
        buckets.iter().map(|bucket| with(&bucket.get::<Handle>().0, |pairs| pairs.len() as u32)).sum()
    }
}

impl audit::Guest for Provider {
    fn inspect(bucket: BucketBorrow<'_>) -> String {
        let name = &bucket.get::<Handle>().0;
        with(name, |pairs| format!("{name}: {pairs:?}"))
    }

    fn snapshot(bucket: BucketBorrow<'_>) -> Bucket {
        let name = &bucket.get::<Handle>().0;
        Handle::holding(format!("{name}@1"), with(name, |pairs| pairs.clone()))
    }
}

export!(Provider);
