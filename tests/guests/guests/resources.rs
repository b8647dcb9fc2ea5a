//! Uses an imported resource in every way: constructor, methods, statics, lists, records, borrows, a second interface.

wit_bindgen::generate!({ path: "wit/resources.wit", world: "resources" });

use test::resources::audit;
use test::resources::kv::{self, Bucket, Parcel};

struct Resources;

impl Guest for Resources {
    fn set_and_get(name: String, key: String, value: String) -> Option<String> {
        let bucket = Bucket::new(&name);
        bucket.set(&key, &value);
        bucket.get(&key)
    }

    fn open_and_get(name: String, key: String) -> Result<Option<String>, String> {
        Ok(Bucket::open(&name)?.get(&key))
    }

    fn merge(left: String, right: String) -> Vec<String> {
        let (a, b) = (Bucket::new(&left), Bucket::new(&right));
        a.set("left", "from the left");
        b.set("right", "from the right");
        let both = Bucket::merge(a, &b);
        [both.get("left"), both.get("right"), Some(both.name()), Some(b.name())]
            .into_iter()
            .flatten()
            .collect()
    }

    fn make_and_list(names: Vec<String>) -> Vec<String> {
        let _kept: Vec<_> = names.iter().map(|name| Bucket::new(name)).collect();
        kv::all().iter().map(Bucket::name).collect()
    }

    fn count(names: Vec<String>) -> (u32, u32) {
        let mut buckets: Vec<_> = names.iter().map(|name| Bucket::new(name)).collect();
        for bucket in &buckets {
            bucket.set("key", "value");
        }
        let total = kv::total(&buckets.iter().collect::<Vec<_>>());
        let given = match buckets.is_empty() {
            true => 0,
            false => kv::adopt(Parcel { label: "the first".into(), bucket: buckets.remove(0) }),
        };
        (total, given)
    }

    fn audit(name: String) -> Vec<String> {
        let bucket = Bucket::new(&name);
        bucket.set("key", "before");
        let snapshot = audit::snapshot(&bucket);
        bucket.set("key", "after");
        [audit::inspect(&bucket), audit::inspect(&snapshot)].into_iter().chain(snapshot.get("key")).collect()
    }

    fn churn(times: u32) -> u32 {
        (0..times).map(|n| Bucket::new(&format!("bucket-{n}")).name().len() as u32).sum()
    }
}

export!(Resources);
