#![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

use super::*;
use crate::report::samples::{self, equal};

mod browser;

/// The elements that hold data, each as its attributes and its text.
fn data(page: &str) -> Vec<(&str, &str)> {
    let elements = page.split("<script type=\"application/json\" ").skip(1);
    elements.map(|element| element.split_once("</script>").unwrap().0.split_once('>').unwrap()).collect()
}

#[test]
fn nothing_recorded_can_end_its_element_or_become_html() {
    let page = samples::written(&samples::report(), HtmlWriter::new);
    for (attributes, text) in data(&page) {
        assert!(!text.contains(['<', '>', '&']), "{attributes}");
        for line in text.lines().filter(|line| !line.is_empty()) {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
    assert!(!page.contains("<img") && !page.contains("owned'</script>"));
    let rows: Vec<_> = data(&page).into_iter().filter(|(at, _)| *at == "class=\"comparisons\"").collect();
    assert!(rows.iter().any(|(_, text)| text.contains("\\u003c/script\\u003e")), "it is there as text");
}

#[test]
fn the_page_refers_to_nothing_outside_of_it() {
    for outside in ["http:", "https:", "src=", "<link", "@import", "url(", "fetch(", "innerHTML", "eval("] {
        assert!(![PAGE, STYLE, SCRIPT].iter().any(|part| part.contains(outside)), "{outside}");
    }
    assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--") && !STYLE.contains("</style"));
    let page = samples::written(&samples::report(), HtmlWriter::new);
    assert!(page.contains("content=\"default-src 'none'; script-src 'sha256-"));
    for marker in ["{policy}", "{style}", "{data}", "{script}"] {
        assert!(!page.contains(marker), "{marker}");
    }
}

#[test]
fn an_equal_recording_takes_little_room() {
    let size = |count: u32| {
        let report = samples::report_of((0..count).map(|number| equal("orders", number)).collect());
        samples::written(&report, HtmlWriter::new).len()
    };
    let each = (size(1_100) - size(100)) / 1_000;
    assert!(each < 200, "{each} bytes");
}

#[test]
fn many_recordings_are_split_over_several_elements() {
    let report = samples::report_of((0..10_000).map(|number| equal("orders", number)).collect());
    let page = samples::written(&report, HtmlWriter::new);
    let chunks: Vec<_> = data(&page).into_iter().filter(|(at, _)| *at == "class=\"comparisons\"").collect();
    assert!(chunks.len() > 1);
    assert_eq!(
        chunks.iter().flat_map(|(_, text)| text.lines()).filter(|line| !line.is_empty()).count(),
        10_000
    );
}
