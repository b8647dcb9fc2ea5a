//! A comparator of another version of `playback:plugin`, whose function takes a number.

wit_bindgen::generate!({ path: "wit/other-comparator.wit", world: "other" });

struct Other;

impl exports::playback::plugin::comparator::Guest for Other {
    fn compare(about: u32) -> u32 {
        about
    }
}

export!(Other);
