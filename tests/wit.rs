//! The WIT packages of `wit/` are ones that other people's tools can read.

use crate::support::root;
use wit_parser::Resolve;

#[test]
fn both_packages_parse_and_each_stands_alone() {
    for (file, package) in [("guest.wit", "playback:guest@0.2.0"), ("plugin.wit", "playback:plugin@0.1.0")] {
        let mut resolve = Resolve::default();
        let id = resolve.push_file(root().join("wit").join(file)).expect(file);
        assert_eq!(resolve.packages[id].name.to_string(), package);
        assert_eq!(resolve.packages.len(), 1, "{file} needs nothing else");
        assert!(!resolve.packages[id].interfaces.is_empty(), "{file}");
    }
}
